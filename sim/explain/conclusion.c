/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The totals in a few sentences. */
#include "sim/explain/report.h"

#include <stdarg.h>
#include <string.h>

#include "sim/report/format.h"

enum { COLUMNS = 100 };

struct sentences {
	char text[1600];
	size_t used;
};

static void say(struct sentences *to, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct sentences *to, const char *format, ...)
{
	size_t left = sizeof(to->text) - to->used;
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(to->text + to->used, left, format, arguments);
	va_end(arguments);
	to->used += (size_t)n < left ? (size_t)n : left - 1;
}

void report_wrap(FILE *stream, const char *text, int used, int indent)
{
	while (*text) {
		size_t room = (size_t)(used < COLUMNS ? COLUMNS - used : 1);
		size_t length = strlen(text), end = length;

		if (length > room) {
			for (end = room; end > 0 && text[end] != ' '; end--)
				;
			/* A word that is too long for any line stays whole. */
			end = end ? end : strcspn(text, " ");
		}
		while (end > 0 && text[end - 1] == ' ')
			end--;
		fprintf(stream, "%.*s\n", (int)end, text);
		text += end;
		while (*text == ' ')
			text++;
		if (*text)
			fprintf(stream, "%*s", indent, "");
		used = indent;
	}
}

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

static double of_culprit(const struct explanation *explanation, enum culprit culprit)
{
	int64_t ns = 0;

	for (int role = 0; role < WAIT_ROLES; role++)
		for (int cause = CAUSE_PREEMPTED; cause <= CAUSE_WOKEN; cause++)
			ns += explanation->ns[role][cause][culprit];
	return (double)ns / (double)explanation->wait_ns;
}

/* The claims from 5 % on, largest first: "halted (54%), preempted (12%)"; changes claims. */
static void say_claims(struct sentences *to, struct claim *claims, int nr)
{
	int said = 0;

	for (int i = 0; i < nr; i++) {
		struct claim *claim = &claims[largest(claims, nr)];

		if (said && claim->share < 0.05)
			break;
		say(to, "%s%s (%.0f%%)", said++ ? ", " : "", claim->text, 100 * claim->share);
		claim->share = -1;
	}
	say(to, ". ");
}

static double of_cause(const struct explanation *explanation, enum wait_cause cause)
{
	return of_causes(explanation, -1, cause, cause);
}

/* Why those who would have to run do not. */
static void say_why_off(struct sentences *to, const struct explanation *explanation)
{
	struct claim reasons[] = {
		{"it was preempted", of_cause(explanation, CAUSE_PREEMPTED)},
		{"it gave its CPU away in a yield", of_cause(explanation, CAUSE_YIELDED)},
		{"it was woken and has not run yet", of_cause(explanation, CAUSE_WOKEN)},
		{"co-scheduling stopped it", of_cause(explanation, CAUSE_STOPPED)},
		{"it is throttled", of_cause(explanation, CAUSE_THROTTLED)},
		{"it is halted", of_cause(explanation, CAUSE_HALTED)},
	};
	struct claim culprits[] = {
		{"siblings that spin", of_culprit(explanation, CULPRIT_SIBLING_SPINS)},
		{"siblings that work", of_culprit(explanation, CULPRIT_SIBLING)},
		{"vCPUs of other VMs that spin", of_culprit(explanation, CULPRIT_OTHER_SPINS)},
		{"vCPUs of other VMs that work", of_culprit(explanation, CULPRIT_OTHER)},
		{"host threads", of_culprit(explanation, CULPRIT_THREAD)},
	};

	say(to, "%.0f%% of all waiting is for a vCPU without a CPU: ",
	    100 * of_causes(explanation, -1, CAUSE_PREEMPTED, CAUSE_HALTED));
	say_claims(to, reasons, 6);
	if ((double)explanation->user_ns >= 0.1 * (double)explanation->wait_ns)
		say(to,
		    "%.0f%% is for one that was preempted in user mode: KVM's own filter passes "
		    "these over when the spinner is in the kernel. ",
		    100 * (double)explanation->user_ns / (double)explanation->wait_ns);
	if (culprits[largest(culprits, 5)].share < 0.05)
		return;
	say(to, "Its CPU runs ");
	say_claims(to, culprits, 5);
}

