/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/explain/report.h"

#include <inttypes.h>
#include <math.h>

#include "sim/output/json_writer.h"

static const char *const role_names[WAIT_ROLES] = {"awaited", "waiter"};

static void write_occupants(struct json_writer *writer, const char *key,
			    const int64_t ns[OCCUPANTS])
{
	json_object(writer, key, true);
	for (int i = 0; i < OCCUPANTS; i++)
		json_integer(writer, report_occupants[i].name, ns[i]);
	json_end(writer);
}

static void write_causes(struct json_writer *writer, const struct explanation *explanation)
{
	json_object(writer, "causes_ns", false);
	for (int role = 0; role < WAIT_ROLES; role++) {
		json_object(writer, role_names[role], false);
		for (int cause = 0; cause < WAIT_CAUSES; cause++) {
			if (wait_has_occupant(cause))
				write_occupants(writer, report_causes[cause].name,
						explanation->ns[role][cause]);
			else
				json_integer(writer, report_causes[cause].name,
					     explanation_cause(explanation, role, cause));
		}
		json_end(writer);
	}
	json_end(writer);
}

static void write_kinds(struct json_writer *writer, const struct explanation *explanation)
{
	json_object(writer, "waits", false);
	for (int i = 0; i < explanation->nr_kinds; i++) {
		const struct explain_kind *kind = &explanation->kinds[i];

		json_object(writer, kind->what, true);
		json_integer(writer, "count", (int64_t)kind->count);
		json_integer(writer, "sum_ns", kind->ns);
		json_integer(writer, "max_ns", kind->longest);
		json_end(writer);
	}
	json_end(writer);
	json_integer(writer, "waits_ns", explanation->wait_ns);
	json_integer(writer, "unfinished", (int64_t)explanation->nr_unfinished);
	json_integer(writer, "unfinished_ns", explanation->unfinished_ns);
	json_integer(writer, "preempted_in_user_mode_ns", explanation->user_ns);
	json_array(writer, "hops_ns", true);
	for (int i = 0; i <= WAIT_MAX_HOPS; i++)
		json_integer(writer, NULL, explanation->hop_ns[i]);
	json_end(writer);
}

static void write_pauses(struct json_writer *writer, const struct explain_yields *yields)
{
	static const char *const names[PAUSE_OUTCOMES] = {"right", "other", "nobody"};

	json_object(writer, "pause_exits", false);
	for (int i = 0; i < PAUSE_OUTCOMES; i++) {
		json_object(writer, names[i], true);
		json_integer(writer, "count", (int64_t)yields->pauses[i]);
		json_number(writer, "mean_ns_until_it_runs",
			    yields->runs[i] ? (double)yields->run_ns[i] / (double)yields->runs[i]
					    : NAN);
		json_end(writer);
	}
	json_integer(writer, "none_could_run", (int64_t)yields->pauses_in_vain);
	json_end(writer);
}

static void write_yields(struct json_writer *writer, const struct explain_yields *yields)
{
	write_pauses(writer, yields);
	json_object(writer, "yields", true);
	json_integer(writer, "tried", (int64_t)yields->tried);
	json_integer(writer, "taken", (int64_t)yields->taken);
	json_integer(writer, "refused", (int64_t)yields->refused);
	json_integer(writer, "esrch", (int64_t)yields->esrch);
	json_integer(writer, "right", (int64_t)yields->right);
	json_integer(writer, "to_another", (int64_t)yields->missed);
	json_integer(writer, "without_right", (int64_t)yields->nobody);
	json_integer(writer, "right_honoured", (int64_t)yields->right_honoured);
	json_integer(writer, "right_futile", (int64_t)yields->right_futile);
	json_integer(writer, "other_honoured", (int64_t)yields->other_honoured);
	json_integer(writer, "other_futile", (int64_t)yields->other_futile);
	json_end(writer);
}

static const char *name_of(const struct explain_task *task)
{
	return task ? task->is.comm : NULL;
}

static void write_step(struct json_writer *writer, const struct wait_step *step)
{
	json_object(writer, NULL, true);
	json_integer(writer, "begin_ns", step->begin);
	json_integer(writer, "ns", step->ns);
	json_integer(writer, "of_this_cause_ns", step->own_ns);
	json_string(writer, "cause", report_causes[step->cause].name);
	json_string(writer, "role", role_names[step->role]);
	json_string(writer, "who", name_of(step->end));
	json_string(writer, "via", name_of(step->via));
	json_integer(writer, "cpu", step->cpu);
	json_object(writer, "occupants_ns", true);
	for (int i = 0; i < step->nr_occupants; i++)
		json_integer(writer, step->occupants[i].task->is.comm, step->occupants[i].ns);
	json_end(writer);
	json_integer(writer, "occupants_spin_ns", step->spin_ns);
	json_integer(writer, "yields_tried", step->yields.tried);
	json_integer(writer, "yields_right", step->yields.right);
	json_integer(writer, "folded", step->folded);
	json_end(writer);
}

static void write_longest(struct json_writer *writer, const struct explanation *explanation)
{
	json_array(writer, "longest", false);
	for (int i = 0; i < explanation->nr_top; i++) {
		const struct explain_long_wait *told = &explanation->top[i];
		const struct explain_wait *wait = told->wait;

		json_object(writer, NULL, false);
		json_string(writer, "waiter", wait->waiter->is.comm);
		json_string(writer, "for", wait->what);
		json_integer(writer, "begin_ns", wait->begin);
		json_integer(writer, "ns", wait_total(wait));
		json_object(writer, "alike", true);
		for (int a = 0; a < told->nr_alike; a++)
			json_integer(writer, told->alike[a]->waiter->is.comm,
				     wait_total(told->alike[a]));
		json_end(writer);
		json_array(writer, "steps", false);
		for (int s = 0; s < wait->nr_steps; s++)
			write_step(writer, &wait->steps[s]);
		json_end(writer);
		json_end(writer);
	}
	json_end(writer);
}

static void write_most(struct json_writer *writer, const char *key, const struct wait_table *table,
		       bool in_the_way)
{
	const struct explain_task *most[REPORT_MOST];

	report_most(table, in_the_way, most);
	json_object(writer, key, true);
	for (int i = 0; i < REPORT_MOST && most[i]; i++)
		json_integer(writer, most[i]->is.comm, report_ns_of(most[i], in_the_way));
	json_end(writer);
}

void report_json(FILE *stream, const struct explain_subject *subject, const struct explain *explain)
{
	const struct explanation *explanation = explain_result(explain);
	struct json_writer writer;
	char seed[24];

	snprintf(seed, sizeof(seed), "%" PRIu64, subject->scenario->run.seed);
	json_start(&writer, stream);
	json_object(&writer, NULL, false);
	json_string(&writer, "name", subject->name);
	json_string(&writer, "seed", seed);
	json_integer(&writer, "replication", subject->replication + 1);
	json_string(&writer, "check", subject->origin);
	write_kinds(&writer, explanation);
	write_causes(&writer, explanation);
	write_most(&writer, "waited_for_ns", explain_table(explain), false);
	write_most(&writer, "in_the_way_ns", explain_table(explain), true);
	write_occupants(&writer, "stolen_ns", explanation->stolen);
	write_yields(&writer, &explanation->yields);
	write_longest(&writer, explanation);
	json_end(&writer);
	json_finish(&writer);
}
