/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/explain/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/container_of.h"

/* Waits that are kept for each that is told: many are like another one. */
enum { LONGEST_PER_TOLD = 8 };

struct explain {
	struct trace_sink sink;
	struct explain_options options;
	struct wait_table table;
	struct explanation result;
	bool measures;
	/* Copies of the longest waits, longest first. */
	struct explain_wait **longest;
	int nr_longest, max_longest;
};

/* ---- The longest waits ---------------------------------------------------------------------- */

/* Keep a copy of wait if it is one of the longest so far. */
static void keep(struct explain *explain, const struct explain_wait *wait)
{
	struct explain_wait **longest = explain->longest, *copy;
	int64_t ns = wait_total(wait);
	int i = explain->nr_longest;

	if (i == explain->max_longest) {
		if (i == 0 || wait_total(longest[i - 1]) >= ns)
			return;
		copy = longest[--i];
	} else {
		copy = malloc(sizeof(*copy));
		if (!copy) {
			explain->table.replay.failed = true;
			return;
		}
		explain->nr_longest++;
	}
	*copy = *wait;
	for (; i > 0 && wait_total(longest[i - 1]) < ns; i--)
		longest[i] = longest[i - 1];
	longest[i] = copy;
}

/* Choose the waits to tell. */
static void choose_told(struct explain *explain)
{
	struct explanation *result = &explain->result;

	for (int i = 0; i < explain->nr_longest; i++) {
		const struct explain_wait *wait = explain->longest[i];
		struct explain_long_wait *told = result->top;
		struct explain_long_wait *end = told + result->nr_top;

		while (told < end && !wait_steps_alike(told->wait, wait))
			told++;
		if (told < end) {
			if (told->nr_alike < EXPLAIN_MAX_ALIKE)
				told->alike[told->nr_alike++] = wait;
		} else if (result->nr_top < explain->options.top) {
			*told = (struct explain_long_wait){.wait = wait};
			result->nr_top++;
		}
	}
}

/* ---- Totals --------------------------------------------------------------------------------- */

static struct explain_kind *kind_of(struct explanation *result, const char *what)
{
	struct explain_kind *kind;
	int i = 0;

	while (i < result->nr_kinds && strcmp(result->kinds[i].what, what) != 0)
		i++;
	if (i < result->nr_kinds)
		return &result->kinds[i];
	if (i == EXPLAIN_MAX_KINDS)
		i--;
	else
		result->nr_kinds++;
	kind = &result->kinds[i];
	snprintf(kind->what, sizeof(kind->what), "%s",
		 i == EXPLAIN_MAX_KINDS - 1 ? "others" : what);
	return kind;
}

static void add_up(struct explain *explain, const struct explain_wait *wait, bool unfinished)
{
	struct explanation *result = &explain->result;
	struct explain_kind *kind = kind_of(result, wait->what);
	int64_t ns = wait_total(wait);

	result->nr_waits++;
	result->wait_ns += ns;
	result->nr_unfinished += unfinished;
	result->unfinished_ns += unfinished ? ns : 0;
	for (int role = 0; role < WAIT_ROLES; role++)
		for (int cause = 0; cause < WAIT_CAUSES; cause++)
			for (int i = 0; i < OCCUPANTS; i++)
				result->ns[role][cause][i] += wait->ns[role][cause][i];
	for (int i = 0; i <= WAIT_MAX_HOPS; i++)
		result->hop_ns[i] += wait->hop_ns[i];
	result->user_ns += wait->user_ns;
	kind->count++;
	kind->ns += ns;
	kind->unfinished_ns += unfinished ? ns : 0;
	if (ns > kind->longest)
		kind->longest = ns;
	keep(explain, wait);
}

static void ended(struct wait_table *table, const struct explain_wait *wait)
{
	struct explain *explain = container_of(table, struct explain, table);

	if (explain->measures)
		add_up(explain, wait, false);
}

static void settle_queues(struct explain *explain, int64_t now)
{
	for (int i = 0; i < explain->table.replay.nr_cpus; i++)
		wait_settle_queue(&explain->table, i, now);
}

