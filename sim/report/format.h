/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers for people: three significant digits, a unit, "-" for what does not exist. Every
 * function writes into buffer and returns it, so that several can stand in one printf.
 */
#ifndef SIM_REPORT_FORMAT_H
#define SIM_REPORT_FORMAT_H

#include <stdbool.h>
#include "sim/stats/paired.h"

/* Widest text of format_change_interval() that is usual. */
enum { FORMAT_CHANGE_WIDTH = 14 };

struct format_buffer {
	char text[32];
};

/* 212us, 11.9ms, 1.05s */
const char *format_ns(double ns, struct format_buffer *buffer);
/* 950, 18.4k, 5.3M */
const char *format_short(double number, struct format_buffer *buffer);
/* 41 210: rounded to an integer, digits in threes; small numbers with three digits. */
const char *format_grouped(double number, struct format_buffer *buffer);
/* 21.4% from 0.214 */
const char *format_percent(double fraction, struct format_buffer *buffer);
/* +1.9% from 0.019, of what may be small or large */
const char *format_signed_percent(double fraction, struct format_buffer *buffer);
/*
 * What surrounds format_signed_percent(change->mean): +-1.1% if that is right on both sides, else
 * [-41.3, +5.6], with "..." where there is no bound; "" if there is no interval.
 */
const char *format_change_interval(const struct sim_relative *change, struct format_buffer *buffer);
/* 0.71, 3.25 */
const char *format_ratio(double ratio, struct format_buffer *buffer);
/* +-1.1% from mean and half-width; "" if there is none. */
const char *format_relative_width(double mean, double half_width, struct format_buffer *buffer);
/*
 * The same in up to six letters, for beside a percentile: "+-4%", whole percents, rounded up;
 * "+->99%"; "+-?" if the interval has no end; "" if there is none.
 */
const char *format_short_width(double mean, double half_width, struct format_buffer *buffer);
/* The number in its unit: "ns", "1/s", "fraction", "ratio" and others. */
const char *format_value(double value, const char *unit, struct format_buffer *buffer);

/* text, after ">=" where it is but a lower bound; text may be in another buffer. */
const char *format_bound(const char *text, bool is_bound, struct format_buffer *buffer);

#endif
