/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The haltpoll governor of a guest (drivers/cpuidle/governors/haltpoll.c): whether an
 * idle CPU polls for work or halts, and how long it polls. No clock, no events.
 */
#ifndef MODELS_GUEST_HALTPOLL_H
#define MODELS_GUEST_HALTPOLL_H

#include <stdbool.h>
#include <stdint.h>

/* Module parameters of haltpoll under their kernel names. */
struct haltpoll_config {
	int64_t haltpoll;		    /* bool: the governor is loaded */
	int64_t guest_halt_poll_ns;	    /* longest poll */
	int64_t guest_halt_poll_grow;	    /* factor */
	int64_t guest_halt_poll_shrink;	    /* divisor; 0: shrinking means 0 */
	int64_t guest_halt_poll_grow_start; /* ns; the first window above 0 */
	int64_t guest_halt_poll_allow_shrink;
};

/* Of one CPU; 0 bytes are the state at boot. */
struct haltpoll {
	int64_t window; /* ns that it polls for (poll_limit_ns) */
	bool polled;	/* its last idle state was polling */
	bool timed_out; /* and ended without anything to do */
};

/* The CPU is idle: does it poll for haltpoll->window ns now? Else it halts. */
bool haltpoll_select(const struct haltpoll_config *config, struct haltpoll *haltpoll);
/* The poll is over. */
void haltpoll_polled(struct haltpoll *haltpoll, bool timed_out);
/* The halt is over, after ns: the window adapts. */
void haltpoll_halted(const struct haltpoll_config *config, struct haltpoll *haltpoll, int64_t ns);

#endif
