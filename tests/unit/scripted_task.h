/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scripted tasks on a real host, for tests: hogs, which never stop, and sleepers, which run for a
 * while and then sleep. They do what a thread in user mode does about interrupts.
 */
#ifndef TESTS_UNIT_SCRIPTED_TASK_H
#define TESTS_UNIT_SCRIPTED_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "models/host/host.h"

#define US	  INT64_C(1000)
#define MS	  INT64_C(1000000)
#define FOREVER	  (INT64_MAX / 4)
#define MAX_TASKS 24
#define MAX_RUNS  4096

struct script {
	struct host_task task;
	struct sim_event segment_end, alarm;
	int64_t run_ns, sleep_ns; /* a burst, and the sleep after it; 0: until woken by the test */
	bool exits;		  /* after the first burst */
	int64_t burst_left;	  /* of the present burst */
	int64_t segment_start;
	int64_t ran;	       /* executed in all */
	int64_t in_since;      /* last sched_in */
	int64_t first_in;      /* time of the first one, -1 before */
	int64_t run[MAX_RUNS]; /* sched_in to sched_out, for the first ones */
	int nr_runs, nr_interrupts;
	bool runnable_out; /* what the last sched_out was told */
};

struct machine {
	struct sim_engine engine;
	struct sim_event pause; /* so that the clock gets where the test wants it */
	struct host_config config;
	struct host host;
	struct script scripts[MAX_TASKS];
	int nr_scripts;
};

/* Affinity bitmaps. */
extern const uint64_t cpu0[], cpu1[], cpu0_and_1[];

/* End the present segment, or begin one; between the two the task acts on the host. */
void stop_executing(struct script *script);
void execute(struct script *script);

/* A configuration in which nothing but the tasks takes time; the default costs. */
struct host_config free_of_cost(int cpus);
struct host_config with_costs(int cpus);

/* Create the host of a machine; new_machine(): of the one and only, with seed 1. */
void start_machine(struct machine *machine, struct host_config config, uint64_t seed);
struct machine *new_machine(struct host_config config);

/* The clock gets exactly there. */
void run_until(struct machine *machine, int64_t time);

/* Checks that every ns of every CPU is in one state, and frees the host. */
void stop_machine(struct machine *machine);

/* Create and start a task; see struct script. */
struct script *add_with_slice(struct machine *machine, struct eevdf_group *group,
			      const uint64_t *cpus, int64_t run_ns, int64_t sleep_ns,
			      int64_t slice_ns);
struct script *add_script(struct machine *machine, struct eevdf_group *group, const uint64_t *cpus,
			  int64_t run_ns, int64_t sleep_ns);
struct script *add_hog(struct machine *machine, const uint64_t *cpus);

/* It runs for 1 ns, and sleeps until the test wakes it, for a burst of run_ns. */
struct script *add_sleeper(struct machine *machine, const uint64_t *cpus, int64_t run_ns);

/* The same with so short a slice that it preempts hogs; bursts of 50 us. */
struct script *add_urgent_sleeper(struct machine *machine, const uint64_t *cpus);

/* The script that task is part of. */
struct script *script_of(struct host_task *task);

/* CPU number index. */
struct pcpu *cpu_of(struct machine *machine, int index);

#endif
