/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a sweep over policies and conditions says as a matrix. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/plot/matrix.h"
#include "sim/report/axis.h"
#include "sim/scenario/policy_bundle.h"

#define NR_OF(array) (sizeof(array) / sizeof(*(array)))

/* ---- Sweeps made by hand --------------------------------------------------------------------- */

enum { NR_REPLICATIONS = 12 };

/* A value for even replications and one for odd ones. */
static void set_metric(struct plot_point *point, const char *scope, const char *name, double a,
		       double b)
{
	struct aggregate *aggregate = &point->file.aggregate;
	struct aggregate_metric *metric;

	aggregate->nr_replications = NR_REPLICATIONS;
	metric = aggregate_add_metric(aggregate, scope, name, "1/s");
	assert_non_null(metric);
	for (int i = 0; i < NR_REPLICATIONS; i++)
		metric->values[i] = i % 2 ? b : a;
	aggregate_compute(metric, NR_REPLICATIONS);
}

/* Throughput of VMs that spin and share of one that does not, in even and odd replications. */
static void set_point(struct plot_data *data, size_t index, const char *candidate,
		      const char *sched, double rate_0, double rate_1, double share_0,
		      double share_1)
{
	struct plot_point *point = &data->points[index];

	point->present = true;
	point->file.info.policies[OVERSUB_CANDIDATE] = candidate;
	point->file.info.title = "by hand";
	point->file.info.seed = "1";
	point->file.info.policies[OVERSUB_SCHED] = sched;
	set_metric(point, "vm.calc", "requests_per_s", 10, 10);
	set_metric(point, "vm.calc", "time.spin", 0, 0);
	set_metric(point, "vm.calc", "cpu_over_entitlement", share_0, share_1);
	set_metric(point, "vm.db", "requests_per_s", rate_0, rate_1);
	set_metric(point, "vm.db", "time.spin", 0.1, 0.1);
	set_metric(point, "vm.db", "hint.precision", 0.25, 0.75);
	data->first = &data->points[0];
}

static void make_grid(struct plot_data *data, const char *const *specs, size_t nr)
{
	*data = (struct plot_data){.directory = strdup("sweep"), .is_sweep = true};
	for (size_t i = 0; i < nr; i++)
		assert_int_equal(sweep_grid_add(&data->grid, specs[i], NULL), OVERSUB_OK);
	data->nr_points = data->grid.nr_points;
	data->points = calloc(data->nr_points, sizeof(*data->points));
}

/* Conditions first, so that rows are not consecutive points. */
static void make_sweep(struct plot_data *data)
{
	static const char *const specs[] = {"vms.db.count=2,3",
					    "policies=v3,mainline,oracle,oracle+lag_credit"};

	make_grid(data, specs, NR_OF(specs));
	set_point(data, 0, "v3", "mainline", 110, 210, 1, 1);
	set_point(data, 1, "mainline", "mainline", 100, 200, 1, 1);
	set_point(data, 2, "oracle", "mainline", 150, 250, 1, 1);
	set_point(data, 3, "oracle", "lag_credit", 100, 100, 1, 1);
	set_point(data, 4, "v3", "mainline", 50, 50, 0.9, 0.91);
	set_point(data, 5, "mainline", "mainline", 100, 100, 1, 1);
	set_point(data, 6, "oracle", "mainline", 100, 100, 0.985, 0.985);
	set_point(data, 7, "oracle", "lag_credit", 200, 200, 1.2, 0.7);
}

static void policies_are_rows_and_all_else_is_columns(void **state)
{
	struct plot_data data;
	struct matrix matrix;

	make_sweep(&data);
	assert_true(matrix_applies(&data));
	assert_int_equal(matrix_make(&data, &matrix, NULL), OVERSUB_OK);
	assert_int_equal(matrix.nr_rows, 4);
	assert_int_equal(matrix.nr_columns, 2);
	assert_string_equal(matrix.rows[3], "oracle+lag_credit");
	assert_string_equal(matrix.columns[1], "3 VMs db");
	assert_ptr_equal(matrix_cell(&matrix, 2, 1)->point, &data.points[6]);
	matrix_free(&matrix);
	plot_data_free(&data);
}

