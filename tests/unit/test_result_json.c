/* SPDX-License-Identifier: GPL-3.0-or-later */
/* result.json: what is written reads back, and nothing else is taken for a result. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sim/output/json_writer.h"
#include "sim/output/result_json.h"

static const double values[] = {0.1, NAN, 1.0 / 3};

/* Two replications' worth of everything a result may hold. */
static struct aggregate make_aggregate(void)
{
	struct aggregate aggregate = {
		.nr_replications = 3, .events = 12345, .simulated_ns = 6900000000};
	struct aggregate_metric *metric;

	metric = aggregate_add_metric(&aggregate, "host", "jain", "fraction");
	memcpy(metric->values, values, sizeof(values));
	aggregate_compute(metric, 3);
	/* A percentile of all replications together need not be the mean of theirs. */
	metric = aggregate_add_metric(&aggregate, "vm.db", "lock_wait.p99", "ns");
	metric->values[0] = 100;
	metric->interval.mean = 250;
	metric->interval.half_width = 20;
	aggregate_add_metric(&aggregate, "vm.db", "tlb_flush.p99", "ns");
	/* the same scope again, after another one */
	aggregate_add_metric(&aggregate, "host", "stacking", "fraction");
	aggregate.histograms = calloc(1, sizeof(*aggregate.histograms));
	aggregate.nr_histograms = 1;
	aggregate.histograms[0].scope = strdup("vm.db");
	aggregate.histograms[0].name = strdup("tlb_flush");
	sim_histogram_reset(&aggregate.histograms[0].histogram);
	sim_histogram_record(&aggregate.histograms[0].histogram, 7);
	sim_histogram_record(&aggregate.histograms[0].histogram, 1000001);
	return aggregate;
}

static char *write_result(const struct aggregate *aggregate)
{
	struct result_info info = {
		.name = "dedup3",
		.title = "a \"quoted\"\n\ttitle \\ with \x01",
		.policies = {[OVERSUB_CANDIDATE] = "v3", [OVERSUB_SCHED] = "lag_credit"},
		.seed = "9223372036854775807",
		.warmup_ns = 300000000,
		.measure_ns = 2000000000,
		.scenario =
			cJSON_Parse("{\"oversub_scenario\":1,\"x\":[1,2.5,true,null,\"s\",{}]}"),
	};
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	result_json_write(stream, &info, aggregate);
	fclose(stream);
	cJSON_Delete((cJSON *)info.scenario);
	return text;
}

static void a_result_reads_back_as_it_was_written(void **state)
{
	struct aggregate aggregate = make_aggregate();
	char *text = write_result(&aggregate);
	const struct aggregate_metric *metric;
	struct result_file file;
	cJSON *expected;

	assert_int_equal(result_json_parse(text, "r", &file, NULL), OVERSUB_OK);
	assert_string_equal(file.info.name, "dedup3");
	assert_string_equal(file.info.title, "a \"quoted\"\n\ttitle \\ with \x01");
	assert_string_equal(file.info.policies[OVERSUB_CANDIDATE], "v3");
	assert_string_equal(file.info.policies[OVERSUB_SCHED], "lag_credit");
	assert_string_equal(file.info.seed, "9223372036854775807");
	assert_true(file.info.measure_ns == 2000000000);
	assert_int_equal(file.aggregate.nr_replications, 3);
	assert_int_equal(file.aggregate.events, 12345);
	assert_int_equal(file.aggregate.nr_metrics, 4);

	metric = aggregate_find(&file.aggregate, "host", "jain");
	assert_string_equal(metric->unit, "fraction");
	assert_true(metric->values[0] == values[0]);
	assert_true(isnan(metric->values[1]));
	assert_true(metric->values[2] == values[2]);
	assert_int_equal(metric->interval.n, 2);
	metric = aggregate_find(&file.aggregate, "vm.db", "lock_wait.p99");
	assert_true(metric->interval.mean == 250 && metric->interval.half_width == 20);

	expected = cJSON_Parse("{\"oversub_scenario\":1,\"x\":[1,2.5,true,null,\"s\",{}]}");
	assert_true(cJSON_Compare(file.info.scenario, expected, true));
	cJSON_Delete(expected);
	result_file_free(&file);
	aggregate_free(&aggregate);
	free(text);
}

static void what_does_not_exist_is_null(void **state)
{
	struct aggregate aggregate = make_aggregate();
	char *text = write_result(&aggregate);

	assert_non_null(strstr(text, "\"values\": [0.1, null, 0.3333333333333333]"));
	assert_non_null(strstr(text, "\"mean\": null, \"ci95\": null, \"sd\": null"));
	assert_null(strstr(text, "nan"));
	aggregate_free(&aggregate);
	free(text);
}

static void the_same_result_gives_the_same_bytes(void **state)
{
	struct aggregate one = make_aggregate(), two = make_aggregate();
	char *first = write_result(&one), *second = write_result(&two);

	assert_string_equal(first, second);
	aggregate_free(&one);
	aggregate_free(&two);
	free(first);
	free(second);
}

