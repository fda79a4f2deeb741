/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The decisions of the load balancer: which group of CPUs is too busy, by how much, and which CPU
 * of it gives (sched_balance_find_src_group and what belongs to it), as in Linux 7.2.
 *
 * Pure: numbers of CPUs and groups in, decisions out; no clock, no tasks, no host. Loads are
 * those of nice-0 tasks times 1024, utilizations and capacities parts of 1024.
 */
#ifndef MODELS_SCHED_BALANCE_H
#define MODELS_SCHED_BALANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "models/sched/topology.h"

#define BALANCE_CAPACITY 1024 /* of a whole CPU (SCHED_CAPACITY_SCALE) */

/* ---- What is known of CPUs and groups ------------------------------------------------------ */

/* One CPU. */
struct balance_cpu {
	uint64_t load;	    /* of all tasks there */
	uint64_t util;	    /* how much of it is used */
	uint64_t runnable;  /* the same if runnable tasks did not have to wait; may exceed 1024 */
	uint64_t util_est;  /* utilization expected of the tasks there */
	uint64_t capacity;  /* what is left for tasks */
	unsigned int nr;    /* tasks, delayed ones included */
	unsigned int h_nr;  /* tasks that want to run */
	bool idle;	    /* nothing runs there, is queued or on its way */
	int64_t idle_since; /* ns; 0: unknown */
};

/* Sums over CPUs. */
struct balance_sums {
	uint64_t load, util, runnable, capacity;
	unsigned int nr, h_nr;
	unsigned int idle_cpus;
	unsigned int overloaded_cpus; /* with two tasks or more */
};

/* All CPUs, and the sums of each domain, kept up to date. */
struct balance_machine {
	const struct topology *topology;
	struct balance_cpu *cpus;
	struct balance_sums *sums[TOPOLOGY_KINDS]; /* per level and domain; [0] owns the memory */
};

/* All CPUs idle and of full capacity. topology is kept. False: no memory. */
bool balance_machine_init(struct balance_machine *machine, const struct topology *topology);
void balance_machine_fini(struct balance_machine *machine);
/* CPU number cpu is like *now from now on. */
void balance_set_cpu(struct balance_machine *machine, int cpu, const struct balance_cpu *now);
/* The sums of the domain of a level that cpu lies in. */
static inline const struct balance_sums *balance_sums_at(const struct balance_machine *machine,
							 int level, int cpu)
{
	return &machine->sums[level][cpu / machine->topology->levels[level].span];
}

/* How much of the CPU counts as used (cpu_util_cfs). */
static inline uint64_t balance_util(const struct balance_cpu *cpu)
{
	uint64_t util = cpu->util > cpu->util_est ? cpu->util : cpu->util_est;

	return util < BALANCE_CAPACITY ? util : BALANCE_CAPACITY;
}

/* ---- Groups -------------------------------------------------------------------------------- */

/* The state of the CPU that wants work. */
enum balance_idle { BALANCE_BUSY, BALANCE_IDLE, BALANCE_NEWLY_IDLE };

/* How busy a group is; the busier, the greater (group_type). */
enum balance_class {
	BALANCE_HAS_SPARE = 0,
	BALANCE_FULLY_BUSY = 1,
	BALANCE_MISFIT = 2,	 /* a task needs more than what is left of its CPU */
	BALANCE_SMT_BALANCE = 3, /* tasks share a core */
	BALANCE_OVERLOADED = 7,
};

struct balance_group {
	struct balance_sums sums;
	int first; /* CPU */
	int nr_cpus, cores;
	enum balance_class class;
	uint64_t avg_load;    /* load per capacity; 0 for classes that it does not matter for */
	uint64_t misfit_load; /* of the misfit task */
};

/* Class of a group by its sums, without those that depend on single CPUs (group_classify). */
enum balance_class balance_classify(const struct balance_sums *sums, int nr_cpus,
				    int imbalance_pct);

/* ---- One look for a source of work --------------------------------------------------------- */

struct balance_pass {
	const struct balance_machine *machine;
	int level;		  /* number of a level of the topology */
	int dst;		  /* the CPU that wants work */
	enum balance_idle idle;	  /* its state */
	const uint64_t *excluded; /* bitmap of CPUs that nothing can be had from, or NULL */
};

enum balance_migration { BALANCE_LOAD, BALANCE_UTIL, BALANCE_TASK };

struct balance_source {
	int group;			  /* first CPU of the group to take from, -1: balanced */
	enum balance_migration migration; /* what imbalance counts */
	int64_t imbalance;
};

/* The group that begins with CPU first, seen from pass->dst (update_sg_lb_stats). */
struct balance_group balance_group_at(const struct balance_pass *pass, int first);
/* First CPU of the group after the one at first, around the domain. */
int balance_next_group(const struct balance_pass *pass, int first);
/* sched_balance_find_src_group() */
struct balance_source balance_find_source(const struct balance_pass *pass);
/* CPU to take from, -1 if none fits (sched_balance_find_src_rq). source->group is not -1. */
int balance_find_queue(const struct balance_pass *pass, const struct balance_source *source);
/*
 * pass->dst is the one CPU of its group that looks for work on this level: the first idle one of a
 * core without work, else the first idle one, else the first (should_we_balance). Not for newly
 * idle CPUs.
 */
bool balance_is_chosen(const struct balance_pass *pass);

/*
 * A task of size, in what source->imbalance counts, is moved: counted there if it is not too much
 * for it. Whoever has failed before is content with more than it asked for (detach_tasks).
 */
bool balance_fits(struct balance_source *source, uint64_t size, unsigned int nr_failed);
/*
 * The next interval on a level whose domains have span CPUs after a pass that found nothing to do;
 * all_pinned: but tasks that are bound elsewhere.
 */
int balance_longer_interval(int interval_ms, int span, bool all_pinned);

/* ---- Is it worth a look? (balance_newidle.c) ----------------------------------------------- */

/* A CPU that is idle for longer on average counts as one that is for so long. */
#define BALANCE_LONGEST_IDLE_NS INT64_C(1000000)

/* How a newly idle CPU fares on one level: its looks in the present window, and how many pay. */
struct balance_newidle {
	uint32_t calls, successes;
	uint32_t ratio;	      /* chance of a look, in 1/1024 */
	int64_t window_start; /* ns */
};

/* At now, of a CPU of which nothing is known. */
struct balance_newidle balance_newidle_start(int64_t now);
/* Throw dice, 0..1023: true if the CPU is to look now; else that counts as a look in vain. */
bool balance_newidle_try(struct balance_newidle *tries, uint32_t dice, int64_t now);
/* The look is over; success: it got a task (update_newidle_stats). */
void balance_newidle_end(struct balance_newidle *tries, bool success, int64_t now);
/* What a look of cpu on a level takes, ns. */
int64_t balance_newidle_cost(const struct topology *topology, int level, int cpu);
/* How long a CPU is idle, now that it was for sample ns (update_avg, rq->avg_idle). */
int64_t balance_average_idle(int64_t average, int64_t sample);

/* ---- Other numbers ------------------------------------------------------------------------- */

/*
 * How many CPUs of a last-level cache of nr_cpus CPUs that are used by util in all a wake-up may
 * look at for an idle one (update_idle_cpu_scan).
 */
int balance_nr_idle_scan(uint64_t util, int nr_cpus, int imbalance_pct);
/*
 * Ticks between two passes of one CPU on a level whose interval is interval_ms at present; nr_cpus:
 * of the machine (get_sd_balance_interval).
 */
int64_t balance_interval_ticks(int interval_ms, bool busy, int hz, int nr_cpus);

#endif
