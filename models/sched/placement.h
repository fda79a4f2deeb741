/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The decisions about where a task runs when it wakes up or begins (select_task_rq_fair), as in
 * Linux 7.2. Pure, like balance.h, whose units and records it shares.
 */
#ifndef MODELS_SCHED_PLACEMENT_H
#define MODELS_SCHED_PLACEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "models/sched/balance.h"

/* ---- Near the waker or where it was -------------------------------------------------------- */

/* Whom a task wakes, one or many; 0 bytes are a task that has woken nobody. */
struct placement_waker {
	const void *last; /* whom it woke last */
	uint32_t flips;	  /* how often that was another one than before; halved once a second */
	int64_t halved;	  /* ns; when they were */
};

/* It wakes wakee, now (record_wakee). */
void placement_note_wakee(struct placement_waker *waker, const void *wakee, int64_t now);

/*
 * Who wakes is one waker of many, or one of many wakers of one: do not gather them in one cache of
 * nr_cpus CPUs. flips: how often waker and wakee each have changed whom they wake (wake_wide).
 */
bool placement_is_wide(uint32_t waker_flips, uint32_t wakee_flips, int nr_cpus);

/*
 * One of the two CPUs by which of them is idle (wake_affine_idle). waker_h_nr: tasks that want to
 * run on the waker's CPU, itself included; sync: it is about to sleep. -1: both are busy.
 */
int placement_affine_idle(const struct topology *topology, int waker, bool waker_idle,
			  unsigned int waker_h_nr, int prev, bool prev_idle, bool sync);

struct placement_loads {
	int64_t waker;		/* of the waker's CPU */
	int64_t prev;		/* of the CPU where the task ran, without the task */
	int64_t task;		/* what the task adds to either */
	int64_t waker_task;	/* what the waker adds to its CPU; counts if sync */
	int64_t waker_capacity; /* of the two CPUs */
	int64_t prev_capacity;
};

/*
 * The waker's CPU would be the less loaded one, by a margin if they are far apart in the sense of
 * imbalance_pct, that of the lowest level that has both (wake_affine_weight).
 */
bool placement_affine_load(const struct placement_loads *loads, int imbalance_pct, bool sync);

/* ---- An idle CPU close by (select_idle_sibling) -------------------------------------------- */

struct placement_idle {
	const struct topology *topology;
	const uint64_t *idle;	 /* bitmap of idle CPUs */
	const uint64_t *allowed; /* bitmap of CPUs that the task may use, NULL: all */
	int prev;		 /* CPU where it ran last */
	int target;		 /* CPU to start from, the waker's or prev */
};

/*
 * target, prev, or the CPU of an earlier wake-up, *recent, if they are idle. *recent is renewed as
 * soon as it is looked at. -1: search on.
 */
int placement_known_idle(const struct placement_idle *search, int *recent);
/*
 * Search the last-level cache of target. nr_idle_scan: how many CPUs to look at; *idle_cores: it
 * may have a core without work, then all are looked at, and if there is none this is cleared. -1:
 * none found.
 */
int placement_search(const struct placement_idle *search, int nr_idle_scan, bool *idle_cores);

/* ---- Where a new task begins --------------------------------------------------------------- */

struct placement_new {
	const struct balance_machine *machine;
	const uint64_t *allowed; /* bitmap, NULL: all CPUs */
};

/*
 * The CPU where a task that was forked on CPU parent is to run first: down the levels to the idlest
 * group and the CPU that became idle last, but not away from parent without need
 * (sched_balance_find_dst_cpu). It is parent, allowed or not, if nothing better is found.
 */
int placement_of_new(const struct placement_new *task, int parent);

#endif
