/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One IPI of a trace, followed from send to EOI: a row for each vCPU that matters, what it did or
 * why it was off its CPU, and numbered steps that are explained below.
 */
#include <string.h>

#include "sim/plot/plot_pictures.h"
#include "sim/plot/plot_script.h"
#include "sim/trace/journey.h"

enum {
	PIXELS = 730,	 /* that the time axis has */
	LABEL_PIXELS = 6 /* of a character */
};

/* Half the height of a box on a CPU and of one off it, in rows. */
static const double on_half = 0.34, off_half = 0.12;

struct drawing {
	struct plot_script *script;
	const struct trace *trace;
	const struct journey *journey;
};

static double us(const struct drawing *drawing, int64_t time)
{
	return (double)(time - drawing->journey->steps[0].time) / 1e3;
}

static int row_of(const struct drawing *drawing, const struct replay_task *task)
{
	for (int i = 0; i < drawing->journey->nr_tasks; i++)
		if (drawing->journey->tasks[i] == task)
			return i;
	return -1;
}

/* ---- Rows of data ---------------------------------------------------------------------------- */

static bool is_on_cpu(enum replay_doing doing)
{
	return doing == DOING_WORK || doing == DOING_SPIN || doing == DOING_HOST;
}

static void write_intervals(const struct drawing *drawing, enum replay_doing doing,
			    const char *label)
{
	double half = is_on_cpu(doing) ? on_half : off_half;

	plot_trace_block(drawing->script, label);
	for (size_t i = 0; i < drawing->journey->nr_intervals; i++) {
		const struct journey_interval *interval = &drawing->journey->intervals[i];
		int row = row_of(drawing, interval->task);

		if (interval->doing == doing)
			plot_row(drawing->script, "%.3f %.3f %.2f %.2f %d",
				 us(drawing, interval->begin), us(drawing, interval->end),
				 row - half, row + half, interval->task->vm + 1);
	}
}

static void describe_interval(const struct drawing *drawing,
			      const struct journey_interval *interval, char *buffer, size_t size)
{
	char by[80];

	buffer[0] = '\0';
	plot_task_name(drawing->trace, interval->by, by, sizeof(by));
	switch (interval->doing) {
	case DOING_WORK:
	case DOING_SPIN:
		snprintf(buffer, size, "%s on CPU %d",
			 interval->doing == DOING_WORK ? "works" : "spins", interval->cpu);
		break;
	case DOING_PREEMPTED:
		snprintf(buffer, size, "preempted: %s has CPU %d", by, interval->cpu);
		break;
	case DOING_YIELDED:
		snprintf(buffer, size, "yielded: %s has CPU %d", by, interval->cpu);
		break;
	case DOING_SLEEP: snprintf(buffer, size, "halted"); break;
	case DOING_WOKEN: snprintf(buffer, size, "woken, waits for a CPU"); break;
	default: break;
	}
}

/* Where there is room, what an interval is: inside if it is on a CPU, else below its thin bar. */
static void write_labels(const struct drawing *drawing)
{
	const struct journey *journey = drawing->journey;
	double pixels_per_ns = (double)PIXELS / (double)(journey->to - journey->from);

	plot_block(drawing->script, "labels: time row text");
	plot_row(drawing->script, "NaN NaN \"\"");
	for (size_t i = 0; i < journey->nr_intervals; i++) {
		const struct journey_interval *interval = &journey->intervals[i];
		double room =
			(double)(interval->end - interval->begin) * pixels_per_ns / LABEL_PIXELS;
		double row = row_of(drawing, interval->task);
		char text[160];

		describe_interval(drawing, interval, text, sizeof(text));
		if (!is_on_cpu(interval->doing))
			row += 0.31;
		if (text[0] && (double)strlen(text) <= room && !strchr(text, '"'))
			plot_row(drawing->script, "%.3f %.2f \"%s\"",
				 us(drawing, (interval->begin + interval->end) / 2), row, text);
	}
}

