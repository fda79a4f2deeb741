/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/guest/guest_timer.h"

#include "models/guest/guest_cpu.h"
#include "sim/engine/random.h"

static enum kvm_lapic_timer mode_of(const struct guest *guest)
{
	return (enum kvm_lapic_timer)guest->vm->config.lapic_timer;
}

/* ---- Arming --------------------------------------------------------------------------------- */

static int64_t earliest(const struct guest_timers *timers)
{
	int64_t sleeper = timers->sleepers ? timers->sleepers->wake_at : 0;

	if (!timers->ticking || (sleeper && sleeper <= timers->next_tick))
		return sleeper;
	return timers->next_tick;
}

/* True: action arms the LAPIC timer for what is next, or disarms it. */
static bool program(struct guest_cpu *cpu, struct guest_action *action, bool interrupts)
{
	struct guest_timers *timers = &cpu->timers;
	int64_t expiry = earliest(timers);

	if (expiry == timers->armed || mode_of(cpu->guest) == KVM_TIMER_PERIODIC)
		return false;
	timers->armed = expiry;
	*action = (struct guest_action){.kind = GUEST_TIMER_ARM,
					.timer = mode_of(cpu->guest),
					.ns = expiry,
					.kernel = true,
					.interrupts = interrupts};
	return true;
}

bool guest_timer_add(struct guest_thread *thread, struct guest_action *action)
{
	struct guest_timers *timers = &thread->cpu->timers;
	struct guest_thread **link = &timers->sleepers;

	while (*link && (*link)->wake_at <= thread->wake_at)
		link = &(*link)->next_sleeper;
	thread->next_sleeper = *link;
	*link = thread;
	/*
	 * No handler may arm it for something else in between. Without tick none does, and on the
	 * way to the write an interrupt may come.
	 */
	return program(thread->cpu, action, !thread->guest->tick_ns && guest_irqs_on(thread));
}

/* ---- The tick ------------------------------------------------------------------------------- */

void guest_timers_init(struct guest *guest, uint64_t seed, uint32_t replication)
{
	struct sim_stream stream;
	int64_t offset;

	if (!guest->tick_ns)
		return;
	sim_stream_init(&stream, seed, replication, guest->vm->name, "tick");
	offset = (int64_t)sim_stream_below(&stream, guest->tick_ns);
	for (int i = 0; i < guest->nr_cpus; i++)
		guest->cpus[i].timers.phase =
			(offset + guest->tick_ns * i / guest->nr_cpus) % guest->tick_ns;
}

/* The first tick of cpu after now. */
static int64_t tick_after(const struct guest_cpu *cpu, int64_t now)
{
	int64_t tick_ns = cpu->guest->tick_ns;
	int64_t since = (now - cpu->timers.phase) % tick_ns;

	return now + tick_ns - (since < 0 ? since + tick_ns : since);
}

static void start_tick(struct guest_cpu *cpu)
{
	cpu->timers.ticking = true;
	cpu->timers.next_tick = tick_after(cpu, guest_now(cpu->guest));
}

bool guest_timers_boot(struct guest_cpu *cpu, struct guest_action *action)
{
	const struct guest *guest = cpu->guest;

	if (cpu->timers.booted)
		return false;
	cpu->timers.booted = true;
	if (mode_of(guest) == KVM_TIMER_PERIODIC) {
		*action = (struct guest_action){.kind = GUEST_TIMER_ARM,
						.timer = KVM_TIMER_PERIODIC,
						.ns = guest->config.timer_period_ns,
						.kernel = true};
		return true;
	}
	if (!guest->tick_ns)
		return false;
	start_tick(cpu);
	return program(cpu, action, false);
}

bool guest_timer_idles(struct guest_cpu *cpu, struct guest_action *action)
{
	struct guest_timers *timers = &cpu->timers;

	if (!timers->ticking || !cpu->guest->config.nohz)
		return false;
	/* What is due before the tick anyway leaves the timer as it is. */
	timers->ticking = false;
	return program(cpu, action, false);
}

bool guest_timer_busy(struct guest_cpu *cpu, struct guest_action *action)
{
	if (cpu->timers.ticking || !cpu->guest->tick_ns ||
	    mode_of(cpu->guest) == KVM_TIMER_PERIODIC)
		return false;
	start_tick(cpu);
	return program(cpu, action, false);
}

/* ---- The interrupt -------------------------------------------------------------------------- */

static bool tick_due(const struct guest_cpu *cpu)
{
	const struct guest_timers *timers = &cpu->timers;

	return timers->ticking && timers->next_tick <= guest_now(cpu->guest);
}

int64_t guest_timer_work_ns(struct guest_cpu *cpu)
{
	const struct guest_config *config = &cpu->guest->config;

	/* Even one that comes early has to be armed again. */
	cpu->timers.armed = 0;
	cpu->frame.tick = tick_due(cpu) || mode_of(cpu->guest) == KVM_TIMER_PERIODIC;
	return config->timer_interrupt_ns +
	       (cpu->timers.ticking && cpu->frame.tick ? config->tick_work_ns : 0);
}

static void take_tick(struct guest_cpu *cpu)
{
	struct guest_timers *timers = &cpu->timers;
	int64_t now = guest_now(cpu->guest);

	cpu->frame.tick = false;
	cpu->guest->stats.ticks++;
	guest_sched_tick(cpu);
	if (!timers->ticking)
		return;
	sim_histogram_record(&cpu->guest->stats.tick_delay, now - timers->next_tick);
	timers->next_tick = tick_after(cpu, now);
}

/* The next sleeper whose time has come; NULL: none. */
static struct guest_thread *next_due(struct guest_cpu *cpu)
{
	struct guest_thread *thread = cpu->timers.sleepers;

	if (!thread || thread->wake_at > guest_now(cpu->guest))
		return NULL;
	cpu->timers.sleepers = thread->next_sleeper;
	thread->next_sleeper = NULL;
	return thread;
}

bool guest_timer_effect(struct guest_cpu *cpu, struct guest_action *action)
{
	struct guest_thread *thread;

	if (cpu->frame.tick) {
		take_tick(cpu);
		if (guest_sched_balance(cpu, action))
			return true;
	}
	while ((thread = next_due(cpu))) {
		thread->timer_armed = false;
		if (guest_wake(cpu, thread, action))
			return true;
	}
	return program(cpu, action, false);
}