static void say_self(struct sentences *to, const struct explanation *explanation)
{
	double self = of_causes(explanation, ROLE_WAITER, CAUSE_EXIT, CAUSE_HALTED);

	if (self >= 0.1)
		say(to,
		    "In %.0f%% of all waiting the wait was over, and the waiter itself did not "
		    "run. ",
		    100 * self);
}

static double mean_until_it_runs(const struct explain_yields *yields, enum pause_outcome outcome)
{
	return (double)yields->run_ns[outcome] / (double)yields->runs[outcome];
}

static void say_yields(struct sentences *to, const struct explain_yields *yields)
{
	double right = yields->taken ? (double)yields->right / (double)yields->taken : 0;
	uint64_t resolved = yields->right_honoured + yields->right_futile;
	struct format_buffer b[2];

	if (!yields->taken)
		return;
	say(to, "%.0f%% of the yields taken went to the vCPU that was waited for", 100 * right);
	if (resolved)
		say(to, ", and %.0f%% of these were honoured",
		    100 * (double)yields->right_honoured / (double)resolved);
	say(to, ".");
	if (yields->runs[PAUSE_RIGHT] && yields->runs[PAUSE_WRONG])
		say(to, " It ran %s after such a yield, and %s after one to another vCPU.",
		    format_ns(mean_until_it_runs(yields, PAUSE_RIGHT), &b[0]),
		    format_ns(mean_until_it_runs(yields, PAUSE_WRONG), &b[1]));
}

/* What those who have a CPU do, when there is hardly anybody without. */
static void say_what_on(struct sentences *to, const struct explanation *explanation)
{
	struct claim claims[] = {
		{"what is waited for was being done", of_cause(explanation, CAUSE_NEEDED)},
		{"who is to do it was in its handler, but not there yet",
		 of_cause(explanation, CAUSE_EARLIER)},
		{"it was in another handler", of_cause(explanation, CAUSE_HANDLER)},
		{"it had interrupts off", of_cause(explanation, CAUSE_IRQS_OFF)},
		{"the interrupt was on its way", of_cause(explanation, CAUSE_IPI)},
		{"its vCPU ran another thread", of_cause(explanation, CAUSE_GUEST)},
		{"it was in the hypervisor", of_cause(explanation, CAUSE_EXIT)},
	};

	say(to, "Most waiting is for a vCPU that has a CPU: ");
	say_claims(to, claims, 7);
}

/* Time that is lost to others' spinning, whether or not anybody waits for who lost it. */
static void say_stolen(struct sentences *to, const struct explanation *explanation, double steal)
{
	double all = 0, spun;

	for (int i = 0; i < CULPRITS; i++)
		all += (double)explanation->stolen[i];
	spun = (double)explanation->stolen[CULPRIT_SIBLING_SPINS] +
	       (double)explanation->stolen[CULPRIT_OTHER_SPINS];
	if (steal >= 0.05 && all > 0 && spun / all >= 0.25)
		say(to,
		    "vCPUs are without a CPU for %.0f%% of their time, and for %.0f%% of that it "
		    "is with one that only spins. ",
		    100 * steal, 100 * spun / all);
}

void report_conclusion(FILE *stream, const struct explanation *explanation, double steal)
{
	struct sentences sentences = {.used = 0};
	double off;

	if (explanation->wait_ns) {
		off = of_causes(explanation, -1, CAUSE_PREEMPTED, CAUSE_HALTED);
		if (off < 0.5)
			say_what_on(&sentences, explanation);
		if (off >= 0.1)
			say_why_off(&sentences, explanation);
		say_self(&sentences, explanation);
	} else {
		say(&sentences, "Nobody waited for anybody inside a guest. ");
	}
	say_stolen(&sentences, explanation, steal);
	if (explanation->wait_ns)
		say_yields(&sentences, &explanation->yields);
	report_wrap(stream, sentences.text, 0, 0);
}
