/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the pictures are made of: series and changes of a sweep, and parts of a trace. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/plot/plot.h"
#include "sim/plot/plot_layout.h"
#include "sim/plot/plot_measure.h"
#include "sim/report/axis.h"
#include "sim/run/compare.h"
#include "sim/trace/timeline.h"

#define NR_OF(array) (sizeof(array) / sizeof(*(array)))

/* ---- Sweeps made by hand --------------------------------------------------------------------- */

static void set_metric(struct aggregate *aggregate, const char *name, const double *values,
		       size_t nr)
{
	struct aggregate_metric *metric;

	aggregate->nr_replications = nr;
	metric = aggregate_add_metric(aggregate, "vm.db", name, "1/s");
	assert_non_null(metric);
	memcpy(metric->values, values, nr * sizeof(*values));
	aggregate_compute(metric, nr);
}

/* A sweep over the given axes; the policy of each point is what its axes say, mainline if none. */
static void make_data(struct plot_data *data, const char *const *specs, size_t nr)
{
	*data = (struct plot_data){.directory = strdup("sweep"), .is_sweep = true};
	for (size_t i = 0; i < nr; i++)
		assert_int_equal(sweep_grid_add(&data->grid, specs[i], NULL), OVERSUB_OK);
	data->nr_points = data->grid.nr_points;
	data->points = calloc(data->nr_points, sizeof(*data->points));
	for (size_t i = 0; i < data->nr_points; i++) {
		struct plot_point *point = &data->points[i];
		int candidate = axis_with(&data->grid, AXIS_CANDIDATE);
		int sched = axis_with(&data->grid, AXIS_SCHED);

		point->present = true;
		point->file.info.policies[OVERSUB_CANDIDATE] =
			candidate < 0 ? "mainline"
				      : sweep_grid_value(&data->grid, i, (size_t)candidate);
		point->file.info.policies[OVERSUB_SCHED] =
			sched < 0 ? "mainline" : sweep_grid_value(&data->grid, i, (size_t)sched);
	}
	data->first = &data->points[0];
}

static void roles_are_found_at_the_end_of_paths(void **state)
{
	assert_int_equal(axis_role_of("yield.candidate.policy"), AXIS_CANDIDATE);
	assert_int_equal(axis_role_of("sched.policy"), AXIS_SCHED);
	assert_int_equal(axis_role_of("host.cosched.policy"), AXIS_POLICIES);
	assert_int_equal(axis_role_of("yield.window"), AXIS_POLICIES);
	assert_int_equal(axis_role_of("yield.candidate.eoi"), AXIS_OTHER);
	assert_int_equal(axis_role_of("policies"), AXIS_POLICIES);
	assert_int_equal(axis_role_of("ipi_window_ns"), AXIS_WINDOW);
	assert_int_equal(axis_role_of("vms.db.count"), AXIS_COUNT);
	assert_int_equal(axis_role_of("workloads.w.threads.t.count"), AXIS_OTHER);
	assert_int_equal(axis_role_of("vms.db.discount"), AXIS_OTHER);
	assert_int_equal(axis_role_of("vm_defaults.apicv"), AXIS_EOI);
	assert_int_equal(axis_role_of("workloads.w.arrivals.net.rate"), AXIS_RATE);
	assert_int_equal(axis_role_of("host_workload.arrivals.net.interarrival"), AXIS_RATE);
	assert_int_equal(axis_role_of("workloads.w.arrivals.net.interarrival.gamma.mean"),
			 AXIS_RATE);
	assert_int_equal(axis_role_of("workloads.w.arrivals.net.interarrival.gamma.shape"),
			 AXIS_OTHER);
}

