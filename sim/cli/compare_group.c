/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/compare_group.h"

#include <stdlib.h>
#include <string.h>

#include "sim/run/regret.h"

static enum oversub_status out_of_memory(const struct compare_group *group,
					 struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "out of memory for %zu results", group->nr);
}

static enum oversub_status load(struct compare_group *group, const char *const *labels,
				struct oversub_error *error)
{
	group->labels = calloc(group->nr, sizeof(*group->labels));
	group->files = calloc(group->nr, sizeof(*group->files));
	group->sides = calloc(group->nr, sizeof(*group->sides));
	group->comparisons = calloc(group->nr, sizeof(*group->comparisons));
	group->regrets = calloc(group->nr, sizeof(*group->regrets));
	if (!group->labels || !group->files || !group->sides || !group->comparisons ||
	    !group->regrets)
		return out_of_memory(group, error);
	for (size_t i = 0; i < group->nr; i++) {
		enum oversub_status status;

		group->labels[i] = strdup(labels[i]);
		if (!group->labels[i])
			return out_of_memory(group, error);
		status = result_json_read(group->labels[i], &group->files[i], error);
		if (status)
			return status;
		group->sides[i] = (struct compare_side){.label = group->labels[i],
							.seed = group->files[i].info.seed,
							.aggregate = &group->files[i].aggregate};
	}
	return OVERSUB_OK;
}

static bool is_oracle(const struct compare_group *group, size_t i)
{
	return !strcmp(group->files[i].info.policies[OVERSUB_CANDIDATE], REGRET_ORACLE);
}

/* The first result of an oracle; group->nr if there is none. */
static size_t find_oracle(const struct compare_group *group)
{
	size_t i = 0;

	while (i < group->nr && !is_oracle(group, i))
		i++;
	return i;
}

/* What all without the truth lost against the one that had it, if there is one. */
static enum oversub_status make_regrets(struct compare_group *group, struct oversub_error *error)
{
	struct compare_side *others = calloc(group->nr, sizeof(*others));
	size_t oracle = find_oracle(group), nr = 0;
	enum oversub_status status = OVERSUB_OK;

	if (!others)
		return out_of_memory(group, error);
	for (size_t i = 0; i < group->nr; i++)
		if (!is_oracle(group, i))
			others[nr++] = group->sides[i];
	if (oracle < group->nr && nr) {
		status = compare_results(&group->sides[oracle], others, nr, group->regrets, error);
		group->nr_regrets = status ? 0 : nr;
	}
	free(others);
	return status;
}

enum oversub_status compare_group_make(struct compare_group *group, const char *const *labels,
				       size_t nr, struct oversub_error *error)
{
	enum oversub_status status;

	*group = (struct compare_group){.nr = nr};
	status = load(group, labels, error);
	if (!status)
		status = compare_results(&group->sides[0], &group->sides[1], nr - 1,
					 group->comparisons, error);
	if (!status)
		status = make_regrets(group, error);
	if (status)
		compare_group_free(group);
	return status;
}

void compare_group_free(struct compare_group *group)
{
	for (size_t i = 0; i < group->nr; i++) {
		if (group->labels)
			free(group->labels[i]);
		if (group->files)
			result_file_free(&group->files[i]);
		if (group->comparisons)
			comparison_free(&group->comparisons[i]);
		if (group->regrets)
			comparison_free(&group->regrets[i]);
	}
	free(group->labels);
	free(group->place);
	free(group->variants);
	free(group->files);
	free(group->sides);
	free(group->comparisons);
	free(group->regrets);
	*group = (struct compare_group){0};
}
