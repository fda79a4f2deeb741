/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What ops there are, as data: names, arguments and parameters. */
#include "models/workload/workload.h"

static const char *const op_cpu_mode_names[] = {"user", "kernel", NULL};
const char *const op_target_names[] = {"random_other", "next", "others", "self", NULL};
const char *const lock_kind_names[] = {"spinlock", "tas", "queued", "pv", "mutex", "rwsem", NULL};
static const char *const lock_mode_names[] = {"write", "read", NULL};

const char *const op_argument_names[OP_ARGUMENTS] = {
	[OP_ARGUMENT_LOCK] = "lock",	   [OP_ARGUMENT_EVENT] = "event",
	[OP_ARGUMENT_BARRIER] = "barrier", [OP_ARGUMENT_SOURCE] = "source",
	[OP_ARGUMENT_REQUEST] = "request", [OP_ARGUMENT_DISTRIBUTION] = "distribution",
	[OP_ARGUMENT_COUNT] = "count",	   [OP_ARGUMENT_TARGET] = "target",
	[OP_ARGUMENT_PERIOD] = "period",   [OP_ARGUMENT_TRUE] = "true",
};

#define SECOND INT64_C(1000000000)

#define PARAM_PROBABILITY                                                                          \
	OVERSUB_REAL(struct op, probability, NULL, 1.0, 0.0, 1.0,                                  \
		     "Chance that the op is done at all, drawn each time it is reached.")

static const struct oversub_param common_params[] = {PARAM_PROBABILITY, OVERSUB_PARAM_END};

#define PARAM_CPU_MODE                                                                             \
	OVERSUB_ENUM(struct op, mode, op_cpu_mode_names, OP_MODE_USER,                             \
		     "Privilege level: user mode or kernel mode.")

static const struct oversub_param host_run_params[] = {PARAM_CPU_MODE, PARAM_PROBABILITY,
						       OVERSUB_PARAM_END};

static const struct oversub_param guest_run_params[] = {
	PARAM_CPU_MODE,
	OVERSUB_BOOL(struct op, interrupts, 1,
		     "Whether interrupts are enabled; kernel mode of a guest only."),
	PARAM_PROBABILITY,
	OVERSUB_PARAM_END,
};

#define PARAM_LOCK_MODE                                                                            \
	{                                                                                          \
		.name = "mode", .type = OVERSUB_PARAM_ENUM,                                        \
		.offset = offsetof(struct op, lock_mode), .choices = lock_mode_names,              \
		.def = LOCK_WRITE,                                                                 \
		.help = "Exclusive, or together with other readers; read for locks of kind rwsem " \
			"only."                                                                    \
	}

static const struct oversub_param guest_lock_params[] = {
	PARAM_LOCK_MODE,
	OVERSUB_BOOL(struct op, irqsave, 0,
		     "Disable interrupts while waiting for the lock and holding it; guests only."),
	PARAM_PROBABILITY,
	OVERSUB_PARAM_END,
};

static const struct oversub_param host_lock_params[] = {
	PARAM_LOCK_MODE,
	OVERSUB_INT(struct op, yield_after, "spins", 0, 0, INT64_C(1) << 40,
		    "Call sched_yield() each time after so many spins, 0 for never; host threads "
		    "only."),
	PARAM_PROBABILITY,
	OVERSUB_PARAM_END,
};

static const struct oversub_param smp_call_params[] = {
	OVERSUB_BOOL(struct op, wait, 0, "Spin until the function has run on the target."),
	OVERSUB_DURATION(struct op, function_ns, 500, 0, SECOND,
			 "Run time of the called function on each target."),
	PARAM_PROBABILITY,
	OVERSUB_PARAM_END,
};

static const struct oversub_param irq_work_params[] = {
	OVERSUB_DURATION(struct op, function_ns, 500, 0, SECOND, "Run time of the work."),
	PARAM_PROBABILITY,
	OVERSUB_PARAM_END,
};

static const struct oversub_param rcu_expedited_params[] = {
	OVERSUB_DURATION(struct op, function_ns, 500, 0, SECOND,
			 "Run time of the function that reports a quiescent state, on each CPU."),
	PARAM_PROBABILITY,
	OVERSUB_PARAM_END,
};

static const struct oversub_param tlb_flush_params[] = {
	OVERSUB_INT(struct op, pages, "pages", 1, 1, INT64_C(1) << 40,
		    "Pages to flush; more than 33 flush the whole TLB."),
	OVERSUB_BOOL(struct op, free_tables, 0,
		     "Page tables are freed as well, so CPUs in lazy TLB mode are interrupted "
		     "too."),
	PARAM_PROBABILITY,
	OVERSUB_PARAM_END,
};

static const struct oversub_param timer_params[] = {
	{.name = "phase",
	 .type = OVERSUB_PARAM_DURATION,
	 .offset = offsetof(struct op, phase_ns),
	 .unit = "ns",
	 .def = 0,
	 .min = 0,
	 .max = 3600 * SECOND,
	 .help = "Time of the first expiry; the others follow one period apart."},
	PARAM_PROBABILITY,
	OVERSUB_PARAM_END,
};

static const char *const servers[] = {"device", "io_thread", NULL};