static void all_interrupt_hardware_hides_eois(void **state)
{
	static const char *const specs[] = {"vm_defaults.apicv=off,on,ipiv,avic",
					    "vm_defaults.pv_eoi=false,true"};
	static const char *const expected[] = {
		"EOIs visible (apicv off)", "EOIs not visible (apicv on)",
		"EOIs not visible (apicv ipiv)", "EOIs not visible (apicv avic)"};
	struct plot_data data;
	char label[96];

	make_data(&data, specs, NR_OF(specs));
	for (size_t i = 0; i < NR_OF(expected); i++)
		assert_string_equal(axis_value_label(&data.grid, 0, i, label, sizeof(label)),
				    expected[i]);
	assert_string_equal(axis_value_label(&data.grid, 1, 0, label, sizeof(label)),
			    "EOIs visible (pv_eoi off)");
	assert_string_equal(axis_value_label(&data.grid, 1, 1, label, sizeof(label)),
			    "EOIs not visible (pv_eoi on)");
	plot_data_free(&data);
}

static void a_series_is_a_pair_of_policies_and_x_the_number_of_vms(void **state)
{
	static const char *const specs[] = {"yield.candidate.policy=mainline,v3",
					    "vms.db.count=2,4",
					    "yield.sched.policy=mainline,lag_credit"};
	struct plot_layout layout;
	struct plot_data data;

	make_data(&data, specs, NR_OF(specs));
	assert_int_equal(plot_layout_default_x(&data), 1);
	assert_int_equal(plot_layout_make(&data, 1, -1, &layout, NULL), OVERSUB_OK);
	assert_int_equal(layout.nr_series, 4);
	assert_int_equal(layout.nr_x, 2);
	assert_string_equal(layout.series[3].policy, "v3+lag_credit");
	assert_string_equal(layout.series[3].label, "v3 + lag_credit");
	assert_int_equal(layout.baseline, 0);
	/* Point (v3, 4, mainline) of the grid, whose last axis varies fastest. */
	assert_ptr_equal(plot_layout_get(&layout, 0, 2, 1), &data.points[6]);
	plot_layout_free(&layout);
	plot_data_free(&data);
}

static void two_counts_are_told_apart_by_their_vms(void **state)
{
	static const char *const specs[] = {"yield.candidate.policy=mainline,v3",
					    "vms.db.count=2,4", "vms.web.count=1,2"};
	struct plot_layout layout;
	struct plot_data data;

	make_data(&data, specs, NR_OF(specs));
	assert_int_equal(plot_layout_make(&data, -1, -1, &layout, NULL), OVERSUB_OK);
	assert_string_equal(layout.series[7].label, "v3 + mainline, 4 VMs db, 2 VMs web");
	plot_layout_free(&layout);
	plot_data_free(&data);
}

static void a_wide_axis_is_logarithmic_and_has_a_place_for_zero(void **state)
{
	static const char *const specs[] = {"ipi_window_ns=0,100us,10ms"};
	struct plot_layout layout;
	struct plot_data data;

	make_data(&data, specs, NR_OF(specs));
	assert_int_equal(plot_layout_make(&data, 0, -1, &layout, NULL), OVERSUB_OK);
	assert_true(layout.x[0] < layout.x[1]);
	assert_true(fabs(layout.x[1] - 5) < 1e-9);
	assert_true(fabs(layout.x[2] - 7) < 1e-9);
	plot_layout_free(&layout);
	plot_data_free(&data);
}

static void v3_without_its_relaxed_pass_has_the_colour_of_v3_strict(void **state)
{
	static const char *const specs[] = {"yield.candidate.policy=v3,mainline",
					    "enable_relaxed_boost=true,false"};
	struct plot_layout layout;
	struct plot_data data;

	make_data(&data, specs, 1);
	assert_int_equal(plot_layout_make(&data, -1, -1, &layout, NULL), OVERSUB_OK);
	assert_string_equal(layout.series[0].policy, "v3+mainline");
	plot_layout_free(&layout);
	plot_data_free(&data);

	make_data(&data, specs, 2);
	data.nr_points = 2; /* v3 alone */
	data.points[2].present = data.points[3].present = false;
	assert_int_equal(plot_layout_make(&data, -1, -1, &layout, NULL), OVERSUB_OK);
	assert_string_equal(layout.series[0].policy, "v3+mainline");
	assert_string_equal(layout.series[1].policy, "v3_strict+mainline");
	assert_string_equal(layout.series[1].label, "v3 + mainline, relaxed pass off");
	plot_layout_free(&layout);
	data.nr_points = 4;
	plot_data_free(&data);
}

