/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The clock and the event queue. Knows nothing of CPUs.
 *
 * Events are intrusive: a struct sim_event lives inside its owner (get the owner back with
 * container_of), so scheduling never allocates, and moving or cancelling is in place. Time is
 * int64_t ns.
 *
 * Ties are the rule in a scheduler simulation (all ticks coincide), so the order is total: by
 * time, then rank, then owner, then the sequence number of the scheduling call. Because the
 * sequence decides last, an event that provably does nothing can be left out without changing
 * any result.
 *
 * An event may schedule others, or itself, for the current instant. What fires next is always the
 * smallest pending event in that order, even if it sorts before the one that just fired.
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

/* Later than every event; no event may be scheduled for it. */
#define SIM_TIME_MAX INT64_MAX

struct sim_engine;
struct sim_event;

/*
 * What an event does. It is no longer pending when its function runs, so the function may
 * schedule it again, or free what it lives in.
 */
typedef void sim_event_fn(struct sim_engine *engine, struct sim_event *event);

/*
 * One event. Belongs to whoever embeds it, and must stay where it is while it is pending. Set up
 * by sim_event_init(); outside the engine, read it through the functions below.
 */
struct sim_event {
	int64_t time;		 /* ns; when it is or was due */
	struct sim_event *next;	 /* slot: next in its list; due: next sibling in the heap */
	struct sim_event **link; /* the pointer that points here */
	uint32_t owner;		 /* orders ties of one rank: a CPU, vCPU or thread number */
	uint16_t rank;		 /* enum sim_rank: orders ties first */
	uint16_t place;		 /* where the engine keeps it; see event.c */
	uint64_t sequence;	 /* number of the sim_schedule() call that set the time */
	sim_event_fn *fn;	 /* what it does */
	struct sim_event *child; /* due: first child in the heap */
};

enum {
	SIM_WHEEL_BITS = 8, /* bits of the time that one level looks at */
	SIM_WHEEL_LEVELS = 64 / SIM_WHEEL_BITS,
	SIM_WHEEL_SLOTS = SIM_WHEEL_LEVELS << SIM_WHEEL_BITS,
};

/* Why sim_run() came back. */
enum sim_stop {
	SIM_REACHED_UNTIL,  /* nothing left that is due by `until`; the clock shows `until` */
	SIM_NO_EVENTS,	    /* nothing pending at all; the clock shows the last event's time */
	SIM_STOPPED,	    /* sim_stop() was called; the clock shows the event that called it */
	SIM_ZERO_TIME_LOOP, /* too many events fired in one instant; the clock shows it */
};

/*
 * One simulated clock with its queue: about 17 KiB, allocates nothing. Fields are the engine's
 * own; use the functions. event.c says how the wheel works.
 */
struct sim_engine {
	int64_t now;		  /* ns; what the clock shows */
	int64_t base;		  /* ns; time of the last event fired; places are relative to it */
	struct sim_event *due;	  /* events with time == base: root of a pairing heap */
	uint64_t sequence;	  /* number of the last sim_schedule() call */
	uint64_t fired;		  /* events fired so far */
	uint64_t instant_start;	  /* value of fired when the clock last advanced */
	uint64_t zero_time_limit; /* events that may fire in one instant */
	bool stopping;		  /* sim_stop() was called */
	uint32_t words;		  /* bit w: used[w] is not 0 */
	uint64_t used[SIM_WHEEL_SLOTS / 64]; /* bit i % 64 of word i / 64: slot i is not empty */
	struct sim_event *wheel[SIM_WHEEL_SLOTS];
};

/* Sets the clock to start (ns, >= 0), with nothing pending. */
void sim_engine_init(struct sim_engine *engine, int64_t start);

/* Forgets what is pending (the events are their owners'). The engine may be initialised again. */
void sim_engine_fini(struct sim_engine *engine);

/* The clock, ns. */
static inline int64_t sim_now(const struct sim_engine *engine)
{
	return engine->now;
}

/* Prepares an event that is not pending. Never call it on a pending event. */
void sim_event_init(struct sim_event *event, enum sim_rank rank, uint32_t owner, sim_event_fn *fn);

/*
 * Makes the event fire at time (ns, now <= time < SIM_TIME_MAX). A pending event is moved, and
 * takes a new sequence number even if the time stays the same.
 */
void sim_schedule(struct sim_engine *engine, struct sim_event *event, int64_t time);

/* Makes the event not fire. Does nothing if it is not pending. */
void sim_cancel(struct sim_engine *engine, struct sim_event *event);

/* Is it scheduled and has not fired yet? */
static inline bool sim_event_pending(const struct sim_event *event)
{
	return event->place != 0;
}

/* When a pending event is due, ns; SIM_TIME_MAX for one that is not pending. */
static inline int64_t sim_event_time(const struct sim_event *event)
{
	return sim_event_pending(event) ? event->time : SIM_TIME_MAX;
}

/*
 * When the next event is due, ns; SIM_TIME_MAX if nothing is pending. Looks through the events of
 * one slot: for deciding how far to run, not for every event.
 */
int64_t sim_next_time(const struct sim_engine *engine);

/*
 * Fires, in order, every event due at or before until (ns, >= now), including those that get
 * scheduled meanwhile. See enum sim_stop for what the clock shows afterwards. May be called again
 * to go on, whatever the reason for stopping was.
 */
enum sim_stop sim_run(struct sim_engine *engine, int64_t until);

/* From inside an event: makes sim_run() return when this event is done. */
void sim_stop(struct sim_engine *engine);

/*
 * Lets at most limit events (>= 1) fire without the clock advancing; one more ends sim_run() with
 * SIM_ZERO_TIME_LOOP. The default is 10 million.
 */
void sim_set_zero_time_limit(struct sim_engine *engine, uint64_t limit);

/* Number of events fired since sim_engine_init(). */
static inline uint64_t sim_events_fired(const struct sim_engine *engine)
{
	return engine->fired;
}

#endif
