/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/shard.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/output/files.h"

/* Where launchers say which of how many a program is. */
static const struct launcher {
	const char *rank, *size;
	const char *first, *step; /* of ranks that need not be 0, 1, 2 ...; NULL: they are */
} launchers[] = {
	{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", NULL, NULL},
	{"PMIX_RANK", "PMIX_SIZE", NULL, NULL},
	{"PMI_RANK", "PMI_SIZE", NULL, NULL},
	/* A batch script has a SLURM_PROCID and SLURM_NTASKS, too, but runs once: srun sets this.
	 */
	{"SLURM_PROCID", "SLURM_STEP_NUM_TASKS", NULL, NULL},
	{"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN",
	 "SLURM_ARRAY_TASK_STEP"},
};

/* A number of the environment; otherwise if it is not set, -1 if it is no number. */
static int64_t number_of(const char *name, int64_t otherwise)
{
	const char *text = name ? getenv(name) : NULL;
	char *end;
	int64_t number;

	if (!text || !*text)
		return otherwise;
	number = strtoll(text, &end, 10);
	return *end ? -1 : number;
}

static bool is_possible(const struct shard *shard)
{
	return shard->of >= 1 && shard->of <= SHARD_MAX && shard->number >= 1 &&
	       shard->number <= shard->of;
}

static enum oversub_status from_environment(struct shard *shard, struct oversub_error *error)
{
	for (size_t i = 0; i < sizeof(launchers) / sizeof(*launchers); i++) {
		const struct launcher *launcher = &launchers[i];
		int64_t step = number_of(launcher->step, 1);

		if (!getenv(launcher->rank) || !getenv(launcher->size))
			continue;
		if (step > 0)
			shard->number =
				(number_of(launcher->rank, 0) - number_of(launcher->first, 0)) /
					step +
				1;
		shard->of = number_of(launcher->size, 0);
		if (is_possible(shard))
			return OVERSUB_OK;
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--shard auto: %s=%s of %s=%s is no share", launcher->rank,
				    getenv(launcher->rank), launcher->size, getenv(launcher->size));
	}
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "--shard auto: the environment has no rank (SLURM_ARRAY_TASK_ID, "
			    "OMPI_COMM_WORLD_RANK, PMI_RANK); give --shard I/N");
}

enum oversub_status shard_parse(const char *text, struct shard *shard, struct oversub_error *error)
{
	int end = 0;

	*shard = (struct shard){0, 0};
	if (!strcmp(text, "auto"))
		return from_environment(shard, error);
	if (sscanf(text, "%" SCNd64 "/%" SCNd64 "%n", &shard->number, &shard->of, &end) == 2 &&
	    !text[end] && is_possible(shard))
		return OVERSUB_OK;
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "--shard %.100s: expected I/N with I from 1 to N, such as 2/4, or auto",
			    text);
}

bool shard_has(struct shard shard, uint64_t pair)
{
	return !shard.of || (int64_t)(pair % (uint64_t)shard.of) == shard.number - 1;
}

const char *shard_journal(struct shard shard, char name[64])
{
	if (shard.of)
		snprintf(name, 64, OUTPUT_JOURNAL ".%" PRId64 "-of-%" PRId64, shard.number,
			 shard.of);
	else
		snprintf(name, 64, OUTPUT_JOURNAL);
	return name;
}
