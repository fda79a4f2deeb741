/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Speed of the whole model: one replication of each scenario named on the command line, on one
 * core. One key=value line per scenario.
 */
#include <inttypes.h>
#include <stdio.h>

#include "sim/run/world.h"

static enum oversub_status measure(const char *name, struct oversub_error *error)
{
	struct scenario *scenario;
	struct replication_result result;
	enum oversub_status status = scenario_load(name, NULL, &scenario, error);

	if (status != OVERSUB_OK)
		return status;
	status = world_run(scenario, 0, NULL, &result, error);
	if (status == OVERSUB_OK) {
		double simulated_s = (double)result.simulated_ns / 1e9;

		printf("scenario=%s cpus=%" PRId64 " vcpus=%d events=%" PRIu64
		       " events_per_s=%.0f ns_per_event=%.1f simulated_s_per_wall_s=%.2f\n",
		       scenario->name, scenario->host.cpus, scenario_nr_vcpus(scenario),
		       result.events, (double)result.events / result.wall_s,
		       result.wall_s * 1e9 / (double)result.events, simulated_s / result.wall_s);
		result_free(&result);
	}
	scenario_free(scenario);
	return status;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: scenario SCENARIO...\n");
		return OVERSUB_BAD_INPUT;
	}
	for (int i = 1; i < argc; i++) {
		struct oversub_error error;
		enum oversub_status status = measure(argv[i], &error);

		if (status != OVERSUB_OK) {
			fprintf(stderr, "scenario: %s\n", error.message);
			return status;
		}
	}
	return OVERSUB_OK;
}
