/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What waits for somebody to come and take it, in order of arrival, and how that went: items of a
 * source, signals of an event. No clock; every call says what time it is, never going back.
 */
#ifndef MODELS_WORKLOAD_BACKLOG_H
#define MODELS_WORKLOAD_BACKLOG_H

#include <stdbool.h>
#include <stdint.h>

enum {
	/* Parts of the measured window, at whose ends the length is noted. */
	BACKLOG_PARTS = 8,
	/* More waiting items than this end the run: nobody serves them. */
	BACKLOG_MAX = 1 << 24,
};

struct backlog {
	/* Arrival times in ns of those that wait: a ring that doubles when it is full. */
	int64_t *times;
	uint32_t capacity; /* a power of two, or 0 before the first had to wait */
	uint32_t head;
	uint32_t nr; /* that wait now */

	/* Since the start, or since backlog_begin(). */
	uint64_t offered; /* arrived */
	uint64_t served;  /* taken */
	double area;	  /* items times ns of waiting, up to since */
	int64_t since;	  /* ns */
	/* Of the measured window. */
	int64_t start, length;		   /* ns; length 0: there is none */
	int nr_marks;			   /* of marks that are known */
	uint32_t marks[BACKLOG_PARTS + 1]; /* nr at the window's start and at the ends of its parts
					    */
};

/* Empty, from now on. Owns memory once something waits; backlog_fini() frees it. */
void backlog_init(struct backlog *backlog, int64_t now);
void backlog_fini(struct backlog *backlog);

/* Something arrives and is taken at once by somebody who waited for it. */
void backlog_pass(struct backlog *backlog, int64_t now);
/* Something arrives and waits. False: BACKLOG_MAX wait already, or memory ran out. */
bool backlog_push(struct backlog *backlog, int64_t now);
/* The oldest is taken; there is one. Returns when it arrived. */
int64_t backlog_pop(struct backlog *backlog, int64_t now);

/* The measured window begins, and is to last for length ns: counts start at 0. */
void backlog_begin(struct backlog *backlog, int64_t now, int64_t length);
/* Bring area and marks up to now. */
void backlog_account(struct backlog *backlog, int64_t now);
/* ns that the oldest has waited; 0 if none does. */
int64_t backlog_oldest(const struct backlog *backlog, int64_t now);

#endif