static void a_missing_point_is_no_series(void **state)
{
	static const char *const specs[] = {"yield.candidate.policy=mainline,v3"};
	struct plot_layout layout;
	struct plot_data data;

	make_data(&data, specs, NR_OF(specs));
	data.points[0].present = false;
	assert_int_equal(plot_layout_make(&data, -1, -1, &layout, NULL), OVERSUB_OK);
	assert_int_equal(layout.nr_series, 1);
	assert_string_equal(layout.series[0].label, "v3 + mainline");
	plot_layout_free(&layout);
	plot_data_free(&data);
}

/* ---- Measures -------------------------------------------------------------------------------- */

static void a_series_is_compared_with_mainline_under_its_own_conditions(void **state)
{
	static const char *const specs[] = {"yield.candidate.policy=v3,mainline",
					    "vms.db.count=2,4", "vm_defaults.pv=none,default"};
	struct plot_layout layout;
	struct plot_data data;

	make_data(&data, specs, NR_OF(specs));
	assert_int_equal(plot_layout_make(&data, 1, -1, &layout, NULL), OVERSUB_OK);
	assert_int_equal(layout.nr_series, 4);
	assert_string_equal(layout.series[3].label, "mainline + mainline, pv default");
	assert_int_equal(layout.series[0].base, 2);
	assert_int_equal(layout.series[1].base, 3);
	assert_int_equal(layout.series[2].base, 2);
	assert_int_equal(layout.series[3].base, 3);
	assert_true(layout.several_bases);
	assert_string_equal(layout.base_label, "mainline + mainline with the same pv");
	plot_layout_free(&layout);

	/* No other policy and no other pv stands in for what is missing: points (mainline, *,
	 * default) */
	data.points[5].present = data.points[7].present = false;
	assert_int_equal(plot_layout_make(&data, 1, -1, &layout, NULL), OVERSUB_OK);
	assert_int_equal(layout.nr_series, 3);
	assert_int_equal(layout.series[0].base, 2);
	assert_int_equal(layout.series[1].base, PLOT_NO_SERIES);
	plot_layout_free(&layout);
	plot_data_free(&data);
}

static void without_another_axis_all_series_have_one_base(void **state)
{
	static const char *const specs[] = {"yield.candidate.policy=none,v3", "vms.db.count=2,4"};
	struct plot_layout layout;
	struct plot_data data;

	make_data(&data, specs, NR_OF(specs));
	assert_int_equal(plot_layout_make(&data, 1, -1, &layout, NULL), OVERSUB_OK);
	assert_int_equal(layout.series[0].base, 0);
	assert_int_equal(layout.series[1].base, 0);
	assert_false(layout.several_bases);
	assert_string_equal(layout.base_label, "none + mainline");
	plot_layout_free(&layout);
	plot_data_free(&data);
}

/* Mainline has no window, so that it is the base of v3 with any window. */
static void a_parameter_that_the_base_lacks_does_not_part_it_from_others(void **state)
{
	static const char *const specs[] = {"yield.candidate.policy=mainline,v3",
					    "vms.db.count=2,4",
					    "yield.candidate.ipi_window_ns=1ms,5ms"};
	cJSON *without = cJSON_Parse("{\"yield\":{\"candidate\":{}}}");
	struct plot_layout layout;
	struct plot_data data;

	make_data(&data, specs, NR_OF(specs));
	for (size_t i = 0; i < 4; i++)
		data.points[i].file.info.scenario = without;
	assert_int_equal(plot_layout_make(&data, 1, -1, &layout, NULL), OVERSUB_OK);
	assert_int_equal(layout.nr_series, 3);
	assert_string_equal(layout.series[2].label, "v3 + mainline, ipi_window_ns 5 ms");
	assert_int_equal(layout.series[1].base, 0);
	assert_int_equal(layout.series[2].base, 0);
	assert_string_equal(layout.base_label, "mainline + mainline");
	plot_layout_free(&layout);
	plot_data_free(&data);
	cJSON_Delete(without);
}

/* No co-scheduling has no frames, so that it is drawn once, and the base of every length of them.
 */
