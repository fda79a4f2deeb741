/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/validation/observe.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/host/host.h"
#include "sim/base/container_of.h"
#include "sim/trace/trace.h"
#include "tests/validation/observe_costs.h"

#define MILLISECOND INT64_C(1000000)
#define NAME_SIZE   96

/* What is known of one thread class. */
struct observed_class {
	struct sim_histogram runs, waits;
	uint64_t run_ticks[OBSERVE_TICKS]; /* runs by their length in ticks, rounded */
	uint64_t picks, lru_picks;
};

struct observed_thread {
	int class;
	int cpu;	  /* where it ran last, -1 before */
	int64_t on_since; /* ns; -1 = off its CPU, or not seen going there */
	int64_t off_at;	  /* ns; when it last left a CPU */
	int64_t woken_at; /* ns; -1 = has run since */
	int64_t cpu_time; /* ns, of complete runs */
};

struct observer {
	struct trace_sink sink;
	int64_t tick_ns;
	struct observed_class *classes;
	struct observed_thread *threads; /* by pid - 1: pids are given in this order */
	int nr_threads;
};

/* ---- Records ------------------------------------------------------------------------------ */

static struct observed_thread *thread_of_pid(struct observer *observer, int64_t pid)
{
	return pid > 0 && pid <= observer->nr_threads ? &observer->threads[pid - 1] : NULL;
}

static void leaves(struct observer *observer, struct observed_thread *thread, int64_t now)
{
	struct observed_class *class = &observer->classes[thread->class];
	int64_t run = now - thread->on_since;
	int64_t ticks = (run + observer->tick_ns / 2) / observer->tick_ns;

	thread->off_at = now;
	if (thread->on_since < 0)
		return;
	thread->on_since = -1;
	thread->cpu_time += run;
	sim_histogram_record(&class->runs, run);
	class->run_ticks[ticks < OBSERVE_TICKS ? ticks : OBSERVE_TICKS - 1]++;
}

/* Has any other thread been off this CPU for longer than thread? */
static bool is_least_recent(const struct observer *observer, const struct observed_thread *thread)
{
	/* Nobody asks for the order of more, and looking for it takes its time. */
	for (int i = 0; i < observer->nr_threads && observer->nr_threads <= 16; i++) {
		const struct observed_thread *other = &observer->threads[i];

		if (other != thread && other->cpu == thread->cpu && other->off_at < thread->off_at)
			return false;
	}
	return true;
}

static void arrives(struct observer *observer, struct observed_thread *thread, int cpu, int64_t now)
{
	struct observed_class *class = &observer->classes[thread->class];

	if (thread->cpu == cpu) {
		class->picks++;
		class->lru_picks += is_least_recent(observer, thread);
	}
	thread->cpu = cpu;
	thread->on_since = now;
	if (thread->woken_at >= 0)
		sim_histogram_record(&class->waits, now - thread->woken_at);
	thread->woken_at = -1;
}

static void observe(struct trace_sink *sink, const struct trace_record *record)
{
	struct observer *observer = container_of(sink, struct observer, sink);
	struct observed_thread *thread;

	if (record->kind == TRACE_sched_wakeup) {
		thread = thread_of_pid(observer, record->sched_wakeup.pid);
		if (thread)
			thread->woken_at = record->time;
		return;
	}
	if (record->kind != TRACE_sched_switch)
		return;
	/* The next one first: the one that leaves has run more recently. */
	thread = thread_of_pid(observer, record->sched_switch.next_pid);
	if (thread) {
		struct observed_thread *previous = thread_of_pid(observer, record->pid);

		if (previous)
			previous->off_at = record->time;
		arrives(observer, thread, record->cpu, record->time);
	}
	thread = thread_of_pid(observer, record->pid);
	if (thread)
		leaves(observer, thread, record->time);
}

/* ---- Metrics ------------------------------------------------------------------------------ */

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : NAN;
}

