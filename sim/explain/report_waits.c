/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The longest waits, step by step. */
#include "sim/explain/report.h"

#include "sim/base/text.h"
#include "sim/base/wrap.h"
#include "sim/report/format.h"

/* Steps of a wait that are shown; shorter ones are folded into them. */
enum { SHOWN_STEPS = 8 };
/* A step is shown if it is this part of the wait. */
enum { SHOWN_PART = 200 };

/* Columns that a line has left for what is under the name of a step. */
enum { INDENT = 24 };

/* Who had the CPU; those with little of it are passed over. */
static void write_in_way(FILE *stream, const struct wait_step *step)
{
	struct format_buffer b;
	int shown = 0;

	for (int i = 0; i < step->nr_occupants; i++) {
		const struct wait_occupant *occupant = &step->occupants[i];

		if (i > 0 && occupant->ns * 20 < step->ns)
			break;
		if (!shown++)
			fprintf(stream, "%*son CPU %d:", INDENT, "", step->cpu);
		fprintf(stream, "%s %.16s %s", i ? "," : "", occupant->task->is.comm,
			format_ns((double)occupant->ns, &b));
	}
	if (shown && step->spin_ns * 20 >= step->ns)
		fprintf(stream, "; %s spun", format_ns((double)step->spin_ns, &b));
	if (shown)
		fprintf(stream, "\n");
}

static void add_state(struct text *to, const struct explain_wait *wait,
		      const struct wait_step *step)
{
	bool lock = step->via ? step->via_lock : wait->kind == WAIT_LOCK;

	if (step->cause == CAUSE_NEEDED && step->role == ROLE_WAITER)
		text_add(to, " is about to notice");
	else if (step->cause == CAUSE_NEEDED)
		text_add(to, " %s (CPU %d)",
			 lock ? "has the lock and runs" : "runs what is waited for", step->cpu);
	else if (step->cause == CAUSE_EXIT)
		text_add(to, " is on CPU %d in the hypervisor", step->cpu);
	else if (step->cause != CAUSE_UNKNOWN)
		text_add(to, " %s", report_causes[step->cause].step);
	if (step->cause == CAUSE_PREEMPTED && step->in_user)
		text_add(to, " in user mode");
}

static void write_step_yields(FILE *stream, const struct wait_step *step)
{
	const struct wait_yields *yields = &step->yields;

	if (!yields->tried)
		return;
	fprintf(stream, "%*s%u yield%s tried, %u taken, %u to it", INDENT, "", yields->tried,
		yields->tried > 1 ? "s" : "", yields->taken, yields->right);
	if (yields->right_honoured)
		fprintf(stream, ", %u honoured", yields->right_honoured);
	else if (step->ran_instead)
		fprintf(stream, ": none honoured, %.16s ran", step->ran_instead->is.comm);
	fprintf(stream, "\n");
}

/* Who keeps the waiter waiting, and what that one does. */
static void add_who(struct text *to, const struct explain_wait *wait, const struct wait_step *step)
{
	int64_t before = wait->begin - step->since;
	struct format_buffer b;

	if (!step->end)
		text_add(to, "nobody in particular is waited for");
	else if (step->role == ROLE_WAITER)
		text_add(to, "over, but %s itself", step->end->is.comm);
	else if (step->via && step->via != step->end)
		text_add(to, "%s waits for %s, which", step->via->is.comm, step->end->is.comm);
	else
		text_add(to, "%s", step->end->is.comm);
	add_state(to, wait, step);
	if (step == &wait->steps[0] && before > 0 && step->end && step->cause >= CAUSE_PREEMPTED &&
	    step->cause <= CAUSE_HALTED)
		text_add(to, ", already %s before", format_ns((double)before, &b));
	if (step->own_ns * 20 < step->ns * 19)
		text_add(to, ", for %s of this in all", format_ns((double)step->own_ns, &b));
}

static void write_step(FILE *stream, const struct explain_wait *wait, const struct wait_step *step)
{
	struct wrap wrap = {.stream = stream, .indent = INDENT, .column = INDENT};
	struct format_buffer b[2];
	char buffer[256];
	struct text text = TEXT_IN(buffer);

	fprintf(stream, "  %9s  %8s   ", format_ns((double)(step->begin - wait->begin), &b[0]),
		format_ns((double)step->ns, &b[1]));
	add_who(&text, wait, step);
	wrap_words(&wrap, buffer);
	wrap_end(&wrap);
	write_in_way(stream, step);
	write_step_yields(stream, step);
}

static void write_alike(FILE *stream, const struct explain_long_wait *told)
{
	struct format_buffer b;

	if (!told->nr_alike)
		return;
	fprintf(stream, "%*slikewise %.16s (%s)", INDENT, "", told->alike[0]->waiter->is.comm,
		format_ns((double)wait_total(told->alike[0]), &b));
	if (told->nr_alike > 1)
		fprintf(stream, ", %.16s (%s)", told->alike[1]->waiter->is.comm,
			format_ns((double)wait_total(told->alike[1]), &b));
	if (told->nr_alike > 2)
		fprintf(stream, " and %d more", told->nr_alike - 2);
	fprintf(stream, "\n");
}

static void write_wait(FILE *stream, const struct explain_wait *wait, int number)
{
	struct format_buffer b[2];
	unsigned int folded = 0;

	fprintf(stream, "\n%d. %.24s waits %s for %s", number, wait->waiter->is.comm,
		format_ns((double)wait_total(wait), &b[0]), wait->what);
	if (wait->nr_objects > 1)
		fprintf(stream, " (%d vCPUs late)", wait->nr_objects);
	fprintf(stream, ", from %.6f s on\n", (double)wait->begin / 1e9);
	for (int i = 0; i < wait->nr_steps; i++) {
		write_step(stream, wait, &wait->steps[i]);
		folded += wait->steps[i].folded;
	}
	if (folded)
		fprintf(stream, "%*s(%u shorter steps are part of these)\n", INDENT, "", folded);
}

void report_waits(FILE *stream, const struct explanation *explanation)
{
	if (!explanation->nr_top)
		return;
	fprintf(stream, "\nthe longest waits, with when and for how long who kept them waiting\n");
	for (int i = 0; i < explanation->nr_top; i++) {
		const struct explain_long_wait *told = &explanation->top[i];
		struct explain_wait wait = *told->wait;

		wait_steps_shorten(&wait, SHOWN_STEPS, wait_total(&wait) / SHOWN_PART);
		write_wait(stream, &wait, i + 1);
		write_alike(stream, told);
	}
}