static void a_policy_of_the_host_without_the_parameter_is_one_series(void **state)
{
	static const char *const specs[] = {"host.cosched.policy=none,gang", "vms.db.count=2,4",
					    "host.cosched.frame_ns=2ms,6ms"};
	cJSON *without = cJSON_Parse("{\"host\":{\"cosched\":{\"policy\":\"none\"}}}");
	cJSON *with = cJSON_Parse("{\"host\":{\"cosched\":{\"policy\":\"gang\",\"frame_ns\":1}}}");
	struct plot_layout layout;
	struct plot_data data;

	make_data(&data, specs, NR_OF(specs));
	for (size_t i = 0; i < data.nr_points; i++)
		data.points[i].file.info.scenario = i < 4 ? without : with;
	assert_int_equal(plot_layout_make(&data, 1, -1, &layout, NULL), OVERSUB_OK);
	assert_int_equal(layout.nr_series, 3);
	assert_string_equal(layout.series[0].label, "none");
	assert_string_equal(layout.series[1].label, "gang, frame_ns 2 ms");
	assert_string_equal(layout.series[2].label, "gang, frame_ns 6 ms");
	assert_int_equal(layout.series[1].base, 0);
	assert_int_equal(layout.series[2].base, 0);
	assert_false(layout.several_bases);
	plot_layout_free(&layout);
	plot_data_free(&data);
	cJSON_Delete(without);
	cJSON_Delete(with);
}

static void a_change_is_paired_and_relative_to_the_base(void **state)
{
	/* Replications differ by much more than the two sides, which differ by 10 each. */
	static const double base_values[] = {100, 200, 300}, other_values[] = {110, 210, 310};
	struct plot_measure measure = {.scope = "vm.db", .name = "requests_per_s", .scale = 1};
	struct aggregate base = {0}, other = {0};
	struct sim_paired change;

	set_metric(&base, "requests_per_s", base_values, 3);
	set_metric(&other, "requests_per_s", other_values, 3);
	change = compare_one(&base, &other, "vm.db", "requests_per_s");
	assert_true(fabs(change.relative.mean - 0.05) < 1e-12);
	assert_true(fabs(change.difference.mean - 10) < 1e-9);
	assert_true(change.difference.half_width < 1e-9);
	measure.scale = 1e-3;
	assert_true(fabs(plot_measure_interval(&measure, &base).mean - 0.2) < 1e-12);
	measure.name = "no_such_metric";
	assert_int_equal(plot_measure_interval(&measure, &base).n, 0);
	assert_int_equal(compare_one(&base, &other, "vm.db", "no_such_metric").difference.n, 0);
	aggregate_free(&base);
	aggregate_free(&other);
}

/* One that no replication has values enough for may exist for all of them together. */
static void a_percentile_is_drawn_as_the_result_has_it(void **state)
{
	static const double values[] = {NAN, NAN};
	struct plot_measure measure = {.scope = "vm.db", .name = "tlb_flush.p99", .scale = 1e-3};
	struct aggregate aggregate = {0};
	struct sim_interval interval;

	set_metric(&aggregate, "tlb_flush.p99", values, 2);
	aggregate.metrics[0].interval =
		(struct sim_interval){.n = 2, .mean = 5000, .half_width = INFINITY};
	interval = plot_measure_interval(&measure, &aggregate);
	assert_true(interval.mean == 5);
	assert_true(isinf(interval.half_width));
	aggregate_free(&aggregate);
}

static void a_share_is_taken_replication_by_replication(void **state)
{
	static const double tracked[] = {1, 3}, preempted[] = {3, 1};
	struct plot_measure measure = {.scope = "vm.db",
				       .name = "yield.by.ipi_receiver_per_s",
				       .of = "yield.by.",
				       .scale = 100};
	struct aggregate aggregate = {0};
	struct sim_interval interval;

	set_metric(&aggregate, "yield.by.ipi_receiver_per_s", tracked, 2);
	set_metric(&aggregate, "yield.by.preempted_per_s", preempted, 2);
	interval = plot_measure_interval(&measure, &aggregate);
	assert_true(fabs(interval.mean - 50) < 1e-9);
	assert_int_equal(interval.n, 2);
	assert_true(fabs(interval.sd - sqrt(1250)) < 1e-9);
	aggregate_free(&aggregate);
}