static void a_change_is_against_mainline_of_the_same_column_pair_by_pair(void **state)
{
	const struct matrix_cell *cell;
	struct plot_data data;
	struct matrix matrix;

	make_sweep(&data);
	assert_int_equal(matrix_make(&data, &matrix, NULL), OVERSUB_OK);
	assert_true(matrix_is_base(&matrix, 1, 0));
	assert_false(matrix_is_base(&matrix, 0, 0));
	/*
	 * +10 in each replication, of a mean of 150: sure to be a gain. How large it is against a
	 * base that varies from 100 to 200 is not.
	 */
	cell = matrix_cell(&matrix, 0, 0);
	assert_true(fabs(cell->change.relative.mean - 10.0 / 150) < 1e-9);
	assert_true(cell->change.relative.low > 0.05 && cell->change.relative.high < 0.1);
	assert_true(cell->change.significant);
	assert_true(fabs(matrix_cell(&matrix, 0, 1)->change.relative.mean + 0.5) < 1e-9);
	assert_true(fabs(cell->precision - 0.5) < 1e-9);
	assert_true(isnan(cell->recall));
	matrix_free(&matrix);
	plot_data_free(&data);
}

static void regret_is_against_the_best_oracle_of_the_column(void **state)
{
	struct plot_data data;
	struct matrix matrix;

	make_sweep(&data);
	assert_int_equal(matrix_make(&data, &matrix, NULL), OVERSUB_OK);
	/* 40 of 200 with two VMs, where oracle is better, 150 of 200 with three. */
	assert_true(fabs(matrix_cell(&matrix, 0, 0)->regret.mean - 0.2) < 1e-9);
	assert_true(fabs(matrix_cell(&matrix, 0, 1)->regret.mean - 0.75) < 1e-9);
	assert_true(fabs(matrix_cell(&matrix, 2, 0)->regret.mean) < 1e-9);
	matrix_free(&matrix);
	plot_data_free(&data);
}

static void the_class_that_spins_least_is_the_bystander(void **state)
{
	struct plot_data data;
	struct matrix matrix;

	make_sweep(&data);
	assert_int_equal(matrix_make(&data, &matrix, NULL), OVERSUB_OK);
	assert_string_equal(matrix.scope, "vm.db");
	assert_string_equal(matrix.bystander, "vm.calc");
	assert_true(fabs(matrix_cell(&matrix, 0, 1)->drift.relative.mean + 0.095) < 1e-9);
	matrix_free(&matrix);
	plot_data_free(&data);
}

static void drift_is_unfair_if_it_is_large_and_certain(void **state)
{
	struct plot_data data;
	struct matrix matrix;

	make_sweep(&data);
	assert_int_equal(matrix_make(&data, &matrix, NULL), OVERSUB_OK);
	assert_true(matrix_is_unfair(&matrix_cell(&matrix, 0, 1)->drift));
	/* -1.5 % for certain, and -5 % with an interval of hundreds. */
	assert_true(matrix_cell(&matrix, 2, 1)->drift.significant);
	assert_false(matrix_is_unfair(&matrix_cell(&matrix, 2, 1)->drift));
	assert_false(matrix_is_unfair(&matrix_cell(&matrix, 3, 1)->drift));
	matrix_free(&matrix);
	plot_data_free(&data);
}

static void all_changes_and_drifts_share_the_risk_of_a_false_alarm(void **state)
{
	const struct matrix_change *change;
	struct plot_data data;
	struct matrix matrix;

	make_sweep(&data);
	assert_int_equal(matrix_make(&data, &matrix, NULL), OVERSUB_OK);
	/*
	 * Of six changes one is none, of six drifts three; the base is no test. The same difference
	 * in 12 replications has p = 2^-11.
	 */
	assert_int_equal(matrix.nr_tests, 5 + 3);
	change = &matrix_cell(&matrix, 0, 0)->change;
	assert_true(fabs(change->p - pow(2, -11)) < 1e-12);
	/* The drift of v3 with three VMs is surer. */
	assert_true(fabs(change->p_holm - 7 * pow(2, -11)) < 1e-12);
	assert_true(isnan(matrix_cell(&matrix, 1, 0)->change.p_holm));
	matrix_free(&matrix);
	plot_data_free(&data);
}

static void a_sweep_without_conditions_is_no_matrix(void **state)
{
	static const char *const specs[] = {"policies=mainline,v3"};
	struct plot_data data;

	make_grid(&data, specs, NR_OF(specs));
	set_point(&data, 0, "mainline", "mainline", 1, 1, 1, 1);
	set_point(&data, 1, "v3", "mainline", 1, 1, 1, 1);
	assert_false(matrix_applies(&data));
	plot_data_free(&data);
}

static void a_point_that_is_missing_is_an_empty_cell(void **state)
{
	char *text = NULL;
	struct plot_data data;
	struct matrix matrix;
	size_t size;
	FILE *stream;

	make_sweep(&data);
	data.points[4].present = false;
	assert_int_equal(matrix_make(&data, &matrix, NULL), OVERSUB_OK);
	assert_null(matrix_cell(&matrix, 0, 1)->point);
	stream = open_memstream(&text, &size);
	matrix_write_text(stream, &matrix);
	matrix_write_csv(stream, &matrix);
	fclose(stream);
	assert_non_null(strstr(text, "not there yet"));
	assert_null(strstr(text, "\"3 VMs db\",\"v3\""));
	assert_non_null(strstr(text, "\"2 VMs db\",\"v3\",db,160,6.66667,"));
	free(text);
	matrix_free(&matrix);
	plot_data_free(&data);
}

