/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `oversub compare` compares with one base: results, their differences and regrets. */
#ifndef SIM_CLI_COMPARE_GROUP_H
#define SIM_CLI_COMPARE_GROUP_H

#include <stdbool.h>
#include <stddef.h>

#include <oversub/error.h>

#include "sim/output/result_json.h"
#include "sim/run/compare.h"

/* One base and what is compared with it. All is owned. */
struct compare_group {
	char **labels; /* directories; the first is the base */
	char *place; /* what all points of a sweep in it share: "count 2, pv none"; NULL: nothing */
	size_t nr;   /* of labels, files and sides */
	struct result_file *files;
	struct compare_side *sides;
	struct comparison *comparisons; /* nr - 1 of them */
	/* Of a sweep: for each result, which value of the first axis it has; else NULL. */
	size_t *variants;
	struct comparison *regrets; /* of all but oracles against the first oracle */
	size_t nr_regrets;	    /* 0 if there is no oracle */
};

/*
 * Read nr results, at least 2, and compare the first with the others. OVERSUB_BAD_INPUT: one cannot
 * be read or compared; then *group is empty. Else free it with compare_group_free().
 */
enum oversub_status compare_group_make(struct compare_group *group, const char *const *labels,
				       size_t nr, struct oversub_error *error);
void compare_group_free(struct compare_group *group);

#endif
