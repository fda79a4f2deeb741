/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of all metrics, one row each, in the order in which results have them. */
#include <stddef.h>

#include <oversub/policy.h>

#include "sim/run/collect.h"
#include "sim/run/metric.h"

/* ---- Families: what the '*' of a name stands for, and what each member means ---------------- */

static const char *const cpu_states[METRIC_CPU_STATES] = {
	[PCPU_IDLE] = "idle",
	[PCPU_SWITCH] = "switch",
	[PCPU_BUSY] = "busy",
	[METRIC_CPU_POLL] = "poll",
};

static const char *const cpu_state_help[METRIC_CPU_STATES] = {
	[PCPU_IDLE] = "nothing to run",
	[PCPU_SWITCH] = "switching from one thread to another",
	[PCPU_BUSY] = "running a thread, interrupts included",
	[METRIC_CPU_POLL] = "running a vCPU that is halted (halt polling)",
};

static const char *const vcpu_time_help[VCPU_TIMES] = {
	[VCPU_WORK] = "in guest mode, getting something done",
	[VCPU_SPIN] = "in guest mode, spinning for somebody",
	[VCPU_REFILL] = "in guest mode, refilling caches after an absence",
	[VCPU_EXIT] = "on a CPU outside guest mode",
	[VCPU_POLL] = "halted, while the host polls (halt polling)",
	[VCPU_GUEST_POLL] = "in guest mode, polling while idle (haltpoll)",
	[VCPU_STEAL] = "runnable, without a CPU",
	[VCPU_THROTTLED] = "runnable, but cpu.max is used up",
	[VCPU_HALT] = "blocked: the guest has nothing to do",
};

static const char *const thread_time_help[THREAD_TIMES] = {
	[THREAD_WORK] = "running the program",
	[THREAD_SPIN] = "spinning for a lock",
	[THREAD_REFILL] = "refilling caches after an absence",
	[THREAD_KERNEL] = "in system calls and host interrupts",
	[THREAD_STEAL] = "runnable, without a CPU",
	[THREAD_THROTTLED] = "runnable, but cpu.max is used up",
	[THREAD_SLEEP] = "asleep, or at its end",
};

static const char *const reasons[OVERSUB_REASONS] = {
	[OVERSUB_REASON_NONE] = "unknown",
	[OVERSUB_REASON_IPI_RECEIVER] = "ipi_receiver",
	[OVERSUB_REASON_PENDING_INTERRUPT] = "pending_interrupt",
	[OVERSUB_REASON_PREEMPTED] = "preempted",
	[OVERSUB_REASON_WOKEN] = "woken",
	[OVERSUB_REASON_RELAXED] = "relaxed",
	[OVERSUB_REASON_GUEST_HINT] = "guest_hint",
	[OVERSUB_REASON_CHAIN] = "chain",
	[OVERSUB_REASON_ORACLE] = "oracle",
};

static const char *const reason_help[OVERSUB_REASONS] = {
	[OVERSUB_REASON_NONE] = "the policy gave no reason",
	[OVERSUB_REASON_IPI_RECEIVER] = "a tracked IPI of the yielder's went there",
	[OVERSUB_REASON_PENDING_INTERRUPT] = "an interrupt was pending there",
	[OVERSUB_REASON_PREEMPTED] = "it was preempted, in kernel mode where that counts",
	[OVERSUB_REASON_WOKEN] = "it was woken and waited for a CPU",
	[OVERSUB_REASON_RELAXED] = "the second, relaxed pass took it",
	[OVERSUB_REASON_GUEST_HINT] = "the guest had named it",
	[OVERSUB_REASON_CHAIN] = "the first choice waited for it",
	[OVERSUB_REASON_ORACLE] = "it was the right target",
};