static void units_fit_the_largest_value(void **state)
{
	char text[64];
	double scale;

	assert_string_equal(plot_measure_unit("ns", "", 5e6, &scale, text, sizeof(text)), "ms");
	assert_true(scale == 1e-6);
	assert_string_equal(
		plot_measure_unit("1/s", "requests/s", 9000, &scale, text, sizeof(text)),
		"requests/s");
	assert_string_equal(
		plot_measure_unit("1/s", "requests/s", 40000, &scale, text, sizeof(text)),
		"thousand requests/s");
	assert_string_equal(axis_format_ns(1500, text, sizeof(text)), "1.5 µs");
	assert_string_equal(axis_format_ns(0, text, sizeof(text)), "0");
}

/* ---- Timeline -------------------------------------------------------------------------------- */

static void read_text(const char *text, struct trace *trace)
{
	FILE *stream = fmemopen((void *)text, strlen(text), "r");

	assert_non_null(stream);
	assert_int_equal(trace_read(stream, "text", 0, INT64_MAX, trace, NULL), OVERSUB_OK);
	fclose(stream);
}

/*
 * vCPU 0 works from 0 to 100 us, spins to 200 us, exits, yields to vCPU 1 of CPU 1, and is off. In
 * its place db1/vcpu0 works until it is preempted at 400 us, and nobody follows.
 */
static const char trace_text[] =
	"# a comment\n"
	"       db0/vcpu0     1 [000]     1.000000: kvm:kvm_entry: vcpu 0, rip 0x0\n"
	"       db1/vcpu1     4 [001]     1.000000: kvm:kvm_entry: vcpu 1, rip 0x0\n"
	"       db0/vcpu0     1 [000]     1.000090: kvm:kvm_apic_ipi: dst 1 vec 251 "
	"(Fixed|physical|de-assert|edge|dst)\n"
	"       db0/vcpu0     1 [000]     1.000100: oversub:spin_begin: vcpu=0 on=csd id=0x1 "
	"waits_for=1\n"
	"       db0/vcpu0     1 [000]     1.000150: kvm:kvm_exit: vcpu 0 reason PAUSE_INSTRUCTION "
	"rip "
	"0x0\n"
	"       db0/vcpu0     1 [000]     1.000151: kvm:kvm_entry: vcpu 0, rip 0x0\n"
	"       db0/vcpu0     1 [000]     1.000200: kvm:kvm_exit: vcpu 0 reason PAUSE_INSTRUCTION "
	"rip "
	"0x0\n"
	"       db0/vcpu0     1 [000]     1.000210: oversub:yield_to: vcpu=0 target_vcpu=1 "
	"target_comm=db0/vcpu1 target_pid=2 target_cpu=1 ret=1 right_vcpu=1\n"
	"       db0/vcpu0     1 [000]     1.000220: sched:sched_switch: prev_comm=db0/vcpu0 "
	"prev_pid=1 "
	"prev_prio=120 prev_state=R ==> next_comm=db1/vcpu0 next_pid=3 next_prio=120\n"
	"       db1/vcpu0     3 [000]     1.000220: kvm:kvm_entry: vcpu 0, rip 0x0\n"
	"       db1/vcpu1     4 [001]     1.000250: sched:sched_switch: prev_comm=db1/vcpu1 "
	"prev_pid=4 "
	"prev_prio=120 prev_state=R ==> next_comm=db0/vcpu1 next_pid=2 next_prio=120\n"
	"       db0/vcpu1     2 [001]     1.000260: kvm:kvm_inj_virq: IRQ 0xfb\n"
	"       db0/vcpu1     2 [001]     1.000260: kvm:kvm_entry: vcpu 1, rip 0x0\n"
	"       db1/vcpu0     3 [000]     1.000400: sched:sched_switch: prev_comm=db1/vcpu0 "
	"prev_pid=3 "
	"prev_prio=120 prev_state=R ==> next_comm=swapper next_pid=0 next_prio=120\n"
	"       swapper       0 [000]     1.000500: sched:sched_wakeup: comm=x pid=9 prio=120 "
	"target_cpu=000\n"
	"       db0/vcpu1     2 [001]     1.001000: kvm:kvm_exit: vcpu 1 reason HLT rip 0x0\n";

