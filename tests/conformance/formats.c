/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/conformance/formats.h"

#include <stdio.h>
#include <string.h>

/* What the header calls a format, and who replays it; a part on its own precedes the others. */
static const struct {
	const char *format;
	const char *part; /* NULL: all other parts */
	enum oversub_status (*replay)(const char *path, struct conformance_result *result,
				      struct oversub_error *error);
} replayers[] = {
	{"eevdf-conformance", NULL, eevdf_replay},
	{"kvm-conformance", NULL, kvm_replay},
	{"sched-conformance", "balance", balance_replay},
	{"sched-conformance", NULL, sched_replay},
};

#define NR_REPLAYERS (sizeof(replayers) / sizeof(replayers[0]))

struct header {
	bool seen;
	char format[64];
	char part[64];
};

/* Take the format and part from the first line and stop. */
static enum oversub_status read_format(void *context, uint64_t number, const cJSON *line,
				       struct oversub_error *error)
{
	struct header *header = context;

	(void)number;
	(void)error;
	header->seen = true;
	snprintf(header->format, sizeof(header->format), "%s", conformance_string(line, "format"));
	snprintf(header->part, sizeof(header->part), "%s", conformance_string(line, "part"));
	return OVERSUB_FAILED;
}

enum oversub_status conformance_replay(const char *path, struct conformance_result *result,
				       struct oversub_error *error)
{
	struct header header = {0};
	enum oversub_status status = conformance_read(path, read_format, &header, error);

	if (!header.seen)
		return status == OVERSUB_OK
			       ? oversub_fail(error, OVERSUB_BAD_INPUT,
					      "%s: this conformance vector is empty", path)
			       : status;
	for (size_t i = 0; i < NR_REPLAYERS; i++) {
		if (!strcmp(header.format, replayers[i].format) &&
		    (!replayers[i].part || !strcmp(header.part, replayers[i].part)))
			return replayers[i].replay(path, result, error);
	}
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "%s: no replayer for the format \"%s\" of the header", path,
			    header.format);
}