static void objects_are_labelled_with_what_they_set(void **state)
{
	static const char *const specs[] = {
		"yield.candidate={\"policy\":\"mainline\"},{\"policy\":\"v3\",\"eoi\":\"v2\"}",
		"vm_defaults={\"apicv\":\"off\",\"pv_eoi\":true},{\"x\":{\"y\":false},\"z\":2}",
		"vms.db.pin={\"pool\":[0,\"4-7\"]},1:1"};
	struct plot_data data;
	char label[96];

	make_grid(&data, specs, NR_OF(specs));
	assert_true(axis_is_policy(&data.grid, 0));
	assert_false(axis_is_policy(&data.grid, 1));
	assert_string_equal(axis_value_label(&data.grid, 0, 1, label, sizeof(label)), "v3, eoi v2");
	assert_string_equal(axis_value_label(&data.grid, 1, 0, label, sizeof(label)),
			    "apicv off, pv_eoi");
	assert_string_equal(axis_value_label(&data.grid, 1, 1, label, sizeof(label)), "y off, z 2");
	assert_string_equal(axis_value_label(&data.grid, 2, 0, label, sizeof(label)), "pool 0,4-7");
	assert_string_equal(axis_value_label(&data.grid, 1, 0, label, 8), "apicv o");
	plot_data_free(&data);
}

/* ---- Bundles --------------------------------------------------------------------------------- */

static void assert_entry(const struct policy_bundle *bundle, int index, const char *path,
			 const char *value)
{
	assert_true(index < bundle->nr);
	assert_string_equal(bundle->list[index].path, path);
	assert_string_equal(bundle->list[index].value, value);
}

static void a_bundle_sets_candidate_and_sched_and_what_else_it_names(void **state)
{
	struct policy_bundle bundle;

	assert_int_equal(policy_bundle_parse("v3", NULL, &bundle, NULL), OVERSUB_OK);
	assert_int_equal(bundle.nr, 2);
	assert_entry(&bundle, 0, "yield.candidate.policy", "v3");
	assert_entry(&bundle, 1, "yield.sched.policy", "mainline");
	policy_bundle_free(&bundle);

	assert_int_equal(
		policy_bundle_parse("v3+balance+lag_credit+adaptive_ple", NULL, &bundle, NULL),
		OVERSUB_OK);
	assert_int_equal(bundle.nr, 4);
	assert_entry(&bundle, 1, "yield.sched.policy", "lag_credit");
	assert_entry(&bundle, 2, "yield.window.policy", "adaptive_ple");
	assert_entry(&bundle, 3, "host.cosched.policy", "balance");
	policy_bundle_free(&bundle);
}

static void a_bundle_with_unknown_or_repeated_policies_is_refused(void **state)
{
	static const char *const wrong[] = {"",
					    "nosuch",
					    "lag_credit",
					    "v3+nosuch",
					    "v3+v3",
					    "v3+lag_credit+hforfeit",
					    "v3+balance+",
					    "+lag_credit"};
	struct policy_bundle bundle;
	struct oversub_error error;

	for (size_t i = 0; i < NR_OF(wrong); i++) {
		assert_int_equal(policy_bundle_parse(wrong[i], NULL, &bundle, &error),
				 OVERSUB_BAD_INPUT);
		assert_non_null(strstr(error.message, "oversub list policies"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policies_are_rows_and_all_else_is_columns),
		cmocka_unit_test(a_change_is_against_mainline_of_the_same_column_pair_by_pair),
		cmocka_unit_test(regret_is_against_the_best_oracle_of_the_column),
		cmocka_unit_test(the_class_that_spins_least_is_the_bystander),
		cmocka_unit_test(drift_is_unfair_if_it_is_large_and_certain),
		cmocka_unit_test(all_changes_and_drifts_share_the_risk_of_a_false_alarm),
		cmocka_unit_test(a_sweep_without_conditions_is_no_matrix),
		cmocka_unit_test(a_point_that_is_missing_is_an_empty_cell),
		cmocka_unit_test(objects_are_labelled_with_what_they_set),
		cmocka_unit_test(a_bundle_sets_candidate_and_sched_and_what_else_it_names),
		cmocka_unit_test(a_bundle_with_unknown_or_repeated_policies_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
