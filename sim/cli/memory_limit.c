/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/memory_limit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * What the resident size grew by, measured on demo at 16 to 1024 vCPUs and CPUs and on sweeps of
 * 100 to 4000 points, rounded up.
 */
enum {
	PROGRAM_BYTES = 10 << 20,
	WORLD_BYTES = 2 << 20,
	VCPU_BYTES = 32 << 10,
	CPU_BYTES = 32 << 10,
	POINT_BYTES = 220 << 10
};

enum oversub_status memory_limit_parse(const char *text, int64_t *bytes,
				       struct oversub_error *error)
{
	static const char units[] = "KMGT";
	char *end;
	double value = strtod(text, &end);
	const char *unit = *end ? strchr(units, *end) : NULL;

	for (const char *u = units; unit && u <= unit; u++)
		value *= 1024;
	if (end != text && value >= 1 && value < 1e18 && (!*end || (unit && !end[1]))) {
		*bytes = (int64_t)value;
		return OVERSUB_OK;
	}
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "--max-memory %.100s: expected a size such as 500M or 4G", text);
}

static int64_t world_bytes(const struct scenario *scenario)
{
	return WORLD_BYTES + (int64_t)scenario_nr_vcpus(scenario) * VCPU_BYTES +
	       scenario->host.cpus * CPU_BYTES;
}

enum oversub_status memory_limit_check(int64_t bytes, struct scenario *const *scenarios, size_t nr,
				       unsigned int jobs, struct oversub_error *error)
{
	int64_t largest = 0, fixed = PROGRAM_BYTES + (int64_t)nr * POINT_BYTES, needed;

	for (size_t i = 0; i < nr; i++)
		if (world_bytes(scenarios[i]) > largest)
			largest = world_bytes(scenarios[i]);
	needed = fixed + largest * jobs;
	if (!bytes || needed <= bytes)
		return OVERSUB_OK;
	if (fixed + largest <= bytes)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "this needs about %" PRId64 " MiB with %u jobs, and "
				    "--max-memory allows %" PRId64 ": --jobs %" PRId64 " would do",
				    needed >> 20, jobs, bytes >> 20, (bytes - fixed) / largest);
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "this needs about %" PRId64 " MiB even with one job, and --max-memory "
			    "allows %" PRId64 ": fewer points at once, or fewer vCPUs",
			    (fixed + largest) >> 20, bytes >> 20);
}

bool memory_limit_exceeded(int64_t bytes)
{
	FILE *stream = bytes ? fopen("/proc/self/statm", "r") : NULL;
	int64_t pages = 0;
	bool known = stream && fscanf(stream, "%*d %" SCNd64, &pages) == 1;

	if (stream)
		fclose(stream);
	return known && pages * sysconf(_SC_PAGESIZE) > bytes;
}
