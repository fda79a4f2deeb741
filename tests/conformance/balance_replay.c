/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/conformance/formats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/sched/balance.h"
#include "sim/base/bitmap.h"
#include "models/sched/placement.h"

/* Masks of CPUs are numbers in the vectors. */
enum { MAX_CPUS = 32 };

struct replay {
	const char *path;
	bool has_header;
	struct topology topology;
	struct balance_machine machine;
	uint64_t idle; /* bitmap */
	struct conformance_result *result;
	uint64_t nops;
};

static const char *const level_names[TOPOLOGY_KINDS] = {"SMT", "LLC", "PKG", "NUMA"};
static const char *const migration_names[] = {
	[BALANCE_LOAD] = "load", [BALANCE_UTIL] = "util", [BALANCE_TASK] = "task"};

/* ---- Input --------------------------------------------------------------------------------- */

/* Element of an array of the line; absent if there is no array, or it is too short. */
static int64_t element(const cJSON *line, const char *name, int index, int64_t absent)
{
	const cJSON *array = cJSON_GetObjectItemCaseSensitive(line, name);
	int64_t value;

	return conformance_is_int(cJSON_GetArrayItem(array, index), &value) ? value : absent;
}

static bool is_divided(int whole, int part)
{
	return part >= 1 && whole >= part && whole % part == 0;
}

static enum oversub_status read_header(struct replay *replay, const cJSON *header,
				       struct oversub_error *error)
{
	int cpus = (int)conformance_int(header, "ncpus", 0);
	int smt = (int)conformance_int(header, "smt", 1);
	int llc = (int)conformance_int(header, "llc", 0);
	int pkg = (int)conformance_int(header, "pkg", 0);

	if (strcmp(conformance_string(header, "format"), "sched-conformance") != 0 ||
	    strcmp(conformance_string(header, "part"), "balance") != 0 ||
	    conformance_int(header, "version", 0) != 1)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s:1: the header must have the format sched-conformance, "
				    "version 1 and part balance",
				    replay->path);
	if (cpus < 2 || cpus > MAX_CPUS || !is_divided(cpus, pkg) || !is_divided(pkg, llc) ||
	    !is_divided(llc, smt))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s:1: ncpus must be 2..%d and a multiple of pkg, that of llc, "
				    "that of smt",
				    replay->path, MAX_CPUS);
	topology_init(&replay->topology,
		      (struct topology_sizes){cpus, smt, llc, pkg,
					      (int)conformance_int(header, "imb_numa_nr", 0)});
	if (!balance_machine_init(&replay->machine, &replay->topology))
		return oversub_fail(error, OVERSUB_FAILED, "%s: out of memory", replay->path);
	replay->nops = (uint64_t)conformance_int(header, "nops", 0);
	replay->has_header = true;
	return OVERSUB_OK;
}

static void set_cpus(struct replay *replay, const cJSON *line)
{
	for (int i = 0; i < replay->topology.nr_cpus; i++) {
		unsigned int nr = (unsigned int)element(line, "nr", i, 0);
		const struct balance_cpu cpu = {
			.load = (uint64_t)element(line, "load", i, 0),
			.util = (uint64_t)element(line, "util", i, 0),
			.runnable = (uint64_t)element(line, "runnable", i, 0),
			.util_est = (uint64_t)element(line, "util_est", i, 0),
			.capacity = (uint64_t)element(line, "cap", i, BALANCE_CAPACITY),
			.nr = nr,
			.h_nr = (unsigned int)element(line, "h", i, nr),
			.idle = nr == 0,
			.idle_since = element(line, "idle_stamp", i, 0),
		};

		balance_set_cpu(&replay->machine, i, &cpu);
		bitmap_set(&replay->idle, i, cpu.idle);
	}
}

/* A CPU of the machine; -1 otherwise. */
static int cpu_of(const struct replay *replay, const cJSON *line, const char *name)
{
	return conformance_index(line, name, replay->topology.nr_cpus);
}

/* ---- Decisions; each returns what the vector should expect, NULL for malformed input ------- */

static cJSON *types_of(const struct balance_pass *pass)
{
	cJSON *types = cJSON_CreateArray();
	const struct topology_level *level = &pass->machine->topology->levels[pass->level];
	int local = topology_first(pass->dst, level->group);
	int first = local;

	do {
		const int pair[2] = {first, (int)balance_group_at(pass, first).class};

		cJSON_AddItemToArray(types, cJSON_CreateIntArray(pair, 2));
		first = balance_next_group(pass, first);
	} while (first != local);
	return types;
}

