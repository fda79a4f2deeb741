/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/conformance/eevdf_expect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/vector.h"

/* In the order of the fields arrays. zero_vruntime depends on when it is moved: not compared. */
static const char *const queue_fields[EEVDF_EXPECT_QUEUE_FIELDS] = {
	"nr_queued",  "h_nr_queued",  "h_nr_runnable", "load",
	"sum_weight", "avg_vruntime", "curr",	       "next",
};
static const char *const entity_fields[EEVDF_EXPECT_ENTITY_FIELDS] = {
	"on_rq", "delayed", "weight", "vruntime", "deadline", "vlag", "slice", "vprot", "sum_exec",
};

/* The first EEVDF_EXPECT_ALWAYS stand on every line. */
static const char *const line_fields[EEVDF_EXPECT_LINE_FIELDS] = {
	"curr", "resched", "nr_running", "nr_switches", "ret", "hrtick",
};

/* ---- Names ------------------------------------------------------------------------------- */

static char *copy_name(const char *name)
{
	size_t size = strlen(name) + 1;
	char *copy = malloc(size);

	return copy ? memcpy(copy, name, size) : NULL;
}

static bool add_queue(struct eevdf_expect *expect, const char *name, struct eevdf_queue *queue)
{
	struct eevdf_expect_queue *entry = &expect->queues[expect->nr_queues];

	entry->queue = queue;
	entry->name = copy_name(name);
	expect->nr_queues += entry->name != NULL;
	return entry->name;
}

bool eevdf_expect_init(struct eevdf_expect *expect, struct eevdf_rq *rq, size_t nr_groups,
		       size_t nr_tasks)
{
	expect->rq = rq;
	expect->queues = calloc(nr_groups + 1, sizeof(*expect->queues));
	expect->entities = calloc(nr_groups + nr_tasks + 1, sizeof(*expect->entities));
	return expect->queues && expect->entities && add_queue(expect, "root", &rq->root);
}

void eevdf_expect_destroy(struct eevdf_expect *expect)
{
	for (int i = 0; i < expect->nr_queues; i++)
		free(expect->queues[i].name);
	for (int i = 0; i < expect->nr_entities; i++)
		free(expect->entities[i].name);
	free(expect->queues);
	free(expect->entities);
}

bool eevdf_expect_add(struct eevdf_expect *expect, const char *name, struct eevdf_entity *entity,
		      struct eevdf_queue *queue)
{
	struct eevdf_expect_entity *entry = &expect->entities[expect->nr_entities];

	entry->entity = entity;
	entry->name = copy_name(name);
	if (!entry->name)
		return false;
	expect->nr_entities++;
	return !queue || add_queue(expect, name, queue);
}

int eevdf_expect_queue(const struct eevdf_expect *expect, const char *name)
{
	for (int i = 0; i < expect->nr_queues; i++) {
		if (!strcmp(expect->queues[i].name, name))
			return i;
	}
	return -1;
}

int eevdf_expect_entity(const struct eevdf_expect *expect, const char *name)
{
	for (int i = 0; i < expect->nr_entities; i++) {
		if (!strcmp(expect->entities[i].name, name))
			return i;
	}
	return -1;
}

/* ---- Actual values ----------------------------------------------------------------------- */

static struct eevdf_value number(uint64_t n)
{
	return (struct eevdf_value){.number = (int64_t)n};
}

static struct eevdf_value reference(const struct eevdf_expect *expect,
				    const struct eevdf_entity *entity)
{
	for (int i = 0; i < expect->nr_entities; i++) {
		if (expect->entities[i].entity == entity)
			return number((uint64_t)i);
	}
	return (struct eevdf_value){.null = true};
}

static struct eevdf_value queue_value(const struct eevdf_expect *expect,
				      const struct eevdf_queue *queue, int field)
{
	switch (field) {
	case 0: return number(queue->nr_queued);
	case 1: return number(queue->h_nr_queued);
	case 2: return number(queue->h_nr_runnable);
	case 3: return number(queue->load);
	case 4: return number(queue->sum_weight);
	case 5: return number(eevdf_avg_vruntime(queue));
	case 6: return reference(expect, queue->curr);
	default: return reference(expect, queue->next);
	}
}

static struct eevdf_value entity_value(const struct eevdf_entity *entity, int field)
{
	switch (field) {
	case 0: return number(entity->on_rq);
	case 1: return number(entity->delayed);
	case 2: return number(entity->weight);
	case 3: return number(entity->vruntime);
	case 4: return number(entity->deadline);
	case 5: return number((uint64_t)entity->vlag);
	case 6: return number(entity->slice);
	case 7:
		if (entity->queue->curr != entity)
			return (struct eevdf_value){.null = true};
		return number(entity->vprot);
	default: return number(entity->sum_exec);
	}
}

/* ---- Expected values --------------------------------------------------------------------- */

static bool is_reference(const char *field)
{
	return !strcmp(field, "curr") || !strcmp(field, "next");
}

/* The value of a field: an entity's name where the field refers to one, else an integer. */
static bool read_value(const struct eevdf_expect *expect, const char *field, const cJSON *item,
		       struct eevdf_value *value)
{
	*value = (struct eevdf_value){.null = cJSON_IsNull(item)};
	if (value->null)
		return true;
	if (cJSON_IsBool(item)) {
		value->number = cJSON_IsTrue(item);
		return !is_reference(field);
	}
	if (!is_reference(field))
		return conformance_is_int(item, &value->number);
	if (!cJSON_IsString(item))
		return false;
	value->number = eevdf_expect_entity(expect, item->valuestring);
	return value->number >= 0;
}

