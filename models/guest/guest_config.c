/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/guest/guest.h"

#define COST(field_, def_, help_)                                                                  \
	OVERSUB_DURATION(struct guest_config, field_, def_, 0, 1000 * 1000 * 1000, help_)

#define HALTPOLL(field_, type_, unit_, def_, max_, help_)                                          \
	{                                                                                          \
		.name = #field_, .type = (type_),                                                  \
		.offset = offsetof(struct guest_config, haltpoll.field_), .unit = (unit_),         \
		.def = (def_), .max = (max_), .help = (help_)                                      \
	}

static const char *const preempt_choices[] = {"lazy", "full", NULL};
static const char *const hz_choices[] = {"0", "100", "250", "300", "1000", NULL};

const struct oversub_param guest_params[] = {
	COST(cache_line_ns, 50,
	     "Transfer of the cache line that ends a spin, from the releaser to the waiter."),
	COST(pause_ns, 56,
	     "One pass of a pause loop of the guest kernel, 140 cycles; about 4 ns before "
	     "Skylake."),
	OVERSUB_INT(struct guest_config, pv_spin_threshold, "passes", 32768, 1, INT64_C(1) << 30,
		    "Passes of its pause loop after which a waiter for a pv lock halts "
		    "(SPIN_THRESHOLD)."),
	OVERSUB_BOOL(struct guest_config, pv_wait_sees_preempted, 0,
		     "A waiter for a pv lock halts early also if the one before it in the queue "
		     "is reported preempted (steal_time), as in guests before Linux 5.4."),
	COST(tlb_flush_page_ns, 100, "Flush of one more page of a range."),
	COST(tlb_flush_range_ns, 400,
	     "Handler of a TLB shootdown of a range, its first page included."),
	COST(tlb_flush_full_ns, 700, "Flush of the whole TLB, in the handler or locally."),
	COST(tlb_caught_up_ns, 50,
	     "Handler of a TLB shootdown that finds the TLB up to date already."),
	COST(reschedule_ns, 300, "Handler of a reschedule IPI."),
	COST(timer_interrupt_ns, 700, "Handler of a local timer interrupt."),
	COST(device_interrupt_ns, 700, "Handler of a device interrupt."),
	COST(nmi_ns, 2000, "Handler of an NMI: a backtrace."),
	OVERSUB_DURATION(struct guest_config, timer_period_ns, 4000 * 1000, 200 * 1000,
			 1000 * 1000 * 1000,
			 "Period of the LAPIC timers in periodic mode, the tick of the guest."),
	COST(syscall_ns, 200,
	     "System call of a wait, wake, barrier, sleep, timer, yield or io, without its "
	     "context switch."),
	COST(sleep_ns, 500, "Context switch from a thread that goes to sleep to the idle task."),
	COST(sched_ns, 1000, "Context switch from the idle task to a thread that was woken."),
	COST(wakeup_ns, 300,
	     "A woken thread is put onto its run queue by the CPU that it wakes on."),
	COST(tick_work_ns, 1000, "Work of a tick, besides that of a timer interrupt."),
	OVERSUB_ENUM(
		struct guest_config, tick_hz, hz_choices, GUEST_HZ_OFF,
		"Ticks a second of each CPU of the guest. 0: none; but a guest that shares its "
		"CPUs out to threads then has 250. If LAPIC timers are periodic, "
		"timer_period_ns says instead."),
	OVERSUB_BOOL(struct guest_config, nohz, 1, "An idle CPU of the guest has no tick."),
	OVERSUB_BOOL(
		struct guest_config, scheduler, 0,
		"Threads are scheduled over the vCPUs even if there is one for each; if there are "
		"more threads than vCPUs they always are."),
	OVERSUB_ENUM(struct guest_config, preemption, preempt_choices, GUEST_PREEMPT_LAZY,
		     "Preemption model of the guest's scheduler."),
	OVERSUB_BOOL(struct guest_config, wake_affine, 0,
		     "A guest that shares its CPUs out wakes threads where the kernel does: near "
		     "the waker's CPU or the last one, by their loads (wake_affine(), "
		     "select_idle_sibling()); else on the last CPU or the next that idles."),
	OVERSUB_BOOL(struct guest_config, balance_busy, 0,
		     "Its CPUs that are busy pull threads from those that have more to do, at "
		     "ticks (sched_balance_domains()), besides those that idle."),
	OVERSUB_DURATION(struct guest_config, slice_ns, 0, 0, 100 * 1000 * 1000,
			 "Base slice of the guest's scheduler; 0 means the kernel's value for this "
			 "number of vCPUs."),
	HALTPOLL(haltpoll, OVERSUB_PARAM_BOOL, NULL, 0, 1,
		 "Idle CPUs poll for work before they halt (cpuidle_haltpoll): no IPI need wake "
		 "them "
		 "then, the pause loop can exit, and the host does not poll for this VM."),
	HALTPOLL(guest_halt_poll_ns, OVERSUB_PARAM_DURATION, "ns", 200 * 1000, UINT32_MAX,
		 "Longest poll."),
	HALTPOLL(guest_halt_poll_grow, OVERSUB_PARAM_INT, NULL, 2, UINT32_MAX,
		 "Factor by which a poll grows after a halt that a longer one would have saved."),
	HALTPOLL(guest_halt_poll_shrink, OVERSUB_PARAM_INT, NULL, 2, UINT32_MAX,
		 "Divisor by which a poll shrinks after a long halt; 0 means to 0."),
	HALTPOLL(guest_halt_poll_grow_start, OVERSUB_PARAM_DURATION, "ns", 50 * 1000, UINT32_MAX,
		 "The first poll above 0."),
	HALTPOLL(guest_halt_poll_allow_shrink, OVERSUB_PARAM_BOOL, NULL, 1, 1,
		 "Whether polls shrink."),
	OVERSUB_PARAM_END,
};

static enum oversub_status check_targets(const struct workload *workload,
					 const struct workload_thread_class *class,
					 int64_t nr_vcpus, struct oversub_error *error)
{
	for (const struct op *op = class->ops; op < class->ops + class->nr_ops; op++)
		if (op->target == OP_TARGET_CPU && op->target_cpu >= nr_vcpus)
			return oversub_fail(
				error, OVERSUB_BAD_INPUT,
				"class \"%s\" of workload \"%s\" calls CPU %d, but the VM "
				"has %d vcpus",
				class->name, workload->name, (int)op->target_cpu, (int)nr_vcpus);
	return OVERSUB_OK;
}

enum oversub_status guest_workload_check(const struct workload *workload,
					 const struct kvm_config *config, int64_t nr_vcpus,
					 struct oversub_error *error)
{
	enum oversub_status status = kvm_vcpus_check(config, nr_vcpus, error);

	for (int i = 0; i < workload->nr_classes && !status; i++)
		status = check_targets(workload, &workload->classes[i], nr_vcpus, error);
	/* Locks of kind pv need a host that can wake a halted vCPU. */
	for (int i = 0; i < workload->nr_locks && !status; i++)
		if (workload->locks[i].kind == LOCK_PV && (!config->pv_unhalt || config->cpu_pm))
			status = oversub_fail(
				error, OVERSUB_BAD_INPUT,
				"lock \"%s\" of workload \"%s\" is of kind pv, but the VM has no "
				"pv_unhalt: set it to true (and no cpu_pm), or use kind spinlock, "
				"which is tas "
				"then, as in a Linux guest",
				workload->locks[i].name, workload->name);
	return status;
}