static const char *const wait_help[VCPU_WAITS] = {
	[VCPU_WAIT_OTHER] = "for nobody in particular: a bounded spin",
	[VCPU_WAIT_CSD] = "for another CPU to run a function (csd)",
	[VCPU_WAIT_TLB] = "the same, and the function is a TLB flush",
	[VCPU_WAIT_LOCK_HOLDER] = "for a spinlock, next in line for it",
	[VCPU_WAIT_LOCK_QUEUE] = "for a spinlock, behind another in its queue",
	[VCPU_WAIT_SLEEPING_LOCK] = "for the running owner of a mutex or rwsem",
};

static const char *const chain_help[CHAIN_ENDS] = {
	[CHAIN_FIRST] = "the vCPU waited for is the right target",
	[CHAIN_SECOND] = "the one that this vCPU waits for is",
	[CHAIN_DEEPER] = "one further down the chain of waits is",
	[CHAIN_RUNNING] = "none is: the chain ends in one that runs",
	[CHAIN_HALTED] = "none is: it ends in one asleep or throttled",
	[CHAIN_NOBODY] = "none is: nobody is waited for, or in a circle",
};

static const char *const exit_help[EXIT_REASONS] = {
	[EXIT_EXTERNAL_INTERRUPT] = "a host interrupt or IPI hit its CPU",
	[EXIT_PAUSE] = "a pause loop ran past its window",
	[EXIT_HLT] = "the guest had nothing to do",
	[EXIT_ICR_WRITE] = "it sent an IPI",
	[EXIT_EOI_WRITE] = "it ended an interrupt",
	[EXIT_INTERRUPT_WINDOW] = "it enabled interrupts, and one waited",
	[EXIT_TIMER] = "its timer expired while it ran",
	[EXIT_TIMER_ARM] = "it armed its timer",
	[EXIT_IO] = "it started a device request",
	[EXIT_HYPERCALL] = "it called the host",
	[EXIT_INCOMPLETE_IPI] = "its IPI had a target that did not run",
	[EXIT_EOI_INDUCED] = "it ended one that the host waits to hear of",
	[EXIT_NMI_WINDOW] = "it had handled an NMI, and another one waited",
	[EXIT_TIMER_COUNT] = "it wrote the initial count of its timer",
};

static const char *const cosched_counts[COSCHED_COUNTS] = {
	[COSCHED_STOPS] = "stops",
	[COSCHED_URGENT] = "urgent",
	[COSCHED_EXTENSIONS] = "extensions",
	[COSCHED_MOVES] = "moves",
};

static const char *const cosched_count_help[COSCHED_COUNTS] = {
	[COSCHED_STOPS] = "vCPUs that it co-stopped",
	[COSCHED_URGENT] = "slices that it gave to a vCPU out of turn",
	[COSCHED_EXTENSIONS] = "preemptions that it put off",
	[COSCHED_MOVES] = "vCPUs that it moved to another CPU",
};

/* ---- Kinds: where a value comes from -------------------------------------------------------- */

#define VMS	METRIC_OF_VMS
#define THREADS METRIC_OF_THREADS
#define HOST	METRIC_OF_HOST
#define CGROUPS METRIC_OF_CGROUPS

/* 0; what is not made of 64-bit counters does not compile. */
#define WORDS(counter) (0 * sizeof(char[sizeof(((struct counters *)0)->counter) % 8 ? -1 : 1]))
#define AT(counter)    .offset = offsetof(struct counters, counter) + WORDS(counter)
#define WHOLE(counter) .whole = offsetof(struct counters, counter) + WORDS(counter)

