/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pictures: each has a function that says whether the data have what it shows, and one that
 * writes its numbers and has it drawn.
 */
#ifndef SIM_PLOT_PLOT_PICTURES_H
#define SIM_PLOT_PLOT_PICTURES_H

#include <stdbool.h>

#include <oversub/error.h>

#include "sim/plot/plot.h"
#include "sim/plot/plot_data.h"
#include "sim/trace/trace_read.h"

struct plot_picture {
	const char *name;  /* of the template and of the files */
	const char *needs; /* what makes it applicable, for messages */
	bool (*applies)(const struct plot_data *data, const struct plot_options *options);
	bool (*by_default)(
		const struct plot_data *data,
		const struct plot_options *options); /* drawn unasked; NULL: as applies */
	enum oversub_status (*draw)(const struct plot_data *data, const char *directory,
				    const struct plot_options *options,
				    struct oversub_error *error);
};

extern const struct plot_picture plot_throughput, plot_load, plot_latency_cdf, plot_window,
	plot_accuracy, plot_matrix, plot_generic, plot_timeline, plot_journey;

/* plot_generic.c: the metric that the options name can be drawn; asked before anything is. */
enum oversub_status plot_generic_check(const struct plot_data *data,
				       const struct plot_options *options,
				       struct oversub_error *error);

/* plot_trace.c: there is a trace in the directory, or the options name one. */
bool plot_has_trace(const struct plot_data *data, const struct plot_options *options);
/* Read it from `from` to `to` ns, as trace_read() does. */
enum oversub_status plot_read_trace(const struct plot_data *data,
				    const struct plot_options *options, int64_t from, int64_t to,
				    struct trace *trace, struct oversub_error *error);

#endif