/* Fraction of the values that are above limit (ns), to within one bucket. NAN if there are none. */
static double histogram_over(const struct sim_histogram *histogram, int64_t limit)
{
	struct sim_histogram_bucket bucket = SIM_HISTOGRAM_BEGIN;
	uint64_t over = 0;

	while (sim_histogram_next(histogram, &bucket))
		if (bucket.low > limit)
			over += bucket.count;
	return ratio((double)over, (double)histogram->count);
}

static void add(struct replication_result *result, const char *class, const char *name,
		const char *unit, double value)
{
	char full[NAME_SIZE];

	snprintf(full, sizeof(full), "%.60s.%s", class, name);
	result_add(result, "observed", full, unit, value);
}

static void add_shares(struct replication_result *result, const struct observer *observer,
		       int class_index, const char *name)
{
	double total = 0, all = 0, least = INFINITY, most = 0;

	for (int i = 0; i < observer->nr_threads; i++) {
		const struct observed_thread *thread = &observer->threads[i];
		double time = (double)thread->cpu_time;

		total += time;
		if (thread->class != class_index)
			continue;
		all += time;
		least = fmin(least, time);
		most = fmax(most, time);
	}
	add(result, name, "share", "fraction", ratio(all, total));
	add(result, name, "share_min", "fraction", ratio(least, total));
	add(result, name, "share_max", "fraction", ratio(most, total));
}

static void add_class(struct replication_result *result, const struct observed_class *class,
		      const char *name)
{
	double runs = (double)class->runs.count;
	bool any = class->waits.count > 0;

	add(result, name, "run_mean", "ns", runs > 0 ? sim_histogram_mean(&class->runs) : NAN);
	add(result, name, "run_p50", "ns",
	    runs > 0 ? (double)sim_histogram_percentile(&class->runs, 50) : NAN);
	for (int i = 0; i < OBSERVE_TICKS; i++) {
		char ticks[32];

		snprintf(ticks, sizeof(ticks), "run_ticks_%d", i);
		add(result, name, ticks, "fraction", ratio((double)class->run_ticks[i], runs));
	}
	add(result, name, "wait_p50", "ns",
	    any ? (double)sim_histogram_percentile(&class->waits, 50) : NAN);
	add(result, name, "wait_over_1ms", "fraction", histogram_over(&class->waits, MILLISECOND));
	add(result, name, "pick_lru", "fraction",
	    ratio((double)class->lru_picks, (double)class->picks));
}

static double value_of(const struct replication_result *result, const char *scope, const char *name)
{
	const struct result_metric *metric = result_find(result, scope, name);

	return metric ? metric->value : NAN;
}

/* Requests a second that took more than 1 ms. */
static void add_stalls(struct replication_result *result, const char *request)
{
	char name[NAME_SIZE];
	double rate;

	snprintf(name, sizeof(name), "request.%.60s", request);
	for (size_t i = 0; i < result->nr_histograms; i++) {
		const struct result_histogram *found = &result->histograms[i];

		if (strcmp(found->scope, "host_threads") || strcmp(found->name, name))
			continue;
		snprintf(name, sizeof(name), "request.%.60s.count_per_s", request);
		rate = value_of(result, "host_threads", name);
		add(result, request, "over_1ms_per_s", "1/s",
		    rate * histogram_over(&found->histogram, MILLISECOND));
		return;
	}
}

static void add_metrics(struct replication_result *result, const struct observer *observer,
			const struct workload *workload)
{
	double off_cpu = value_of(result, "host_threads", "time.steal") +
			 value_of(result, "host_threads", "time.sleep");

	for (int i = 0; i < workload->nr_classes; i++) {
		add_shares(result, observer, i, workload->classes[i].name);
		add_class(result, &observer->classes[i], workload->classes[i].name);
	}
	for (int i = 0; i < workload->nr_requests; i++)
		add_stalls(result, workload->requests[i]);
	result_add(result, "observed", "spin", "fraction",
		   ratio(value_of(result, "host_threads", "time.spin"), 1 - off_cpu));
}

