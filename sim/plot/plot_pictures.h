/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pictures. One is a file plot_NAME.c, which says what it needs and writes its numbers, a
 * template plots/NAME.gp, which draws them, and a line in PLOT_PICTURES.
 */
#ifndef SIM_PLOT_PLOT_PICTURES_H
#define SIM_PLOT_PLOT_PICTURES_H

#include <stdbool.h>

#include <oversub/error.h>

#include "sim/plot/plot.h"
#include "sim/plot/plot_data.h"
#include "sim/plot/plot_layout.h"
#include "sim/plot/plot_script.h"
#include "sim/trace/trace_read.h"

/* In the order in which they are drawn and listed. */
#define PLOT_PICTURES(PICTURE)                                                                     \
	PICTURE(throughput)                                                                        \
	PICTURE(load)                                                                              \
	PICTURE(latency_cdf)                                                                       \
	PICTURE(window)                                                                            \
	PICTURE(accuracy)                                                                          \
	PICTURE(matrix)                                                                            \
	PICTURE(sensitivity)                                                                       \
	PICTURE(generic)                                                                           \
	PICTURE(timeline)                                                                          \
	PICTURE(journey)

struct plot_picture {
	const char *name;  /* of the template and of the files */
	const char *help;  /* what it shows */
	const char *needs; /* what makes it applicable: "a sweep over ..." */
	bool (*applies)(const struct plot_data *data, const struct plot_options *options);
	/* Whether it is drawn unasked where it applies; NULL: yes. */
	bool (*by_default)(const struct plot_data *data, const struct plot_options *options);

	/*
	 * A picture of series has write: their layout is made, and told to the template, before.
	 * The axis that x_axis returns goes along x, NULL: plot_layout_default_x(); one about EOIs
	 * goes over columns, if by_eoi.
	 */
	int (*x_axis)(const struct plot_data *data);
	bool by_eoi;
	bool of_design;	  /* of sweeps with a design, whose points are too many for others */
	bool categorical; /* bars: values of x stand side by side, whatever numbers they are */
	void (*write)(struct plot_script *script, const struct plot_layout *layout);

	/* Any other has draw: from plot_script_open() to plot_script_draw(). */
	enum oversub_status (*draw)(const struct plot_data *data, const char *directory,
				    const struct plot_options *options,
				    struct oversub_error *error);
};

#define PLOT_DECLARE(name) extern const struct plot_picture plot_##name;
PLOT_PICTURES(PLOT_DECLARE)

/* plot_window.c: pictures over ipi_window_ns. */
bool plot_window_applies(const struct plot_data *data, const struct plot_options *options);
int plot_window_x(const struct plot_data *data);

/* plot_generic.c: the metric that the options name can be drawn; asked before anything is. */
enum oversub_status plot_generic_check(const struct plot_data *data,
				       const struct plot_options *options,
				       struct oversub_error *error);

/* plot_trace.c: the directory has a trace.txt, of a run. */
bool plot_has_trace(const struct plot_data *data, const struct plot_options *options);
/* A block of a picture of single events, which is never empty: gnuplot would warn of that. */
void plot_trace_block(struct plot_script *script, const char *text);
/* NR_SERIES, LABEL and POLICY of the VMs of trace, and CAPTION. */
void plot_trace_head(struct plot_script *script, const struct plot_data *data,
		     const struct trace *trace);
/* "db0/3", or the name of a thread of the host; NULL: nobody. Into buffer, which is returned. */
const char *plot_task_name(const struct trace *trace, const struct replay_task *task, char *buffer,
			   size_t size);
/* Read the trace from `from` to `to` ns, as trace_read() does. */
enum oversub_status plot_read_trace(const struct plot_data *data, int64_t from, int64_t to,
				    struct trace *trace, struct oversub_error *error);

#endif
