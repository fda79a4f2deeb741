/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measurements of a real kernel, and the scenarios that are held to them.
 *
 * Linux 6.18, HZ 250, no HRTICK, preemption model "none", two CPUs of a virtual machine on AMD
 * Zen 4, hence a base slice of 1.4 ms; everything else at its defaults. Cases have the names under
 * which they were measured. Tolerances are those that were stated with the measurements, but for
 * fractions of run lengths, the third of the mixed slices and rounds over 1 ms, for which none, or
 * a narrower one, was stated: these were chosen with the results at hand.
 *
 * All scenarios share one set of costs, from experiment g alone, whose rows therefore say little;
 * for the other experiments they are predictions:
 *
 *   syscall_ns 520           g_1yield_alone: a sched_yield() that switches to nobody
 *   context_switch_ns 1020   g_2yield_cost: one that switches takes 1540 ns
 *   360 ns before each wake  g_futex_pp_one_cpu: a handoff beyond two calls and a switch
 *   idle_wake_ns 8500        g_futex_pp_cross_cpu_idle
 *   interrupt_ns 24000       g_tick_lone_hog: median gap that a tick makes in a task's time
 *
 * Not from g: spin_ns 15 was found to suit h, and cache_refill_ns 0 assumes that the measured loops
 * have no working set, which note COLD_YIELD contradicts.
 *
 * And one amount of noise, from the spread of the run lengths in a (5 % and 95 % at 4 ms -+ 20 us):
 * hogs look at the resched bits up to 30 us late.
 *
 * Two more things were fitted after a first look. The work between yields in d is as long as the
 * CPU time per yield that d itself measured. And hold and work times in h vary by a fifth: constant
 * ones fall into step with the tick, which the measured ones did not.
 */
#include "tests/validation/cases.h"

#define THREADS "host_workload.threads."

/* ---- What is compared --------------------------------------------------------------------- */

#define SHARE_OF(metric_, measured_, ...)                                                          \
	{                                                                                          \
		"share, " metric_, "observed/" metric_, .reference = (measured_),                  \
							.tolerance = 0.003, .absolute = true,      \
							__VA_ARGS__                                \
	}
#define RUN_MEAN(class_, measured_, tolerance_, ...)                                               \
	{                                                                                          \
		"mean run, " class_, "observed/" class_ ".run_mean",                               \
			.reference = (measured_), .tolerance = (tolerance_), __VA_ARGS__           \
	}
#define RUN_TICKS(class_, ticks_, measured_, tolerance_)                                           \
	{                                                                                          \
		"runs of " #ticks_ " ticks, " class_, "observed/" class_ ".run_ticks_" #ticks_,    \
			.reference = (measured_), .tolerance = (tolerance_), .absolute = true      \
	}
#define LEAST_RECENT(measured_, ...)                                                               \
	{                                                                                          \
		"picks of least recently run", "observed/hog.pick_lru",                            \
			.reference = (measured_), .tolerance = 0.02, .absolute = true, __VA_ARGS__ \
	}
#define WAIT_P50(measured_, ...)                                                                   \
	{                                                                                          \
		"wake-up wait, median", "observed/sleeper.wait_p50",                               \
			.reference = (measured_), .tolerance = 2, .factor = true, __VA_ARGS__      \
	}
#define WAIT_LONG(measured_, ...)                                                                  \
	{                                                                                          \
		"wake-up waits over 1 ms", "observed/sleeper.wait_over_1ms",                       \
			.reference = (measured_), .tolerance = 0.15, .absolute = true, __VA_ARGS__ \
	}
#define YIELDS(measured_, tolerance_)                                                              \
	{                                                                                          \
		"yields/s", "host_threads/yields_per_s", .reference = (measured_),                 \
							 .tolerance = (tolerance_)                 \
	}
#define YIELDER_SHARE(measured_, ...)                                                              \
	{                                                                                          \
		"share, yielder", "observed/yielder.share", .reference = (measured_),              \
							    .tolerance = 0.03, __VA_ARGS__         \
	}
/* A round is two handoffs. */
#define HANDOFF(measured_, tolerance_, ...)                                                        \
	{                                                                                          \
		"handoff, median", "host_threads/request.round.p50",                               \
			.reference = (measured_), .scale = 0.5, .tolerance = (tolerance_),         \
			__VA_ARGS__                                                                \
	}