/* Events per second. */
#define RATE(counter) .kind = METRIC_RATE, .unit = "1/s", AT(counter)
/* The same of a counter of ns, in microseconds. */
#define RATE_US(counter)    .kind = METRIC_RATE_US, .unit = "1/s", AT(counter)
#define RATIO(part, all)    .kind = METRIC_RATIO, .unit = "ratio", AT(part), WHOLE(all)
#define FRACTION(part, all) .kind = METRIC_RATIO, .unit = "fraction", AT(part), WHOLE(all)
/* What each of an array of counters is of their sum. */
#define SHARES(counter)	   .kind = METRIC_SHARE, .unit = "fraction", AT(counter)
#define LATENCY(histogram) .kind = METRIC_LATENCY, AT(histogram)
/* What a function says. */
#define VALUE(unit_, function) .kind = METRIC_VALUE, .unit = unit_, .value = function
/*
 * What a function appends, which then reads the metrics of these rows from a structure of doubles:
 * its row comes first, and those that come with it follow.
 */
#define GROUP(unit_, function, type, member)                                                       \
	.kind = METRIC_GROUP, .unit = unit_, .add = function,                                      \
	.offset = offsetof(struct type, member)
#define WITH(unit_, type, member)                                                                  \
	.kind = METRIC_GROUP, .unit = unit_, .offset = offsetof(struct type, member)

/* The rest of a family's row; the counters of its members are elements of an array of type. */
#define EACH(type, names, help_of, nr)                                                             \
	.stride = sizeof(type), .members = names, .member_help = help_of, .nr_members = nr

/* clang-format off */
/* What waits at each source, or for each event. */
#define BACKLOG(prefix, function, offered_help, served_help)                                       \
	{prefix ".offered_per_s", VMS | THREADS, offered_help,                                     \
	 GROUP("1/s", function, backlog_metrics, offered_per_s)},                                  \
	{prefix ".served_per_s", VMS | THREADS, served_help,                                       \
	 WITH("1/s", backlog_metrics, served_per_s)},                                              \
	{prefix ".backlog", VMS | THREADS, "how many wait at the end (censored waits)",            \
	 WITH("count", backlog_metrics, backlog)},                                                 \
	{prefix ".backlog_mean", VMS | THREADS, "how many wait, averaged over time",               \
	 WITH("count", backlog_metrics, backlog_mean)},                                            \
	{prefix ".backlog_oldest", VMS | THREADS, "age of the oldest of them at the end",          \
	 WITH("ns", backlog_metrics, backlog_oldest)},                                             \
	{prefix ".growth_per_s", VMS | THREADS, "growth of the backlog in the second half",        \
	 WITH("1/s", backlog_metrics, growth_per_s)},                                              \
	{prefix ".growth_error_per_s", VMS | THREADS, "standard error of growth_per_s",            \
	 WITH("1/s", backlog_metrics, growth_error_per_s)}