static bool merge_fields(const struct eevdf_expect *expect, const cJSON *delta,
			 const char *const *names, int nr_names, struct eevdf_value *fields)
{
	for (int i = 0; i < nr_names; i++) {
		const cJSON *item = cJSON_GetObjectItemCaseSensitive(delta, names[i]);

		if (item && !read_value(expect, names[i], item, &fields[i]))
			return false;
	}
	return true;
}

/* What a line does not say of itself is null, unless only some lines say it. */
static bool read_line_fields(struct eevdf_expect *expect, const cJSON *line)
{
	for (int i = 0; i < EEVDF_EXPECT_LINE_FIELDS; i++) {
		const cJSON *item = cJSON_GetObjectItemCaseSensitive(line, line_fields[i]);

		expect->line[i] = (struct eevdf_value){.null = true};
		expect->on_line[i] = item || i < EEVDF_EXPECT_ALWAYS;
		if (item && !read_value(expect, line_fields[i], item, &expect->line[i]))
			return false;
	}
	return true;
}

bool eevdf_expect_merge(struct eevdf_expect *expect, const cJSON *line)
{
	const cJSON *item;

	if (!read_line_fields(expect, line))
		return false;
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(line, "rqs"))
	{
		int i = eevdf_expect_queue(expect, item->string);

		if (i < 0 || !merge_fields(expect, item, queue_fields, EEVDF_EXPECT_QUEUE_FIELDS,
					   expect->queues[i].fields))
			return false;
		expect->queues[i].seen = true;
	}
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(line, "ents"))
	{
		int i = eevdf_expect_entity(expect, item->string);

		if (i < 0 || !merge_fields(expect, item, entity_fields, EEVDF_EXPECT_ENTITY_FIELDS,
					   expect->entities[i].fields))
			return false;
		expect->entities[i].seen = true;
	}
	return true;
}

/* ---- Comparison -------------------------------------------------------------------------- */

static void print_value(char *text, size_t size, const struct eevdf_expect *expect,
			struct eevdf_value value, const char *field)
{
	if (value.null)
		snprintf(text, size, "null");
	else if (is_reference(field))
		snprintf(text, size, "%s", expect->entities[value.number].name);
	else
		snprintf(text, size, "%lld", (long long)value.number);
}

/* One value; false and a filled *mismatch if it differs. */
static bool same(const struct eevdf_expect *expect, const char *owner, const char *field,
		 struct eevdf_value expected, struct eevdf_value actual,
		 struct eevdf_mismatch *mismatch)
{
	if (expected.null == actual.null && (expected.null || expected.number == actual.number))
		return true;
	snprintf(mismatch->field, sizeof(mismatch->field), "%s%s%s", owner, *owner ? "." : "",
		 field);
	print_value(mismatch->expected, sizeof(mismatch->expected), expect, expected, field);
	print_value(mismatch->actual, sizeof(mismatch->actual), expect, actual, field);
	return false;
}

static bool compare_line(const struct eevdf_expect *expect, const struct eevdf_actual *actual,
			 struct eevdf_mismatch *mismatch)
{
	const struct eevdf_rq *rq = expect->rq;
	/* In the order of line_fields. */
	const struct eevdf_value values[EEVDF_EXPECT_LINE_FIELDS] = {
		reference(expect, rq->curr),
		number(actual->resched),
		number(rq->nr_running),
		number(rq->nr_switches),
		actual->has_ret ? number((uint64_t)(int64_t)actual->ret)
				: (struct eevdf_value){.null = true},
		{!rq->hrtick_pending, (int64_t)rq->hrtick_expires},
	};

	for (int i = 0; i < EEVDF_EXPECT_LINE_FIELDS; i++) {
		if (expect->on_line[i] &&
		    !same(expect, "", line_fields[i], expect->line[i], values[i], mismatch))
			return false;
	}
	return true;
}

static bool compare_queue(const struct eevdf_expect *expect, const struct eevdf_expect_queue *entry,
			  struct eevdf_mismatch *mismatch)
{
	for (int field = 0; entry->seen && field < EEVDF_EXPECT_QUEUE_FIELDS; field++) {
		if (!same(expect, entry->name, queue_fields[field], entry->fields[field],
			  queue_value(expect, entry->queue, field), mismatch))
			return false;
	}
	return true;
}

static bool compare_entity(const struct eevdf_expect *expect,
			   const struct eevdf_expect_entity *entry, struct eevdf_mismatch *mismatch)
{
	for (int field = 0; entry->seen && field < EEVDF_EXPECT_ENTITY_FIELDS; field++) {
		if (!same(expect, entry->name, entity_fields[field], entry->fields[field],
			  entity_value(entry->entity, field), mismatch))
			return false;
	}
	return true;
}

bool eevdf_expect_compare(const struct eevdf_expect *expect, const struct eevdf_actual *actual,
			  struct eevdf_mismatch *mismatch)
{
	if (!compare_line(expect, actual, mismatch))
		return false;
	for (int i = 0; i < expect->nr_queues; i++) {
		if (!compare_queue(expect, &expect->queues[i], mismatch))
			return false;
	}
	for (int i = 0; i < expect->nr_entities; i++) {
		if (!compare_entity(expect, &expect->entities[i], mismatch))
			return false;
	}
	return true;
}
