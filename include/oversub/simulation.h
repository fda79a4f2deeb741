/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Simulations inside another program: load a scenario, change it, run it, read what it measured.
 *
 *	struct oversub_simulation *simulation = oversub_simulation_new();
 *	struct oversub_error error;
 *	struct oversub_metric metric;
 *
 *	if (oversub_simulation_load(simulation, "my.json", &error) ||
 *	    oversub_simulation_set(simulation, "vms.db.count", "4", &error) ||
 *	    oversub_simulation_run(simulation, 0, &error) ||
 *	    oversub_simulation_metric(simulation, "vm.db", "requests_per_s", &metric, &error))
 *		fprintf(stderr, "%s\n", error.message);
 *	else
 *		printf("%g ± %g %s\n", metric.mean, metric.half_width, metric.unit);
 *	oversub_simulation_free(simulation);
 *
 * Results are those of `oversub run` with the same scenario and changes, bit for bit. Functions
 * that can fail return an enum oversub_status and fill *error, which may be NULL. One simulation
 * belongs to one thread at a time; several threads may have one each.
 *
 * Compile with -loversub -lgsl -lgslcblas -lcjson -lm -pthread, and with -rdynamic if plug-ins are
 * loaded: they call back. share/oversub/example-embed is a complete program.
 */
#ifndef OVERSUB_SIMULATION_H
#define OVERSUB_SIMULATION_H

#include <stddef.h>

#include <oversub/error.h>

/* A scenario with changes, and what its last run measured. */
struct oversub_simulation;

/*
 * What was measured of one scope. Strings and values belong to the simulation and are good until
 * it runs again or is freed.
 */
struct oversub_metric {
	const char *scope;    /* "host", "vm.NAME", "host_threads", "cgroup.PATH" */
	const char *name;     /* as `oversub list metrics` has it: "tlb_flush.p99" */
	const char *unit;     /* "ns", "1/s", "fraction", "ratio", "count" */
	double mean;	      /* of all replications; NAN if nothing was measured */
	double half_width;    /* of the 95 % interval; NAN if it is unknown */
	const double *values; /* one for each replication, in order; NAN where there is none */
	size_t nr_values;     /* replications */
	int lower_bound;      /* 1: arrivals outran service, and what was served says too little */
};

/* One without scenario; NULL without memory. */
struct oversub_simulation *oversub_simulation_new(void);
/* simulation may be NULL. Plug-ins are unloaded, too. */
void oversub_simulation_free(struct oversub_simulation *simulation);

/*
 * Load the policies of the shared object at path, for scenarios that run from now on.
 * OVERSUB_BAD_INPUT if it is no plug-in, or one of another OVERSUB_POLICY_VERSION.
 */
enum oversub_status oversub_simulation_plugin(struct oversub_simulation *simulation,
					      const char *path, struct oversub_error *error);

/*
 * Read a scenario: a path, which has a '/' or ends in ".json", or a name, which is looked for as
 * `oversub run` does. It replaces the one that was there, with its changes. OVERSUB_BAD_INPUT if
 * there is none or it is no JSON; what it means is checked when it runs.
 */
enum oversub_status oversub_simulation_load(struct oversub_simulation *simulation,
					    const char *path_or_name, struct oversub_error *error);
/* The same from text; name is what messages and the simulation call it. */
enum oversub_status oversub_simulation_load_text(struct oversub_simulation *simulation,
						 const char *name, const char *text,
						 struct oversub_error *error);

/*
 * Change a value of the scenario, as --set PATH=VALUE does: path is the full one ("vms.db.count")
 * or an ending that is unique, value is JSON or else a string. A later value for the same path
 * replaces an earlier one. Strings are copied. Whether there is such a path is found when it runs.
 * OVERSUB_FAILED without memory.
 */
enum oversub_status oversub_simulation_set(struct oversub_simulation *simulation, const char *path,
					   const char *value, struct oversub_error *error);

/*
 * Check the scenario and run all its replications on jobs threads (0: one for each CPU that the
 * process may use, at most 1024), which have ended when this returns. OVERSUB_BAD_INPUT: there is
 * something to mend in the scenario, and the message says where. OVERSUB_FAILED: a guest
 * deadlocked, say, or memory ran out. What an earlier run measured is gone in any case.
 * GSL's error handler, which would end the process, is turned off.
 */
enum oversub_status oversub_simulation_run(struct oversub_simulation *simulation, unsigned int jobs,
					   struct oversub_error *error);

/* How many metrics the last run has; 0 if there is none. */
size_t oversub_simulation_nr_metrics(const struct oversub_simulation *simulation);
/* Metric number index (below nr_metrics), in the order of result.json. */
struct oversub_metric oversub_simulation_metric_at(const struct oversub_simulation *simulation,
						   size_t index);
/*
 * The metric of that scope and name. OVERSUB_BAD_INPUT if the run has none: the message names the
 * nearest one.
 */
enum oversub_status oversub_simulation_metric(const struct oversub_simulation *simulation,
					      const char *scope, const char *name,
					      struct oversub_metric *metric,
					      struct oversub_error *error);

#endif