static void forget_warmup(struct explain *explain)
{
	settle_queues(explain, explain->options.measure_start);
	for (int i = 0; i < explain->table.replay.nr_tasks; i++) {
		struct explain_task *task = wait_table_task(&explain->table, i);

		memset(task->stolen, 0, sizeof(task->stolen));
		memset(task->pauses, 0, sizeof(task->pauses));
		memset(task->pause_times, 0, sizeof(task->pause_times));
		task->awaited_ns = task->in_the_way_ns = 0;
	}
	memset(&explain->table.yields, 0, sizeof(explain->table.yields));
	explain->measures = true;
}

/* ---- All of it ------------------------------------------------------------------------------ */

static void take(struct trace_sink *sink, const struct trace_record *record)
{
	struct explain *explain = container_of(sink, struct explain, sink);

	if (explain->table.replay.failed)
		return;
	if (!explain->measures && record->time >= explain->options.measure_start)
		forget_warmup(explain);
	wait_take(&explain->table, record);
}

struct explain *explain_new(const struct explain_options *options)
{
	struct explain *explain = calloc(1, sizeof(*explain));

	if (!explain)
		return NULL;
	explain->sink.write = take;
	explain->options = *options;
	wait_table_init(&explain->table, options->ipi_flight_ns);
	explain->table.ended = ended;
	explain->max_longest = LONGEST_PER_TOLD * options->top;
	explain->longest = calloc((size_t)explain->max_longest + 1, sizeof(*explain->longest));
	explain->result.top = calloc((size_t)options->top + 1, sizeof(*explain->result.top));
	if (explain->longest && explain->result.top)
		return explain;
	explain_free(explain);
	return NULL;
}

void explain_free(struct explain *explain)
{
	if (!explain)
		return;
	for (int i = 0; i < explain->nr_longest; i++)
		free(explain->longest[i]);
	free(explain->longest);
	free(explain->result.top);
	wait_table_free(&explain->table);
	free(explain);
}

struct trace_sink *explain_sink(struct explain *explain)
{
	return &explain->sink;
}

enum oversub_status explain_finish(struct explain *explain, int64_t end,
				   struct oversub_error *error)
{
	struct wait_table *table = &explain->table;
	struct explanation *result = &explain->result;

	if (!explain->measures)
		forget_warmup(explain);
	wait_take_end(table);
	settle_queues(explain, end);
	for (int i = 0; i < table->nr_vms; i++) {
		wait_settle_vm(table, i, end);
		for (struct explain_wait *wait = table->vms[i].active; wait;
		     wait = wait->active_next)
			add_up(explain, wait, true);
	}
	for (int i = 0; i < table->replay.nr_tasks; i++)
		for (int occupant = 0; occupant < OCCUPANTS; occupant++)
			if (wait_table_task(table, i)->is.vm >= 0)
				result->stolen[occupant] +=
					wait_table_task(table, i)->stolen[occupant];
	result->yields = table->yields;
	choose_told(explain);
	return table->replay.failed
		       ? oversub_fail(error, OVERSUB_FAILED, "out of memory explaining the run")
		       : OVERSUB_OK;
}

const struct explanation *explain_result(const struct explain *explain)
{
	return &explain->result;
}

const struct wait_table *explain_table(const struct explain *explain)
{
	return &explain->table;
}

int64_t explanation_cause(const struct explanation *explanation, int role, enum wait_cause cause)
{
	int64_t sum = 0;

	for (int r = 0; r < WAIT_ROLES; r++)
		for (int i = 0; (role < 0 || role == r) && i < OCCUPANTS; i++)
			sum += explanation->ns[r][cause][i];
	return sum;
}

int64_t explanation_occupant(const struct explanation *explanation, int role,
			     enum cpu_occupant occupant)
{
	int64_t sum = 0;

	for (int r = 0; r < WAIT_ROLES; r++)
		for (int cause = 0; (role < 0 || role == r) && cause < WAIT_CAUSES; cause++)
			if (wait_has_occupant(cause))
				sum += explanation->ns[r][cause][occupant];
	return sum;
}