static void add_source(cJSON *to, const struct balance_pass *pass)
{
	struct balance_source source = balance_find_source(pass);
	int rq;

	if (source.group < 0) {
		cJSON_AddNullToObject(to, "group");
		return;
	}
	cJSON_AddNumberToObject(to, "group", source.group);
	cJSON_AddStringToObject(to, "migration_type", migration_names[source.migration]);
	cJSON_AddNumberToObject(to, "imbalance", (double)source.imbalance);
	rq = balance_find_queue(pass, &source);
	if (rq < 0)
		cJSON_AddNullToObject(to, "rq");
	else
		cJSON_AddNumberToObject(to, "rq", rq);
}

static cJSON *source_of(struct replay *replay, const cJSON *line)
{
	const struct topology *topology = &replay->topology;
	struct balance_pass pass = {
		.machine = &replay->machine,
		.dst = cpu_of(replay, line, "dst"),
		.idle = (enum balance_idle)conformance_int(line, "idle", 0),
	};
	const struct topology_level *level = topology->levels;
	const struct balance_sums *sums;
	cJSON *actual;

	while (pass.level < topology->nr_levels &&
	       strcmp(level_names[level->kind], conformance_string(line, "level")) != 0) {
		pass.level++;
		level++;
	}
	if (pass.level == topology->nr_levels || pass.dst < 0)
		return NULL;
	actual = cJSON_CreateObject();
	add_source(actual, &pass);
	sums = balance_sums_at(&replay->machine, pass.level, pass.dst);
	if (level->kind == TOPOLOGY_LLC)
		cJSON_AddNumberToObject(actual, "nr_idle_scan",
					pass.idle == BALANCE_NEWLY_IDLE
						? 0
						: balance_nr_idle_scan(sums->util, level->span,
								       level->imbalance_pct));
	if (pass.level == topology->nr_levels - 1)
		cJSON_AddNumberToObject(actual, "rd_overloaded", sums->overloaded_cpus > 0);
	cJSON_AddItemToObject(actual, "types", types_of(&pass));
	return actual;
}

/* The waker's CPU or the one before. */
static int wake_target(const struct replay *replay, const cJSON *line, int waker, int prev)
{
	const struct balance_cpu *cpus = replay->machine.cpus;
	bool sync = conformance_int(line, "sync", 0);
	int64_t h_load = conformance_int(line, "h_load", 0);
	const struct placement_loads loads = {
		.waker = (int64_t)cpus[waker].load,
		.prev = (int64_t)cpus[prev].load - h_load,
		.task = h_load,
		.waker_task = conformance_int(line, "waker_h_load", 0),
		.waker_capacity = (int64_t)cpus[waker].capacity,
		.prev_capacity = (int64_t)cpus[prev].capacity,
	};
	int pct = topology_common(&replay->topology, waker, prev)->imbalance_pct;
	int target = placement_affine_idle(&replay->topology, waker, cpus[waker].idle,
					   cpus[waker].h_nr, prev, cpus[prev].idle, sync);

	if (target < 0 && placement_affine_load(&loads, pct, sync))
		target = waker;
	return target == waker ? waker : prev;
}

static uint32_t waker_flips(const cJSON *line)
{
	uint32_t flips = (uint32_t)conformance_int(line, "waker_flips", 0);

	if (conformance_int(line, "decay", 0))
		flips /= 2;
	return flips + !conformance_int(line, "same_wakee", 0);
}

static int wake_cpu(const struct replay *replay, const cJSON *line, int waker, int prev,
		    int *recent, bool *idle_cores)
{
	const struct topology *topology = &replay->topology;
	uint64_t allowed = (uint64_t)conformance_int(line, "allowed", 0);
	uint32_t wakee_flips = (uint32_t)conformance_int(line, "wakee_flips", 0);
	struct placement_idle search = {topology, &replay->idle, &allowed, prev, prev};
	int llc, found;

	if (bitmap_test(&allowed, waker) && waker != prev &&
	    !placement_is_wide(waker_flips(line), wakee_flips, topology->llc))
		search.target = wake_target(replay, line, waker, prev);
	found = placement_known_idle(&search, recent);
	llc = search.target / topology->llc;
	if (found < 0)
		found = placement_search(&search, (int)element(line, "nr_idle_scan", llc, 0),
					 &idle_cores[llc]);
	return found < 0 ? search.target : found;
}

