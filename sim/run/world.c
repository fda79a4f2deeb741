/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A replication: start, warm-up, measured window, and what is looked at on the way. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gsl/gsl_randist.h>

#include "sim/run/world_internal.h"

/* How often a run is looked at from outside: progress, cancelling, stacking samples, hangs. */
#define SLICE_NS (10 * 1000 * 1000)

static void shuffle(const struct world *world, uint32_t replication, struct host_task **tasks,
		    size_t n)
{
	struct sim_stream stream;

	sim_stream_init(&stream, world->scenario->run.seed, replication, "host", "start order");
	gsl_ran_shuffle(sim_stream_rng(&stream), tasks, n, sizeof(struct host_task *));
}

/* It is started while the others run. */
static bool is_late(const struct world_vm *vm)
{
	return vm->kvm.start_ns > 0;
}

/*
 * The order decides who meets whom: the kernel's balancer is blind to VMs, so a long-running host
 * looks like a shuffled one.
 */
static bool start_vcpus(struct world *world, uint32_t replication)
{
	size_t n = 0, nr_vcpus = (size_t)scenario_nr_vcpus(world->scenario);
	struct host_task **tasks = calloc(nr_vcpus + 1, sizeof(struct host_task *));
	bool ok = tasks;

	for (int i = 0; ok && i < world->nr_vms; i++)
		for (int v = 0; !is_late(&world->vms[i]) && v < world->vms[i].kvm.nr_vcpus; v++)
			tasks[n++] = &world->vms[i].kvm.vcpus[v].task;
	if (n > 0 && world->host.config.start_order == HOST_START_SHUFFLED)
		shuffle(world, replication, tasks, n);
	if (ok && world->host.config.start == HOST_START_SETTLED)
		ok = host_settle_begin(&world->host, tasks, n);
	else
		for (size_t i = 0; i < n; i++)
			host_task_start(tasks[i]);
	free(tasks);
	return ok;
}

static enum oversub_status start(struct world *world, uint32_t replication,
				 struct oversub_error *error)
{
	for (int i = 0; i < world->nr_vms; i++) {
		struct world_vm *vm = &world->vms[i];

		if (is_late(vm))
			sim_schedule(&world->engine, &vm->start, vm->kvm.start_ns);
		else
			guest_start(&vm->guest);
	}
	host_cosched_start(&world->host);
	if (!start_vcpus(world, replication))
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	for (int i = 0; i < world->nr_vms; i++)
		if (!is_late(&world->vms[i]))
			kvm_vm_start_io(&world->vms[i].kvm);
	if (world->has_threads)
		host_threads_start(&world->threads);
	if (world->host.config.start == HOST_START_SETTLED)
		host_settle_end(&world->host);
	return OVERSUB_OK;
}

/* The end of the warm-up: everything is counted from here on. */
static void begin_measuring(struct world *world)
{
	int64_t now = sim_now(&world->engine), length = world->scenario->run.measure_ns;

	host_reset_stats(&world->host);
	for (int i = 0; i < world->nr_vms; i++) {
		kvm_vm_reset_stats(&world->vms[i].kvm);
		guest_reset_stats(&world->vms[i].guest);
		workload_instance_begin_window(&world->vms[i].guest.instance, now, length);
	}
	if (world->has_threads) {
		host_threads_reset_stats(&world->threads);
		workload_instance_begin_window(&world->threads.instance, now, length);
	}
	memset(&world->stats, 0, sizeof(world->stats));
	world->measure_start = sim_now(&world->engine);
	world->host.trace = world->trace;
}

static uint64_t pairs_of(uint64_t n)
{
	return n ? n * (n - 1) / 2 : 0;
}

/*
 * Does another vCPU of its VM sit on the same run queue? Counts per CPU, and leaves them zeroed, by
 * way of the vCPUs: a VM knows few of the CPUs of a large host.
 */
static void sample_stacking(struct world *world)
{
	int *on_cpu = world->scratch;

	for (int i = 0; i < world->nr_vms; i++) {
		const struct kvm_vm *vm = &world->vms[i].kvm;
		uint64_t runnable = 0;

		for (int v = 0; v < vm->nr_vcpus; v++) {
			const struct host_task *task = &vm->vcpus[v].task;

			if (task->state != TASK_RUNNING)
				continue;
			/* It makes a pair with each sibling that was counted there before. */
			world->stats.stacked_pairs += (uint64_t)on_cpu[task->cpu->index]++;
			runnable++;
		}
		world->stats.runnable += runnable;
		world->stats.pairs += pairs_of(runnable);
		for (int v = 0; v < vm->nr_vcpus; v++) {
			int *n = &on_cpu[vm->vcpus[v].task.cpu->index];

			world->stats.stacked += *n > 1 ? (uint64_t)*n : 0;
			*n = 0;
		}
	}
}

/* What a program does wrong while it runs is a failure of the run: its text was accepted. */
static enum oversub_status check_models(const struct world *world, struct oversub_error *error)
{
	for (int i = 0; i < world->nr_vms; i++) {
		const struct guest *guest = &world->vms[i].guest;

		if (guest->status != OVERSUB_OK)
			return oversub_fail(error, OVERSUB_FAILED, "VM %s: %s", world->vms[i].name,
					    guest->error.message);
	}
	if (world->has_threads && world->threads.status != OVERSUB_OK)
		return oversub_fail(error, OVERSUB_FAILED, "host threads: %s",
				    world->threads.error.message);
	return OVERSUB_OK;
}

