/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The clock and the event queue. Knows nothing of CPUs.
 *
 * Events are intrusive: a struct sim_event lives inside its owner, so scheduling never allocates,
 * and moving or cancelling is in place. Time is int64_t ns.
 *
 * Ties are the rule in a scheduler simulation (all ticks coincide), so the order is total: by
 * time, then rank, then owner, then the sequence number of the scheduling call. Because the
 * sequence decides last, an event that provably does nothing can be left out without changing
 * any result.
 */
#ifndef SIM_ENGINE_EVENT_H
#define SIM_ENGINE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What goes first when several events are due at the same instant. */
enum sim_rank {
	SIM_RANK_INTERRUPT,  /* host IPIs reaching a CPU */
	SIM_RANK_TICK,	     /* periodic ticks */
	SIM_RANK_TIMER,	     /* hrtick, halt-poll end, guest timers, sleeps, arrivals */
	SIM_RANK_RESCHED,    /* context switches that end */
	SIM_RANK_COMPLETION, /* a segment of execution is over */
	SIM_RANK_CONTROL,    /* the run itself: warm-up over, watchdog */
};

#define SIM_TIME_MAX INT64_MAX

struct sim_engine;
struct sim_event;

typedef void sim_event_fn(struct sim_engine *engine, struct sim_event *event);
#endif
