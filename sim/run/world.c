/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/world_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gsl/gsl_randist.h>

/* How often a run is looked at from outside: progress, cancelling, stacking samples, hangs. */
#define SLICE_NS (10 * 1000 * 1000)

/* ---- Building ------------------------------------------------------------------------------- */

/* What the threads of a VM without a workload do. */
static const struct workload idle_workload = {.name = (char *)"idle"};

static enum oversub_status init_vm(struct world *world, const struct scenario_vm *class,
				   int class_index, int number, uint32_t replication,
				   struct oversub_error *error)
{
	const struct scenario *scenario = world->scenario;
	struct world_vm *vm = &world->vms[world->nr_vms];
	struct kvm_vm_params params = {
		.name = vm->name,
		.index = world->nr_vms,
		.nr_vcpus = (int)class->size.vcpus,
		.cpu_weight = class->size.cpu_weight,
		.cpu_max = class->cpu_max,
		.cgroup = host_cgroup(&world->host, class->cgroup),
		.cpus = class->cpus,
		.policy = scenario->candidate,
		.policy_params = scenario->candidate_params,
		.window = scenario->window,
		.window_params = scenario->window_params,
		.guest_ops = &guest_vcpu_ops,
	};
	enum oversub_status status;

	snprintf(vm->name, sizeof(vm->name), "%.40s%d", class->name, number);
	vm->class = class;
	vm->class_index = class_index;
	status = kvm_vm_init(&vm->kvm, &world->host, &class->kvm, &params, error);
	if (status != OVERSUB_OK)
		return status;
	status =
		guest_init(&vm->guest, &vm->kvm, class->workload ? class->workload : &idle_workload,
			   &class->guest, scenario->run.seed, replication, error);
	if (status != OVERSUB_OK) {
		kvm_vm_fini(&vm->kvm);
		return status;
	}
	world->nr_vms++;
	return OVERSUB_OK;
}

static enum oversub_status init_vms(struct world *world, uint32_t replication,
				    struct oversub_error *error)
{
	const struct scenario *scenario = world->scenario;

	world->vms = calloc((size_t)scenario_nr_vms(scenario) + 1, sizeof(*world->vms));
	if (!world->vms)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for the VMs");
	for (int class = 0; class < scenario->nr_vms; class ++) {
		for (int i = 0; i < scenario->vms[class].size.count; i++) {
			enum oversub_status status =
				init_vm(world, &scenario->vms[class], class, i, replication, error);

			if (status != OVERSUB_OK)
				return status;
		}
	}
	return OVERSUB_OK;
}

struct world_vm *world_class(const struct world *world, int class_index, int *nr)
{
	int64_t first = 0;

	for (int i = 0; i < class_index; i++)
		first += world->scenario->vms[i].size.count;
	*nr = (int)world->scenario->vms[class_index].size.count;
	return &world->vms[first];
}

/* The emulator threads of a class take turns to belong to its VMs. */
static struct eevdf_group *emulator_group(void *context, int vm_class, int number)
{
	int nr;
	const struct world_vm *vms = world_class(context, vm_class - 1, &nr);

	return nr ? vms[number % nr].kvm.emulator : NULL;
}

static enum oversub_status init_threads(struct world *world, uint32_t replication,
					struct oversub_error *error)
{
	const struct host_emulators emulators = {emulator_group, world};
	const struct scenario *scenario = world->scenario;
	enum oversub_status status;

	if (!scenario->host_workload)
		return OVERSUB_OK;
	status = host_threads_init(&world->threads, &world->host, &scenario->host_threads,
				   scenario->host_workload, &emulators, scenario->run.seed,
				   replication, error);
	world->has_threads = status == OVERSUB_OK;
	return status;
}

static void world_fini(struct world *world)
{
	/* Guests take their events out of lists with events of the others. */
	for (int i = 0; i < world->nr_vms; i++)
		guest_fini(&world->vms[i].guest);
	for (int i = 0; i < world->nr_vms; i++)
		kvm_vm_fini(&world->vms[i].kvm);
	if (world->has_threads)
		host_threads_fini(&world->threads);
	free(world->vms);
	if (world->has_host)
		host_fini(&world->host);
	sim_engine_fini(&world->engine);
}

static enum oversub_status world_init(struct world *world, const struct scenario *scenario,
				      uint32_t replication, struct trace_sink *trace,
				      struct oversub_error *error)
{
	enum oversub_status status;

	memset(world, 0, sizeof(*world));
	world->scenario = scenario;
	world->trace = trace;
	sim_engine_init(&world->engine, 0);
	status = host_init(&world->host, &world->engine, &scenario->host, scenario->sched,
			   scenario->sched_params, scenario->run.seed, replication, error);
	if (status != OVERSUB_OK)
		return status;
	world->has_host = true;
	status =
		host_cosched_init(&world->host, scenario->cosched, scenario->cosched_params, error);
	if (status != OVERSUB_OK)
		return status;
	if (!host_make_cgroups(&world->host, scenario->cgroups, scenario->nr_cgroups))
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for cgroups");
	status = init_vms(world, replication, error);
	if (status == OVERSUB_OK)
		status = init_threads(world, replication, error);
	return status;
}

/* ---- Running -------------------------------------------------------------------------------- */

static void shuffle(const struct world *world, uint32_t replication, struct host_task **tasks,
		    size_t n)
{
	struct sim_stream stream;

	sim_stream_init(&stream, world->scenario->run.seed, replication, "host", "start order");
	gsl_ran_shuffle(sim_stream_rng(&stream), tasks, n, sizeof(struct host_task *));
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
		for (int v = 0; v < world->vms[i].kvm.nr_vcpus; v++)
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
	for (int i = 0; i < world->nr_vms; i++)
		guest_start(&world->vms[i].guest);
	host_cosched_start(&world->host);
	if (!start_vcpus(world, replication))
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
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
	bool check = options && options->check_invariants;
	enum oversub_status status = OVERSUB_OK;

	do {
		int64_t next = earlier(end, series_next(&world->series));

		if (check)
			next = earlier(next, sim_now(&world->engine) + WORLD_CHECK_NS);
		*stop = sim_run(&world->engine, next);
		if (sim_now(&world->engine) >= series_next(&world->series))
			series_sample(&world->series, world);
		if (check)
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
		if (options && options->progress)
			atomic_fetch_add(options->progress, sim_now(&world->engine) - before);
		if (options && options->cancel && atomic_load(options->cancel))
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
	if (options && options->trace_warmup)
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
	struct world *world = malloc(sizeof(*world));
	double begin = seconds();
	enum oversub_status status;

	memset(result, 0, sizeof(*result));
	if (!world)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	status = world_init(world, scenario, replication, options ? options->trace : NULL, error);
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
