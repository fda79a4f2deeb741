/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conformance FILE...: do the models decide as the recorded kernel did? Prints the first mismatch
 * of each file and a line of totals. Exit status 1 if there are mismatches, 2 if a file cannot be
 * read or is no conformance vector.
 */
#include <stdio.h>

#include "tests/conformance/formats.h"

int main(int argc, char **argv)
{
	struct conformance_result total = {0};
	unsigned long long vectors = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: conformance FILE...\n");
		return OVERSUB_BAD_INPUT;
	}
	for (int i = 1; i < argc; i++) {
		struct conformance_result result = {0};
		struct oversub_error error;

		if (conformance_replay(argv[i], &result, &error) != OVERSUB_OK) {
			fprintf(stderr, "conformance: %s\n", error.message);
			return OVERSUB_BAD_INPUT;
		}
		if (result.mismatches)
			printf("%s: %s\n", argv[i], result.first);
		vectors++;
		total.operations += result.operations;
		total.mismatches += result.mismatches;
	}
	printf("vectors %llu, operations %llu, mismatches %llu\n", vectors,
	       (unsigned long long)total.operations, (unsigned long long)total.mismatches);
	return total.mismatches ? OVERSUB_FAILED : OVERSUB_OK;
}
