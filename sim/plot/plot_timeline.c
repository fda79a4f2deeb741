/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A few milliseconds of the trace of a run: a row for each physical CPU, who was on it and what it
 * did, where directed yields went and how long interrupts were on their way.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/plot/plot_pictures.h"
#include "sim/plot/plot_script.h"
#include "sim/trace/timeline.h"

enum {
	MAX_ROWS = 24,
	PIXELS = 800,	  /* that the time axis has */
	LABEL_PIXELS = 7, /* of a character */
	MAX_FLIGHTS = 40, /* the longest; more cover everything */
	DEFAULT_NS = 5000000,
	LEAD_NS = 50000000, /* read before what is shown, to know what runs at its start */
};

/* Half the height of a box, in rows. */
static const double box_half = 0.40, host_half = 0.18;

struct rows {
	int *row_of_cpu; /* -1: not shown; owned */
	int cpu[MAX_ROWS];
	int nr;
	bool some_hidden;
};

/* ---- Which CPUs ------------------------------------------------------------------------------ */

/* How much of what is of interest happens on each CPU. */
static void count_interest(const struct timeline *timeline, size_t *interest)
{
	for (size_t i = 0; i < timeline->nr_yields; i++) {
		interest[timeline->yields[i].from_cpu] += 4;
		interest[timeline->yields[i].to_cpu] += 4;
	}
	for (size_t i = 0; i < timeline->nr_boxes; i++)
		interest[timeline->boxes[i].cpu]++;
}

/* All CPUs, or those with most going on if there are too many for a picture. */
static bool choose_rows(const struct trace *trace, const struct timeline *timeline,
			struct rows *rows)
{
	size_t nr = (size_t)trace->replay.nr_cpus;
	size_t *interest = calloc(nr, sizeof(*interest));

	rows->row_of_cpu = calloc(nr, sizeof(*rows->row_of_cpu));
	if (!interest || !rows->row_of_cpu) {
		free(interest);
		return false;
	}
	count_interest(timeline, interest);
	rows->some_hidden = nr > MAX_ROWS;
	for (size_t shown = nr; shown > MAX_ROWS; shown--) {
		size_t least = 0;

		while (rows->row_of_cpu[least] < 0)
			least++;
		for (size_t i = least; i < nr; i++)
			if (rows->row_of_cpu[i] >= 0 && interest[i] <= interest[least])
				least = i;
		rows->row_of_cpu[least] = -1;
	}
	for (size_t i = 0; i < nr; i++)
		if (rows->row_of_cpu[i] >= 0) {
			rows->row_of_cpu[i] = rows->nr;
			rows->cpu[rows->nr++] = (int)i;
		}
	free(interest);
	return true;
}

/* ---- Rows of data ---------------------------------------------------------------------------- */

/* The picture being written. */
struct drawing {
	struct plot_script *script;
	const struct trace *trace;
	const struct timeline *timeline;
	const struct rows *rows;
};

static double ms(const struct drawing *drawing, int64_t time)
{
	return (double)(time - drawing->timeline->from) / 1e6;
}

static void write_boxes(const struct drawing *drawing, enum replay_doing doing, const char *block)
{
	double half = doing == DOING_HOST ? host_half : box_half;

	plot_trace_block(drawing->script, block);
	for (size_t i = 0; i < drawing->timeline->nr_boxes; i++) {
		const struct timeline_box *box = &drawing->timeline->boxes[i];
		int row = drawing->rows->row_of_cpu[box->cpu];

		if (row >= 0 && box->doing == doing)
			plot_row(drawing->script, "%.6f %.6f %.2f %.2f %d", ms(drawing, box->begin),
				 ms(drawing, box->end), row - half, row + half, box->task->vm + 1);
	}
}

static void write_preemptions(const struct drawing *drawing)
{
	plot_trace_block(drawing->script, "preempted: time bottom height");
	for (size_t i = 0; i < drawing->timeline->nr_boxes; i++) {
		const struct timeline_box *box = &drawing->timeline->boxes[i];
		int row = drawing->rows->row_of_cpu[box->cpu];

		if (row >= 0 && box->preempted)
			plot_row(drawing->script, "%.6f %.2f %.2f", ms(drawing, box->end),
				 row - box_half, 2 * box_half);
	}
}

static void write_yields(const struct drawing *drawing, bool taken, bool right, const char *block)
{
	plot_trace_block(drawing->script, block);
	for (size_t i = 0; i < drawing->timeline->nr_yields; i++) {
		const struct timeline_yield *yield = &drawing->timeline->yields[i];
		int from = drawing->rows->row_of_cpu[yield->from_cpu];
		int to = drawing->rows->row_of_cpu[yield->to_cpu];

		if (from >= 0 && to >= 0 && yield->taken == taken &&
		    (!taken || yield->right == right))
			plot_row(drawing->script, "%.6f %d %d", ms(drawing, yield->time), from,
				 to - from);
	}
}

static int64_t duration(const struct timeline_flight *flight)
{
	return flight->injected - flight->sent;
}

static int compare_flights(const void *a, const void *b)
{
	int64_t left = duration(a), right = duration(b);

	return left < right ? 1 : left > right ? -1 : 0;
}

