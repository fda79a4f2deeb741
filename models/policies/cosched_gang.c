/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Gang scheduling, or strict co-scheduling: time is cut into frames, and each belongs to one VM
 * that has something to do, in turn. All its vCPUs have a CPU of their own then, whether they use
 * it or not; the other VMs are co-stopped. With backfill, CPUs that are left go to further VMs as
 * long as a whole one fits. A VM with more vCPUs than the host has CPUs, or whose affinity leaves
 * it too few, shares some.
 *
 * Weights of VMs play no role between frames. Source: Ousterhout, "Scheduling techniques for
 * concurrent systems", ICDCS 1982.
 */
#include "builtin.h"
#include "cpu_set.h"

struct gang_params {
	int64_t frame_ns;
	int64_t backfill; /* bool */
	int64_t skew_ns;
};

/* Private bytes of the host. */
struct gang_host {
	int vm;		   /* the frame's, or the last one's */
	int64_t frame_end; /* ns */
	bool waiting;	   /* nobody had anything to do: the next that has begins a frame */
};

/* Private bytes of a VM. */
struct gang_vm {
	bool in_frame;
};

/* Private bytes of a vCPU. */
struct gang_vcpu {
	struct pcpu *cpu; /* that it has in the frame */
	int64_t start;	  /* ns; it begins there then */
	bool started;
};

static const struct oversub_param params[] = {
	OVERSUB_DURATION(struct gang_params, frame_ns, 10000000, 10000, 10000000000,
			 "how long a VM has the host"),
	OVERSUB_BOOL(struct gang_params, backfill, false,
		     "give CPUs that the VM of a frame leaves to other VMs that fit as a whole"),
	OVERSUB_DURATION(struct gang_params, skew_ns, 0, 0, 1000000000,
			 "the CPUs of a frame begin one after the other over this time"),
	OVERSUB_PARAM_END,
};

static struct gang_vm *state_of_vm(const struct host *host, int vm)
{
	return oversub_cosched_vm_private(host, vm);
}

static struct gang_vcpu *state_of(const struct host_task *vcpu)
{
	return oversub_cosched_vcpu_private(vcpu);
}

static bool has_work(const struct host *host, int vm)
{
	for (int i = 0; i < oversub_cosched_nr_vcpus(host, vm); i++)
		if (oversub_cosched_runnable(oversub_cosched_vcpu(host, vm, i)))
			return true;
	return false;
}

/* ---- Who gets the frame ------------------------------------------------------------------- */

/* False: no VM has anything to do. */
static bool choose_vms(struct host *host)
{
	const struct gang_params *p = oversub_cosched_params(host);
	struct gang_host *state = oversub_cosched_host_private(host);
	int nr_vms = oversub_cosched_nr_vms(host);
	int left = oversub_cosched_nr_cpus(host);
	bool chosen = false;
	int first = state->vm;

	for (int i = 1; i <= nr_vms; i++) {
		int vm = (first + i) % nr_vms;
		int nr_vcpus = oversub_cosched_nr_vcpus(host, vm);
		bool fits = !chosen || (p->backfill && nr_vcpus <= left);

		state_of_vm(host, vm)->in_frame = fits && has_work(host, vm);
		if (!state_of_vm(host, vm)->in_frame)
			continue;
		if (!chosen)
			state->vm = vm;
		chosen = true;
		left -= nr_vcpus;
	}
	return chosen;
}

/* ---- Where -------------------------------------------------------------------------------- */

static bool take(struct cpu_set *taken, const struct host_task *vcpu, struct pcpu *cpu)
{
	if (cpu_set_has(taken, cpu) || !oversub_cosched_allowed(vcpu, cpu))
		return false;
	cpu_set_add(taken, cpu);
	state_of(vcpu)->cpu = cpu;
	return true;
}

static void take_any(struct cpu_set *taken, const struct host_task *vcpu)
{
	const struct host *host = oversub_cosched_host_of(vcpu);

	for (int i = 0; i < oversub_cosched_nr_cpus(host); i++)
		if (take(taken, vcpu, oversub_cosched_cpu(host, i)))
			return;
	/* None is left: it shares the one where it is. */
	state_of(vcpu)->cpu = oversub_cosched_cpu_of(vcpu);
}

/* A CPU for each vCPU of the frame's VMs: where it is, if that is free, for its cache. */
static void assign_cpus(const struct host *host)
{
	struct cpu_set taken = {0};

	for (int pass = 0; pass < 2; pass++) {
		for (int vm = 0; vm < oversub_cosched_nr_vms(host); vm++) {
			int nr = state_of_vm(host, vm)->in_frame
					 ? oversub_cosched_nr_vcpus(host, vm)
					 : 0;

			for (int i = 0; i < nr; i++) {
				struct host_task *vcpu = oversub_cosched_vcpu(host, vm, i);

				if (pass == 0 && !take(&taken, vcpu, oversub_cosched_cpu_of(vcpu)))
					state_of(vcpu)->cpu = NULL;
				else if (pass == 1 && !state_of(vcpu)->cpu)
					take_any(&taken, vcpu);
			}
		}
	}
}

