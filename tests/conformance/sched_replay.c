/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/conformance/formats.h"

#include <stdio.h>
#include <string.h>

#include "tests/conformance/sched_replay_part.h"

static const struct sched_replay_part *const parts[] = {
	&sched_replay_pelt,
	&sched_replay_group_shares,
	&sched_replay_propagate,
	&sched_replay_bandwidth,
};

struct replay {
	const char *path;
	const struct sched_replay_part *part; /* NULL before the header */
	void *state;
	struct sched_expect expect;
	struct conformance_result *result;
	uint64_t nops;
	int64_t now;
};

static enum oversub_status read_header(struct replay *replay, const cJSON *header,
				       struct oversub_error *error)
{
	const char *part = conformance_string(header, "part");

	if (strcmp(conformance_string(header, "format"), "sched-conformance") != 0 ||
	    conformance_int(header, "version", 0) != 1)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s:1: the header must have the format sched-conformance and "
				    "version 1",
				    replay->path);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!strcmp(parts[i]->name, part))
			replay->part = parts[i];
	}
	if (!replay->part)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s:1: part \"%s\" is none that can be replayed", replay->path,
				    part);
	replay->nops = (uint64_t)conformance_int(header, "nops", 0);
	replay->state = replay->part->create(header, &replay->expect);
	if (!replay->state)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s:1: the header of part \"%s\" is incomplete or out of range",
				    replay->path, part);
	return OVERSUB_OK;
}

static void compare(struct replay *replay, const cJSON *line, const struct sched_outcome *outcome)
{
	const cJSON *expected = cJSON_GetObjectItemCaseSensitive(line, "expect");
	struct sched_mismatch mismatch = {.field = "ret", .actual = (int64_t)outcome->ret};

	if (conformance_is_int(cJSON_GetObjectItemCaseSensitive(expected, "ret"),
			       &mismatch.expected) &&
	    mismatch.expected != mismatch.actual) {
		/* It is the first difference. */
	} else if (sched_expect_compare(&replay->expect, &mismatch)) {
		return;
	}
	if (!replay->result->mismatches++)
		snprintf(replay->result->first, sizeof(replay->result->first),
			 "op %lld (%s): %s: expected %lld, actual %lld",
			 (long long)conformance_int(line, "i", -1), conformance_string(line, "op"),
			 mismatch.field, (long long)mismatch.expected, (long long)mismatch.actual);
}

static enum oversub_status read_line(void *context, uint64_t number, const cJSON *line,
				     struct oversub_error *error)
{
	struct replay *replay = context;
	struct sched_outcome outcome = {0};

	if (!replay->part)
		return read_header(replay, line, error);
	if (!conformance_time(line, &replay->now))
		return oversub_fail(error, OVERSUB_BAD_INPUT, "%s:%llu: %s", replay->path,
				    (unsigned long long)number, CONFORMANCE_TIME_RULE);
	if (!replay->part->apply(replay->state, line, &outcome) ||
	    !sched_expect_merge(&replay->expect, cJSON_GetObjectItemCaseSensitive(line, "expect")))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s:%llu: operation \"%s\" is unknown, or its inputs or "
				    "expectations are malformed",
				    replay->path, (unsigned long long)number,
				    conformance_string(line, "op"));
	replay->result->operations++;
	compare(replay, line, &outcome);
	return OVERSUB_OK;
}

enum oversub_status sched_replay(const char *path, struct conformance_result *result,
				 struct oversub_error *error)
{
	struct replay replay = {.path = path, .result = result, .now = CONFORMANCE_NO_TIME};
	enum oversub_status status;

	*result = (struct conformance_result){0};
	status = conformance_read(path, read_line, &replay, error);
	/* Some headers do not count the state before the first operation. */
	if (status == OVERSUB_OK && (!replay.part || result->operations < replay.nops))
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "%s: the vector ends after %llu of %llu operations", path,
				      (unsigned long long)result->operations,
				      (unsigned long long)replay.nops);
	if (replay.state)
		replay.part->destroy(replay.state);
	sched_expect_destroy(&replay.expect);
	return status;
}
