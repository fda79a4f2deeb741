/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The longest waits, step by step. */
#include "sim/explain/report.h"

#include <inttypes.h>
#include <string.h>

#include "sim/explain/story.h"
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
		fprintf(stream, "%s %.16s %s", i ? "," : "", occupant->task->name,
			format_ns((double)occupant->ns, &b));
	}
	if (shown && step->spin_ns * 20 >= step->ns)
		fprintf(stream, "; %s spun", format_ns((double)step->spin_ns, &b));
	if (shown)
		fprintf(stream, "\n");
}

static void write_state(FILE *stream, const struct explain_wait *wait, const struct wait_step *step)
{
	bool lock = step->via ? step->via_lock : wait->kind == WAIT_LOCK;

	switch (step->cause) {
	case CAUSE_NEEDED:
		if (step->role == ROLE_WAITER)
			fprintf(stream, " is about to notice");
		else
			fprintf(stream,
				lock ? " has the lock and runs (CPU %d)"
				     : " runs what is waited for (CPU %d)",
				step->cpu);
		break;
	case CAUSE_EARLIER: fprintf(stream, " is in the handler of calls, not there yet"); break;
	case CAUSE_HANDLER: fprintf(stream, " is in another interrupt handler"); break;
	case CAUSE_IRQS_OFF: fprintf(stream, " runs with interrupts off"); break;
	case CAUSE_IPI: fprintf(stream, " runs, the interrupt is on its way"); break;
	case CAUSE_GUEST: fprintf(stream, " runs another thread of its guest"); break;
	case CAUSE_EXIT: fprintf(stream, " is on CPU %d in the hypervisor", step->cpu); break;
	case CAUSE_PREEMPTED:
		fprintf(stream, " is preempted%s", step->in_user ? " in user mode" : "");
		break;
	case CAUSE_YIELDED: fprintf(stream, " has given its CPU away in a yield"); break;
	case CAUSE_WOKEN: fprintf(stream, " was woken and has not run yet"); break;
	case CAUSE_STOPPED: fprintf(stream, " is stopped by the co-scheduling policy"); break;
	case CAUSE_THROTTLED: fprintf(stream, " is throttled"); break;
	case CAUSE_HALTED: fprintf(stream, " is halted"); break;
	case CAUSE_UNKNOWN:
	case WAIT_CAUSES: break;
	}
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
		fprintf(stream, ": none honoured, %.16s ran", step->ran_instead->name);
	fprintf(stream, "\n");
}

/* Who keeps the waiter waiting, and what that one does. */
static void write_who(FILE *stream, const struct explain_wait *wait, const struct wait_step *step)
{
	int64_t before = wait->begin - step->since;
	struct format_buffer b;

	if (!step->end)
		fprintf(stream, "nobody in particular is waited for");
	else if (step->role == ROLE_WAITER)
		fprintf(stream, "over, but %s itself", step->end->name);
	else if (step->via && step->via != step->end)
		fprintf(stream, "%s waits for %s, which", step->via->name, step->end->name);
	else
		fprintf(stream, "%s", step->end->name);
	write_state(stream, wait, step);
	if (step == &wait->steps[0] && before > 0 && step->end && step->cause >= CAUSE_PREEMPTED &&
	    step->cause <= CAUSE_HALTED)
		fprintf(stream, ", already %s before", format_ns((double)before, &b));
	if (step->own_ns * 20 < step->ns * 19)
		fprintf(stream, ", for %s of this in all", format_ns((double)step->own_ns, &b));
}

static void write_step(FILE *stream, const struct explain_wait *wait, const struct wait_step *step)
{
	struct format_buffer b[2];
	char text[256] = "";
	FILE *memory = fmemopen(text, sizeof(text), "w");

	fprintf(stream, "  %9s  %8s   ", format_ns((double)(step->begin - wait->begin), &b[0]),
		format_ns((double)step->ns, &b[1]));
	if (memory) {
		write_who(memory, wait, step);
		fclose(memory);
	}
	report_wrap(stream, text, INDENT, INDENT);
	write_in_way(stream, step);
	write_step_yields(stream, step);
}

static void write_alike(FILE *stream, const struct explain_story *story)
{
	struct format_buffer b;

	if (!story->nr_alike)
		return;
	fprintf(stream, "%*slikewise %.16s (%s)", INDENT, "", story->alike[0]->waiter->name,
		format_ns((double)wait_total(story->alike[0]), &b));
	if (story->nr_alike > 1)
		fprintf(stream, ", %.16s (%s)", story->alike[1]->waiter->name,
			format_ns((double)wait_total(story->alike[1]), &b));
	if (story->nr_alike > 2)
		fprintf(stream, " and %d more", story->nr_alike - 2);
	fprintf(stream, "\n");
}

static void write_wait(FILE *stream, const struct explain_wait *wait, int number)
{
	struct format_buffer b[2];
	unsigned int folded = 0;

	fprintf(stream, "\n%d. %.24s waits %s for %s", number, wait->waiter->name,
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
		const struct explain_story *story = &explanation->top[i];
		struct explain_wait wait = *story->wait;

		story_shorten(&wait, SHOWN_STEPS, wait_total(&wait) / SHOWN_PART);
		write_wait(stream, &wait, i + 1);
		write_alike(stream, story);
	}
}