/* The two of the pair are alike. */
#define PAIR_SHARE(measured_)                                                                      \
	{                                                                                          \
		"share, pair", "observed/pinger.share", .reference = (measured_), .scale = 2,      \
							.tolerance = 0.03                          \
	}
/* Nobody stated a tolerance for these. */
#define STALLS(measured_)                                                                          \
	{                                                                                          \
		"rounds/s over 1 ms", "observed/round.over_1ms_per_s", .reference = (measured_),   \
								       .tolerance = 0.3            \
	}
#define ROUNDS(measured_, tolerance_)                                                              \
	{                                                                                          \
		"rounds/s", "host_threads/requests_per_s", .reference = (measured_),               \
							   .tolerance = (tolerance_)               \
	}
#define ACQUISITIONS(measured_, tolerance_, ...)                                                   \
	{                                                                                          \
		"acquisitions/s", "host_threads/requests_per_s",                                   \
			.reference = (measured_), .tolerance = (tolerance_), __VA_ARGS__           \
	}
#define SPINNING(measured_, tolerance_)                                                            \
	{                                                                                          \
		"spinning", "observed/spin", .reference = (measured_), .tolerance = (tolerance_)   \
	}

/* ---- Overrides ---------------------------------------------------------------------------- */

#define HOGS(n)	     THREADS "hog.count=" #n
#define SLICE(slice) THREADS "hog.slice=" #slice
#define PERIOD(time) THREADS "sleeper.program[0].body[0].timer=" #time
#define PHASES	     "run.replications=32"
/* For an interval that is narrow enough to show something. */
#define MORE(n) "run.replications=" #n
#define WORK(min, max)                                                                             \
	THREADS "yielder.program[0].body[0].run={\"uniform\":{\"min\":\"" #min                     \
		"\",\"max\":\"" #max "\"}}"
#define SPINNERS(n)    THREADS "spinner.count=" #n
#define YIELD_AFTER(n) THREADS "spinner.program[1].body[0].body[0].yield_after=" #n
#define FLOATING       THREADS "spinner.cpus=[0,1]"
#define EACH_SIDE(n)   THREADS "left.count=" #n, THREADS "right.count=" #n
#define BOTH_YIELD                                                                                 \
	THREADS "left.program[1].body[0].body[0].yield_after=100",                                 \
		THREADS "right.program[1].body[0].body[0].yield_after=100"

/* ---- Why not ------------------------------------------------------------------------------ */

#define PICK_NOISE                                                                                 \
	"Without noise every pick takes the least recently run task; with it, the "                \
	"more tasks there are the fewer do. Twice the simulated noise gives 0.977 "                \
	"here, so longer tails of the real one may be the cause; that has not been "               \
	"shown."
#define LONG_SLICE                                                                                 \
	"With 60 replications 4.159 ms +- 0.039: 3.1 % longer than measured, with a "              \
	"tolerance of 3 % that was chosen with fewer. Not equivalent; why is not known."
#define WIDE_SPREAD                                                                                \
	"The difference is within the tolerance, the interval of 200 replications is "             \
	"not: they settle in patterns that differ, and the measured ones were few. "               \
	"Neither shown to agree nor to differ."
#define TWO_MODES                                                                                  \
	"Each repeat settles in one of two patterns, with a quarter of the waits over "            \
	"1 ms or nearly all, here as on the machine; there it was two repeats of four "            \
	"in each. Which one depends on the phase against the tick, and four repeats "              \
	"are few."
#define OLDER_LAG_LIMIT                                                                            \
	"Probably a rule that changed before 7.2: the limit on a task's lag. With "                \
	"that of older kernels (the longer of two slices and a tick) instead of 7.2's "            \
	"(the longest slice plus a tick), tried in a modified simulator, there are "               \
	"phases at which nearly all waits are over 1 ms, as in two of the three "                  \
	"measured repeats; with 7.2's there are none. It brings c_sleep5ms_hogs4 to "              \
	"0.37, and with a slice of 3 ms to 0.22, closer as well, but c_sleep1ms_hogs8 "            \
	"to 0.83, further away. Under 7.2 the sleeper keeps up to 5.4 ms of lag, "                 \
	"which pulls the mean so far back that most hogs are ineligible, and so "                  \
	"unprotected, when it wakes up."
#define COLD_YIELD                                                                                 \
	"After 4 ms of a hog, a real yielder needs 3 us for a loop that takes 0.5 us "             \
	"when it is warm. The simulated loop has no working set to refill."
