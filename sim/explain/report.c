/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/explain/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "models/kvm/kvm.h"
#include "sim/report/format.h"

/* A row is shown if it makes up this share of what its table is about. */
#define SHOWN 0.0005

static double share(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

/* ---- Heading -------------------------------------------------------------------------------- */

static void heading(FILE *stream, const struct explain_subject *subject)
{
	const struct scenario *scenario = subject->scenario;
	struct format_buffer b[2];

	fprintf(stream,
		"%.60s, replication %" PRIu32 " of %" PRId64 ", seed %" PRIu64
		"; candidate %s, sched %s\n",
		subject->name, subject->replication + 1, scenario->run.replications,
		scenario->run.seed, scenario->chosen[OVERSUB_CANDIDATE].policy->name,
		scenario->chosen[OVERSUB_SCHED].policy->name);
	fprintf(stream, "simulated again, %s after %s of warm-up; %s\n",
		format_ns((double)scenario->run.measure_ns, &b[0]),
		format_ns((double)scenario->run.warmup_ns, &b[1]), subject->origin);
}

/* ---- Waits ---------------------------------------------------------------------------------- */

static void write_kind(FILE *stream, const char *what, uint64_t count, int64_t ns, int64_t longest,
		       int64_t total)
{
	struct format_buffer b[3];

	fprintf(stream, "  %-34s %10" PRIu64 " %10s %10s %10s %9.1f%%\n", what, count,
		format_ns((double)ns, &b[0]),
		format_ns(count ? (double)ns / (double)count : NAN, &b[1]),
		format_ns((double)longest, &b[2]), 100 * share((double)ns, (double)total));
}

static void write_kinds(FILE *stream, const struct explanation *explanation)
{
	int64_t longest = 0;
	struct format_buffer b;

	fprintf(stream,
		"\nwaits inside guests, for                  count        sum       mean    "
		"longest     share\n");
	for (int i = 0; i < explanation->nr_kinds; i++) {
		const struct explain_kind *kind = &explanation->kinds[i];

		write_kind(stream, kind->what, kind->count, kind->ns, kind->longest,
			   explanation->wait_ns);
		if (kind->longest > longest)
			longest = kind->longest;
	}
	if (explanation->nr_kinds > 1)
		write_kind(stream, "all", explanation->nr_waits, explanation->wait_ns, longest,
			   explanation->wait_ns);
	if (explanation->nr_unfinished)
		fprintf(stream, "  %" PRIu64 " of them unfinished at the end, after %s together\n",
			explanation->nr_unfinished,
			format_ns((double)explanation->unfinished_ns, &b));
}

/* ---- Causes --------------------------------------------------------------------------------- */

static void write_shares(FILE *stream, int indent, const char *text, double awaited, double waiter)
{
	int width = 64 - indent;

	if (awaited < SHOWN && waiter < SHOWN)
		return;
	fprintf(stream, "%*s%-*s %10.1f%% %16.1f%%\n", indent, "", width, text, 100 * awaited,
		100 * waiter);
}

static void write_occupants(FILE *stream, const struct explanation *explanation)
{
	double total = (double)explanation->wait_ns;

	for (enum cpu_occupant i = 0; i < OCCUPANTS; i++)
		write_shares(
			stream, 8, report_occupants[i].row,
			share((double)explanation_occupant(explanation, ROLE_AWAITED, i), total),
			share((double)explanation_occupant(explanation, ROLE_WAITER, i), total));
}

static bool any_without_cpu(const struct explanation *explanation)
{
	for (enum wait_cause cause = 0; cause < WAIT_CAUSES; cause++)
		if (wait_has_occupant(cause) &&
		    share((double)explanation_cause(explanation, -1, cause),
			  (double)explanation->wait_ns) >= SHOWN)
			return true;
	return false;
}

static void write_causes(FILE *stream, const struct explanation *explanation)
{
	double total = (double)explanation->wait_ns, sums[WAIT_ROLES] = {0};

	fprintf(stream, "\n%-64s%11s%18s\n", "what kept them waiting", "who is", "the wait is");
	fprintf(stream, "%-64s%11s%18s\n", "", "waited for", "over: the waiter");
	for (int cause = 0; cause < WAIT_CAUSES; cause++) {
		double shares[WAIT_ROLES];

		for (int role = 0; role < WAIT_ROLES; role++) {
			shares[role] =
				share((double)explanation_cause(explanation, role, cause), total);
			sums[role] += shares[role];
		}
		write_shares(stream, 2, report_causes[cause].row, shares[ROLE_AWAITED],
			     shares[ROLE_WAITER]);
		if (cause == CAUSE_PREEMPTED)
			write_shares(stream, 4, "of that: it was in user mode",
				     share((double)explanation->user_ns, total), 0);
		if (cause == CAUSE_WOKEN && any_without_cpu(explanation)) {
			fprintf(stream, "    and on the CPU that these three needed was\n");
			write_occupants(stream, explanation);
		}
	}
	write_shares(stream, 2, "together", sums[ROLE_AWAITED], sums[ROLE_WAITER]);
	fprintf(stream,
		"  chains: %.1f%% of the time the first who is waited for does not wait "
		"itself,\n  %.1f%% it waits for another one, %.1f%% for one that waits, too\n",
		100 * share((double)explanation->hop_ns[0], total),
		100 * share((double)explanation->hop_ns[1], total),
		100 * share((double)(explanation->hop_ns[2] + explanation->hop_ns[3]), total));
}

/* ---- Which tasks ---------------------------------------------------------------------------- */

int64_t report_ns_of(const struct explain_task *task, bool in_the_way)
{
	return in_the_way ? task->in_the_way_ns : task->awaited_ns;
}

void report_most(const struct wait_table *table, bool in_the_way,
		 const struct explain_task *most[REPORT_MOST])
{
	memset(most, 0, REPORT_MOST * sizeof(*most));
	for (int i = 0; i < table->replay.nr_tasks; i++) {
		const struct explain_task *task = wait_table_task(table, i);
		int64_t ns = report_ns_of(task, in_the_way);
		int place = REPORT_MOST;

		if (ns <= 0)
			continue;
		while (place > 0 &&
		       (!most[place - 1] || report_ns_of(most[place - 1], in_the_way) < ns)) {
			if (place < REPORT_MOST)
				most[place] = most[place - 1];
			place--;
		}
		if (place < REPORT_MOST)
			most[place] = task;
	}
}

static void write_most(FILE *stream, const struct wait_table *table, bool in_the_way)
{
	const struct explain_task *most[REPORT_MOST];
	struct format_buffer b;

	report_most(table, in_the_way, most);
	if (!most[0])
		return;
	fprintf(stream, "  %s",
		in_the_way ? "most in the way:" : "most waited for without running:");
	for (int i = 0; i < REPORT_MOST && most[i]; i++)
		fprintf(stream, "%s %.24s (%s)", i ? "," : "", most[i]->is.comm,
			format_ns((double)report_ns_of(most[i], in_the_way), &b));
	fprintf(stream, "\n");
}

/* ---- vCPU time ------------------------------------------------------------------------------ */

/* Share of the time of all vCPUs, weighted over classes of VMs. */
static double time_share(const struct explain_subject *subject, int kind)
{
	double sum = 0, vcpus = 0;

	for (int i = 0; i < subject->scenario->nr_vms; i++) {
		const struct scenario_vm *vm = &subject->scenario->vms[i];
		double weight = (double)(vm->size.count * vm->size.vcpus);
		const struct result_metric *metric;
		char scope[256], name[64];

		snprintf(scope, sizeof(scope), "vm.%s", vm->name);
		snprintf(name, sizeof(name), "time.%s", vcpu_time_names[kind]);
		metric = result_find(subject->metrics, scope, name);
		if (!metric || isnan(metric->value))
			continue;
		sum += weight * metric->value;
		vcpus += weight;
	}
	return share(sum, vcpus);
}

static void write_time(FILE *stream, const struct explain_subject *subject,
		       const struct explanation *explanation)
{
	double stolen = 0;

	fprintf(stream, "\nwhere the vCPUs' time went\n ");
	for (int kind = 0; kind < VCPU_TIMES; kind++)
		if (time_share(subject, kind) >= SHOWN)
			fprintf(stream, " %s %.1f%%", vcpu_time_names[kind],
				100 * time_share(subject, kind));
	fprintf(stream, "\n");
	for (int i = 0; i < OCCUPANTS; i++)
		stolen += (double)explanation->stolen[i];
	if (stolen <= 0)
		return;
	fprintf(stream, "  of the steal, the CPU was with\n");
	for (int i = 0; i < OCCUPANTS; i++)
		if (share((double)explanation->stolen[i], stolen) >= SHOWN)
			fprintf(stream, "        %-56s %10.1f%%\n", report_occupants[i].row,
				100 * share((double)explanation->stolen[i], stolen));
}

/* ---- Yields --------------------------------------------------------------------------------- */

static void write_pauses(FILE *stream, const struct explain_yields *yields)
{
	static const char *const texts[PAUSE_OUTCOMES] = {
		[PAUSE_RIGHT] = "yielded to that one",
		[PAUSE_WRONG] = "yielded to another one",
		[PAUSE_NOTHING] = "yielded to nobody",
	};
	uint64_t helpful = 0;
	struct format_buffer b[2];

	for (int i = 0; i < PAUSE_OUTCOMES; i++)
		helpful += yields->pauses[i];
	fprintf(stream,
		"  %s pause-loop exits; at %.1f%% somebody who is waited for could run, and did "
		"not%s\n",
		format_short((double)(helpful + yields->pauses_in_vain), &b[0]),
		100 * share((double)helpful, (double)(helpful + yields->pauses_in_vain)),
		helpful ? ":" : "");
	for (int i = 0; i < PAUSE_OUTCOMES; i++) {
		double mean =
			yields->runs[i] ? (double)yields->run_ns[i] / (double)yields->runs[i] : NAN;

		if (yields->pauses[i])
			fprintf(stream, "        %-34s %9.1f%%   it ran %s later on average\n",
				texts[i], 100 * share((double)yields->pauses[i], (double)helpful),
				format_ns(mean, &b[0]));
	}
}

static double honoured_share(uint64_t honoured, uint64_t futile)
{
	return share((double)honoured, (double)(honoured + futile));
}

static uint64_t all_pauses(const struct explain_yields *yields)
{
	uint64_t sum = yields->pauses_in_vain;

	for (int i = 0; i < PAUSE_OUTCOMES; i++)
		sum += yields->pauses[i];
	return sum;
}

static void write_yields(FILE *stream, const struct explain_yields *yields)
{
	double taken = (double)yields->taken;
	struct format_buffer b[2];

	if (!yields->tried && !all_pauses(yields))
		return;
	fprintf(stream, "\nwhat directed yields did\n");
	write_pauses(stream, yields);
	if (!yields->taken)
		return;
	fprintf(stream,
		"  %s yields taken of %s tried: %.1f%% to who was waited for and could run,\n"
		"        %.1f%% to another one instead, %.1f%% when there was no such one\n",
		format_short(taken, &b[0]), format_short((double)yields->tried, &b[1]),
		100 * share((double)yields->right, taken),
		100 * share((double)yields->missed, taken),
		100 * share((double)yields->nobody, taken));
	fprintf(stream,
		"  honoured (it was the next to run there): %.1f%% of the right ones, "
		"%.1f%% "
		"of the others\n",
		100 * honoured_share(yields->right_honoured, yields->right_futile),
		100 * honoured_share(yields->other_honoured, yields->other_futile));
}

void report_totals(FILE *stream, const struct explain_subject *subject,
		   const struct explain *explain)
{
	const struct explanation *explanation = explain_result(explain);

	heading(stream, subject);
	fprintf(stream, "\n");
	report_conclusion(stream, explanation, time_share(subject, VCPU_STEAL));
	if (explanation->nr_waits) {
		write_kinds(stream, explanation);
		write_causes(stream, explanation);
		write_most(stream, explain_table(explain), false);
		write_most(stream, explain_table(explain), true);
	}
	if (subject->scenario->nr_vms)
		write_time(stream, subject, explanation);
	write_yields(stream, &explanation->yields);
}