/* The step's circle sits above its row's boxes; those at one place are spread a little. */
static void write_steps(const struct drawing *drawing)
{
	const struct journey *journey = drawing->journey;
	double apart = (double)(journey->to - journey->from) / 1e3 * 17 / PIXELS;
	double last[JOURNEY_MAX_TASKS];

	for (int i = 0; i < JOURNEY_MAX_TASKS; i++)
		last[i] = -1e18;
	plot_block(drawing->script, "steps: time row number place");
	for (int i = 0; i < journey->nr_steps; i++) {
		const struct journey_step *step = &journey->steps[i];
		int row = row_of(drawing, step->task);
		double at = us(drawing, step->time), place = at;

		if (place < last[row] + apart)
			place = last[row] + apart;
		last[row] = place;
		plot_row(drawing->script, "%.3f %d %d %.3f", at, row, i + 1, place);
	}
}

static const struct journey_step *find_step(const struct journey *journey,
					    enum journey_step_kind kind)
{
	for (int i = 0; i < journey->nr_steps; i++)
		if (journey->steps[i].kind == kind)
			return &journey->steps[i];
	return NULL;
}

static void write_arrows(const struct drawing *drawing)
{
	const struct journey *journey = drawing->journey;
	const struct journey_step *injected = find_step(journey, JOURNEY_INJECTED);

	plot_trace_block(drawing->script, "the IPI in flight: time row us rows");
	if (injected)
		plot_row(drawing->script, "0 0 %.3f 1", us(drawing, injected->time));
	for (int right = 1; right >= 0; right--) {
		plot_trace_block(drawing->script,
				 right ? "yields to the one it waits for: time row rows"
				       : "yields to others: time row rows");
		for (int i = 0; i < journey->nr_steps; i++) {
			const struct journey_step *step = &journey->steps[i];
			int to = row_of(drawing, step->other);

			if (step->kind == JOURNEY_YIELD && step->right == right && to >= 0)
				plot_row(drawing->script, "%.3f 0 %d", us(drawing, step->time), to);
		}
	}
}

/* ---- The steps in words ---------------------------------------------------------------------- */

static void tell_send(const struct drawing *drawing, const struct journey_step *step, char *text,
		      size_t size)
{
	const struct journey *journey = drawing->journey;
	char to[80], by[80] = "";
	const char *was;

	plot_task_name(drawing->trace, step->other, to, sizeof(to));
	switch (journey->receiver.doing) {
	case DOING_PREEMPTED: was = "which is off its CPU: preempted by "; break;
	case DOING_YIELDED: was = "which is off its CPU: it yielded, and the CPU went to "; break;
	case DOING_WOKEN: was = "which has been woken and waits for a CPU"; break;
	case DOING_SLEEP: was = "which is halted"; break;
	default: was = "which is on its CPU"; break;
	}
	if (journey->receiver.doing == DOING_PREEMPTED || journey->receiver.doing == DOING_YIELDED)
		plot_task_name(drawing->trace, journey->receiver.by, by, sizeof(by));
	snprintf(text, size, "writes ICR: vector 0x%x to %s, %s%s", (unsigned int)journey->vector,
		 to, was, by);
}

static void tell(const struct drawing *drawing, const struct journey_step *step, char *text,
		 size_t size)
{
	char other[80];

	plot_task_name(drawing->trace, step->other, other, sizeof(other));
	switch (step->kind) {
	case JOURNEY_SENT: tell_send(drawing, step, text, size); break;
	case JOURNEY_SPIN_BEGINS:
		snprintf(text, size, "begins to spin until %s has answered", other);
		break;
	case JOURNEY_YIELD:
		snprintf(text, size, "exits from its pause loop; KVM yields to %s%s", other,
			 step->right ? ", the one it waits for" : ", not the one it waits for");
		break;
	case JOURNEY_MORE_YIELDS: snprintf(text, size, "and %d more yields", step->count); break;
	case JOURNEY_RUNS: snprintf(text, size, "gets CPU %d after %s", step->cpu, other); break;
	case JOURNEY_INJECTED:
		snprintf(text, size, "enters the guest with the interrupt: its handler begins");
		break;
	case JOURNEY_EOI:
		snprintf(text, size, "has written EOI; then the handler does the work");
		break;
	case JOURNEY_SPIN_ENDS:
		snprintf(text, size, "sees the answer and goes on: it waited %.0f µs",
			 us(drawing, step->time));
		break;
	}
}