#define CONSTANT_SWITCH                                                                            \
	"Real wake-ups and switches take longer with others in the run queue: a "                  \
	"handoff costs the pair 2.5 us of CPU without hogs, 2.7 with one and 3.7 with "            \
	"two. The simulator's take the same everywhere."
#define DEAR_INTERRUPT                                                                             \
	"The simulator has one cost for all interrupts, here that of this machine's "              \
	"ticks; its IPIs are cheaper. With the default of 1 us it is 12.5 us."
#define OWN_WORK                                                                                   \
	"A lone thread made 38670 acquisitions a second there and makes 39760 here: "              \
	"2.7 % of the CPU went to things that are not simulated, which is more than "              \
	"the tolerance."

/* ---- Cases -------------------------------------------------------------------------------- */

const struct validation_case kernel_cases[] = {
	/* a: N equal hogs; slices end at the next tick and go round. */
	{"a_hogs_2",
	 "hogs",
	 {HOGS(2)},
	 {RUN_MEAN("hog", 4007116, 0.01), SHARE_OF("hog.share_min", 0.4996),
	  SHARE_OF("hog.share_max", 0.5004)}},
	{"a_hogs_3",
	 "hogs",
	 {HOGS(3)},
	 {RUN_MEAN("hog", 4003310, 0.01), SHARE_OF("hog.share_min", 0.3318),
	  SHARE_OF("hog.share_max", 0.3354)}},
	{"a_hogs_4",
	 "hogs",
	 {HOGS(4)},
	 {RUN_MEAN("hog", 4002220, 0.01), SHARE_OF("hog.share_min", 0.2494),
	  SHARE_OF("hog.share_max", 0.2504)}},
	{"a_hogs_8",
	 "hogs",
	 {HOGS(8)},
	 {RUN_MEAN("hog", 4003510, 0.01), SHARE_OF("hog.share_min", 0.1240),
	  SHARE_OF("hog.share_max", 0.1261)}},
	/* a: custom slices round up to the tick; those of 10 ms and more are from all runs. */
	{"a_hogs_3_slice_200us", "hogs", {SLICE(200us)}, {RUN_MEAN("hog", 4000300, 0.02)}},
	{"a_hogs_3_slice_700us", "hogs", {SLICE(700us)}, {RUN_MEAN("hog", 4000400, 0.02)}},
	{"a_hogs_3_slice_3000us", "hogs", {SLICE(3ms)}, {RUN_MEAN("hog", 4005720, 0.02)}},
	{"a2_hogs_3_slice_6ms",
	 "hogs",
	 {SLICE(6ms)},
	 {RUN_MEAN("hog", 7906550, 0.02), RUN_TICKS("hog", 2, 0.977, 0.03)}},
	{"a2_hogs_3_slice_10ms",
	 "hogs",
	 {SLICE(10ms)},
	 {RUN_MEAN("hog", 11864200, 0.02), RUN_TICKS("hog", 3, 0.976, 0.03)}},
	/* a: exactly five ticks: it is up to noise whether the fifth ends the slice. */
	{"a_hogs_3_slice_20000us",
	 "hogs",
	 {SLICE(20ms)},
	 {RUN_MEAN("hog", 22270000, 0.02), RUN_TICKS("hog", 5, 0.42, 0.1),
	  RUN_TICKS("hog", 6, 0.55, 0.1)}},
	/* a: the shortest slice of the queue protects whoever runs. */
	{"a_hogs_mixed_slice",
	 "hogs-unequal",
	 {THREADS "first.slice=500us", THREADS "third.slice=12ms", "run.measure=20s"},
	 {RUN_MEAN("first", 4034480, 0.02),
	  RUN_MEAN("third", 4034480, 0.03, .explanation = LONG_SLICE),
	  SHARE_OF("first.share", 0.3336), SHARE_OF("second.share", 0.3319),
	  SHARE_OF("third.share", 0.3345)}},
	/* a2: who is picked among equals. */
	{"a2_hogs_3_pick_order", "hogs", {HOGS(3)}, {LEAST_RECENT(0.990)}},
	{"a2_hogs_4_pick_order",
	 "hogs",
	 {HOGS(4)},
	 {LEAST_RECENT(0.975, .explanation = PICK_NOISE)}},
	{"a2_hogs_8_pick_order",
	 "hogs",
	 {HOGS(8)},
	 {LEAST_RECENT(0.927, .explanation = PICK_NOISE)}},
	/* b: nice values; the heavy one runs several ticks in a row. */
	{"b_nice_0_5",
	 "hogs-two",
	 {THREADS "second.nice=5"},
	 {SHARE_OF("first.share", 0.7539), RUN_TICKS("first", 3, 0.940, 0.03),
	  RUN_TICKS("first", 4, 0.059, 0.03), RUN_TICKS("second", 1, 0.998, 0.03)}},
	{"b_nice_0_m5",
	 "hogs-two",
	 {THREADS "second.nice=-5"},
	 {SHARE_OF("second.share", 0.7531), RUN_TICKS("second", 3, 0.946, 0.03),
	  RUN_TICKS("second", 4, 0.050, 0.03)}},
	{"b_nice_0_10",
	 "hogs-two",
	 {THREADS "second.nice=10"},
	 {SHARE_OF("first.share", 0.9018), RUN_TICKS("first", 9, 0.683, 0.03),
	  RUN_TICKS("first", 10, 0.313, 0.03)}},
	{"b_nice_0_0_5_5",
	 "hogs-two",
	 {THREADS "first.count=2", THREADS "second.nice=5", THREADS "second.count=2"},
	 {SHARE_OF("first.share", 0.7527), SHARE_OF("second.share_min", 0.1236),
	  RUN_TICKS("first", 1, 0.997, 0.03)}},
	/* c: how long a sleeper waits; over all phases against the tick. */
	{"c_sleep5ms_hogs1", "sleeper", {HOGS(1), PHASES}, {WAIT_P50(31958), WAIT_LONG(0.030)}},
	{"c_sleep5ms_hogs2", "sleeper", {HOGS(2), PHASES}, {WAIT_P50(25597), WAIT_LONG(0.059)}},
	{"c_sleep5ms_hogs4", "sleeper", {HOGS(4), MORE(64)}, {WAIT_P50(30392), WAIT_LONG(0.407)}},
	{"c_sleep1ms_hogs1",
	 "sleeper",
	 {HOGS(1), PERIOD(1ms), PHASES},
	 {WAIT_P50(17872), WAIT_LONG(0.010)}},
	{"c_sleep1ms_hogs2",
	 "sleeper",
	 {HOGS(2), PERIOD(1ms), PHASES},
	 {WAIT_P50(28166), WAIT_LONG(0.009)}},
	{"c_sleep1ms_hogs8",
	 "sleeper",
	 {HOGS(8), PERIOD(1ms), PHASES},
	 {WAIT_LONG(0.436, .explanation = TWO_MODES)}},
	{"c_sleep20ms_hogs1",
	 "sleeper",
	 {HOGS(1), PERIOD(20ms), PHASES},
	 {WAIT_P50(29109), WAIT_LONG(0.000)}},
	{"c_sleep20ms_hogs2",
	 "sleeper",
	 {HOGS(2), PERIOD(20ms), PHASES},
	 {WAIT_P50(32836), WAIT_LONG(0.064)}},
	{"c_sleep20ms_hogs4",
	 "sleeper",
	 {HOGS(4), PERIOD(20ms), PHASES},
	 {WAIT_LONG(0.649, .explanation = OLDER_LAG_LIMIT)}},
	{"c_sleep20ms_hogs8",
	 "sleeper",
	 {HOGS(8), PERIOD(20ms), MORE(200)},
	 {WAIT_LONG(0.595, .explanation = WIDE_SPREAD)}},
	/* c: a slice of its own, whether longer or shorter, makes a sleeper wait less. */
	{"c_sleep5ms_hogs4_slice100us",
	 "sleeper",
	 {HOGS(4), THREADS "sleeper.slice=100us", PHASES},
	 {WAIT_LONG(0.133)}},
	{"c_sleep5ms_hogs4_slice300us",
	 "sleeper",
	 {HOGS(4), THREADS "sleeper.slice=300us", PHASES},
	 {WAIT_LONG(0.150)}},
	{"c_sleep5ms_hogs4_slice3000us",
	 "sleeper",
	 {HOGS(4), THREADS "sleeper.slice=3ms", PHASES},
	 {WAIT_LONG(0.198)}},
	{"c_sleep5ms_hogs4_slice10000us",
	 "sleeper",
	 {HOGS(4), THREADS "sleeper.slice=10ms", PHASES},
	 {WAIT_LONG(0.089)}},
	/* c: the same for slices of the hogs. */
	{"c_sleep5ms_hogs4_hogslice100us",
	 "sleeper",
	 {HOGS(4), SLICE(100us), PHASES},
	 {WAIT_LONG(0.178)}},
	{"c_sleep5ms_hogs4_hogslice10000us",
	 "sleeper",
	 {HOGS(4), SLICE(10ms), PHASES},
	 {WAIT_LONG(0.059)}},
	/* d: a yielder forfeits the rest of its request: 4 ms / 1.4 ms yields a tick, shared by
	   hogs. */
	{"d_1yield_1hog",
	 "yielder",
	 {HOGS(1)},
	 {YIELDS(712.4, 0.03), YIELDER_SHARE(0.002266, .explanation = COLD_YIELD)}},
	{"d_1yield_2hog", "yielder", {HOGS(2)}, {YIELDS(356.4, 0.03)}},
	{"d_1yield_3hog", "yielder", {HOGS(3)}, {YIELDS(235.6, 0.03)}},
	/* d: work between yields is as long as it was measured to be: 53 us and 2.03 ms of CPU. */
	{"d_1yield_work50us_1hog",
	 "yielder",
	 {WORK(50us, 54us)},
	 {YIELDS(705.2, 0.03), YIELDER_SHARE(0.0373)}},
	{"d_1yield_work50us_3hog", "yielder", {HOGS(3), WORK(50us, 54us)}, {YIELDS(234.2, 0.03)}},
	{"d_1yield_work2000us_1hog",
	 "yielder",
	 {WORK(2000us, 2050us)},
	 {YIELDS(236.4, 0.03), YIELDER_SHARE(0.4792)}},
	/* d: yielders among themselves. */
	{"d_2yield", "yielders", {NULL}, {SHARE_OF("yielder.share_max", 0.5006)}},
	{"d_3yield",
	 "yielders",
	 {THREADS "yielder.count=3"},
	 {SHARE_OF("yielder.share_max", 0.3336)}},
	{"d_4yield",
	 "yielders",
	 {THREADS "yielder.count=4"},
	 {SHARE_OF("yielder.share_max", 0.2509)}},
	/* e: groups count as one; an autogroup is a group. */
	{"e_cgroup_1v3_equal_shares",
	 "hogs-two",
	 {THREADS "second.count=3", THREADS "first.cpu_weight=100",
	  THREADS "second.cpu_weight=100"},
	 {SHARE_OF("first.share", 0.4985), SHARE_OF("second.share_min", 0.1662),
	  SHARE_OF("second.share_max", 0.1678)}},
	{"e_cgroup_1v3_shares_1024_3072",
	 "hogs-two",
	 {THREADS "second.count=3", THREADS "first.cpu_weight=100",
	  THREADS "second.cpu_weight=300"},
	 {SHARE_OF("first.share", 0.2505), SHARE_OF("second.share_min", 0.2494),
	  SHARE_OF("second.share_max", 0.2502)}},
	{"e_cgroup_2v2_equal_shares",
	 "hogs-two",
	 {THREADS "first.count=2", THREADS "second.count=2", THREADS "first.cpu_weight=100",
	  THREADS "second.cpu_weight=100"},
	 {SHARE_OF("first.share_max", 0.2507), SHARE_OF("second.share_min", 0.2488)}},
	{"e_autogroup_1v3",
	 "hogs-two",
	 {THREADS "second.count=3", THREADS "first.cpu_weight=100",
	  THREADS "second.cpu_weight=100"},
	 {SHARE_OF("first.share", 0.4999), SHARE_OF("second.share_max", 0.1668)}},
	/* e: in a group of its own a sleeper hardly ever waits. */
	{"e_sleeper_own_cgroup_vs_3hogs",
	 "sleeper",
	 {HOGS(3), THREADS "sleeper.cpu_weight=100", THREADS "hog.cpu_weight=100", PHASES},
	 {WAIT_P50(34966), WAIT_LONG(0.0195)}},
	/* f: two threads that wake each other, and hogs. */
	{"f_futex_pp_hogs0", "handoff-alone", {NULL}, {HANDOFF(2193, 0.2), ROUNDS(203029, 0.1)}},
	{"f_futex_pp_hogs1",
	 "handoff",
	 {HOGS(1), MORE(30)},
	 {PAIR_SHARE(0.5503), STALLS(172.8), HANDOFF(2443, 0.2, .explanation = CONSTANT_SWITCH)}},
	{"f_futex_pp_hogs2",
	 "handoff",
	 {HOGS(2)},
	 {PAIR_SHARE(0.3546), STALLS(176.6), HANDOFF(3254, 0.2, .explanation = CONSTANT_SWITCH)}},
	{"f_futex_pp_hogs4",
	 "handoff",
	 {HOGS(4)},
	 {PAIR_SHARE(0.2105), STALLS(183.1), HANDOFF(3304, 0.2, .explanation = CONSTANT_SWITCH)}},
	{"f_futex_pp_work20us_hogs2",
	 "handoff",
	 {HOGS(2), THREADS "pinger.program[0].body[0].body[0].run=20us",
	  THREADS "ponger.program[0].body[1].run=20us"},
	 {PAIR_SHARE(0.3363), STALLS(187.1)}},
	/* g: what things cost; the first four are where the costs are from. */
	{"g_1yield_alone", "yielders", {THREADS "yielder.count=1"}, {YIELDS(1912120, 0.1)}},
	{"g_2yield_cost", "yielders", {NULL}, {YIELDS(652026, 0.1)}},
	{"g_futex_pp_one_cpu", "handoff-alone", {NULL}, {ROUNDS(205662, 0.1)}},
	{"g_futex_pp_cross_cpu_idle",
	 "handoff-alone",
	 {THREADS "ponger.cpus=[1]"},
	 {HANDOFF(11466, 0.25)}},
	{"g_futex_pp_cross_cpu_target_busy",
	 "handoff",
	 {THREADS "ponger.cpus=[1]", THREADS "hog.cpus=[1]"},
	 {HANDOFF(11237, 0.25, .explanation = DEAR_INTERRUPT)}},
	/* h: lock-holder preemption: whoever is preempted with the lock makes all others spin. */
	{"h_1cpu_K2_y0", "spinlock", {NULL}, {ACQUISITIONS(31941, 0.05), SPINNING(0.166, 0.1)}},
	{"h_1cpu_K4_y0",
	 "spinlock",
	 {SPINNERS(4)},
	 {ACQUISITIONS(24035, 0.1), SPINNING(0.381, 0.1)}},
	/* h: a spinner that yields lets the holder go on. */
	{"h_1cpu_K2_y100",
	 "spinlock",
	 {SPINNERS(2), YIELD_AFTER(100)},
	 {ACQUISITIONS(39192, 0.02)}},
	{"h_1cpu_K4_y100",
	 "spinlock",
	 {SPINNERS(4), YIELD_AFTER(100)},
	 {ACQUISITIONS(38956, 0.02)}},
	{"h_1cpu_K8_y100",
	 "spinlock",
	 {SPINNERS(8), YIELD_AFTER(100)},
	 {ACQUISITIONS(39200, 0.02)}},
	{"h_1cpu_K4_y10",
	 "spinlock",
	 {SPINNERS(4), YIELD_AFTER(10)},
	 {ACQUISITIONS(38883, 0.02, .explanation = OWN_WORK)}},
	{"h_1cpu_K4_y1000",
	 "spinlock",
	 {SPINNERS(4), YIELD_AFTER(1000)},
	 {ACQUISITIONS(39213, 0.02)}},
	{"h_2cpu_K2_y0", "spinlock-2cpu", {NULL}, {ACQUISITIONS(77790, 0.03)}},
	{"h_2cpu_K8_y0",
	 "spinlock-2cpu",
	 {EACH_SIDE(4)},
	 {ACQUISITIONS(34626, 0.15), SPINNING(0.553, 0.15)}},
	{"h_2cpu_K2_y100", "spinlock-2cpu", {BOTH_YIELD}, {ACQUISITIONS(78871, 0.02)}},
	{"h_2cpu_K4_y100",
	 "spinlock-2cpu",
	 {BOTH_YIELD, EACH_SIDE(2)},
	 {ACQUISITIONS(77960, 0.02)}},
	/* h: free to run on either CPU. */
	{"h_2cpufloat_K4_y0",
	 "spinlock",
	 {FLOATING, SPINNERS(4)},
	 {ACQUISITIONS(53487, 0.15), SPINNING(0.295, 0.15)}},
	{"h_2cpufloat_K4_y100",
	 "spinlock",
	 {FLOATING, SPINNERS(4), YIELD_AFTER(100)},
	 {ACQUISITIONS(77736, 0.02)}},
	{.name = NULL},
};