const struct metric metric_table[] = {
	{"cpu.*", HOST, "time of the physical CPUs; sums to 1",
	 .kind = METRIC_GROUP, .unit = "fraction", .add = collect_cpu,
	 EACH(int64_t, cpu_states, cpu_state_help, METRIC_CPU_STATES)},
	{"switches_per_s", HOST, "context switches of all physical CPUs", RATE(pcpu.switches)},
	{"migrations_per_s", HOST, "threads that moved to another physical CPU",
	 RATE(pcpu.migrations)},
	{"jain", HOST, "Jain's index of cpu_over_entitlement; 1 is fair",
	 VALUE("ratio", collect_jain)},
	{"stacking", HOST, "runnable vCPUs that share a queue with a sibling",
	 FRACTION(world.stacked, world.runnable)},
	{"stacked_pairs", HOST, "pairs of runnable siblings on one queue",
	 FRACTION(world.stacked_pairs, world.pairs)},
	{"cosched.*_per_s", HOST, "what host.cosched did", RATE(host.cosched),
	 EACH(uint64_t, cosched_counts, cosched_count_help, COSCHED_COUNTS)},

	{"requests_per_s", VMS | THREADS, "requests that ended, of all names together",
	 VALUE("1/s", collect_requests_per_s)},
	{"request.*", VMS | THREADS, "begin of a request, or its arrival, to its end",
	 .kind = METRIC_LATENCY, .add = collect_requests},
	{"time.*", VMS, "time of the vCPUs; sums to 1", SHARES(vcpu.time_in),
	 EACH(int64_t, vcpu_time_names, vcpu_time_help, VCPU_TIMES)},
	{"time.*", THREADS, "time of the threads; sums to 1", SHARES(thread.time_in),
	 EACH(int64_t, thread_time_names, thread_time_help, THREAD_TIMES)},
	{"cpu_over_entitlement", VMS, "CPU time over entitlement, explained below",
	 VALUE("ratio", collect_cpu_over_entitlement)},
	{"cpu_stat.usage_usec_per_s", CGROUPS, "microseconds of CPU time of all in it",
	 RATE_US(cgroup.usage_ns)},
	{"cpu_stat.nr_periods_per_s", VMS | THREADS | CGROUPS,
	 "periods of cpu.max, of all cgroups together", RATE(cgroup.nr_periods)},
	{"cpu_stat.nr_throttled_per_s", VMS | THREADS | CGROUPS,
	 "those that ended with a queue throttled", RATE(cgroup.nr_throttled)},
	{"cpu_stat.nr_bursts_per_s", VMS | THREADS | CGROUPS,
	 "those that used more than the quota", RATE(cgroup.nr_bursts)},
	{"cpu_stat.throttled_usec_per_s", VMS | THREADS | CGROUPS,
	 "microseconds that queues were throttled", RATE_US(cgroup.throttled_ns)},

	{"ipi_delivery", VMS, "ICR write to start of the handler, per receiver",
	 LATENCY(kvm.ipi_delivery)},
	{"ipi_response", VMS, "call on other CPUs until the last has answered",
	 LATENCY(guest.ipi_response)},
	{"smp_call", VMS, "smp_call that waits, until its thread goes on",
	 LATENCY(guest.smp_call)},
	{"tlb_flush", VMS, "tlb_flush, until its thread goes on", LATENCY(guest.tlb_flush)},
	{"lock_wait", VMS, "contended acquisitions, all locks together",
	 LATENCY(workload.lock_wait)},
	{"sync_wait", VMS, "sleep until an event or a barrier lets go",
	 LATENCY(workload.sync_wait)},
	{"guest_wakeup_wait", VMS, "a guest's thread, woken to running",
	 LATENCY(guest.wakeup_wait)},
	{"guest_tick_delay", VMS, "a guest's tick, due to done", LATENCY(guest.tick_delay)},
	{"wakeup_wait", VMS, "vCPU thread woken until it runs", LATENCY(kvm.wakeup_wait)},
	{"runqueue_wait", VMS, "vCPU runnable without a CPU, each time",
	 LATENCY(kvm.runqueue_wait)},

	{"io_wait", VMS, "request for an io_thread, until it begins with it",
	 .kind = METRIC_LATENCY, .add = collect_io},
	{"io_thread.*", VMS, "time of the io_threads; sums to 1", .kind = METRIC_GROUP,
	 .unit = "fraction", .add = collect_io_time,
	 EACH(int64_t, thread_time_names, thread_time_help, THREAD_TIMES)},

	{"locks_per_s", VMS, "acquisitions of locks", RATE(workload.lock_acquired)},
	{"lock_contended", VMS, "acquisitions that had to wait",
	 FRACTION(workload.lock_contended, workload.lock_acquired)},
	{"unfinished_waits", VMS | THREADS, "censored waits, what nobody took included",
	 GROUP("count", collect_unfinished, unfinished_metrics, waits)},
	{"unfinished_oldest", VMS | THREADS, "age of the oldest of them",
	 WITH("ns", unfinished_metrics, oldest)},
	BACKLOG("source.*", collect_sources, "items that arrived at a source of work",
		"those that a thread took"),
	BACKLOG("event.*", collect_events, "signals that an event was given",
		"those that a thread waited for"),

	/* The same as of VMs, but in another place. */
	{"lock_wait", THREADS, "contended acquisitions, all locks together",
	 LATENCY(workload.lock_wait)},
	{"sync_wait", THREADS, "sleep until an event or a barrier lets go",
	 LATENCY(workload.sync_wait)},
	{"yields_per_s", THREADS, "calls of sched_yield", RATE(thread.yields)},

	{"ple_exits_per_s", VMS, "pause-loop exits", RATE(kvm.exits[EXIT_PAUSE])},
	{"yield.tried_per_s", VMS, "calls of yield_to", RATE(kvm.yield.tried)},
	{"yield.taken_per_s", VMS, "those that returned 1", RATE(kvm.yield.taken)},
	{"yield.refused_per_s", VMS, "those that returned 0: the target runs or sleeps",
	 RATE(kvm.yield.refused)},
	{"yield.esrch_per_s", VMS, "-ESRCH: both run queues have one task",
	 RATE(kvm.yield.esrch)},
	{"yield.honoured_per_s", VMS, "taken, and the target ran next on its CPU",
	 RATE(kvm.yield.honoured)},
	{"yield.futile_per_s", VMS, "taken, and something else ran next there",
	 RATE(kvm.yield.futile)},
	{"yield.same_rq_per_s", VMS, "taken, the target on the yielder's CPU",
	 RATE(kvm.yield.same_rq)},
	{"yield.cross_rq_per_s", VMS, "taken, the target on another CPU",
	 RATE(kvm.yield.cross_rq)},
	{"yield.remote_exits_for_nothing_per_s", VMS,
	 "futile, and another CPU was interrupted for it", RATE(kvm.yield.for_nothing)},
	{"yield.by.*_per_s", VMS, "yields taken, by why that target", RATE(kvm.taken_by_reason),
	 EACH(uint64_t, reasons, reason_help, OVERSUB_REASONS)},

	{"hint.precision", VMS, "yields taken whose target was the right one",
	 FRACTION(kvm.hint.all.right, kvm.hint.all.taken)},
	{"hint.recall", VMS, "exits with a right target that yielded to it",
	 FRACTION(kvm.hint.all.right, kvm.hint.all.had_right)},
	{"hint.also_needed", VMS, "taken to another one that has to run as well",
	 FRACTION(kvm.hint.verdicts[HINT_ALSO_NEEDED], kvm.hint.all.taken)},
	{"hint.stale", VMS, "taken to an IPI receiver not waited for any more",
	 FRACTION(kvm.hint.verdicts[HINT_STALE], kvm.hint.all.taken)},
	{"hint.polluted", VMS, "taken to the receiver of an IPI not to wait for",
	 FRACTION(kvm.hint.verdicts[HINT_POLLUTED], kvm.hint.all.taken)},
	{"hint.wrong", VMS, "taken to one that has no part in the wait",
	 FRACTION(kvm.hint.verdicts[HINT_WRONG], kvm.hint.all.taken)},
	{"hint.precision.*", VMS, "hint.precision, of exits that waited",
	 FRACTION(kvm.hint.by_wait[0].right, kvm.hint.by_wait[0].taken),
	 .whole_stride = sizeof(struct hint_counts),
	 EACH(struct hint_counts, vcpu_wait_names, wait_help, VCPU_WAITS)},
	{"hint.recall.*", VMS, "hint.recall, of exits that waited",
	 FRACTION(kvm.hint.by_wait[0].right, kvm.hint.by_wait[0].had_right),
	 .whole_stride = sizeof(struct hint_counts),
	 EACH(struct hint_counts, vcpu_wait_names, wait_help, VCPU_WAITS)},
	{"hint.exits.*", VMS, "pause-loop exits that waited",
	 FRACTION(kvm.hint.by_wait[0].exits, kvm.hint.all.exits),
	 EACH(struct hint_counts, vcpu_wait_names, wait_help, VCPU_WAITS)},
	{"hint.chain.*", VMS, "pause-loop exits by where the chain of waits ends",
	 FRACTION(kvm.hint.ends, kvm.hint.all.exits),
	 EACH(uint64_t, chain_end_names, chain_help, CHAIN_ENDS)},
	{"hint.hops", VMS, "mean length of the chain to the right target",
	 RATIO(kvm.hint.hops, kvm.hint.all.had_right)},
	{"hint.irqs_off", VMS, "right targets behind a running receiver, IF=0",
	 FRACTION(kvm.hint.irqs_off, kvm.hint.all.had_right)},

	{"exits.*_per_s", VMS, "VM exits by reason", RATE(kvm.exits),
	 EACH(uint64_t, exit_reason_names, exit_help, EXIT_REASONS)},
	{"ipis_sent_per_s", VMS, "IPIs that guests sent; a broadcast counts once",
	 RATE(kvm.ipis_sent)},
	{"ipis_unicast_per_s", VMS, "those with one receiver", RATE(kvm.ipis_unicast)},
	{"ipis_by_hardware_per_s", VMS, "those that the host never heard of",
	 RATE(kvm.ipis_by_hardware)},
	{"nmis_per_s", VMS, "NMIs taken", RATE(kvm.nmis)},
	{"ipis_avoided_per_s", VMS, "calls that needed no IPI: one was under way",
	 RATE(guest.ipis_avoided)},
	{"pv.tlb_left_to_host_per_s", VMS, "vCPUs that a PV TLB flush did not interrupt",
	 RATE(guest.tlb_left_to_host)},
	{"guest.wakeups_per_s", VMS, "threads that guests woke", RATE(guest.wakeups)},
	{"guest.reschedules_per_s", VMS, "reschedule IPIs (0xfd)", RATE(guest.reschedules)},
	{"guest.wake_ipis_per_s", VMS, "wake-ups by an IPI for the list of calls (0xfb)",
	 RATE(guest.wake_ipis)},
	{"guest.switches_per_s", VMS, "context switches of guests with a scheduler",
	 RATE(guest.switches)},
	{"guest.ticks_per_s", VMS, "ticks that guests took", RATE(guest.ticks)},
	{"guest.polls_per_s", VMS, "polls of idle guest CPUs (haltpoll)", RATE(guest.polls)},
	{"lock_sleeps_per_s", VMS, "sleeps of waiters for mutexes and rwsems",
	 RATE(guest.lock_sleeps)},
	{"pv.lock_halts_per_s", VMS, "halts of waiters for pv locks", RATE(guest.lock_halts)},
	{"pv.kicks_per_s", VMS, "halted waiters that an unlock woke", RATE(kvm.pv_kicks)},
	{"pv.yields_asked_per_s", VMS, "yields that guests asked for by hypercall",
	 RATE(kvm.pv_yields_asked)},
	{"pv.yields_taken_per_s", VMS, "those that a vCPU was found for",
	 RATE(kvm.pv_yield.taken)},
	{"pv.reported_preempted_per_s", VMS, "preempted vCPUs that guests were told of",
	 RATE(kvm.reported_preempted)},
	{"interrupts_injected_per_s", VMS, "interrupts that guests took",
	 RATE(kvm.interrupts_injected)},
	{"eois_per_s", VMS, "interrupts that guests ended", RATE(kvm.eois)},

	{"each.*.requests_per_s", VMS, "requests of one VM, where there are several",
	 GROUP("1/s", collect_each, each_metrics, requests_per_s)},
	{"each.*.cpu_over_entitlement", VMS, "CPU over entitlement of one VM, likewise",
	 WITH("ratio", each_metrics, cpu_over_entitlement)},
	{"drift.requests", VMS | THREADS, "requests: second half of the run less first / mean",
	 GROUP("fraction", collect_drift, drift_metrics, requests)},
	{"drift.cpu", VMS | THREADS, "the same of CPU time; not 0: too short a warm-up",
	 WITH("fraction", drift_metrics, cpu)},
	{NULL},
};
/* clang-format on */