static void derive_text(int64_t resolution, struct trace *trace, struct timeline *timeline)
{
	read_text(trace_text, trace);
	assert_int_equal(timeline_derive(trace, 1000000000, 1000000, resolution, timeline, NULL),
			 OVERSUB_OK);
}

static void assert_box(const struct timeline *timeline, size_t index, const char *comm,
		       enum replay_doing doing, int64_t begin_us, int64_t end_us)
{
	const struct timeline_box *box = &timeline->boxes[index];

	assert_true(index < timeline->nr_boxes);
	assert_string_equal(box->task->comm, comm);
	assert_int_equal(box->doing, doing);
	assert_int_equal((box->begin - 1000000000) / 1000, begin_us);
	assert_int_equal((box->end - 1000000000) / 1000, end_us);
}

static void boxes_say_who_worked_spun_and_was_in_the_host(void **state)
{
	struct trace trace;
	struct timeline timeline;

	derive_text(5000, &trace, &timeline);
	assert_int_equal(trace.replay.nr_vms, 2);
	assert_box(&timeline, 0, "db0/vcpu0", DOING_WORK, 0, 100);
	/* The exit of 1 us between two spins is too brief to show. */
	assert_box(&timeline, 1, "db0/vcpu0", DOING_SPIN, 100, 200);
	assert_box(&timeline, 2, "db0/vcpu0", DOING_HOST, 200, 220);
	assert_box(&timeline, 3, "db1/vcpu1", DOING_WORK, 0, 250);
	assert_box(&timeline, 4, "db0/vcpu1", DOING_HOST, 250, 260);
	assert_box(&timeline, 5, "db1/vcpu0", DOING_WORK, 220, 400);
	assert_box(&timeline, 6, "db0/vcpu1", DOING_WORK, 260, 1000);
	assert_int_equal(timeline.nr_boxes, 7);
	timeline_free(&timeline);
	trace_free(&trace);
}

static void who_yields_is_not_preempted(void **state)
{
	struct trace trace;
	struct timeline timeline;

	derive_text(5000, &trace, &timeline);
	assert_false(timeline.boxes[2].preempted);
	assert_true(timeline.boxes[3].preempted);
	assert_true(timeline.boxes[5].preempted);
	timeline_free(&timeline);
	trace_free(&trace);
}

static void a_fine_resolution_shows_the_exit_between_two_spins(void **state)
{
	struct trace trace;
	struct timeline timeline;

	derive_text(100, &trace, &timeline);
	assert_box(&timeline, 1, "db0/vcpu0", DOING_SPIN, 100, 150);
	assert_box(&timeline, 2, "db0/vcpu0", DOING_HOST, 150, 151);
	assert_box(&timeline, 3, "db0/vcpu0", DOING_SPIN, 151, 200);
	timeline_free(&timeline);
	trace_free(&trace);
}

static void yields_and_interrupts_connect_two_cpus(void **state)
{
	struct trace trace;
	struct timeline timeline;

	derive_text(5000, &trace, &timeline);
	assert_int_equal(timeline.nr_yields, 1);
	assert_int_equal(timeline.yields[0].from_cpu, 0);
	assert_int_equal(timeline.yields[0].to_cpu, 1);
	assert_true(timeline.yields[0].taken && timeline.yields[0].right);
	assert_int_equal(timeline.nr_flights, 1);
	assert_int_equal(timeline.flights[0].sent, 1000090000);
	assert_int_equal(timeline.flights[0].injected, 1000260000);
	assert_int_equal(timeline.flights[0].from_cpu, 0);
	assert_int_equal(timeline.flights[0].to_cpu, 1);
	timeline_free(&timeline);
	trace_free(&trace);
}

