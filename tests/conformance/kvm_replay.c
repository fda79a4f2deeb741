/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/conformance/formats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/kvm_replay_part.h"

static const struct kvm_replay_part *const parts[] = {
	&kvm_replay_spin, &kvm_replay_track, &kvm_replay_lapic,
	&kvm_replay_dest, &kvm_replay_ple,   &kvm_replay_halt,
};

struct kvm_replay {
	const char *path;
	uint64_t line;
	const struct kvm_replay_part *part; /* NULL before the header */
	void *state;
	struct conformance_result *result;
};

int kvm_replay_key(const cJSON *item, int limit)
{
	char *end;
	long index = strtol(item->string, &end, 10);

	return end != item->string && !*end && index >= 0 && index < limit ? (int)index : -1;
}

static void note_mismatch(struct kvm_replay *replay, const cJSON *operation, const cJSON *expected,
			  const cJSON *actual)
{
	char *expected_text, *actual_text;

	if (replay->result->mismatches++)
		return;
	expected_text = cJSON_PrintUnformatted(expected);
	actual_text = cJSON_PrintUnformatted(actual);
	snprintf(replay->result->first, sizeof(replay->result->first),
		 "%s:%llu: %s: expected %.200s, got %.200s", replay->path,
		 (unsigned long long)replay->line, conformance_string(operation, "op"),
		 expected_text ? expected_text : "nothing", actual_text ? actual_text : "nothing");
	cJSON_free(expected_text);
	cJSON_free(actual_text);
}

bool kvm_replay_operation(struct kvm_replay *replay, const cJSON *operation)
{
	const cJSON *expected = cJSON_GetObjectItemCaseSensitive(operation, "expect");
	cJSON *actual = replay->part->apply(replay->state, operation);

	if (!actual)
		return false;
	replay->result->operations++;
	if (!cJSON_Compare(actual, expected, true))
		note_mismatch(replay, operation, expected, actual);
	cJSON_Delete(actual);
	return true;
}

static const struct kvm_replay_part *find_part(const char *name)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		for (int k = 0; k < 2; k++) {
			if (parts[i]->names[k] && strcmp(parts[i]->names[k], name) == 0)
				return parts[i];
		}
	}
	return NULL;
}

static enum oversub_status read_header(struct kvm_replay *replay, const cJSON *header,
				       struct oversub_error *error)
{
	const char *format = conformance_string(header, "format");
	const char *part = conformance_string(header, "part");

	if (strcmp(format, "kvm-conformance") != 0 || conformance_int(header, "version", 0) != 1)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s:1: format is \"%s\", not \"kvm-conformance\" version 1",
				    replay->path, format);
	replay->part = find_part(part);
	if (!replay->part)
		return oversub_fail(error, OVERSUB_BAD_INPUT, "%s:1: there is no part \"%s\"",
				    replay->path, part);
	replay->state = replay->part->create(replay, header);
	if (!replay->state)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s:1: the header of part \"%s\" is incomplete or out of range",
				    replay->path, part);
	return OVERSUB_OK;
}

static enum oversub_status read_line(void *context, uint64_t number, const cJSON *line,
				     struct oversub_error *error)
{
	struct kvm_replay *replay = context;

	replay->line = number;
	if (!replay->part)
		return read_header(replay, line, error);
	if (!kvm_replay_operation(replay, line))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s:%llu: operation \"%s\" is unknown or malformed",
				    replay->path, (unsigned long long)number,
				    conformance_string(line, "op"));
	return OVERSUB_OK;
}

enum oversub_status kvm_replay(const char *path, struct conformance_result *result,
			       struct oversub_error *error)
{
	struct kvm_replay replay = {.path = path, .result = result};
	enum oversub_status status;

	memset(result, 0, sizeof(*result));
	status = conformance_read(path, read_line, &replay, error);
	if (status == OVERSUB_OK && !replay.part)
		status = oversub_fail(error, OVERSUB_BAD_INPUT, "%s: the vector is empty", path);
	if (replay.state)
		replay.part->destroy(replay.state);
	return status;
}