/* ---- The frame ---------------------------------------------------------------------------- */

static void stop_others(const struct host *host)
{
	for (int vm = 0; vm < oversub_cosched_nr_vms(host); vm++) {
		int nr = state_of_vm(host, vm)->in_frame ? 0 : oversub_cosched_nr_vcpus(host, vm);

		for (int i = 0; i < nr; i++)
			oversub_cosched_stop(oversub_cosched_vcpu(host, vm, i));
	}
}

static int64_t start_on(const struct host *host, const struct pcpu *cpu)
{
	const struct gang_params *p = oversub_cosched_params(host);
	int others = oversub_cosched_nr_cpus(host) - 1;

	return oversub_cosched_now(host) +
	       (others ? p->skew_ns * oversub_cosched_cpu_index(cpu) / others : 0);
}

/* Start the vCPUs of the frame whose time has come. Returns the time of the next, or the end. */
static int64_t start_due(const struct host *host, int64_t end)
{
	int64_t now = oversub_cosched_now(host);
	int64_t next = end;

	for (int vm = 0; vm < oversub_cosched_nr_vms(host); vm++) {
		int nr = state_of_vm(host, vm)->in_frame ? oversub_cosched_nr_vcpus(host, vm) : 0;

		for (int i = 0; i < nr; i++) {
			struct host_task *vcpu = oversub_cosched_vcpu(host, vm, i);
			struct gang_vcpu *state = state_of(vcpu);

			if (!state->started && state->start <= now) {
				state->started = true;
				oversub_cosched_migrate(vcpu, state->cpu);
				oversub_cosched_start(vcpu);
			} else if (!state->started && state->start < next) {
				next = state->start;
			}
		}
	}
	return next;
}

static void begin_frame(struct host *host)
{
	const struct gang_params *p = oversub_cosched_params(host);
	struct gang_host *state = oversub_cosched_host_private(host);

	state->waiting = !choose_vms(host);
	state->frame_end = oversub_cosched_now(host) + p->frame_ns;
	stop_others(host);
	assign_cpus(host);
	for (int vm = 0; vm < oversub_cosched_nr_vms(host); vm++) {
		int nr = state_of_vm(host, vm)->in_frame ? oversub_cosched_nr_vcpus(host, vm) : 0;

		for (int i = 0; i < nr; i++) {
			struct host_task *vcpu = oversub_cosched_vcpu(host, vm, i);

			state_of(vcpu)->start = start_on(host, state_of(vcpu)->cpu);
			state_of(vcpu)->started = false;
		}
	}
}

static void timer(struct host *host)
{
	struct gang_host *state = oversub_cosched_host_private(host);

	if (state->waiting || oversub_cosched_now(host) >= state->frame_end)
		begin_frame(host);
	if (!state->waiting)
		oversub_cosched_set_timer(host, start_due(host, state->frame_end));
}

/* Nobody runs before the first frame. */
static void start(struct host *host)
{
	struct gang_host *state = oversub_cosched_host_private(host);

	state->vm = oversub_cosched_nr_vms(host) - 1;
	state->waiting = true;
	stop_others(host);
}

/* Somebody has work, and the host is nobody's. */
static void wake(struct host_task *vcpu)
{
	struct host *host = oversub_cosched_host_of(vcpu);
	const struct gang_host *state = oversub_cosched_host_private(host);

	if (state->waiting)
		oversub_cosched_set_timer(host, oversub_cosched_now(host));
	/* Its sleep was too short to leave the queue that it was on. */
	else if (state_of_vm(host, oversub_cosched_vm_of(vcpu))->in_frame &&
		 state_of(vcpu)->started)
		oversub_cosched_migrate(vcpu, state_of(vcpu)->cpu);
}

static struct pcpu *place(struct host_task *vcpu, struct pcpu *proposed)
{
	const struct host *host = oversub_cosched_host_of(vcpu);
	bool in_frame = state_of_vm(host, oversub_cosched_vm_of(vcpu))->in_frame;

	return in_frame ? state_of(vcpu)->cpu : proposed;
}

static bool may_move(const struct host_task *vcpu, const struct pcpu *to)
{
	return false;
}

const struct oversub_cosched_policy cosched_gang = {
	OVERSUB_COSCHED_POLICY,
	.head.name = "gang",
	.head.help = "give the host to one VM at a time: all its vCPUs run together, or nobody's",
	.head.params = params,
	.head.params_size = sizeof(struct gang_params),
	.host_private_size = sizeof(struct gang_host),
	.vm_private_size = sizeof(struct gang_vm),
	.vcpu_private_size = sizeof(struct gang_vcpu),
	.start = start,
	.timer = timer,
	.wake = wake,
	.place = place,
	.may_move = may_move,
};
