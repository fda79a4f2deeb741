/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Flexible micro-sliced cores: a few CPUs, the pool, run nothing but vCPUs that others wait for,
 * for one short slice each, and then send them back to where they came from. At a pause-loop exit,
 * siblings without a CPU whose instruction pointer is in a critical function of the guest kernel go
 * there, and so does the receiver of an IPI that has no CPU. The size of the pool is found anew in
 * each epoch: every size is tried for a while, and the smallest one that is nearly as good as the
 * best, by the number of pause-loop exits, is kept.
 *
 * A short profile can be mistaken: how often a spinning vCPU exits depends on how far its window
 * has grown. On the other CPUs slices are those of the host's scheduler. Source: Ahn, Park, Heo and
 * Huh, "Accelerating critical OS services in virtualized systems with flexible micro-sliced cores",
 * EuroSys 2018; the values are ours.
 */
#include "builtin.h"

#define MAX_POOL 1024

struct usliced_params {
	int64_t micro_slice;
	int64_t max_micro;
	int64_t epoch, profile;
	int64_t migrate_cost;
};

/* Private bytes of the host. */
struct usliced_host {
	int pool;      /* CPUs in it: the last ones */
	int trying;    /* size that is being tried; -1: it has been found */
	int64_t exits; /* pause-loop exits since this size was set */
	int64_t exits_of[MAX_POOL + 1];
	int64_t epoch_end; /* ns */
};

/* Private bytes of a vCPU. */
struct usliced_vcpu {
	struct pcpu
		*home; /* where it goes after its micro slice; NULL: it is no guest of the pool */
};

static const struct oversub_param params[] = {
	OVERSUB_DURATION(struct usliced_params, micro_slice, 100000, 1000, 100000000,
			 "how long a vCPU may stay in the pool"),
	OVERSUB_INT(struct usliced_params, max_micro, "CPUs", 0, 0, MAX_POOL,
		    "largest pool; 0 means a quarter of the CPUs"),
	OVERSUB_DURATION(struct usliced_params, epoch, 1000000000, 1000000, 1000000000000,
			 "how often the size of the pool is looked for"),
	OVERSUB_DURATION(struct usliced_params, profile, 10000000, 0, 1000000000000,
			 "how long each size is tried; 0: the pool always has its largest size"),
	OVERSUB_DURATION(struct usliced_params, migrate_cost, 2000, 0, 10000000,
			 "cache refill for each way, to the pool and back"),
	OVERSUB_PARAM_END,
};

static struct usliced_host *state_of_host(const struct host *host)
{
	return oversub_cosched_host_private(host);
}

static struct usliced_vcpu *state_of(const struct host_task *vcpu)
{
	return oversub_cosched_vcpu_private(vcpu);
}

static bool in_pool(const struct host *host, const struct pcpu *cpu)
{
	return oversub_cosched_cpu_index(cpu) >=
	       oversub_cosched_nr_cpus(host) - state_of_host(host)->pool;
}

/* The least loaded CPU that vcpu may use, in the pool or outside; NULL: there is none. */
static struct pcpu *least_loaded(const struct host_task *vcpu, bool pool)
{
	const struct host *host = oversub_cosched_host_of(vcpu);
	struct pcpu *best = NULL;

	for (int i = 0; i < oversub_cosched_nr_cpus(host); i++) {
		struct pcpu *cpu = oversub_cosched_cpu(host, i);

		if (in_pool(host, cpu) != pool || !oversub_cosched_allowed(vcpu, cpu))
			continue;
		if (!best || oversub_cosched_nr_queued(cpu) < oversub_cosched_nr_queued(best))
			best = cpu;
	}
	return best;
}

/* ---- There and back ----------------------------------------------------------------------- */

static void move(struct host_task *vcpu, struct pcpu *to)
{
	const struct usliced_params *p = oversub_cosched_params(oversub_cosched_host_of(vcpu));

	if (oversub_cosched_migrate(vcpu, to))
		oversub_cosched_add_refill(vcpu, p->migrate_cost);
}

