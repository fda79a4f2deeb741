/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A micro-benchmark for each row of the cost table (models/kvm/README.md). Nothing in them is
 * random, so what is simulated must be, to the ns, the sum of the parameters that the step consists
 * of; and that must be within the row's range. Rows 10, 11, 12 and 14 are no parameters, but
 * measurements of such sums as a whole.
 *
 * In costs-ipi.json vCPU 0 calls a function on vCPU 1, each on a CPU of its own, and caches need no
 * refill. Ticks of the host are far apart, and none is within the time that is measured unless it
 * is made longer.
 */
#include "tests/validation/cases.h"

/* ---- Overrides ---------------------------------------------------------------------------- */

#define VM(setting) "vms.vm." setting
#define SENDER(ops)                                                                                \
	"workloads.w.threads.sender.program=[{'loop':'forever','body':[{'run':'50us'},"            \
	"{'request':'send','body':[" ops "]}]}]"
#define RECEIVER(ops) "workloads.w.threads.receiver.program=[{'loop':'forever','body':[" ops "]}]"
#define ASLEEP	      RECEIVER("{'sleep':'1s'}")
#define DEAF	      RECEIVER("{'run':'1ms','mode':'kernel','interrupts':false}")
#define IN_KERNEL     RECEIVER("{'run':'1s','mode':'kernel'}")
#define RECEIVERS(n)  "workloads.w.threads.receiver.count=" #n
#define SIZE(n)	      "host.cpus=" #n, VM("vcpus=" #n)
#define NO_POLL	      VM("halt_poll.halt_poll_ns=0")
#define ONE_CPU	      VM("pin={'pool':[0]}")
/* Long enough for ticks, and turns, of the host. */
#define TICKS "run.measure=200ms"
/* And only then, so that a first turn is not among them. */
#define AFTER_TURNS "run.warmup=51ms"

/* The receiver shares its CPU with a VM that computes, and ticks of the host change turns. */
#define PREEMPTED                                                                                  \
	"vms.other={'vcpus':1,'pin':[[1]],'workload':'hog'}",                                      \
		"workloads.hog={'threads':{'hog':{'program':[{'loop':'forever','body':["           \
		"{'run':'1s'}]}]}}}",                                                              \
		TICKS

/* So that what a vCPU does after an injection is left alone. */
#define NO_WAY_TO_HANDLER VM("costs.guest_interrupt_ns=0"), VM("costs.software_injection_ns=0")

/* Pause-loop exits at the first window's distance; the receiver does not listen. */
#define PLE(type)    "yield.candidate.policy=mainline", VM("ple.type=" type), FIRST_WINDOW
#define FIRST_WINDOW VM("ple.ple_window_grow=0"), VM("ple.pause_filter_count_grow=0")

/* ---- Checks ------------------------------------------------------------------------------- */

#define ROW(row_, what_, metric_, sum_, ...)                                                       \
	{                                                                                          \
		.row = (row_), .what = (what_), .metric = (metric_), .sum = (sum_), __VA_ARGS__    \
	}
/* What the row has: its default and its range. */
#define OF(def_, low_, high_) .reference = (def_), .low = (low_), .high = (high_)
#define EXACTLY(def_)	      .reference = (def_)

#define DELIVERY(row_, what_, sum_, ...)                                                           \
	ROW(row_, "IPI to a " what_ " vCPU, to its handler", "vm.vm/ipi_delivery.mean", sum_,      \
	    __VA_ARGS__)