static cJSON *wake_up(struct replay *replay, const cJSON *line)
{
	int waker = cpu_of(replay, line, "cpu");
	int prev = cpu_of(replay, line, "prev");
	int recent = cpu_of(replay, line, "recent");
	const struct topology *topology = &replay->topology;
	bool idle_cores[MAX_CPUS];
	cJSON *actual, *flags;

	if (waker < 0 || prev < 0 || recent < 0)
		return NULL;
	for (int i = 0; i < topology->nr_cpus / topology->llc; i++)
		idle_cores[i] = element(line, "idle_cores", i, 0);
	actual = cJSON_CreateObject();
	cJSON_AddNumberToObject(actual, "cpu",
				wake_cpu(replay, line, waker, prev, &recent, idle_cores));
	cJSON_AddNumberToObject(actual, "recent", recent);
	cJSON_AddNumberToObject(actual, "waker_flips", waker_flips(line));
	if (topology->smt == 1)
		return actual;
	flags = cJSON_AddArrayToObject(actual, "idle_cores");
	for (int i = 0; i < topology->nr_cpus / topology->llc; i++)
		cJSON_AddItemToArray(flags, cJSON_CreateNumber(idle_cores[i]));
	return actual;
}

static cJSON *begin(struct replay *replay, const cJSON *line)
{
	uint64_t allowed = (uint64_t)conformance_int(line, "allowed", 0);
	const struct placement_new task = {&replay->machine, &allowed};
	int cpu = cpu_of(replay, line, "cpu");
	cJSON *actual;

	if (cpu < 0)
		return NULL;
	actual = cJSON_CreateObject();
	cJSON_AddNumberToObject(actual, "cpu", placement_of_new(&task, cpu));
	return actual;
}

static const struct {
	const char *name;
	cJSON *(*decide)(struct replay *replay, const cJSON *line);
} operations[] = {
	{"srcgroup", source_of},
	{"wake", wake_up},
	{"fork", begin},
};

static cJSON *decide(struct replay *replay, const cJSON *line)
{
	const char *name = conformance_string(line, "op");

	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		if (!strcmp(operations[i].name, name)) {
			set_cpus(replay, line);
			return operations[i].decide(replay, line);
		}
	}
	return NULL;
}

/* ---- The vector ---------------------------------------------------------------------------- */

static void compare(struct replay *replay, const cJSON *line, const cJSON *actual)
{
	const cJSON *expected = cJSON_GetObjectItemCaseSensitive(line, "expect");
	char *texts[2];

	replay->result->operations++;
	if (cJSON_Compare(expected, actual, true) || replay->result->mismatches++)
		return;
	texts[0] = cJSON_PrintUnformatted(expected);
	texts[1] = cJSON_PrintUnformatted(actual);
	snprintf(replay->result->first, sizeof(replay->result->first),
		 "op %lld (%s): expected %.200s, got %.200s",
		 (long long)conformance_int(line, "i", -1), conformance_string(line, "op"),
		 texts[0] ? texts[0] : "nothing", texts[1] ? texts[1] : "?");
	free(texts[0]);
	free(texts[1]);
}

static enum oversub_status read_line(void *context, uint64_t number, const cJSON *line,
				     struct oversub_error *error)
{
	struct replay *replay = context;
	cJSON *actual;

	if (!replay->has_header)
		return read_header(replay, line, error);
	actual = decide(replay, line);
	if (!actual)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s:%llu: operation \"%s\" is unknown, or its inputs are "
				    "malformed",
				    replay->path, (unsigned long long)number,
				    conformance_string(line, "op"));
	compare(replay, line, actual);
	cJSON_Delete(actual);
	return OVERSUB_OK;
}

enum oversub_status balance_replay(const char *path, struct conformance_result *result,
				   struct oversub_error *error)
{
	struct replay replay = {.path = path, .result = result};
	enum oversub_status status;

	*result = (struct conformance_result){0};
	status = conformance_read(path, read_line, &replay, error);
	if (status == OVERSUB_OK && (!replay.has_header || result->operations < replay.nops))
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "%s: the vector ends after %llu of %llu operations", path,
				      (unsigned long long)result->operations,
				      (unsigned long long)replay.nops);
	balance_machine_fini(&replay.machine);
	return status;
}
