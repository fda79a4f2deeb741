/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Durations and whole numbers as people write them. No locale, no rounding, no clock. */
#ifndef SIM_SCENARIO_UNITS_H
#define SIM_SCENARIO_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longest text that units_format_duration() makes, with its NUL. */
#define UNITS_TEXT_MAX 32

/*
 * Read a decimal number with a unit out of ns, us, ms, s ("50ms", "1.5 us") into *ns. Only exact
 * values: "0.5ns" is refused, as is anything that does not fit. There is no sign and no unit-less
 * form. Returns false, and leaves *ns alone, if text is not a duration.
 */
bool units_parse_duration(const char *text, int64_t *ns);
/*
 * Read a rate, a decimal number and "/s" ("5000/s", "0.5 /s"), into *per_s. Returns false, and
 * leaves *per_s alone, if text is not one.
 */
bool units_parse_rate(const char *text, double *per_s);
/* Read an optional '-' and decimal digits, nothing else, into *value. */
bool units_parse_integer(const char *text, int64_t *value);
/*
 * The shortest exact text of ns >= 0 that units_parse_duration() reads back: "50ms", "1500ns".
 * Returns buffer, which holds UNITS_TEXT_MAX bytes.
 */
const char *units_format_duration(int64_t ns, char *buffer);

#endif
