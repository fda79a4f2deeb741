/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/conformance/sched_expect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/vector.h"

bool sched_expect_add(struct sched_expect *expect, const char *section, const char *name,
		      const void *object, const struct sched_field *fields)
{
	struct sched_expect_entry *entry;

	if (expect->nr_entries == expect->capacity) {
		int capacity = expect->capacity ? expect->capacity * 2 : 64;
		struct sched_expect_entry *entries =
			realloc(expect->entries, (size_t)capacity * sizeof(*entries));

		if (!entries)
			return false;
		expect->entries = entries;
		expect->capacity = capacity;
	}
	entry = &expect->entries[expect->nr_entries++];
	*entry =
		(struct sched_expect_entry){.section = section, .object = object, .fields = fields};
	snprintf(entry->name, sizeof(entry->name), "%s", name);
	return true;
}

void sched_expect_destroy(struct sched_expect *expect)
{
	free(expect->entries);
}

static struct sched_expect_entry *find_entry(const struct sched_expect *expect, const char *section,
					     const char *name)
{
	for (int i = 0; i < expect->nr_entries; i++) {
		struct sched_expect_entry *entry = &expect->entries[i];

		if (!strcmp(entry->name, name) && !strcmp(entry->section, section))
			return entry;
	}
	return NULL;
}

/* ---- Expected values --------------------------------------------------------------------- */

static bool read_value(const struct sched_expect *expect, const struct sched_field *field,
		       const cJSON *item, int64_t *value)
{
	const struct sched_expect_entry *entity;

	if (!field->is_entity)
		return conformance_is_int(item, value);
	*value = 0;
	if (cJSON_IsNull(item))
		return true;
	entity = cJSON_IsString(item) ? find_entry(expect, "ents", item->valuestring) : NULL;
	if (entity)
		*value = (int64_t)(uintptr_t)entity->object;
	return entity;
}

static bool merge_field(const struct sched_expect *expect, struct sched_expect_entry *entry,
			const cJSON *item, const char *name)
{
	int i = 0;

	while (entry->fields[i].name && name && strcmp(entry->fields[i].name, name))
		i++;
	if (!entry->fields[i].name)
		return false;
	entry->seen[i] = true;
	return read_value(expect, &entry->fields[i], item, &entry->expected[i]);
}

static bool merge_entry(const struct sched_expect *expect, struct sched_expect_entry *entry,
			const cJSON *delta)
{
	const cJSON *item;

	if (!cJSON_IsObject(delta))
		return merge_field(expect, entry, delta, NULL);
	cJSON_ArrayForEach(item, delta)
	{
		if (!merge_field(expect, entry, item, item->string))
			return false;
	}
	return true;
}

bool sched_expect_merge(struct sched_expect *expect, const cJSON *delta)
{
	const cJSON *section;
	const cJSON *item;

	cJSON_ArrayForEach(section, delta)
	{
		if (!cJSON_IsObject(section))
			continue;
		cJSON_ArrayForEach(item, section)
		{
			struct sched_expect_entry *entry =
				find_entry(expect, section->string, item->string);

			if (!entry || !merge_entry(expect, entry, item))
				return false;
		}
	}
	return true;
}

/* ---- Comparison -------------------------------------------------------------------------- */

static int64_t value_of(const struct sched_field *field, const void *object)
{
	const void *member = (const char *)object + field->offset;

	if (field->get)
		return field->get(object);
	if (field->is_entity)
		return (int64_t)(uintptr_t) * (const void *const *)member;
	switch (field->size) {
	case 1: return *(const uint8_t *)member;
	case 4:
		return field->is_signed ? *(const int32_t *)member
					: (int64_t) * (const uint32_t *)member;
	default: return *(const int64_t *)member;
	}
}

static bool compare_entry(const struct sched_expect_entry *entry, struct sched_mismatch *mismatch)
{
	for (int i = 0; entry->fields[i].name; i++) {
		int64_t actual = value_of(&entry->fields[i], entry->object);

		if (!entry->seen[i] || actual == entry->expected[i])
			continue;
		snprintf(mismatch->field, sizeof(mismatch->field), "%s.%s", entry->name,
			 entry->fields[i].name);
		mismatch->expected = entry->expected[i];
		mismatch->actual = actual;
		return false;
	}
	return true;
}

bool sched_expect_compare(const struct sched_expect *expect, struct sched_mismatch *mismatch)
{
	for (int i = 0; i < expect->nr_entries; i++) {
		if (!compare_entry(&expect->entries[i], mismatch))
			return false;
	}
	return true;
}