/* The CPU that a yield goes to has not done anything yet. */
static void a_cpu_that_is_only_named_is_known(void **state)
{
	struct trace trace;

	read_text("a/vcpu0 1 [000] 0.000000: oversub:yield_to: vcpu=0 target_vcpu=1 "
		  "target_comm=a/vcpu1 target_pid=2 target_cpu=7 ret=0 right_vcpu=-1\n",
		  &trace);
	assert_int_equal(trace.replay.nr_cpus, 8);
	trace_free(&trace);
}

static void numbers_that_no_kernel_has_are_nobodys(void **state)
{
	struct trace trace;
	struct timeline timeline;

	read_text("a/vcpu0 1 [000] 0.000000: oversub:yield_to: vcpu=0 target_vcpu=1 "
		  "target_comm=a/vcpu1 target_pid=2147483647 target_cpu=2147483647 ret=1\n"
		  "a/vcpu0 2147483647 [000] 0.000001: kvm:kvm_entry: vcpu 0\n",
		  &trace);
	assert_int_equal(trace.replay.nr_cpus, 1);
	assert_int_equal(trace.replay.nr_tasks, 1);
	assert_int_equal(timeline_derive(&trace, 0, 1000, 1, &timeline, NULL), OVERSUB_OK);
	assert_int_equal(timeline.nr_yields, 0);
	timeline_free(&timeline);
	trace_free(&trace);
}

/* A trace of 100 ms with yields at the given times, us. */
static void yields_at(const int64_t *us, size_t nr, struct trace *trace)
{
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	fputs("a/vcpu0 1 [000] 0.000000: kvm:kvm_entry: vcpu 0\n", stream);
	for (size_t i = 0; i < nr; i++)
		fprintf(stream,
			"a/vcpu0 1 [000] 0.%06d: oversub:yield_to: vcpu=0 target_vcpu=1 "
			"target_comm=a/vcpu1 target_pid=2 target_cpu=1 ret=1 right_vcpu=-1\n",
			(int)us[i]);
	fputs("a/vcpu0 1 [000] 0.100000: kvm:kvm_exit: vcpu 0 reason HLT\n", stream);
	fclose(stream);
	read_text(text, trace);
	free(text);
}

static void the_part_with_most_yields_is_chosen(void **state)
{
	static const int64_t us[] = {20000, 50000, 51000, 52000, 53000, 80000, 82000};
	struct trace trace;
	int64_t length = 5000000, from;

	yields_at(us, NR_OF(us), &trace);
	from = timeline_choose(&trace, &length);
	assert_true(from <= 50000000 && from + length > 53000000);
	trace_free(&trace);
}

static void a_heap_of_yields_is_no_good_part(void **state)
{
	int64_t us[600], length = 5000000, from;
	struct trace trace;

	for (int i = 0; i < 590; i++)
		us[i] = 20000 + i; /* 590 within 590 us */
	for (int i = 0; i < 10; i++)
		us[590 + i] = 60000 + 300 * i;
	yields_at(us, NR_OF(us), &trace);
	from = timeline_choose(&trace, &length);
	assert_true(from <= 60000000 && from > 55000000);
	trace_free(&trace);
}

static void dense_yields_make_the_part_short(void **state)
{
	int64_t us[1500], length = 0, from;
	struct trace trace;

	for (int i = 0; i < 1500; i++)
		us[i] = 5000 + 60 * i;
	yields_at(us, NR_OF(us), &trace);
	from = timeline_choose(&trace, &length);
	assert_true(length == 2000000);
	assert_true(from > 0 && from + length <= 100000000);
	trace_free(&trace);
}

static void a_trace_without_yields_starts_at_its_beginning(void **state)
{
	struct trace trace;
	int64_t length = 0;

	yields_at(NULL, 0, &trace);
	assert_int_equal(timeline_choose(&trace, &length), 0);
	assert_int_equal(length, 5000000);
	trace_free(&trace);
}

