/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Simulations inside a program of one's own: how a metric depends on a parameter.
 *
 *	make CPPFLAGS=-I/usr/local/include LDFLAGS=-L/usr/local/lib
 *	./vary demo vms.db.count vm.db requests_per_s 1 2 3
 *	./vary demo --plugin ./mine.so yield.candidate.policy vm.db requests_per_s mainline mine
 */
#include <stdio.h>
#include <string.h>

#include <oversub/simulation.h>

static int run_one(struct oversub_simulation *simulation, char **what, const char *value,
		   struct oversub_error *error)
{
	const char *path = what[0], *scope = what[1], *name = what[2];
	struct oversub_metric metric;
	enum oversub_status status;

	status = oversub_simulation_set(simulation, path, value, error);
	if (!status)
		status = oversub_simulation_run(simulation, 0, error);
	if (!status)
		status = oversub_simulation_metric(simulation, scope, name, &metric, error);
	if (!status)
		printf("%s=%s %s %s %.10g +- %.10g %s%s\n", path, value, scope, name, metric.mean,
		       metric.half_width, metric.unit, metric.lower_bound ? " or more" : "");
	return status;
}

int main(int argc, char **argv)
{
	struct oversub_simulation *simulation = oversub_simulation_new();
	struct oversub_error error = {"out of memory"};
	int status = OVERSUB_FAILED;
	int at = 2;

	if (argc < 6) {
		fprintf(stderr,
			"usage: vary SCENARIO [--plugin FILE] PATH SCOPE METRIC VALUE...\n");
		status = OVERSUB_BAD_INPUT;
		strcpy(error.message, "arguments are missing");
	} else if (simulation) {
		status = oversub_simulation_load(simulation, argv[1], &error);
	}
	if (!status && !strcmp(argv[at], "--plugin")) {
		status = oversub_simulation_plugin(simulation, argv[at + 1], &error);
		at += 2;
	}
	for (int i = at + 3; i < argc && !status; i++)
		status = run_one(simulation, argv + at, argv[i], &error);
	if (status)
		fprintf(stderr, "vary: %s\n", error.message);
	oversub_simulation_free(simulation);
	return status;
}