static void write_texts(const struct drawing *drawing)
{
	const struct journey *journey = drawing->journey;

	plot_number(drawing->script, "NR_STEPS", journey->nr_steps);
	plot_array(drawing->script, "STEP", (size_t)journey->nr_steps);
	for (int i = 0; i < journey->nr_steps; i++) {
		const struct journey_step *step = &journey->steps[i];
		char what[300], name[80];

		tell(drawing, step, what, sizeof(what));
		plot_element(drawing->script, "STEP", (size_t)i, "%.0f µs  %s %s",
			     us(drawing, step->time),
			     plot_task_name(drawing->trace, step->task, name, sizeof(name)), what);
	}
}

/* ---- The picture ----------------------------------------------------------------------------- */

static void write_rows(const struct drawing *drawing)
{
	const struct journey *journey = drawing->journey;

	plot_number(drawing->script, "NR_ROWS", journey->nr_tasks);
	plot_array(drawing->script, "ROW", (size_t)journey->nr_tasks);
	for (int i = 0; i < journey->nr_tasks; i++) {
		static const char *const roles[] = {" (sender)", " (receiver)"};
		char name[80];

		plot_element(drawing->script, "ROW", (size_t)i, "%s%s",
			     plot_task_name(drawing->trace, journey->tasks[i], name, sizeof(name)),
			     i < 2 ? roles[i] : "");
	}
}

static void write_variables(const struct drawing *drawing, const struct plot_data *data)
{
	struct plot_script *script = drawing->script;
	const struct journey *journey = drawing->journey;

	plot_trace_head(script, data, drawing->trace);
	plot_number(script, "FROM", us(drawing, journey->from));
	plot_number(script, "TO", us(drawing, journey->to));
	write_rows(drawing);
	write_texts(drawing);
	plot_text(script, "SHOWN", "One IPI from send to EOI; %s + %s; time 0 is at %.6f s",
		  data->first->file.info.policies[OVERSUB_CANDIDATE],
		  data->first->file.info.policies[OVERSUB_SCHED],
		  (double)journey->steps[0].time / 1e9);
}

static enum oversub_status draw_journey(const struct plot_data *data, struct drawing *drawing,
					const char *directory, const struct plot_options *options,
					struct oversub_error *error)
{
	static const struct {
		enum replay_doing doing;
		const char *label;
	} blocks[] = {
		{DOING_WORK, "work: from to bottom top VM"},
		{DOING_SPIN, "spin: from to bottom top VM"},
		{DOING_HOST, "in KVM: from to bottom top VM"},
		{DOING_PREEMPTED, "preempted: from to bottom top VM"},
		{DOING_YIELDED, "yielded: from to bottom top VM"},
		{DOING_SLEEP, "halted: from to bottom top VM"},
		{DOING_WOKEN, "woken: from to bottom top VM"},
	};
	struct plot_script script;
	enum oversub_status status =
		plot_script_open(&script, "journey", data, directory, options, error);

	if (status)
		return status;
	drawing->script = &script;
	write_variables(drawing, data);
	for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++)
		write_intervals(drawing, blocks[i].doing, blocks[i].label);
	write_arrows(drawing);
	write_steps(drawing);
	write_labels(drawing);
	return plot_script_draw(&script, error);
}

static enum oversub_status draw(const struct plot_data *data, const char *directory,
				const struct plot_options *options, struct oversub_error *error)
{
	struct trace trace;
	struct journey journey;
	struct drawing drawing = {.trace = &trace, .journey = &journey};
	int64_t from = options->from_ns > 0 ? options->from_ns : 0, to = INT64_MAX;
	enum oversub_status status = plot_read_trace(data, 0, INT64_MAX, &trace, error);
	bool found;

	if (status)
		return status;
	if (options->from_ns >= 0 && options->length_ns > 0)
		to = from + options->length_ns;
	status = journey_find(&trace, from, to, &journey, &found, error);
	if (!status && !found)
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "no vCPU waits for an IPI to one other in this part of "
				      "the trace");
	else if (!status)
		status = draw_journey(data, &drawing, directory, options, error);
	if (found)
		journey_free(&journey);
	trace_free(&trace);
	return status;
}

static bool never(const struct plot_data *data, const struct plot_options *options)
{
	return false;
}

const struct plot_picture plot_journey = {
	.name = "journey",
	.help = "one IPI from send to EOI, if --only asks for it",
	.needs = "a trace.txt, which `oversub run --trace` writes",
	.applies = plot_has_trace,
	.by_default = never,
	.draw = draw,
};