static void what_is_no_trace_is_refused(void **state)
{
	static const char text[] = "a,b,c\n[1] nonsense\nx 1 [0] 1.0: a:b: c\n";
	FILE *stream = fmemopen((void *)text, strlen(text), "r");
	struct trace trace;
	struct oversub_error error;

	assert_int_equal(trace_read(stream, "some.txt", 0, INT64_MAX, &trace, &error),
			 OVERSUB_BAD_INPUT);
	assert_non_null(strstr(error.message, "some.txt"));
	fclose(stream);
}

/* ---- Directories ----------------------------------------------------------------------------- */

static void directories_without_readable_results_are_refused(void **state)
{
	char directory[] = "/tmp/oversub-plot-XXXXXX", path[64];
	struct plot_options options = {.from_ns = -1};
	struct oversub_error error;
	FILE *stream;

	assert_non_null(mkdtemp(directory));
	assert_int_equal(plot_directory(directory, &options, &error), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(error.message, "neither result.json nor sweep.json"));

	snprintf(path, sizeof(path), "%s/result.json", directory);
	stream = fopen(path, "w");
	fputs("{ \"format\": 1, ", stream);
	fclose(stream);
	assert_int_equal(plot_directory(directory, &options, &error), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(error.message, path));

	options.only = "landscape";
	assert_int_equal(plot_directory(directory, &options, &error), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(error.message, "landscape"));
	remove(path);
	rmdir(directory);
	options.only = NULL;
	assert_int_equal(plot_directory(directory, &options, &error), OVERSUB_BAD_INPUT);
}

/* However they are written: more to the right is more. */
static void intervals_and_rates_of_arrivals_are_rates(void **state)
{
	char name[64];

	assert_true(axis_number(AXIS_OTHER, "5000/s") == 5000);
	assert_true(axis_number(AXIS_RATE, "5000/s") == 5000);
	assert_true(axis_number(AXIS_RATE, "5000") == 5000);
	assert_true(axis_number(AXIS_RATE, "200us") == 5000);
	assert_string_equal(axis_source("workloads.w.arrivals.net.rate", name, sizeof(name)),
			    "net");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(roles_are_found_at_the_end_of_paths),
		cmocka_unit_test(intervals_and_rates_of_arrivals_are_rates),
		cmocka_unit_test(all_interrupt_hardware_hides_eois),
		cmocka_unit_test(a_series_is_a_pair_of_policies_and_x_the_number_of_vms),
		cmocka_unit_test(two_counts_are_told_apart_by_their_vms),
		cmocka_unit_test(a_wide_axis_is_logarithmic_and_has_a_place_for_zero),
		cmocka_unit_test(v3_without_its_relaxed_pass_has_the_colour_of_v3_strict),
		cmocka_unit_test(a_missing_point_is_no_series),
		cmocka_unit_test(a_series_is_compared_with_mainline_under_its_own_conditions),
		cmocka_unit_test(without_another_axis_all_series_have_one_base),
		cmocka_unit_test(a_parameter_that_the_base_lacks_does_not_part_it_from_others),
		cmocka_unit_test(a_policy_of_the_host_without_the_parameter_is_one_series),
		cmocka_unit_test(a_change_is_paired_and_relative_to_the_base),
		cmocka_unit_test(a_percentile_is_drawn_as_the_result_has_it),
		cmocka_unit_test(a_share_is_taken_replication_by_replication),
		cmocka_unit_test(units_fit_the_largest_value),
		cmocka_unit_test(boxes_say_who_worked_spun_and_was_in_the_host),
		cmocka_unit_test(who_yields_is_not_preempted),
		cmocka_unit_test(a_fine_resolution_shows_the_exit_between_two_spins),
		cmocka_unit_test(yields_and_interrupts_connect_two_cpus),
		cmocka_unit_test(a_cpu_that_is_only_named_is_known),
		cmocka_unit_test(numbers_that_no_kernel_has_are_nobodys),
		cmocka_unit_test(the_part_with_most_yields_is_chosen),
		cmocka_unit_test(a_heap_of_yields_is_no_good_part),
		cmocka_unit_test(dense_yields_make_the_part_short),
		cmocka_unit_test(a_trace_without_yields_starts_at_its_beginning),
		cmocka_unit_test(what_is_no_trace_is_refused),
		cmocka_unit_test(directories_without_readable_results_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