#define EXIT(row_, what_, vcpu_, reason_, sum_, ...)                                               \
	ROW(row_, what_, "observed/vcpu" #vcpu_ ".exit." reason_, sum_, __VA_ARGS__)
/* 4.4: nobody tells a vCPU without a CPU, which finds the vector when it is loaded. */
#define PENDING(sum_)                                                                              \
	ROW("-", "IPI to a preempted vCPU, once loaded", "observed/vcpu1.loaded_call", sum_),      \
		ROW("-", "interrupts of its CPU for that, number", "observed/other.kicks", "0")

/* From the ICR write to the injection, with APICv off and on, by the state of the target. */
#define OFF    " + software_injection + guest_interrupt"
#define KICKED "icr_write/2 + ipi_flight + external_interrupt" OFF
#define WOKEN  "icr_write/2 + ipi_flight + idle_wake + context_switch + exit/2"

#define ALL_ACKS(sum_, published_)                                                                 \
	ROW("14", "flush on 79 vCPUs, all acknowledged", "vm.vm/tlb_flush.mean", sum_,             \
	    EXACTLY(published_), .explanation = BROADCAST)

/* ---- Why not ------------------------------------------------------------------------------ */

#define BROADCAST                                                                                  \
	"Row 14 is one commit's measurement of 2018 and does not follow from rows 6, 7 and 26:\n"  \
	"    79 writes of 450 to 900 ns take 36 to 71 us, not 198, and 700 + 79 x 150 ns are\n"    \
	"    13 us, not 76. It is older than the fast path of ICR writes, and includes what the\n" \
	"    simulator charges nothing for: 79 call queues and answers, each a cache line from\n"  \
	"    another CPU. Costs that would meet it contradict those rows, so they are not\n"       \
	"    calibrated to it. The order of the three is as there."

#define LONG_RANGE                                                                                 \
	"Row 27 is 100 ns a page for up to 33 pages: 3500 ns is 200 and 33 of these. Here the\n"   \
	"    first page is in the 400 ns of its default, and 32 follow."

const char *const cost_remarks[] = {
	"Rows that are not parameters of their own:",
	"  2  entry and exit on AMD: they cost what Intel's do, row 1, which is in the range",
	"  3  devices inside the kernel: not simulated; io is a request to user space, row 4",
	" 21  migration_ns (30 us) is added to the refill where the last-level cache changes; a\n"
	"     change of the NUMA node costs the same",
	" 29  across sockets: one cache_line_ns for all distances",
	" 30  nested virtualisation, old hardware: no multiplier; every cost is a parameter",
	NULL,
};

/* ---- Windows ------------------------------------------------------------------------------ */

/* Ticks of the TSC, rounded down to ns. */
static double ticks_ns(const struct scenario *scenario, int64_t ticks)
{
	return (double)(ticks * 1000000 / scenario->host.tsc_khz);
}

static double intel_window(const struct scenario *scenario, int argument)
{
	return ticks_ns(scenario, scenario->vms[0].kvm.ple.ple_window);
}

static double amd_window(const struct scenario *scenario, int argument)
{
	const struct ple_config *ple = &scenario->vms[0].kvm.ple;

	return ticks_ns(scenario, ple->pause_filter_count * ple->pause_cycles);
}

/* ---- Cases -------------------------------------------------------------------------------- */

#define CASE(name_, hardware_, ...)                                                                \
	.name = (name_), .hardware = (hardware_), .scenario = "costs-ipi",                         \
	.overrides = {__VA_ARGS__}

const struct validation_case cost_cases[] = {
	/* Exits. */
	{CASE("trivial exit", "on", VM("apicv=on"), SENDER("{'sleep':'100us'}")),
	 .checks = {EXIT("1", "exit: write of the TSC deadline", 0, "MSR_WRITE", "exit",
			 OF(500, 390, 900))}},
	{CASE("trivial exit, AMD", "avic", VM("apicv=avic"), SENDER("{'sleep':'100us'}")),
	 .checks = {EXIT("2", "the same", 0, "msr", "exit", OF(450, 400, 900))}},
	{CASE("I/O", "on", VM("apicv=on"), SENDER("{'io':'100us'}")),
	 .checks = {EXIT("4", "exit to user space: I/O", 0, "IO_INSTRUCTION", "io_exit",
			 OF(2300, 2000, 5000))}},
	{CASE("xAPIC", "off", VM("x2apic=off")),
	 .checks = {EXIT("33", "three exits: IPI by an xAPIC", 0, "APIC_ACCESS",
			 "icr_write + exit + exit + xapic_access + xapic_access + xapic_access")}},
	{CASE("ICR to all others", "on", VM("apicv=on"), SIZE(3), RECEIVERS(2),
	      SENDER("{'smp_call':'others','wait':true}")),
	 .checks = {EXIT("7", "exit: ICR write, slow path", 0, "MSR_WRITE", "icr_write_slow",
			 OF(900, 700, 1500))}},

	/* IPIs to a running vCPU. */
	{CASE("IPI, running", "off", NULL),
	 .checks = {EXIT("6", "exit: ICR write, fast path", 0, "MSR_WRITE", "icr_write",
			 OF(600, 450, 900)),
		    ROW("15", "host reschedule IPI, to the exit", "observed/vcpu1.kick",
			"ipi_flight", OF(900, 500, 2000)),
		    EXIT("5", "exit: external interrupt", 1, "EXTERNAL_INTERRUPT",
			 "external_interrupt", OF(710, 440, 1200)),
		    EXIT("8", "exit: EOI write", 1, "MSR_WRITE", "eoi_write", OF(550, 450, 900)),
		    DELIVERY("11", "running", KICKED, OF(3400, 2600, 5000)),
		    ROW("29", "cache line: answered until the wait ends", "observed/vcpu0.transfer",
			"cache_line", OF(50, 30, 300))}},
	{CASE("IPI, running, PV EOI", "pv_eoi", VM("pv_eoi=true")),
	 .checks = {DELIVERY("11", "running", KICKED, OF(3400, 2600, 5000))}},
	{CASE("IPI, running, APICv", "on", VM("apicv=on")),
	 .checks = {DELIVERY("10", "running", "icr_write/2 + ipi_flight + guest_interrupt",
			     OF(2240, 1900, 3000))}},
	{CASE("IPI, running, IPIv", "ipiv", VM("apicv=ipiv")),
	 .checks = {DELIVERY("12", "running", "icr_virtual + hardware_ipi + guest_interrupt",
			     OF(1800, 1200, 2400))}},
	{CASE("IPI, running, AVIC", "avic", VM("apicv=avic")),
	 .checks = {DELIVERY("12", "running", "icr_virtual + hardware_ipi + guest_interrupt",
			     OF(1800, 1200, 2400))}},

	/* 4.5, halted, and the host polls: its loop sees the vector. */
	{CASE("IPI, polling", "off", ASLEEP),
	 .checks = {DELIVERY("-", "polling", "icr_write/2 + exit/2" OFF)}},
	{CASE("IPI, polling, PV EOI", "pv_eoi", VM("pv_eoi=true"), ASLEEP),
	 .checks = {DELIVERY("-", "polling", "icr_write/2 + exit/2" OFF)}},
	{CASE("IPI, polling, APICv", "on", VM("apicv=on"), ASLEEP),
	 .checks = {DELIVERY("-", "polling", "icr_write/2 + exit/2 + guest_interrupt")}},
	{CASE("IPI, polling, IPIv", "ipiv", VM("apicv=ipiv"), ASLEEP),
	 .checks = {DELIVERY("-", "polling", "exit/2 + guest_interrupt")}},
	{CASE("IPI, polling, AVIC", "avic", VM("apicv=avic"), ASLEEP),
	 .checks = {DELIVERY("-", "polling", "exit/2 + guest_interrupt")}},

	/* Halted and asleep: it is woken on an idle CPU. */
	{CASE("IPI, blocked", "off", ASLEEP, NO_POLL),
	 .checks = {ROW("22", "HLT exit to asleep", "observed/vcpu1.asleep", "exit/2 + halt_block",
			OF(1500, 1000, 3000)),
		    ROW("23", "wake to entry, idle CPU", "observed/vcpu1.wake",
			"ipi_flight + idle_wake + context_switch + exit/2", OF(4000, 2500, 10000)),
		    DELIVERY("-", "blocked", WOKEN OFF)}},
	{CASE("IPI, blocked, PV EOI", "pv_eoi", VM("pv_eoi=true"), ASLEEP, NO_POLL),
	 .checks = {DELIVERY("-", "blocked", WOKEN OFF)}},
	{CASE("IPI, blocked, APICv", "on", VM("apicv=on"), ASLEEP, NO_POLL),
	 .checks = {ROW("23", "wake to entry, idle CPU", "observed/vcpu1.wake",
			"ipi_flight + idle_wake + context_switch + exit/2", OF(4000, 2500, 10000)),
		    DELIVERY("-", "blocked", WOKEN " + guest_interrupt")}},
	{CASE("IPI, blocked, IPIv", "ipiv", VM("apicv=ipiv"), ASLEEP, NO_POLL),
	 .checks = {DELIVERY("-", "blocked",
			     "icr_virtual + hardware_ipi + idle_wake + context_switch + exit/2 + "
			     "guest_interrupt")}},
	{CASE("IPI, blocked, AVIC", "avic", VM("apicv=avic"), ASLEEP, NO_POLL),
	 .checks = {EXIT("6", "exit: incomplete IPI", 0, "avic_incomplete_ipi", "icr_write",
			 OF(600, 450, 900)),
		    DELIVERY("-", "blocked", WOKEN " + guest_interrupt")}},

	/* Preempted: from the moment it gets its CPU to the function that was called. */
	{CASE("IPI, preempted", "off", PREEMPTED),
	 .checks = {PENDING("context_switch + external_interrupt/2" OFF " + eoi_write")}},
	{CASE("IPI, preempted, PV EOI", "pv_eoi", VM("pv_eoi=true"), PREEMPTED),
	 .checks = {PENDING("context_switch + external_interrupt/2" OFF " + eoi_virtual")}},
	{CASE("IPI, preempted, APICv", "on", VM("apicv=on"), PREEMPTED),
	 .checks = {PENDING("context_switch + external_interrupt/2 + guest_interrupt + "
			    "eoi_virtual")}},
	{CASE("IPI, preempted, IPIv", "ipiv", VM("apicv=ipiv"), PREEMPTED),
	 .checks = {PENDING("context_switch + external_interrupt/2 + guest_interrupt + "
			    "eoi_virtual")}},
	{CASE("IPI, preempted, AVIC", "avic", VM("apicv=avic"), PREEMPTED),
	 .checks = {PENDING("context_switch + external_interrupt/2 + guest_interrupt + "
			    "eoi_virtual")}},

	/* EOIs without exit, self IPIs, handlers. */
	{CASE("PV EOI", "pv_eoi", VM("pv_eoi=true"), NO_WAY_TO_HANDLER),
	 .checks = {ROW("9", "PV EOI", "observed/vcpu1.call", "eoi_virtual", OF(5, 1, 30))}},
	{CASE("virtual EOI", "on", VM("apicv=on"), NO_WAY_TO_HANDLER),
	 .checks = {ROW("9", "virtual EOI", "observed/vcpu1.call", "eoi_virtual", OF(5, 1, 30))}},
	{CASE("virtual EOI, AVIC", "avic", VM("apicv=avic"), NO_WAY_TO_HANDLER),
	 .checks = {ROW("9", "virtual EOI", "observed/vcpu1.call", "eoi_virtual", OF(5, 1, 30))}},
	{CASE("self IPI", "off", SENDER("{'irq_work':'self'}")),
	 .checks = {ROW("-", "self IPI, to its handler", "vm.vm/ipi_delivery.mean",
			"icr_write" OFF)}},
	{CASE("self IPI, APICv", "on", VM("apicv=on"), SENDER("{'irq_work':'self'}")),
	 .checks = {ROW("13", "self IPI, to its handler", "vm.vm/ipi_delivery.mean", "self_ipi",
			EXACTLY(70))}},
	{CASE("self IPI, IPIv", "ipiv", VM("apicv=ipiv"), SENDER("{'irq_work':'self'}")),
	 .checks = {ROW("13", "self IPI, to its handler", "vm.vm/ipi_delivery.mean", "self_ipi",
			EXACTLY(70))}},
	{CASE("self IPI, AVIC", "avic", VM("apicv=avic"), SENDER("{'irq_work':'self'}")),
	 .checks = {ROW("13", "self IPI, to its handler", "vm.vm/ipi_delivery.mean", "self_ipi",
			EXACTLY(70))}},
	{CASE("handler of a reschedule IPI", "on", VM("apicv=on"), NO_WAY_TO_HANDLER,
	      VM("costs.eoi_virtual_ns=0"), SENDER("{'resched':1}")),
	 .checks = {ROW("27", "handler: reschedule", "observed/vcpu1.handler", "reschedule",
			EXACTLY(300))}},
	{CASE("handler of a range flush", "on", VM("apicv=on"), NO_WAY_TO_HANDLER,
	      VM("costs.eoi_virtual_ns=0"), SENDER("{'tlb_flush':1,'pages':1}")),
	 .checks = {ROW("27", "handler: TLB flush, one page", "observed/vcpu1.handler",
			"tlb_flush_range", EXACTLY(400))}},
	{CASE("handler of a long range flush", "on", VM("apicv=on"), NO_WAY_TO_HANDLER,
	      VM("costs.eoi_virtual_ns=0"), SENDER("{'tlb_flush':1,'pages':33}")),
	 .checks = {ROW("27", "handler: TLB flush, 33 pages", "observed/vcpu1.handler",
			"tlb_flush_range + 32*tlb_flush_page", OF(400, 200, 3500),
			.explanation = LONG_RANGE)}},
	{CASE("handler of a full flush", "on", VM("apicv=on"), NO_WAY_TO_HANDLER,
	      VM("costs.eoi_virtual_ns=0"), SENDER("{'tlb_flush':1,'pages':34}")),
	 .checks = {ROW("27", "handler: TLB flush, all", "observed/vcpu1.handler", "tlb_flush_full",
			EXACTLY(700))}},

	/* Many targets; one more vCPU idles, so that they are not all the others. */
	{.name = "flush on 79, physical",
	 .hardware = "on",
	 .scenario = "costs-flush",
	 .checks = {ALL_ACKS("78*icr_write + icr_write/2 + ipi_flight + guest_interrupt + "
			     "eoi_virtual + cache_line",
			     198000)}},
	{.name = "flush on 79, cluster",
	 .hardware = "on",
	 .scenario = "costs-flush",
	 .overrides = {VM("x2apic=cluster")},
	 .checks = {ALL_ACKS("4*icr_write + 59*icr_target + icr_write/2 + 15*icr_target/2 + "
			     "ipi_flight + guest_interrupt + eoi_virtual + cache_line",
			     92800)}},
	{.name = "flush on 79, hypercall",
	 .hardware = "on",
	 .scenario = "costs-flush",
	 .overrides = {VM("pv_send_ipi=true")},
	 .checks = {EXIT("26", "hypercall: IPI to 79", 0, "VMCALL",
			 "hypercall + 79*hypercall_target", EXACTLY(700 + 79 * 150)),
		    ALL_ACKS("hypercall + 79*hypercall_target", 76000)}},
	{.name = "flush on 3, hypercall",
	 .hardware = "on",
	 .scenario = "costs-flush",
	 .overrides = {VM("pv_send_ipi=true"), SIZE(5), RECEIVERS(3)},
	 .checks = {EXIT("26", "hypercall: IPI to 3", 0, "VMCALL", "hypercall + 3*hypercall_target",
			 EXACTLY(700 + 3 * 150))}},

	/* Pause loops. */
	{CASE("PLE, Intel", "off", PLE("intel"), SIZE(4), DEAF),
	 .checks = {ROW("28", "pause loop to exit: 4096 ticks, 2.5 GHz", "observed/vcpu0.window",
			"ple_window", EXACTLY(1638), .theory = intel_window),
		    EXIT("16", "exit: pause loop, nobody of 4", 0, "PAUSE_INSTRUCTION",
			 "exit + 4*scan_vcpu", OF(500 + 4 * 15, 400, 2000))}},
	{CASE("PLE, Intel, 16 vCPUs", "off", PLE("intel"), SIZE(16), DEAF),
	 .checks = {EXIT("16", "exit: pause loop, nobody of 16", 0, "PAUSE_INSTRUCTION",
			 "exit + 16*scan_vcpu", OF(500 + 16 * 15, 400, 2000))}},
	{CASE("PLE, AMD", "off", PLE("amd"), SIZE(4), DEAF),
	 .checks = {ROW("28", "pause loop to exit, 3000 x 55 cycles", "observed/vcpu0.window",
			"pause_filter_count * pause_cycles", EXACTLY(66000), .theory = amd_window),
		    EXIT("16", "exit: pause loop, nobody of 4", 0, "pause", "exit + 4*scan_vcpu",
			 OF(500 + 4 * 15, 400, 2000))}},
	{CASE("PLE, AMD, 16 vCPUs", "off", PLE("amd"), SIZE(16), DEAF),
	 .checks = {EXIT("16", "exit: pause loop, nobody of 16", 0, "pause", "exit + 16*scan_vcpu",
			 OF(500 + 16 * 15, 400, 2000))}},
	/* Candidates that run are tried as well: both queues have one task, so it fails. */
	{CASE("failed yield, Intel", "off", PLE("intel"), DEAF, "yield.candidate.use_ready=false"),
	 .checks = {EXIT("17", "exit: pause loop, yield_to fails", 0, "PAUSE_INSTRUCTION",
			 "exit + 2*scan_vcpu + yield_to",
			 OF(500 + 2 * 15 + 250, 500 + 2 * 15 + 100, 500 + 2 * 15 + 600))}},
	{CASE("failed yield, AMD", "off", PLE("amd"), DEAF, "yield.candidate.use_ready=false"),
	 .checks = {EXIT("17", "exit: pause loop, yield_to fails", 0, "pause",
			 "exit + 2*scan_vcpu + yield_to",
			 OF(500 + 2 * 15 + 250, 500 + 2 * 15 + 100, 500 + 2 * 15 + 600))}},
	/* Row 18 is 16 + 17 + 19. */
	{CASE("yield, Intel", "off", PLE("intel"), ONE_CPU, TICKS, AFTER_TURNS, IN_KERNEL),
	 .checks = {EXIT("18", "exit: pause loop, yield_to and switch", 0,
			 "PAUSE_INSTRUCTION.switched",
			 "exit + 2*scan_vcpu + yield_to + context_switch", OF(1500, 900, 3000))}},
	{CASE("yield, AMD", "off", PLE("amd"), ONE_CPU, TICKS, AFTER_TURNS, IN_KERNEL),
	 .checks = {EXIT("18", "exit: pause loop, yield_to and switch", 0, "pause.switched",
			 "exit + 2*scan_vcpu + yield_to + context_switch", OF(1500, 900, 3000))}},

	/* The host. */
	{CASE("switch", "on", VM("apicv=on"), ONE_CPU, TICKS, SENDER("{'run':'1s'}"),
	      VM("costs.external_interrupt_ns=0")),
	 .checks = {EXIT("19", "switch between two vCPUs", 0, "EXTERNAL_INTERRUPT.switched",
			 "context_switch", OF(1300, 900, 2500))}},
	{CASE("refill, long off its CPU", "on", VM("apicv=on"), ASLEEP, NO_POLL,
	      "host.costs.cache_refill_ns=10us", "host.costs.cache_refill_tau_ns=10us"),
	 .checks = {ROW("20", "IPI to a blocked vCPU, caches cold", "vm.vm/ipi_delivery.mean",
			WOKEN " + guest_interrupt + cache_refill")}},
	{CASE("refill, shorter", "on", VM("apicv=on"), ASLEEP, NO_POLL,
	      "host.costs.cache_refill_ns=10us", "host.costs.cache_refill_tau_ns=100us"),
	 .checks = {ROW("20", "the same, off its CPU for half a tau", "vm.vm/ipi_delivery.mean",
			WOKEN " + guest_interrupt + refill")}},
	{CASE("timer", "on", VM("apicv=on"), VM("guest.tick_hz=1000"), SENDER("{'run':'1ms'}")),
	 .checks = {EXIT("24", "exit: timer expires, preemption timer", 1, "PREEMPTION_TIMER",
			 "timer_exit", OF(500, 400, 900))}},
	{CASE("timer, AMD", "avic", VM("apicv=avic"), VM("guest.tick_hz=1000"),
	      SENDER("{'run':'1ms'}")),
	 .checks = {EXIT("24", "exit: timer expires, hrtimer of the host", 1, "interrupt",
			 "external_interrupt", OF(710, 440, 1200))}},

	/* Hypercalls: a lock's waiter is kicked; a receiver is preempted, but the sender alone. */
	{CASE("KICK", "on", VM("apicv=on"), VM("pv=pv_kick"), VM("guest.pv_spin_threshold=10"),
	      "workloads.w.locks={'l':'pv'}",
	      SENDER("{'lock':'l'},{'run':'50us','mode':'kernel'},{'unlock':'l'}"),
	      RECEIVER("{'lock':'l'},{'run':'50us','mode':'kernel'},{'unlock':'l'}")),
	 .checks = {EXIT("25", "hypercall: KICK_CPU, no switch", 0, "VMCALL", "hypercall",
			 OF(700, 500, 1200))}},
	{CASE("SCHED_YIELD", "on", VM("apicv=on"), VM("pv_sched_yield=true"), VM("steal_time=true"),
	      PREEMPTED, SIZE(3), RECEIVERS(2), SENDER("{'smp_call':'others','wait':true}")),
	 .checks = {EXIT("25", "hypercall: SCHED_YIELD, no switch", 0, "VMCALL", "hypercall",
			 OF(700, 500, 1200))}},
	{.name = NULL},
};
