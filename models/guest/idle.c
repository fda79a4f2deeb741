/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The idle loop of a CPU: no tick, then halting, or polling if haltpoll is loaded (do_idle()). */
#include "models/guest/context.h"
#include "models/guest/guest_cpu.h"

/* Passes of poll_idle() between two looks at the clock (POLL_IDLE_RELAX_COUNT). */
#define PASSES_BETWEEN_LOOKS 200

static bool has_work(const struct guest_cpu *cpu)
{
	if (cpu->rq)
		return guest_sched_has_work(cpu);
	return cpu->current && !cpu->current->asleep;
}

/*
 * A polling CPU executes the pause loop of poll_idle() in kernel mode, which the hardware cannot
 * tell from that of a spinlock: it does have pause-loop exits.
 */
static void poll(struct guest_cpu *cpu, struct guest_action *action)
{
	int64_t look_ns = PASSES_BETWEEN_LOOKS * cpu->guest->config.pause_ns;
	int64_t ns = cpu->haltpoll.window;

	if (look_ns)
		ns = (ns + look_ns - 1) / look_ns * look_ns;
	cpu->polls = true;
	cpu->idle_state_since = guest_now(cpu->guest);
	cpu->poll_until = cpu->idle_state_since + ns;
	cpu->guest->stats.polls++;
	*action = (struct guest_action){.kind = GUEST_SPIN,
					.kernel = true,
					.interrupts = true,
					.bounded = true,
					.idle = true,
					.ns = ns};
}

static void halt(struct guest_cpu *cpu, struct guest_action *action)
{
	cpu->halts = true;
	cpu->idle_state_since = guest_now(cpu->guest);
	*action = (struct guest_action){.kind = GUEST_HLT, .kernel = true, .interrupts = true};
}

/* The governor learns how its choice turned out. */
static void end_state(struct guest_cpu *cpu)
{
	const struct haltpoll_config *config = &cpu->guest->config.haltpoll;
	int64_t ns = guest_now(cpu->guest) - cpu->idle_state_since;

	if (cpu->halts)
		haltpoll_halted(config, &cpu->haltpoll, ns);
	else if (cpu->polls)
		haltpoll_polled(&cpu->haltpoll, true);
	cpu->halts = cpu->polls = false;
}

enum idle_result guest_idle_next(struct guest_cpu *cpu, struct guest_action *action)
{
	end_state(cpu);
	/* Somebody has left it to look at its list. */
	if (cpu->poked && call_pending(cpu)) {
		cpu->poked = false;
		return call_flush(cpu, action) ? IDLE_ACTION : IDLE_AGAIN;
	}
	cpu->poked = false;
	if (has_work(cpu))
		return guest_timer_busy(cpu, action) ? IDLE_ACTION : IDLE_LEAVE;
	/* A poll is too short for stopping the tick. */
	if (haltpoll_select(&cpu->guest->config.haltpoll, &cpu->haltpoll))
		poll(cpu, action);
	else if (!guest_timer_idles(cpu, action))
		halt(cpu, action);
	return IDLE_ACTION;
}

/*
 * A handler may have woken a thread here. The poll goes by the clock, which goes on while the vCPU
 * is preempted.
 */
void guest_poll_begins(struct guest_cpu *cpu)
{
	int64_t left = cpu->poll_until - guest_now(cpu->guest);

	if (has_work(cpu)) {
		cpu->polls = false;
		haltpoll_polled(&cpu->haltpoll, false);
		left = 0;
	}
	vcpu_bound_spin(cpu->vcpu, left > 0 ? left : 0);
}