static const struct oversub_param io_params[] = {
	OVERSUB_ENUM(struct op, served_by, servers, OP_SERVED_BY_DEVICE,
		     "Whose time it is: device, which needs no CPU, or io_thread, a thread of the "
		     "host that needs one; io_thread and io_threads of the VM say which."),
	{.name = "device",
	 .type = OVERSUB_PARAM_DURATION,
	 .offset = offsetof(struct op, device_ns),
	 .unit = "ns",
	 .max = 3600 * SECOND,
	 .help = "Served by io_thread: time of the device after that, before the thread handles "
		 "the completion."},
	PARAM_PROBABILITY,
	OVERSUB_PARAM_END,
};

#define EITHER(of_vm_, of_host_)                                                                   \
	{                                                                                          \
		[WORKLOAD_OF_VM] = of_vm_, [WORKLOAD_OF_HOST] = of_host_                           \
	}
#define BOTH(params_) EITHER(params_, params_)
#define GUEST(params_)                                                                             \
	{                                                                                          \
		[WORKLOAD_OF_VM] = params_                                                         \
	}

const struct op_description op_descriptions[OP_KINDS] = {
	[OP_LOOP] = {"loop", OP_ARGUMENT_COUNT, true, BOTH(common_params),
		     "Do the body a number of times, or \"forever\"."},
	[OP_REQUEST] = {"request", OP_ARGUMENT_REQUEST, true, BOTH(common_params),
			"One unit of work: its end is counted, and the time the body took is "
			"recorded under this name."},
	[OP_RUN] = {"run", OP_ARGUMENT_DISTRIBUTION, false,
		    EITHER(guest_run_params, host_run_params), "Use the CPU for a time."},
	[OP_LOCK] = {"lock", OP_ARGUMENT_LOCK, false, EITHER(guest_lock_params, host_lock_params),
		     "Acquire the lock, spinning or, if its kind is mutex or rwsem, sleeping "
		     "while another thread holds it."},
	[OP_UNLOCK] = {"unlock", OP_ARGUMENT_LOCK, false, BOTH(common_params), "Release the lock."},
	[OP_SMP_CALL] = {"smp_call", OP_ARGUMENT_TARGET, false, GUEST(smp_call_params),
			 "Have a function called on other CPUs of the VM, by IPI. With wait, to "
			 "others: also what membarrier() and text_poke() do."},
	[OP_TLB_FLUSH] = {"tlb_flush", OP_ARGUMENT_TARGET, false, GUEST(tlb_flush_params),
			  "TLB shootdown: interrupt other CPUs of the VM and wait for all of "
			  "them."},
	[OP_WAIT] = {"wait", OP_ARGUMENT_EVENT, false, BOTH(common_params),
		     "Sleep until the event is signalled; consumes one signal."},
	[OP_WAKE] = {"wake", OP_ARGUMENT_EVENT, false, BOTH(common_params),
		     "Signal the event: wakes the thread that has waited longest, or is "
		     "remembered."},
	[OP_SLEEP] = {"sleep", OP_ARGUMENT_DISTRIBUTION, false, BOTH(common_params),
		      "Sleep for a time."},
	[OP_TIMER] = {"timer", OP_ARGUMENT_PERIOD, false, BOTH(timer_params),
		      "Sleep until the next expiry of a periodic timer."},
	[OP_YIELD] = {"yield", OP_ARGUMENT_TRUE, false, BOTH(common_params), "Call sched_yield()."},
	[OP_BARRIER] = {"barrier", OP_ARGUMENT_BARRIER, false, BOTH(common_params),
			"Sleep until all parties of the barrier have arrived."},
	[OP_IO] = {"io", OP_ARGUMENT_DISTRIBUTION, false, GUEST(io_params),
		   "Start a device request, which exits to the host, and sleep until its "
		   "completion interrupt after this time."},
	[OP_TAKE] = {"take", OP_ARGUMENT_SOURCE, false, BOTH(common_params),
		     "Take the oldest item that has arrived at the source, sleeping until there "
		     "is one; the enclosing request's latency counts from the item's arrival."},
	[OP_NMI] = {"nmi", OP_ARGUMENT_TARGET, false, GUEST(common_params),
		    "Send an NMI to other CPUs of the VM, which take it even with interrupts off; "
		    "the sender does not wait."},
	[OP_RESCHED] =
		{"resched", OP_ARGUMENT_TARGET, false, GUEST(common_params),
		 "Send a reschedule IPI (0xfd), which nobody waits for, to other CPUs of the "
		 "VM, to others one after another."},
	[OP_IRQ_WORK] = {"irq_work", OP_ARGUMENT_TARGET, false, GUEST(irq_work_params),
			 "Queue work for interrupt context, which nobody waits for: self by a "
			 "self-IPI (0xf6), another CPU by its list of calls (0xfb)."},
	[OP_RCU_EXPEDITED] =
		{"rcu_expedited", OP_ARGUMENT_TRUE, false, GUEST(rcu_expedited_params),
		 "Wait for an expedited RCU grace period: one IPI (0xfb) to each other "
		 "CPU that is not idle, in a burst, then sleep until all have "
		 "answered."},
};
