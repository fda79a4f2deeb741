/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The local timer of a guest's CPU: its tick and the sleeps of threads that began
 * there share one LAPIC timer, which is armed for the earliest. With nohz an idle CPU has no tick.
 * A LAPIC timer in periodic mode is not armed for anything: whatever is due waits for its
 * interrupt.
 */
#ifndef MODELS_GUEST_GUEST_TIMER_H
#define MODELS_GUEST_GUEST_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "models/kvm/kvm.h"

struct guest;
struct guest_cpu;
struct guest_thread;

/* Of one CPU. */
struct guest_timers {
	struct guest_thread *sleepers; /* the earliest first; through next_sleeper */
	int64_t armed;		       /* ns, what the LAPIC timer is armed for; 0: not */
	bool booted;		       /* it has begun to tick, or armed its periodic timer */
	bool ticking;
	int64_t next_tick; /* ns; while it ticks */
	int64_t phase;	   /* ns, of its ticks: n * tick_ns + phase */
};

/* Phases of the ticks of guest's CPUs: spread over a period, from a point of its own per VM. */
void guest_timers_init(struct guest *guest, uint64_t seed, uint32_t replication);
/* At boot. True: action arms a timer. */
bool guest_timers_boot(struct guest_cpu *cpu, struct guest_action *action);

/* thread, which runs on its CPU, is to sleep until thread->wake_at. True: action arms the timer. */
bool guest_timer_add(struct guest_thread *thread, struct guest_action *action);

/* cpu is about to halt, or to leave the idle loop. True: action arms the timer anew. */
bool guest_timer_idles(struct guest_cpu *cpu, struct guest_action *action);
bool guest_timer_busy(struct guest_cpu *cpu, struct guest_action *action);

/* A timer interrupt: how long its handler takes, ns. */
int64_t guest_timer_work_ns(struct guest_cpu *cpu);
/* What it leads to: the tick, who wakes, the next expiry. True: action is filled in; call again. */
bool guest_timer_effect(struct guest_cpu *cpu, struct guest_action *action);

#endif
