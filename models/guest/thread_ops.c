/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The guest thread: what each op of its program does, step by step. A step function is called when
 * the previous action of the op is complete; cpu->step says which step is next.
 */
#include "models/guest/thread_ops.h"

#include "models/guest/guest_cpu.h"
#include "models/workload/barrier.h"
#include "models/workload/event.h"
#include "models/workload/source.h"

static enum op_result run_kernel(struct guest_cpu *cpu, struct guest_action *action, int64_t ns)
{
	guest_run_kernel(action, ns, guest_irqs_on(cpu));
	return OP_ACTION;
}

static enum op_result system_call(struct guest_cpu *cpu, struct guest_action *action)
{
	return run_kernel(cpu, action, cpu->guest->config.syscall_ns);
}

static enum op_result do_run(struct guest_cpu *cpu, struct guest_action *action)
{
	const struct op *op = cpu->op;

	if (cpu->step++ > 0)
		return OP_DONE;
	*action = (struct guest_action){
		.kind = GUEST_RUN,
		.ns = program_draw_ns(&cpu->program, op),
		.kernel = op->mode == OP_MODE_KERNEL,
		.interrupts = op->interrupts && guest_irqs_on(cpu),
	};
	return action->ns > 0 ? OP_ACTION : OP_DONE;
}

/* ---- Calls on other CPUs -------------------------------------------------------------------- */

static enum op_result begin_call(struct guest_cpu *cpu)
{
	struct guest *guest = cpu->guest;
	const struct op *op = cpu->op;
	bool flush = op->kind == OP_TLB_FLUSH;
	int target = program_draw_target(&cpu->program, op, cpu->index, guest->nr_cpus);

	if (!guest_irqs_on(cpu)) {
		guest_fail_thread(cpu, "calls other CPUs with interrupts off, which can deadlock: "
				       "unlock what was locked with irqsave first");
		return OP_FAILED;
	}
	if (target == PROGRAM_TARGET_NONE && !flush)
		return OP_DONE;
	/* A flush without other CPUs still flushes here: it is its own only target. */
	if (target == PROGRAM_TARGET_NONE)
		target = cpu->index;
	else if (target == PROGRAM_TARGET_OTHERS)
		target = -1;
	call_begin(cpu, op, target);
	if (flush)
		guest->stats.tlb_flushes++;
	else
		guest->stats.smp_calls++;
	return OP_ACTION;
}

static enum op_result do_call(struct guest_cpu *cpu, struct guest_action *action)
{
	struct guest_stats *stats = &cpu->guest->stats;
	int64_t latency;

	if (cpu->step++ == 0) {
		enum op_result result = begin_call(cpu);

		if (result != OP_ACTION)
			return result;
	}
	if (call_next(cpu, action))
		return OP_ACTION;
	latency = guest_now(cpu->guest) - cpu->op_start;
	if (cpu->op->kind == OP_TLB_FLUSH) {
		stats->tlb_flushes_remote += cpu->call.nr_queued > 0;
		sim_histogram_record(&stats->tlb_flush, latency);
	} else if (cpu->op->wait) {
		sim_histogram_record(&stats->smp_call, latency);
	}
	return OP_DONE;
}

/* As the watchdog and perf send them: to one CPU, or with a shorthand to all others. */
static enum op_result do_nmi(struct guest_cpu *cpu, struct guest_action *action)
{
	int target = program_draw_target(&cpu->program, cpu->op, cpu->index, cpu->guest->nr_cpus);
	struct lapic_message icr;

	if (cpu->step++ > 0 || target == PROGRAM_TARGET_NONE)
		return OP_DONE;
	if (target == PROGRAM_TARGET_OTHERS) {
		icr = lapic_unicast(cpu->index, 0, GUEST_VECTOR_NMI);
		icr.shorthand = LAPIC_ALL_BUT_SELF;
	} else {
		icr = guest_unicast(cpu, target, GUEST_VECTOR_NMI);
	}
	icr.delivery = LAPIC_NMI;
	guest_write_icr(action, icr, guest_irqs_on(cpu));
	return OP_ACTION;
}

/* ---- Sleeping and waking -------------------------------------------------------------------- */

enum op_result guest_wake_remote(struct guest_cpu *cpu, struct guest_action *action,
				 struct exec_waiter *waiter)
{
	struct guest_cpu *target = guest_cpu_of_waiter(waiter);

	guest_wake_thread(target);
	cpu->guest->stats.reschedules++;
	/* With the target's run queue locked. */
	guest_write_icr(action, guest_unicast(cpu, target->index, GUEST_VECTOR_RESCHEDULE), false);
	return OP_ACTION;
}

static void count_sync_wait(struct guest_cpu *cpu)
{
	sim_histogram_record(&cpu->guest->instance.stats.sync_wait,
			     guest_now(cpu->guest) - cpu->sleep_start);
}

static enum op_result do_wait(struct guest_cpu *cpu, struct guest_action *action)
{
	struct sync_event *event = &cpu->guest->instance.events[cpu->op->object];

	switch (cpu->step++) {
	case 0: return system_call(cpu, action);
	case 1: return event_wait(event, &cpu->waiter, guest_now(cpu->guest)) ? OP_DONE : OP_SLEEPS;
	default: count_sync_wait(cpu); return OP_DONE;
	}
}

static enum op_result do_wake(struct guest_cpu *cpu, struct guest_action *action)
{
	struct sync_event *event = &cpu->guest->instance.events[cpu->op->object];
	struct exec_waiter *waiter;

