/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The totals in a few sentences. */
#include "sim/explain/report.h"

#include "sim/base/text.h"
#include "sim/base/wrap.h"
#include "sim/report/format.h"

struct claim {
	const char *text;
	double share;
};

static int largest(const struct claim *claims, int nr)
{
	int found = 0;

	for (int i = 1; i < nr; i++)
		if (claims[i].share > claims[found].share)
			found = i;
	return found;
}

static double of_causes(const struct explanation *explanation, int role, enum wait_cause first,
			enum wait_cause last)
{
	int64_t ns = 0;

	for (enum wait_cause cause = first; cause <= last; cause++)
		ns += explanation_cause(explanation, role, cause);
	return (double)ns / (double)explanation->wait_ns;
}

/* The claims from 5 % on, largest first: "halted (54%), preempted (12%)"; changes claims. */
static void say_claims(struct text *to, struct claim *claims, int nr)
{
	int said = 0;

	for (int i = 0; i < nr; i++) {
		struct claim *claim = &claims[largest(claims, nr)];

		if (said && claim->share < 0.05)
			break;
		text_add(to, "%s%s (%.0f%%)", said++ ? ", " : "", claim->text, 100 * claim->share);
		claim->share = -1;
	}
	text_add(to, ". ");
}

/* What the causes from first to last make up of all waiting. */
static void say_causes(struct text *to, const struct explanation *explanation,
		       enum wait_cause first, enum wait_cause last)
{
	struct claim claims[WAIT_CAUSES];
	int nr = 0;

	for (enum wait_cause cause = first; cause <= last; cause++)
		claims[nr++] = (struct claim){report_causes[cause].claim,
					      of_causes(explanation, -1, cause, cause)};
	say_claims(to, claims, nr);
}

/* Why those who would have to run do not. */
static void say_why_off(struct text *to, const struct explanation *explanation)
{
	struct claim occupants[OCCUPANTS - 1];
	int nr = 0;

	text_add(to, "%.0f%% of all waiting is for a vCPU without a CPU: ",
		 100 * of_causes(explanation, -1, CAUSE_PREEMPTED, CAUSE_HALTED));
	say_causes(to, explanation, CAUSE_PREEMPTED, CAUSE_HALTED);
	if ((double)explanation->user_ns >= 0.1 * (double)explanation->wait_ns)
		text_add(to,
			 "%.0f%% is for one that was preempted in user mode: KVM's own filter "
			 "passes these over when the spinner is in the kernel. ",
			 100 * (double)explanation->user_ns / (double)explanation->wait_ns);
	for (enum cpu_occupant i = OCCUPANT_NOBODY + 1; i < OCCUPANTS; i++)
		occupants[nr++] = (struct claim){report_occupants[i].claim,
						 (double)explanation_occupant(explanation, -1, i) /
							 (double)explanation->wait_ns};
	if (occupants[largest(occupants, nr)].share < 0.05)
		return;
	text_add(to, "Its CPU runs ");
	say_claims(to, occupants, nr);
}

static void say_self(struct text *to, const struct explanation *explanation)
{
	double self = of_causes(explanation, ROLE_WAITER, CAUSE_EXIT, CAUSE_HALTED);

	if (self >= 0.1)
		text_add(
			to,
			"In %.0f%% of all waiting the wait was over, and the waiter itself did not "
			"run. ",
			100 * self);
}

static double mean_until_it_runs(const struct explain_yields *yields, enum pause_outcome outcome)
{
	return (double)yields->run_ns[outcome] / (double)yields->runs[outcome];
}

static void say_yields(struct text *to, const struct explain_yields *yields)
{
	double right = yields->taken ? (double)yields->right / (double)yields->taken : 0;
	uint64_t resolved = yields->right_honoured + yields->right_futile;
	struct format_buffer b[2];

	if (!yields->taken)
		return;
	text_add(to, "%.0f%% of the yields taken went to the vCPU that was waited for",
		 100 * right);
	if (resolved)
		text_add(to, ", and %.0f%% of these were honoured",
			 100 * (double)yields->right_honoured / (double)resolved);
	text_add(to, ".");
	if (yields->runs[PAUSE_RIGHT] && yields->runs[PAUSE_WRONG])
		text_add(to, " It ran %s after such a yield, and %s after one to another vCPU.",
			 format_ns(mean_until_it_runs(yields, PAUSE_RIGHT), &b[0]),
			 format_ns(mean_until_it_runs(yields, PAUSE_WRONG), &b[1]));
}

/* Time that is lost to others' spinning, whether or not anybody waits for who lost it. */
static void say_stolen(struct text *to, const struct explanation *explanation, double steal)
{
	double all = 0, spun;

	for (int i = 0; i < OCCUPANTS; i++)
		all += (double)explanation->stolen[i];
	spun = (double)explanation->stolen[OCCUPANT_SIBLING_SPINS] +
	       (double)explanation->stolen[OCCUPANT_OTHER_SPINS];
	if (steal >= 0.05 && all > 0 && spun / all >= 0.25)
		text_add(to,
			 "vCPUs are without a CPU for %.0f%% of their time, and for %.0f%% of that "
			 "it "
			 "is with one that only spins. ",
			 100 * steal, 100 * spun / all);
}

void report_conclusion(FILE *stream, const struct explanation *explanation, double steal)
{
	struct wrap wrap = {.stream = stream};
	char buffer[1600];
	struct text sentences = TEXT_IN(buffer);
	double off;

	if (explanation->wait_ns) {
		off = of_causes(explanation, -1, CAUSE_PREEMPTED, CAUSE_HALTED);
		/* There is hardly anybody without a CPU. */
		if (off < 0.5) {
			text_add(&sentences, "Most waiting is for a vCPU that has a CPU: ");
			say_causes(&sentences, explanation, CAUSE_NEEDED, CAUSE_EXIT);
		}
		if (off >= 0.1)
			say_why_off(&sentences, explanation);
		say_self(&sentences, explanation);
	} else {
		text_add(&sentences, "Nobody waited for anybody inside a guest. ");
	}
	say_stolen(&sentences, explanation, steal);
	if (explanation->wait_ns)
		say_yields(&sentences, &explanation->yields);
	wrap_words(&wrap, buffer);
	wrap_end(&wrap);
}