/* ---- Running ------------------------------------------------------------------------------ */

/*
 * A program starts whenever it likes, so its timers have phases of their own against the tick. They
 * are spread evenly over the replications: steps of the golden ratio never come close to each
 * other.
 */
#define PHASE_STEP 0.6180339887498949

/* The ops of class, with timers shifted, into ops. */
static void shift_timers(const struct workload_thread_class *class, uint32_t replication,
			 struct op *ops)
{
	double phase = fmod(replication * PHASE_STEP, 1);

	for (int i = 0; i < class->nr_ops; i++) {
		ops[i] = class->ops[i];
		if (ops[i].kind == OP_TIMER)
			ops[i].phase_ns += (int64_t)(phase * (double)ops[i].period_ns);
	}
}

/* Run scenario with shifted timers. */
static enum oversub_status run_shifted(const struct scenario *scenario, uint32_t replication,
				       const struct world_options *options,
				       struct replication_result *result,
				       struct oversub_error *error)
{
	struct workload workload = *scenario->host_workload;
	struct scenario shifted = *scenario;
	enum oversub_status status;
	struct op *ops;
	size_t nr_ops = 0, nr_classes = (size_t)workload.nr_classes;

	for (int i = 0; i < workload.nr_classes; i++)
		nr_ops += (size_t)workload.classes[i].nr_ops;
	workload.classes = calloc(nr_classes + 1, sizeof(*workload.classes));
	ops = calloc(nr_ops + 1, sizeof(*ops));
	if (workload.classes && ops) {
		struct op *next = ops;

		for (int i = 0; i < workload.nr_classes; i++) {
			workload.classes[i] = scenario->host_workload->classes[i];
			shift_timers(&workload.classes[i], replication, next);
			workload.classes[i].ops = next;
			next += workload.classes[i].nr_ops;
		}
		shifted.host_workload = &workload;
		status = world_run(&shifted, replication, options, result, error);
	} else {
		status = oversub_fail(error, OVERSUB_FAILED, "out of memory");
	}
	free(workload.classes);
	free(ops);
	return status;
}

static bool observer_init(struct observer *observer, const struct scenario *scenario)
{
	const struct workload *workload = scenario->host_workload;
	struct observed_thread *thread;

	observer->sink.write = observe;
	observer->tick_ns = 1000 * MILLISECOND / host_config_hz(&scenario->host);
	observer->nr_threads = workload_nr_threads(workload, 0);
	observer->threads = calloc((size_t)observer->nr_threads, sizeof(*observer->threads));
	observer->classes = calloc((size_t)workload->nr_classes, sizeof(*observer->classes));
	if (!observer->threads || !observer->classes)
		return false;
	thread = observer->threads;
	for (int i = 0; i < workload->nr_classes; i++) {
		sim_histogram_reset(&observer->classes[i].runs);
		sim_histogram_reset(&observer->classes[i].waits);
		for (int n = 0; n < workload->classes[i].count; n++)
			*thread++ = (struct observed_thread){
				.class = i, .cpu = -1, .on_since = -1, .woken_at = -1};
	}
	return true;
}

enum oversub_status observe_run(const struct scenario *scenario, uint32_t replication,
				const struct world_options *options,
				struct replication_result *result, struct oversub_error *error)
{
	struct observer observer = {.nr_threads = 0};
	struct world_options traced = *options;
	enum oversub_status status;

	if (scenario->nr_vms)
		return observe_costs_run(scenario, replication, options, result, error);
	memset(result, 0, sizeof(*result));
	if (observer_init(&observer, scenario)) {
		traced.trace = &observer.sink;
		status = run_shifted(scenario, replication, &traced, result, error);
	} else {
		status = oversub_fail(error, OVERSUB_FAILED, "out of memory");
	}
	if (status == OVERSUB_OK)
		add_metrics(result, &observer, scenario->host_workload);
	free(observer.threads);
	free(observer.classes);
	return status;
}
