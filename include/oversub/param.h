/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One declarative table per model, policy and op says which parameters it has. The scenario
 * loader, --set, sweeps, `oversub list`, --help and the generated JSON schema all read these
 * tables and nothing else, so a parameter is added in exactly one place.
 */
#ifndef OVERSUB_PARAM_H
#define OVERSUB_PARAM_H

#include <stddef.h>
#include <stdint.h>

enum oversub_param_type {
	OVERSUB_PARAM_BOOL,	/* int64_t field, 0 or 1; JSON true or false */
	OVERSUB_PARAM_INT,	/* int64_t field; JSON integer */
	OVERSUB_PARAM_DURATION, /* int64_t field in ns; JSON integer (ns) or string with ns, us, ms,
				   s */
	OVERSUB_PARAM_REAL,	/* double field; JSON number */
	OVERSUB_PARAM_ENUM,	/* int64_t field, index into choices; JSON string */
};

struct oversub_param {
	const char *name; /* JSON key; kernel tunables keep their kernel names */
	enum oversub_param_type type;
	size_t offset;	  /* of the field in the owner's parameter struct */
	const char *unit; /* shown to people: "ns", "CPUs", "TSC ticks"; NULL if it has none */

	/* Default and inclusive range of BOOL, INT, DURATION; for ENUM def is the index of the
	 * default. */
	int64_t def, min, max;
	/* The same for REAL. */
	double real_def, real_min, real_max;

	const char *const *choices; /* ENUM: names, NULL-terminated */
	const char *help;	    /* one sentence, no newline */
};

/* A table ends with an entry whose name is NULL. */
#define OVERSUB_PARAM_END                                                                          \
	{                                                                                          \
		.name = NULL                                                                       \
	}

#define OVERSUB_BOOL(type_, field_, def_, help_)                                                   \
	{                                                                                          \
		.name = #field_, .type = OVERSUB_PARAM_BOOL, .offset = offsetof(type_, field_),    \
		.def = (def_), .min = 0, .max = 1, .help = (help_)                                 \
	}
#define OVERSUB_INT(type_, field_, unit_, def_, min_, max_, help_)                                 \
	{                                                                                          \
		.name = #field_, .type = OVERSUB_PARAM_INT, .offset = offsetof(type_, field_),     \
		.unit = (unit_), .def = (def_), .min = (min_), .max = (max_), .help = (help_)      \
	}
#define OVERSUB_DURATION(type_, field_, def_, min_, max_, help_)                                   \
	{                                                                                          \
		.name = #field_, .type = OVERSUB_PARAM_DURATION,                                   \
		.offset = offsetof(type_, field_), .unit = "ns", .def = (def_), .min = (min_),     \
		.max = (max_), .help = (help_)                                                     \
	}
#define OVERSUB_REAL(type_, field_, unit_, def_, min_, max_, help_)                                \
	{                                                                                          \
		.name = #field_, .type = OVERSUB_PARAM_REAL, .offset = offsetof(type_, field_),    \
		.unit = (unit_), .real_def = (def_), .real_min = (min_), .real_max = (max_),       \
		.help = (help_)                                                                    \
	}
#define OVERSUB_ENUM(type_, field_, choices_, def_, help_)                                         \
	{                                                                                          \
		.name = #field_, .type = OVERSUB_PARAM_ENUM, .offset = offsetof(type_, field_),    \
		.choices = (choices_), .def = (def_), .help = (help_)                              \
	}

/* Write the default of every parameter of table into the parameter struct at values. */
void oversub_param_defaults(const struct oversub_param *table, void *values);

#endif