	switch (cpu->step++) {
	case 0: return system_call(cpu, action);
	case 1:
		waiter = event_wake(event);
		return waiter ? guest_wake_remote(cpu, action, waiter) : OP_DONE;
	default: return OP_DONE;
	}
}

static enum op_result do_barrier(struct guest_cpu *cpu, struct guest_action *action)
{
	enum { ENTRY, ARRIVE, RELEASE, RELEASED };
	struct sync_barrier *barrier = &cpu->guest->instance.barriers[cpu->op->object];
	struct exec_waiter *waiter;

	switch (cpu->step) {
	case ENTRY: cpu->step = ARRIVE; return system_call(cpu, action);
	case ARRIVE:
		if (!barrier_arrive(barrier, &cpu->waiter, guest_now(cpu->guest), &cpu->to_wake)) {
			cpu->step = RELEASED;
			return OP_SLEEPS;
		}
		cpu->step = RELEASE;
		/* fall through */
	case RELEASE:
		waiter = waiter_queue_pop(&cpu->to_wake);
		return waiter ? guest_wake_remote(cpu, action, waiter) : OP_DONE;
	default: count_sync_wait(cpu); return OP_DONE;
	}
}

static enum op_result do_timer(struct guest_cpu *cpu, struct guest_action *action)
{
	const struct op *op = cpu->op;
	int64_t now = guest_now(cpu->guest);
	enum kvm_lapic_timer timer = (enum kvm_lapic_timer)cpu->guest->vm->config.lapic_timer;
	int64_t expiry;

	switch (cpu->step++) {
	case 0: return system_call(cpu, action);
	case 1:
		if (op->kind == OP_TIMER)
			expiry = program_next_expiry(op, now);
		else
			expiry = now + program_draw_ns(&cpu->program, op);
		if (expiry <= now)
			return OP_DONE;
		cpu->timer_armed = true;
		cpu->wake_at = expiry;
		if (timer == KVM_TIMER_PERIODIC)
			return OP_SLEEPS;
		*action = (struct guest_action){.kind = GUEST_TIMER_ARM,
						.timer = timer,
						.ns = expiry,
						.kernel = true,
						.interrupts = guest_irqs_on(cpu)};
		return OP_ACTION;
	case 2: return cpu->timer_armed && timer != KVM_TIMER_PERIODIC ? OP_SLEEPS : OP_DONE;
	default: return OP_DONE;
	}
}

static enum op_result do_io(struct guest_cpu *cpu, struct guest_action *action)
{
	struct guest *guest = cpu->guest;

	switch (cpu->step++) {
	case 0: return system_call(cpu, action);
	case 1:
		*action = (struct guest_action){
			.kind = GUEST_IO, .kernel = true, .interrupts = guest_irqs_on(cpu)};
		return OP_ACTION;
	case 2:
		cpu->io_pending = true;
		sim_schedule(guest->engine, &cpu->io_done,
			     guest_now(guest) + program_draw_ns(&cpu->program, cpu->op));
		return OP_SLEEPS;
	default: return OP_DONE;
	}
}

static enum op_result do_take(struct guest_cpu *cpu, struct guest_action *action)
{
	struct source_state *source = &cpu->guest->instance.sources[cpu->op->object];

	if (cpu->step++ == 0 && !source_take(source, &cpu->waiter, guest_now(cpu->guest)))
		return OP_SLEEPS;
	program_took(&cpu->program, cpu->waiter.arrival);
	return OP_DONE;
}

/* One thread per CPU: there is nobody to yield to. */
static enum op_result do_yield(struct guest_cpu *cpu, struct guest_action *action)
{
	return cpu->step++ == 0 ? system_call(cpu, action) : OP_DONE;
}

/* ---- The thread ----------------------------------------------------------------------------- */

static op_step_fn *const op_steps[OP_KINDS] = {
	[OP_RUN] = do_run,	 [OP_LOCK] = guest_do_lock, [OP_UNLOCK] = guest_do_unlock,
	[OP_SMP_CALL] = do_call, [OP_TLB_FLUSH] = do_call,  [OP_WAIT] = do_wait,
	[OP_WAKE] = do_wake,	 [OP_SLEEP] = do_timer,	    [OP_TIMER] = do_timer,
	[OP_YIELD] = do_yield,	 [OP_BARRIER] = do_barrier, [OP_IO] = do_io,
	[OP_TAKE] = do_take,	 [OP_NMI] = do_nmi,
};

static void go_to_sleep(struct guest_cpu *cpu)
{
	cpu->asleep = true;
	cpu->sleep_start = guest_now(cpu->guest);
	guest_thread_stops(cpu);
}

/* False: the program has ended, or goes round in no time. */
static bool next_op(struct guest_cpu *cpu)
{
	struct guest *guest = cpu->guest;

	cpu->op = program_next(&cpu->program, guest_now(guest));
	cpu->step = 0;
	cpu->op_start = guest_now(guest);
	if (cpu->op)
		return true;
	if (program_error(&cpu->program, &guest->error))
		guest_fail(guest, OVERSUB_BAD_INPUT);
	go_to_sleep(cpu);
	return false;
}

bool guest_thread_next(struct guest_cpu *cpu, struct guest_action *action)
{
	for (;;) {
		if (!cpu->op && !next_op(cpu))
			return false;
		switch (op_steps[cpu->op->kind](cpu, action)) {
		case OP_ACTION: return true;
		case OP_DONE: cpu->op = NULL; break;
		case OP_SLEEPS:
			if (!guest_irqs_on(cpu))
				guest_fail_thread(cpu, "sleeps with interrupts off: unlock what "
						       "was locked with irqsave first");
			go_to_sleep(cpu);
			return false;
		case OP_FAILED: return false;
		}
	}
}