static void nothing(struct sim_engine *engine, struct sim_event *event)
{
}

/* Every program has ended and no timer is left: the rest of the run is silence. */
static void let_time_pass(struct world *world, int64_t until)
{
	struct sim_event event;

	sim_event_init(&event, SIM_RANK_CONTROL, 0, nothing);
	sim_schedule(&world->engine, &event, until);
	sim_run(&world->engine, until);
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/*
 * Run a slice, with a stop at each end of a slice of the series, and looking at what must be true
 * now and then if that is wanted.
 */
static enum oversub_status run_slice(struct world *world, int64_t end,
				     const struct world_options *options, enum sim_stop *stop,
				     struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;

	do {
		int64_t next = earlier(end, series_next(&world->series));

		if (options->check_invariants)
			next = earlier(next, sim_now(&world->engine) + WORLD_CHECK_NS);
		*stop = sim_run(&world->engine, next);
		if (sim_now(&world->engine) >= series_next(&world->series))
			series_sample(&world->series, world);
		if (options->check_invariants)
			status = world_check_invariants(world, error);
	} while (status == OVERSUB_OK && *stop == SIM_REACHED_UNTIL &&
		 sim_now(&world->engine) < end);
	return status;
}

static enum oversub_status run_until(struct world *world, int64_t until,
				     const struct world_options *options,
				     struct oversub_error *error)
{
	while (sim_now(&world->engine) < until) {
		int64_t before = sim_now(&world->engine);
		int64_t slice_end = before + SLICE_NS < until ? before + SLICE_NS : until;
		enum sim_stop stop;
		enum oversub_status status = run_slice(world, slice_end, options, &stop, error);

		if (status == OVERSUB_OK)
			status = check_models(world, error);
		if (status != OVERSUB_OK)
			return status;
		if (stop == SIM_ZERO_TIME_LOOP)
			return oversub_fail(error, OVERSUB_FAILED,
					    "zero-time loop: events go on for ever at %.9f s of "
					    "simulated time",
					    (double)sim_now(&world->engine) / 1e9);
		if (stop == SIM_NO_EVENTS) {
			status = world_report_standstill(world, error);
			if (status != OVERSUB_OK)
				return status;
			let_time_pass(world, until);
		}
		sample_stacking(world);
		status = world_report_deadlock(world, error);
		if (status != OVERSUB_OK)
			return status;
		if (options->progress)
			atomic_fetch_add(options->progress, sim_now(&world->engine) - before);
		if (options->cancel && atomic_load(options->cancel))
			return oversub_fail(error, OVERSUB_FAILED, "interrupted");
	}
	return OVERSUB_OK;
}

/* Bring all that is counted over time up to now. */
static void account(struct world *world)
{
	int64_t now = sim_now(&world->engine);

	host_account(&world->host);
	for (int i = 0; i < world->nr_vms; i++) {
		kvm_vm_account(&world->vms[i].kvm);
		workload_instance_account(&world->vms[i].guest.instance, now);
	}
	if (world->has_threads) {
		host_threads_account(&world->threads);
		workload_instance_account(&world->threads.instance, now);
	}
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static enum oversub_status run(struct world *world, uint32_t replication,
			       const struct world_options *options, struct oversub_error *error)
{
	const struct run_config *config = &world->scenario->run;
	enum oversub_status status;

	world->scratch = calloc((size_t)world->host.nr_cpus, sizeof(*world->scratch));
	if (!world->scratch)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	if (options->trace_warmup)
		world->host.trace = world->trace;
	status = start(world, replication, error);
	if (status != OVERSUB_OK)
		return status;
	status = run_until(world, config->warmup_ns, options, error);
	if (status != OVERSUB_OK)
		return status;
	begin_measuring(world);
	if (!series_begin(&world->series, world, config->measure_ns))
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	status = run_until(world, config->warmup_ns + config->measure_ns, options, error);
	if (status != OVERSUB_OK)
		return status;
	series_sample(&world->series, world); /* what is left if nothing happens any more */
	account(world);
	return world_check_accounts(world, error);
}

enum oversub_status world_run(const struct scenario *scenario, uint32_t replication,
			      const struct world_options *options,
			      struct replication_result *result, struct oversub_error *error)
{
	static const struct world_options nothing_special = {0};
	struct world *world = malloc(sizeof(*world));
	double begin = seconds();
	enum oversub_status status;

	memset(result, 0, sizeof(*result));
	if (!world)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	if (!options)
		options = &nothing_special;
	status = world_init(world, scenario, replication, options->trace, error);
	if (status == OVERSUB_OK)
		status = run(world, replication, options, error);
	if (status == OVERSUB_OK)
		status = world_collect(world, result, error);
	result->wall_s = seconds() - begin;
	free(world->scratch);
	series_fini(&world->series);
	world_fini(world);
	free(world);
	if (status != OVERSUB_OK)
		result_free(result);
	return status;
}