static void accelerate(struct host_task *vcpu)
{
	const struct host *host = oversub_cosched_host_of(vcpu);
	const struct usliced_params *p = oversub_cosched_params(host);
	struct pcpu *from = oversub_cosched_cpu_of(vcpu);
	struct pcpu *to;

	if (!state_of_host(host)->pool || in_pool(host, from))
		return;
	to = least_loaded(vcpu, true);
	if (!to)
		return;
	move(vcpu, to);
	if (oversub_cosched_cpu_of(vcpu) != to)
		return;
	state_of(vcpu)->home = from;
	oversub_cosched_run_next(vcpu, p->micro_slice);
}

/* vcpu is awake, and in the pool without being meant to be: its home may have become part of it. */
static void send_home(struct host_task *vcpu)
{
	const struct host *host = oversub_cosched_host_of(vcpu);
	struct pcpu *home = state_of(vcpu)->home;

	state_of(vcpu)->home = NULL;
	if (!home || in_pool(host, home))
		home = least_loaded(vcpu, false);
	if (home)
		move(vcpu, home);
}

static void slice_over(struct pcpu *cpu, struct host_task *task)
{
	if (oversub_cosched_vm_of(task) >= 0 && in_pool(oversub_cosched_host_of_cpu(cpu), cpu))
		send_home(task);
}

/* One that gave way early. */
static void switched(struct pcpu *cpu, struct host_task *prev, struct host_task *next)
{
	if (prev && oversub_cosched_vm_of(prev) >= 0 && oversub_cosched_runnable(prev) &&
	    oversub_cosched_cpu_of(prev) == cpu && in_pool(oversub_cosched_host_of_cpu(cpu), cpu))
		send_home(prev);
}

/* It was not dequeued when it slept in the pool. */
static void wake(struct host_task *vcpu)
{
	if (in_pool(oversub_cosched_host_of(vcpu), oversub_cosched_cpu_of(vcpu)))
		send_home(vcpu);
}

static struct pcpu *place(struct host_task *vcpu, struct pcpu *proposed)
{
	const struct host *host = oversub_cosched_host_of(vcpu);
	struct pcpu *home = state_of(vcpu)->home;

	state_of(vcpu)->home = NULL;
	if (!in_pool(host, proposed))
		return proposed;
	return home && !in_pool(host, home) ? home : least_loaded(vcpu, false);
}

static bool may_move(const struct host_task *vcpu, const struct pcpu *to)
{
	const struct host *host = oversub_cosched_host_of(vcpu);

	return !in_pool(host, to) && !in_pool(host, oversub_cosched_cpu_of(vcpu));
}

/* Whoever runs in the pool does so for a micro slice. */
static struct host_task *pick(struct pcpu *cpu, struct host_task *proposed, int64_t *slice_ns)
{
	const struct host *host = oversub_cosched_host_of_cpu(cpu);
	const struct usliced_params *p = oversub_cosched_params(host);

	if (in_pool(host, cpu))
		*slice_ns = p->micro_slice;
	return proposed;
}

/* ---- Who is waited for -------------------------------------------------------------------- */

static void on_pause(struct host_task *vcpu)
{
	const struct host *host = oversub_cosched_host_of(vcpu);
	int vm = oversub_cosched_vm_of(vcpu);

	state_of_host(host)->exits++;
	for (int i = 0; i < oversub_cosched_nr_vcpus(host, vm); i++) {
		struct host_task *sibling = oversub_cosched_vcpu(host, vm, i);

		if (oversub_cosched_runnable(sibling) && !oversub_cosched_on_cpu(sibling) &&
		    oversub_cosched_critical(sibling))
			accelerate(sibling);
	}
}

static void on_ipi(const struct oversub_cosched_ipi *ipi)
{
	if (ipi->state == OVERSUB_TARGET_PREEMPTED)
		accelerate(ipi->target);
}

/* ---- The size of the pool ----------------------------------------------------------------- */

static int largest_pool(const struct host *host)
{
	const struct usliced_params *p = oversub_cosched_params(host);
	int nr_cpus = oversub_cosched_nr_cpus(host);
	int64_t largest = p->max_micro ? p->max_micro : nr_cpus / 4;

	if (largest > MAX_POOL)
		largest = MAX_POOL;
	return largest < nr_cpus ? (int)largest : nr_cpus - 1;
}