static void a_scope_is_written_once_with_all_its_metrics(void **state)
{
	struct aggregate aggregate = make_aggregate();
	char *text = write_result(&aggregate), *host = strstr(text, "\"host\": {");

	assert_non_null(host);
	assert_null(strstr(host + 1, "\"host\": {"));
	assert_true(strstr(host, "\"stacking\"") < strstr(host, "\"vm.db\""));
	aggregate_free(&aggregate);
	free(text);
}

static void histograms_have_percentiles_and_buckets(void **state)
{
	struct aggregate aggregate = make_aggregate();
	char *text = write_result(&aggregate);
	cJSON *json = cJSON_Parse(text), *histogram, *buckets;

	histogram = cJSON_GetObjectItemCaseSensitive(json, "histograms")->child->child;
	assert_string_equal(histogram->string, "tlb_flush");
	assert_int_equal(cJSON_GetObjectItemCaseSensitive(histogram, "count")->valueint, 2);
	assert_int_equal(cJSON_GetObjectItemCaseSensitive(histogram, "max")->valueint, 1000001);
	buckets = cJSON_GetObjectItemCaseSensitive(histogram, "buckets");
	assert_int_equal(cJSON_GetArraySize(buckets), 2);
	assert_int_equal(cJSON_GetArrayItem(buckets->child, 0)->valueint, 7);
	assert_int_equal(cJSON_GetArrayItem(buckets->child, 1)->valueint, 7);
	assert_int_equal(cJSON_GetArrayItem(buckets->child, 2)->valueint, 1);
	/* a bucket that reaches beyond max ends there */
	assert_int_equal(cJSON_GetArrayItem(buckets->child->next, 1)->valueint, 1000001);
	cJSON_Delete(json);
	aggregate_free(&aggregate);
	free(text);
}

static void numbers_are_short_and_exact(void **state)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {{0, "0"},
		     {0.1, "0.1"},
		     {-2.5, "-2.5"},
		     {1e300, "1e+300"},
		     {NAN, "null"},
		     {INFINITY, "null"},
		     {123456789012345, "123456789012345"}};
	uint64_t random = 88172645463325252;
	char text[32];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		json_format_number(cases[i].value, text);
		assert_string_equal(text, cases[i].text);
	}
	for (int i = 0; i < 10000; i++) {
		double value;

		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		memcpy(&value, &random, sizeof(value));
		if (!isfinite(value))
			continue;
		json_format_number(value, text);
		assert_true(strtod(text, NULL) == value);
	}
}

static void refused(const char *text, const char *because)
{
	struct oversub_error error;
	struct result_file file;

	assert_int_equal(result_json_parse(text, "r.json", &file, &error), OVERSUB_BAD_INPUT);
	if (!strstr(error.message, because) || !strstr(error.message, "r.json"))
		fail_msg("%s: %s", text, error.message);
	assert_null(file.json);
}

static void what_is_no_result_is_refused(void **state)
{
#define INFO                                                                                       \
	"\"format\":2,\"name\":\"n\",\"title\":\"\",\"seed\":\"1\","                               \
	"\"policies\":{\"candidate\":\"v3\",\"sched\":\"none\"}"
	refused("", "no JSON");
	refused("[1,2", "no JSON");
	refused("{} trailing", "no JSON");
	refused("{}", "no \"format\"");
	refused("{\"format\":1}", "reads format 2");
	refused("{\"format\":2,\"name\":\"n\"}", "should be strings");
	refused("{" INFO "}", "\"replications\"");
	refused("{" INFO ",\"replications\":0}", "\"replications\"");
	refused("{" INFO ",\"replications\":2}", "no \"metrics\"");
	refused("{" INFO ",\"replications\":2,\"metrics\":{\"a\":[1]}}", "should hold objects");
	refused("{" INFO ",\"replications\":2,\"metrics\":{\"a\":{\"b\":{\"unit\":\"ns\","
		"\"values\":[1]}}}}",
		"metrics.a.b needs a unit and one value for each of the 2");
}

static void a_missing_file_is_bad_input(void **state)
{
	struct oversub_error error;
	struct result_file file;

	assert_int_equal(result_json_read("/nonexistent/result.json", &file, &error),
			 OVERSUB_BAD_INPUT);
	assert_non_null(strstr(error.message, "/nonexistent/result.json"));
	assert_int_equal(result_json_read("/", &file, &error), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(error.message, "has no result.json"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_result_reads_back_as_it_was_written),
		cmocka_unit_test(what_does_not_exist_is_null),
		cmocka_unit_test(the_same_result_gives_the_same_bytes),
		cmocka_unit_test(a_scope_is_written_once_with_all_its_metrics),
		cmocka_unit_test(histograms_have_percentiles_and_buckets),
		cmocka_unit_test(numbers_are_short_and_exact),
		cmocka_unit_test(what_is_no_result_is_refused),
		cmocka_unit_test(a_missing_file_is_bad_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
