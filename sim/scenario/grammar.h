/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a scenario can say: which keys its objects have and what stands behind each of them. The
 * loader, the schema, the paths of --set and `oversub list params` walk these tables, so a key, or
 * a model's table of parameters, is hung up in exactly one place.
 */
#ifndef SIM_SCENARIO_GRAMMAR_H
#define SIM_SCENARIO_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <oversub/param.h>

#include "models/host/cgroup.h"

/* What the value of a member is, and with it which other fields of the member matter. */
enum grammar_kind {
	GRAMMAR_END,	      /* behind the last member */
	GRAMMAR_PARAMS,	      /* params, in an object of their own if there is a key, else here */
	GRAMMAR_OBJECT,	      /* object */
	GRAMMAR_MAP,	      /* object, as many as the document likes, by name */
	GRAMMAR_POLICY,	      /* a policy of axis number `number`, with its parameters */
	GRAMMAR_PROGRAM,      /* ops that runner `number` can do */
	GRAMMAR_VERSION,      /* SCENARIO_VERSION */
	GRAMMAR_TEXT,	      /* a string */
	GRAMMAR_NAMES,	      /* an array of names */
	GRAMMAR_NAME,	      /* of something declared elsewhere */
	GRAMMAR_CGROUP,	      /* path of a cgroup */
	GRAMMAR_CPUS,	      /* [0, 2, "4-7"] */
	GRAMMAR_PIN,	      /* "1:1", GRAMMAR_CPUS of each vCPU, or grammar_pool */
	GRAMMAR_DISTRIBUTION, /* of a time */
	GRAMMAR_RATE,	      /* so many per second */
	GRAMMAR_FILE,	      /* path of a file, from where the document is */
	GRAMMAR_SAMPLES,      /* an array of durations */
	GRAMMAR_QUANTILES,    /* an array of [ probability, duration ] */
	GRAMMAR_VALUES,	      /* values of parameters of a program, by name */
	GRAMMAR_VALUE,	      /* any value */
};

struct grammar_member {
	const char *key;
	enum grammar_kind kind;
	const struct oversub_param *params;
	const struct grammar_object *object;
	int number;
	/*
	 * Of what the value fills in the struct that the object around it fills: the struct of a
	 * table or object, the char * of a text. The rest has readers of its own.
	 */
	size_t offset;
	const char *missing; /* what is wrong if it is not there; NULL: it may be left out */
	/* Unless it is there as a string, only its full path stands for it: its key means others.
	 */
	bool by_path;
	const char *defaults; /* of a MAP: key of a member beside it, whose values they inherit */
	const char *help;     /* for what has no table that says so */
};

struct grammar_object {
	const struct grammar_member *members;
	const char *definition; /* name of it in the schema; NULL: it is written out where it is */
	const struct oversub_param *instead; /* its value can stand for the whole object, or NULL */
	bool one_of;			     /* has exactly one of its members */
};

extern const struct grammar_object grammar_document;  /* fills struct scenario */
extern const struct grammar_object grammar_host;      /* struct host_config */
extern const struct grammar_object grammar_cgroup;    /* struct host_cgroup */
extern const struct grammar_object grammar_vm;	      /* struct scenario_vm */
extern const struct grammar_object grammar_pool;      /* where all vCPUs of a VM may run */
extern const struct grammar_object grammar_source;    /* how often work arrives */
extern const struct grammar_object grammar_empirical; /* a distribution that was measured */

/* By enum workload_runner. That of the host also fills struct scenario. */
extern const struct grammar_object grammar_workload[];
/* A file of a workload that scenarios name, and one of the parameters that it declares. */
extern const struct grammar_object grammar_workload_file; /* struct workload_about */
extern const struct grammar_object grammar_declaration;	  /* struct workload_declaration */

/* What a workload's file says for people. Texts of the document's reader: for free(). */
struct workload_about {
	char *title;
	char *description; /* what it is like */
	char *source;	   /* where its numbers come from */
	char *fitted;	   /* what was fitted to what */
};
struct workload_declaration {
	char *help;   /* what it is */
	char *source; /* where the default comes from */
};

extern const struct grammar_object grammar_class[]; /* struct scenario_thread_class */

/* What a thread class has besides its program. */
struct scenario_thread_class {
	int64_t count;	  /* threads */
	int64_t per_vcpu; /* > 0: threads for each vCPU, instead of count */
	int64_t nice;
	int64_t slice_ns;
	int64_t cpu_weight;
	struct host_cpu_max cpu_max;
};

/* A lock of a workload. */
struct scenario_lock {
	int64_t kind; /* enum lock_kind */
};
extern const struct grammar_object grammar_lock; /* struct scenario_lock */

/* A barrier is nothing but its number of parties, an int64_t. */
extern const struct grammar_object grammar_barrier;

/* Range of the rate of a source, per second. */
#define SOURCE_MIN_RATE 1e-3
#define SOURCE_MAX_RATE 1e9

/* The parameter of that name, NULL if table has none. */
const struct oversub_param *param_find(const struct oversub_param *table, const char *name);

#endif
