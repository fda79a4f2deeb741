/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/metric.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <oversub/policy.h>

#include "models/host/host.h"
#include "models/host/thread.h"
#include "models/kvm/kvm.h"
#include "sim/stats/histogram.h"

static const char *const cpu_states[METRIC_CPU_MEMBERS] = {
	[PCPU_IDLE] = "idle",
	[PCPU_SWITCH] = "switch",
	[PCPU_BUSY] = "busy",
	[METRIC_CPU_POLL] = "poll",
};

static const char *const cpu_state_help[METRIC_CPU_MEMBERS] = {
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

#define FAMILY(names, help_of, nr) .members = names, .member_help = help_of, .nr_members = nr

#define LIMITED_SCOPES		   (METRIC_OF_VMS | METRIC_OF_THREADS | METRIC_OF_CGROUPS)

#define OPEN_SCOPES		   (METRIC_OF_VMS | METRIC_OF_THREADS)

/* The same of sources and of events. */
#define BACKLOG(first, prefix, offered_help, served_help)                                          \
	[(first) +                                                                                 \
		METRIC_OFFERED] = {prefix "offered_per_s", "1/s", OPEN_SCOPES, offered_help},      \
		[(first) +                                                                         \
			METRIC_SERVED] = {prefix "served_per_s", "1/s", OPEN_SCOPES, served_help}, \
		[(first) + METRIC_BACKLOG] = {prefix "backlog", "count", OPEN_SCOPES,              \
					      "how many wait at the end (censored waits)"},        \
		[(first) + METRIC_BACKLOG_MEAN] = {prefix "backlog_mean", "count", OPEN_SCOPES,    \
						   "how many wait, averaged over time"},           \
		[(first) + METRIC_BACKLOG_OLDEST] = {prefix "backlog_oldest", "ns", OPEN_SCOPES,   \
						     "age of the oldest of them at the end"},      \
		[(first) + METRIC_GROWTH] = {prefix "growth_per_s", "1/s", OPEN_SCOPES,            \
					     "growth of the backlog in the second half"},          \
		[(first) + METRIC_GROWTH_ERROR] = {prefix "growth_error_per_s", "1/s",             \
						   OPEN_SCOPES, "standard error of growth_per_s"}

const struct metric_description metric_descriptions[METRICS] = {
	[METRIC_CPU] = {"cpu.*", "fraction", METRIC_OF_HOST, "time of the physical CPUs; sums to 1",
			FAMILY(cpu_states, cpu_state_help, METRIC_CPU_MEMBERS)},
	[METRIC_SWITCHES] = {"switches_per_s", "1/s", METRIC_OF_HOST,
			     "context switches of all physical CPUs"},
	[METRIC_MIGRATIONS] = {"migrations_per_s", "1/s", METRIC_OF_HOST,
			       "threads that moved to another physical CPU"},
	[METRIC_JAIN] = {"jain", "ratio", METRIC_OF_HOST,
			 "Jain's index of cpu_over_entitlement; 1 is fair"},
	[METRIC_STACKING] = {"stacking", "fraction", METRIC_OF_HOST,
			     "runnable vCPUs that share a queue with a sibling"},
	[METRIC_STACKED_PAIRS] = {"stacked_pairs", "fraction", METRIC_OF_HOST,
				  "pairs of runnable siblings on one queue"},
	[METRIC_COSCHED] = {"cosched.*_per_s", "1/s", METRIC_OF_HOST, "what host.cosched did",
			    FAMILY(cosched_counts, cosched_count_help, COSCHED_COUNTS)},
	[METRIC_REQUESTS] = {"requests_per_s", "1/s", METRIC_OF_VMS | METRIC_OF_THREADS,
			     "requests that ended, of all names together"},
	[METRIC_VCPU_TIME] = {"time.*", "fraction", METRIC_OF_VMS, "time of the vCPUs; sums to 1",
			      FAMILY(vcpu_time_names, vcpu_time_help, VCPU_TIMES)},
	[METRIC_THREAD_TIME] = {"time.*", "fraction", METRIC_OF_THREADS,
				"time of the threads; sums to 1",
				FAMILY(thread_time_names, thread_time_help, THREAD_TIMES)},
	[METRIC_CPU_OVER_ENTITLEMENT] = {"cpu_over_entitlement", "ratio", METRIC_OF_VMS,
					 "CPU time over entitlement, explained below"},
	[METRIC_USAGE_USEC] = {"cpu_stat.usage_usec_per_s", "1/s", METRIC_OF_CGROUPS,
			       "microseconds of CPU time of all in it"},
	[METRIC_NR_PERIODS] = {"cpu_stat.nr_periods_per_s", "1/s", LIMITED_SCOPES,
			       "periods of cpu.max, of all cgroups together"},
	[METRIC_NR_THROTTLED] = {"cpu_stat.nr_throttled_per_s", "1/s", LIMITED_SCOPES,
				 "those that ended with a queue throttled"},
	[METRIC_NR_BURSTS] = {"cpu_stat.nr_bursts_per_s", "1/s", LIMITED_SCOPES,
			      "those that used more than the quota"},
	[METRIC_THROTTLED_USEC] = {"cpu_stat.throttled_usec_per_s", "1/s", LIMITED_SCOPES,
				   "microseconds that queues were throttled"},
	[METRIC_EACH_REQUESTS] = {"each.*.requests_per_s", "1/s", METRIC_OF_VMS,
				  "requests of one VM, where there are several"},
	[METRIC_EACH_CPU_OVER_ENTITLEMENT] = {"each.*.cpu_over_entitlement", "ratio", METRIC_OF_VMS,
					      "CPU over entitlement of one VM, likewise"},
	[METRIC_LOCKS] = {"locks_per_s", "1/s", METRIC_OF_VMS, "acquisitions of locks"},
	[METRIC_LOCK_CONTENDED] = {"lock_contended", "fraction", METRIC_OF_VMS,
				   "acquisitions that had to wait"},
	[METRIC_DRIFT_REQUESTS] = {"drift.requests", "fraction", METRIC_OF_VMS | METRIC_OF_THREADS,
				   "requests: second half of the run less first / mean"},
	[METRIC_DRIFT_CPU] = {"drift.cpu", "fraction", METRIC_OF_VMS | METRIC_OF_THREADS,
			      "the same of CPU time; not 0: too short a warm-up"},
	[METRIC_UNFINISHED_WAITS] = {"unfinished_waits", "count", OPEN_SCOPES,
				     "censored waits, what nobody took included"},
	[METRIC_UNFINISHED_OLDEST] = {"unfinished_oldest", "ns", OPEN_SCOPES,
				      "age of the oldest of them"},
	BACKLOG(METRIC_SOURCE, "source.*.", "items that arrived at a source of work",
		"those that a thread took"),
	BACKLOG(METRIC_EVENT, "event.*.", "signals that an event was given",
		"those that a thread waited for"),
	[METRIC_PLE_EXITS] = {"ple_exits_per_s", "1/s", METRIC_OF_VMS, "pause-loop exits"},
	[METRIC_YIELD_TRIED] = {"yield.tried_per_s", "1/s", METRIC_OF_VMS, "calls of yield_to"},
	[METRIC_YIELD_TAKEN] = {"yield.taken_per_s", "1/s", METRIC_OF_VMS, "those that returned 1"},
	[METRIC_YIELD_REFUSED] = {"yield.refused_per_s", "1/s", METRIC_OF_VMS,
				  "those that returned 0: the target runs or sleeps"},
	[METRIC_YIELD_ESRCH] = {"yield.esrch_per_s", "1/s", METRIC_OF_VMS,
				"-ESRCH: both run queues have one task"},
	[METRIC_YIELD_HONOURED] = {"yield.honoured_per_s", "1/s", METRIC_OF_VMS,
				   "taken, and the target ran next on its CPU"},
	[METRIC_YIELD_FUTILE] = {"yield.futile_per_s", "1/s", METRIC_OF_VMS,
				 "taken, and something else ran next there"},
	[METRIC_YIELD_SAME_RQ] = {"yield.same_rq_per_s", "1/s", METRIC_OF_VMS,
				  "taken, the target on the yielder's CPU"},
	[METRIC_YIELD_CROSS_RQ] = {"yield.cross_rq_per_s", "1/s", METRIC_OF_VMS,
				   "taken, the target on another CPU"},
	[METRIC_YIELD_FOR_NOTHING] = {"yield.remote_exits_for_nothing_per_s", "1/s", METRIC_OF_VMS,
				      "futile, and another CPU was interrupted for it"},
	[METRIC_YIELD_BY_REASON] = {"yield.by.*_per_s", "1/s", METRIC_OF_VMS,
				    "yields taken, by why that target",
				    FAMILY(reasons, reason_help, OVERSUB_REASONS)},
	[METRIC_HINT_PRECISION] = {"hint.precision", "fraction", METRIC_OF_VMS,
				   "yields taken whose target was the right one"},
	[METRIC_HINT_RECALL] = {"hint.recall", "fraction", METRIC_OF_VMS,
				"exits with a right target that yielded to it"},
	[METRIC_HINT_ALSO_NEEDED] = {"hint.also_needed", "fraction", METRIC_OF_VMS,
				     "taken to another one that has to run as well"},
	[METRIC_HINT_STALE] = {"hint.stale", "fraction", METRIC_OF_VMS,
			       "taken to an IPI receiver not waited for any more"},
	[METRIC_HINT_POLLUTED] = {"hint.polluted", "fraction", METRIC_OF_VMS,
				  "taken to the receiver of an IPI not to wait for"},
	[METRIC_HINT_WRONG] = {"hint.wrong", "fraction", METRIC_OF_VMS,
			       "taken to one that has no part in the wait"},
	[METRIC_HINT_PRECISION_OF] = {"hint.precision.*", "fraction", METRIC_OF_VMS,
				      "hint.precision, of exits that waited",
				      FAMILY(vcpu_wait_names, wait_help, VCPU_WAITS)},
	[METRIC_HINT_RECALL_OF] = {"hint.recall.*", "fraction", METRIC_OF_VMS,
				   "hint.recall, of exits that waited",
				   FAMILY(vcpu_wait_names, wait_help, VCPU_WAITS)},
	[METRIC_HINT_EXITS] = {"hint.exits.*", "fraction", METRIC_OF_VMS,
			       "pause-loop exits that waited",
			       FAMILY(vcpu_wait_names, wait_help, VCPU_WAITS)},
	[METRIC_HINT_CHAIN] = {"hint.chain.*", "fraction", METRIC_OF_VMS,
			       "pause-loop exits by where the chain of waits ends",
			       FAMILY(chain_end_names, chain_help, CHAIN_ENDS)},
	[METRIC_HINT_HOPS] = {"hint.hops", "ratio", METRIC_OF_VMS,
			      "mean length of the chain to the right target"},
	[METRIC_HINT_IRQS_OFF] = {"hint.irqs_off", "fraction", METRIC_OF_VMS,
				  "right targets behind a running receiver, IF=0"},
	[METRIC_EXITS] = {"exits.*_per_s", "1/s", METRIC_OF_VMS, "VM exits by reason",
			  FAMILY(exit_reason_names, exit_help, EXIT_REASONS)},
	[METRIC_IPIS_SENT] = {"ipis_sent_per_s", "1/s", METRIC_OF_VMS,
			      "IPIs that guests sent; a broadcast counts once"},
	[METRIC_IPIS_UNICAST] = {"ipis_unicast_per_s", "1/s", METRIC_OF_VMS,
				 "those with one receiver"},
	[METRIC_IPIS_BY_HARDWARE] = {"ipis_by_hardware_per_s", "1/s", METRIC_OF_VMS,
				     "those that the host never heard of"},
	[METRIC_NMIS] = {"nmis_per_s", "1/s", METRIC_OF_VMS, "NMIs taken"},
	[METRIC_IPIS_AVOIDED] = {"ipis_avoided_per_s", "1/s", METRIC_OF_VMS,
				 "calls that needed no IPI: one was under way"},
	[METRIC_PV_TLB_LEFT_TO_HOST] = {"pv.tlb_left_to_host_per_s", "1/s", METRIC_OF_VMS,
					"vCPUs that a PV TLB flush did not interrupt"},
	[METRIC_GUEST_WAKEUPS] = {"guest.wakeups_per_s", "1/s", METRIC_OF_VMS,
				  "threads that guests woke"},
	[METRIC_GUEST_RESCHEDULES] = {"guest.reschedules_per_s", "1/s", METRIC_OF_VMS,
				      "reschedule IPIs (0xfd)"},
	[METRIC_GUEST_WAKE_IPIS] = {"guest.wake_ipis_per_s", "1/s", METRIC_OF_VMS,
				    "wake-ups by an IPI for the list of calls (0xfb)"},
	[METRIC_GUEST_SWITCHES] = {"guest.switches_per_s", "1/s", METRIC_OF_VMS,
				   "context switches of guests with a scheduler"},
	[METRIC_GUEST_TICKS] = {"guest.ticks_per_s", "1/s", METRIC_OF_VMS,
				"ticks that guests took"},
	[METRIC_GUEST_POLLS] = {"guest.polls_per_s", "1/s", METRIC_OF_VMS,
				"polls of idle guest CPUs (haltpoll)"},
	[METRIC_LOCK_SLEEPS] = {"lock_sleeps_per_s", "1/s", METRIC_OF_VMS,
				"sleeps of waiters for mutexes and rwsems"},
	[METRIC_PV_LOCK_HALTS] = {"pv.lock_halts_per_s", "1/s", METRIC_OF_VMS,
				  "halts of waiters for pv locks"},
	[METRIC_PV_KICKS] = {"pv.kicks_per_s", "1/s", METRIC_OF_VMS,
			     "halted waiters that an unlock woke"},
	[METRIC_PV_YIELDS_ASKED] = {"pv.yields_asked_per_s", "1/s", METRIC_OF_VMS,
				    "yields that guests asked for by hypercall"},
	[METRIC_PV_YIELDS_TAKEN] = {"pv.yields_taken_per_s", "1/s", METRIC_OF_VMS,
				    "those that a vCPU was found for"},
	[METRIC_PV_REPORTED_PREEMPTED] = {"pv.reported_preempted_per_s", "1/s", METRIC_OF_VMS,
					  "preempted vCPUs that guests were told of"},
	[METRIC_INTERRUPTS_INJECTED] = {"interrupts_injected_per_s", "1/s", METRIC_OF_VMS,
					"interrupts that guests took"},
	[METRIC_EOIS] = {"eois_per_s", "1/s", METRIC_OF_VMS, "interrupts that guests ended"},
	[METRIC_THREAD_YIELDS] = {"yields_per_s", "1/s", METRIC_OF_THREADS, "calls of sched_yield"},
};

const struct latency_description latency_descriptions[LATENCIES] = {
	[LATENCY_REQUEST] = {"request.*", METRIC_OF_VMS | METRIC_OF_THREADS,
			     "begin of a request, or its arrival, to its end"},
	[LATENCY_IPI_DELIVERY] = {"ipi_delivery", METRIC_OF_VMS,
				  "ICR write to start of the handler, per receiver"},
	[LATENCY_IPI_RESPONSE] = {"ipi_response", METRIC_OF_VMS,
				  "call on other CPUs until the last has answered"},
	[LATENCY_SMP_CALL] = {"smp_call", METRIC_OF_VMS,
			      "smp_call that waits, until its thread goes on"},
	[LATENCY_TLB_FLUSH] = {"tlb_flush", METRIC_OF_VMS, "tlb_flush, until its thread goes on"},
	[LATENCY_LOCK_WAIT] = {"lock_wait", METRIC_OF_VMS | METRIC_OF_THREADS,
			       "contended acquisitions, all locks together"},
	[LATENCY_SYNC_WAIT] = {"sync_wait", METRIC_OF_VMS | METRIC_OF_THREADS,
			       "sleep until an event or a barrier lets go"},
	[LATENCY_GUEST_WAKEUP_WAIT] = {"guest_wakeup_wait", METRIC_OF_VMS,
				       "a guest's thread, woken to running"},
	[LATENCY_GUEST_TICK_DELAY] = {"guest_tick_delay", METRIC_OF_VMS,
				      "a guest's tick, due to done"},
	[LATENCY_WAKEUP_WAIT] = {"wakeup_wait", METRIC_OF_VMS, "vCPU thread woken until it runs"},
	[LATENCY_RUNQUEUE_WAIT] = {"runqueue_wait", METRIC_OF_VMS,
				   "vCPU runnable without a CPU, each time"},
};

const struct latency_part latency_parts[LATENCY_PARTS] = {
	{"count_per_s", "1/s", LATENCY_COUNT, 0, "how many"},
	{"mean", "ns", LATENCY_MEAN, 0, "arithmetic mean"},
	{"p50", "ns", LATENCY_PERCENTILE, 50, "median"},
	{"p90", "ns", LATENCY_PERCENTILE, 90, "90th percentile"},
	{"p99", "ns", LATENCY_PERCENTILE, 99, "99th percentile"},
	{"p99.9", "ns", LATENCY_PERCENTILE, 99.9, "99.9th percentile"},
	{"max", "ns", LATENCY_MAX, 0, "largest"},
};

const char *metric_name(const char *pattern, const char *member, char *buffer, size_t size)
{
	const char *star = strchr(pattern, '*');

	if (star)
		snprintf(buffer, size, "%.*s%s%s", (int)(star - pattern), pattern, member,
			 star + 1);
	else
		snprintf(buffer, size, "%s", pattern);
	return buffer;
}

static bool ends_in(const char *name, const char *suffix)
{
	size_t length = strlen(name), end = strlen(suffix);

	return length > end && name[length - end - 1] == '.' &&
	       !strcmp(name + length - end, suffix);
}

bool metric_is_percentile(const char *name)
{
	for (int i = 0; i < LATENCY_PARTS; i++)
		if (latency_parts[i].kind == LATENCY_PERCENTILE &&
		    ends_in(name, latency_parts[i].suffix))
			return true;
	return false;
}

double metric_resolution(const char *name, double value)
{
	return value >= 0 && metric_is_percentile(name) ? sim_histogram_resolution(value) : 0;
}

static unsigned int scope_of(const char *scope)
{
	if (!strncmp(scope, "vm.", 3))
		return METRIC_OF_VMS;
	if (!strncmp(scope, "cgroup.", 7))
		return METRIC_OF_CGROUPS;
	return !strcmp(scope, "host") ? METRIC_OF_HOST : METRIC_OF_THREADS;
}

/* name is pattern with anything in the place of its '*'. */
static bool matches(const char *pattern, const char *name)
{
	size_t before = strcspn(pattern, "*"), length = strlen(name), after;

	if (!pattern[before])
		return !strcmp(pattern, name);
	after = strlen(pattern + before + 1);
	return length > before + after && !strncmp(pattern, name, before) &&
	       !strcmp(pattern + before + 1, name + length - after);
}

static bool is_one_of(const struct metric_description *metric, const char *name)
{
	char member[128];

	if (!metric->nr_members)
		return matches(metric->name, name);
	for (int i = 0; i < metric->nr_members; i++)
		if (!strcmp(metric_name(metric->name, metric->members[i], member, sizeof(member)),
			    name))
			return true;
	return false;
}

/* name is that of latency: itself, or anything in the place of its '*'. */
static bool is_latency(const struct latency_description *latency, const char *name, size_t length)
{
	size_t fixed = strcspn(latency->name, "*");

	if (!latency->name[fixed])
		return length == fixed && !strncmp(name, latency->name, length);
	return length > fixed && !strncmp(name, latency->name, fixed);
}

static const char *latency_unit(unsigned int scope, const char *name)
{
	size_t length = strlen(name);

	for (int i = 0; i < LATENCY_PARTS; i++) {
		size_t suffix = strlen(latency_parts[i].suffix);

		if (length <= suffix + 1 || name[length - suffix - 1] != '.' ||
		    strcmp(name + length - suffix, latency_parts[i].suffix) != 0)
			continue;
		for (int k = 0; k < LATENCIES; k++)
			if (latency_descriptions[k].scopes & scope &&
			    is_latency(&latency_descriptions[k], name, length - suffix - 1))
				return latency_parts[i].unit;
	}
	return NULL;
}

const char *metric_unit(const char *scope, const char *name)
{
	unsigned int wanted = scope_of(scope);

	for (int i = 0; i < METRICS; i++)
		if (metric_descriptions[i].scopes & wanted &&
		    is_one_of(&metric_descriptions[i], name))
			return metric_descriptions[i].unit;
	return latency_unit(wanted, name);
}
