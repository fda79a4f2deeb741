/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the rows of a sweep's table stand: the number of a point, and its value on each axis.
 * Objects are in words, as beside pictures; long values are shortened in their middle, but never
 * so that two of an axis look alike.
 */
#ifndef SIM_REPORT_SWEEP_PLACES_H
#define SIM_REPORT_SWEEP_PLACES_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/run/sweep.h"

struct sweep_place_axis {
	const char *title; /* in the path of the axis, title_length long */
	int title_length;
	bool in_words; /* objects are: their words differ */
	int width;     /* of the column, without the blanks before it */
	int head;      /* what stays of the beginning of labels that are wider */
};

struct sweep_places {
	const struct sweep_grid *grid;
	struct sweep_place_axis *axes; /* one for each of the grid; owned */
	bool own_line; /* places find no room in the rows, so they have lines of their own */
	int width;     /* of what stands at the beginning of each row */
};

/*
 * Places of grid, which must outlive them, in rows that have room characters for them. False: no
 * memory. Free them with sweep_places_free(), also then.
 */
bool sweep_places_make(const struct sweep_grid *grid, int room, struct sweep_places *places);
void sweep_places_free(struct sweep_places *places);

/* The beginning, width long, of the line of titles. */
void sweep_places_write_titles(FILE *stream, const struct sweep_places *places);
/* The beginning of a row of point; again: there was a row of it just before. */
void sweep_places_write(FILE *stream, const struct sweep_places *places, size_t point, bool again);

#endif