static void write_flights(const struct drawing *drawing)
{
	struct timeline_flight *flights = drawing->timeline->flights;
	size_t nr = drawing->timeline->nr_flights, shown = 0;

	if (nr)
		qsort(flights, nr, sizeof(*flights), compare_flights);
	plot_trace_block(drawing->script, "interrupts in flight: time row ms rows");
	for (size_t i = 0; i < nr && shown < MAX_FLIGHTS; i++) {
		int from = drawing->rows->row_of_cpu[flights[i].from_cpu];
		int to = drawing->rows->row_of_cpu[flights[i].to_cpu];

		if (from < 0 || to < 0)
			continue;
		plot_row(drawing->script, "%.6f %d %.6f %d", ms(drawing, flights[i].sent), from,
			 (double)duration(&flights[i]) / 1e6, to - from);
		shown++;
	}
}

/* The vCPU's number, with its VM where there is room for it. */
static void write_labels(const struct drawing *drawing)
{
	const struct timeline *timeline = drawing->timeline;
	double pixels_per_ns = (double)PIXELS / (double)(timeline->to - timeline->from);

	plot_block(drawing->script, "labels: time row text");
	plot_row(drawing->script, "NaN NaN \"\"");
	for (size_t i = 0; i < timeline->nr_boxes; i++) {
		const struct timeline_box *box = &timeline->boxes[i];
		const struct replay_task *task = box->task;
		double room = (double)(box->end - box->begin) * pixels_per_ns / LABEL_PIXELS;
		int row = drawing->rows->row_of_cpu[box->cpu];
		char text[80];

		if (row < 0 || box->doing == DOING_HOST)
			continue;
		plot_task_name(drawing->trace, task, text, sizeof(text));
		if ((double)strlen(text) > room && task->vm >= 0)
			snprintf(text, sizeof(text), "%d", task->vcpu);
		if ((double)strlen(text) <= room && !strchr(text, '"'))
			plot_row(drawing->script, "%.6f %d \"%s\"",
				 ms(drawing, (box->begin + box->end) / 2), row, text);
	}
}

/* ---- The picture ----------------------------------------------------------------------------- */

static void write_variables(const struct drawing *drawing, const struct plot_data *data)
{
	struct plot_script *script = drawing->script;
	const struct timeline *timeline = drawing->timeline;

	plot_trace_head(script, data, drawing->trace);
	plot_number(script, "NR_ROWS", drawing->rows->nr);
	plot_array(script, "CPU", (size_t)drawing->rows->nr);
	for (int i = 0; i < drawing->rows->nr; i++)
		plot_element(script, "CPU", (size_t)i, "CPU %d", drawing->rows->cpu[i]);
	plot_number(script, "LENGTH", (double)(timeline->to - timeline->from) / 1e6);
	plot_text(script, "SHOWN", "%s + %s; time 0 is at %.6f s of the trace%s",
		  data->first->file.info.policies[OVERSUB_CANDIDATE],
		  data->first->file.info.policies[OVERSUB_SCHED], (double)timeline->from / 1e9,
		  drawing->rows->some_hidden ? "; the CPUs with most going on" : "");
}

static enum oversub_status draw_timeline(const struct plot_data *data, const struct trace *trace,
					 const struct timeline *timeline, const char *directory,
					 const struct plot_options *options,
					 struct oversub_error *error)
{
	struct rows rows = {0};
	struct plot_script script;
	struct drawing drawing = {&script, trace, timeline, &rows};
	enum oversub_status status;

	if (!choose_rows(trace, timeline, &rows)) {
		free(rows.row_of_cpu);
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for the timeline");
	}
	status = plot_script_open(&script, "timeline", data, directory, options, error);
	if (!status) {
		write_variables(&drawing, data);
		write_boxes(&drawing, DOING_WORK, "work: from to bottom top VM");
		write_boxes(&drawing, DOING_SPIN, "spin: from to bottom top VM");
		write_boxes(&drawing, DOING_HOST, "host: from to bottom top VM");
		write_boxes(&drawing, DOING_THREAD, "host thread: from to bottom top VM");
		write_preemptions(&drawing);
		write_yields(&drawing, true, true, "yields to the right target: time row rows");
		write_yields(&drawing, true, false, "yields to others: time row rows");
		write_yields(&drawing, false, false, "yields in vain: time row rows");
		write_flights(&drawing);
		write_labels(&drawing);
		status = plot_script_draw(&script, error);
	}
	free(rows.row_of_cpu);
	return status;
}

static enum oversub_status draw(const struct plot_data *data, const char *directory,
				const struct plot_options *options, struct oversub_error *error)
{
	int64_t from = options->from_ns, length = options->length_ns;
	struct trace trace;
	struct timeline timeline;
	enum oversub_status status;

	if (from >= 0 && length <= 0)
		length = DEFAULT_NS;
	status = plot_read_trace(data, from - LEAD_NS, from < 0 ? INT64_MAX : from + length, &trace,
				 error);
	if (status)
		return status;
	if (from < 0)
		from = timeline_choose(&trace, &length);
	status = timeline_derive(&trace, from, length, length / PIXELS, &timeline, error);
	if (!status) {
		if (timeline.nr_boxes == 0)
			status = oversub_fail(error, OVERSUB_BAD_INPUT,
					      "nothing runs in the trace from %.6f s to %.6f s; "
					      "choose another time",
					      (double)timeline.from / 1e9,
					      (double)timeline.to / 1e9);
		else
			status = draw_timeline(data, &trace, &timeline, directory, options, error);
		timeline_free(&timeline);
	}
	trace_free(&trace);
	return status;
}

const struct plot_picture plot_timeline = {
	.name = "timeline",
	.help = "who ran, spun and was preempted, and where yields went",
	.needs = "a trace.txt, which `oversub run --trace` writes",
	.applies = plot_has_trace,
	.draw = draw,
};
