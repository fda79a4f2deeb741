/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ranges of values, "10us..200ms:log9" or "1..16:5": so many from the first to the second, evenly
 * or by equal factors; "10us..200ms" and "10us..200ms:log" for designs that choose their own
 * points.
 */
#ifndef SIM_RUN_SWEEP_RANGE_H
#define SIM_RUN_SWEEP_RANGE_H

#include <stdbool.h>
#include <stddef.h>

#include <oversub/error.h>

enum sweep_quantity { SWEEP_INTEGER, SWEEP_REAL, SWEEP_DURATION, SWEEP_RATE };

struct sweep_range {
	enum sweep_quantity quantity;
	double low, high; /* in ns, per second, or as they are; low < high */
	bool log;	  /* by equal factors; then low > 0 */
	size_t nr;	  /* values; 0: not said */
};

/* Longest text of a value, with its NUL. */
#define SWEEP_VALUE_MAX 40

/*
 * Whether text is meant as a range: two numbers, durations or rates with ".." between them.
 */
bool sweep_range_is(const char *text);
/*
 * Read one. OVERSUB_BAD_INPUT: the message, which calls it by path, says what is wrong with it.
 */
enum oversub_status sweep_range_parse(const char *text, const char *path, struct sweep_range *range,
				      struct oversub_error *error);
/*
 * The value at fraction, 0 .. 1, of the way, with so many significant digits, in the unit in which
 * a person would write it; integers stay integers. The ends are exact. Returns buffer.
 */
const char *sweep_range_value(const struct sweep_range *range, double fraction, int digits,
			      char buffer[SWEEP_VALUE_MAX]);

#endif