/* Those that are on CPUs which have become part of the pool have to leave. */
static void evacuate(const struct host *host, int vm)
{
	for (int i = 0; i < oversub_cosched_nr_vcpus(host, vm); i++) {
		struct host_task *vcpu = oversub_cosched_vcpu(host, vm, i);

		if (!in_pool(host, oversub_cosched_cpu_of(vcpu)))
			state_of(vcpu)->home = NULL;
		else if (oversub_cosched_runnable(vcpu) && !state_of(vcpu)->home)
			send_home(vcpu);
	}
}

/* Some of those that wait on the others move to CPUs that have left the pool. */
static void fill(const struct host *host, int vm)
{
	for (int i = 0; i < oversub_cosched_nr_vcpus(host, vm); i++) {
		struct host_task *vcpu = oversub_cosched_vcpu(host, vm, i);
		struct pcpu *to = least_loaded(vcpu, false);

		if (to && oversub_cosched_runnable(vcpu) && !oversub_cosched_on_cpu(vcpu) &&
		    !in_pool(host, oversub_cosched_cpu_of(vcpu)) &&
		    oversub_cosched_nr_queued(oversub_cosched_cpu_of(vcpu)) >
			    oversub_cosched_nr_queued(to) + 1)
			move(vcpu, to);
	}
}

static void set_pool(struct host *host, int size)
{
	struct usliced_host *state = state_of_host(host);
	bool smaller = size < state->pool;

	state->pool = size;
	state->exits = 0;
	for (int vm = 0; vm < oversub_cosched_nr_vms(host); vm++)
		evacuate(host, vm);
	for (int vm = 0; smaller && vm < oversub_cosched_nr_vms(host); vm++)
		fill(host, vm);
}

/* The smallest size with at most a tenth more exits than the best. */
static int best_size(const struct usliced_host *state, int largest)
{
	int64_t least = state->exits_of[0];
	int size = 0;

	for (int i = 1; i <= largest; i++)
		if (state->exits_of[i] < least)
			least = state->exits_of[i];
	while (state->exits_of[size] > least + least / 10)
		size++;
	return size;
}

static void timer(struct host *host)
{
	const struct usliced_params *p = oversub_cosched_params(host);
	struct usliced_host *state = state_of_host(host);
	int64_t now = oversub_cosched_now(host);
	int largest = largest_pool(host);

	if (state->trying < 0) {
		/* A new epoch. */
		state->epoch_end = now + p->epoch;
		state->trying = 0;
	} else {
		state->exits_of[state->trying++] = state->exits;
	}
	if (state->trying <= largest) {
		set_pool(host, state->trying);
		oversub_cosched_set_timer(host, now + p->profile);
		return;
	}
	set_pool(host, best_size(state, largest));
	state->trying = -1;
	oversub_cosched_set_timer(host, state->epoch_end > now ? state->epoch_end : now + p->epoch);
}

static void start(struct host *host)
{
	const struct usliced_params *p = oversub_cosched_params(host);
	struct usliced_host *state = state_of_host(host);

	state->trying = -1;
	if (p->profile)
		timer(host);
	else
		state->pool = largest_pool(host);
}

const struct oversub_cosched_policy cosched_usliced = {
	OVERSUB_COSCHED_POLICY,
	.head.name = "usliced",
	.head.help = "send vCPUs that others wait for to CPUs with very short slices",
	.head.needs = OVERSUB_NEEDS_IPI_ALL | OVERSUB_NEEDS_GUEST_CODE,
	.head.params = params,
	.head.params_size = sizeof(struct usliced_params),
	.host_private_size = sizeof(struct usliced_host),
	.vcpu_private_size = sizeof(struct usliced_vcpu),
	.start = start,
	.timer = timer,
	.place = place,
	.may_move = may_move,
	.pick = pick,
	.slice_over = slice_over,
	.switched = switched,
	.wake = wake,
	.ipi = on_ipi,
	.pause = on_pause,
};
