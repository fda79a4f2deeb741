/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a CPU that runs dry should look for work on a level: it should be idle for longer than
 * the look takes, and looks should have paid before. What a look takes is fixed; the kernel
 * measures it.
 */
#include "models/sched/balance.h"

#define PASS_COST_NS	  1000
#define PASS_COST_PER_CPU 100
#define WINDOW_CALLS	  1024 /* counters are halved then */

struct balance_newidle balance_newidle_start(int64_t now)
{
	return (struct balance_newidle){
		.calls = WINDOW_CALLS / 2,
		.successes = WINDOW_CALLS / 4,
		.ratio = WINDOW_CALLS / 2,
		.window_start = now,
	};
}

/* success counts for several, or is 0. */
static void count(struct balance_newidle *tries, uint32_t success, int64_t now)
{
	int64_t ratio;

	tries->calls++;
	tries->successes += success;
	if (tries->calls < WINDOW_CALLS)
		return;
	/* NI_RATE: where calls are rare they cost little. */
	ratio = ((now - tries->window_start) >> 22) + tries->successes;
	tries->ratio = ratio < 1024 ? (uint32_t)ratio : 1024;
	tries->window_start = now;
	tries->calls /= 2;
	tries->successes /= 2;
}

static uint32_t chance(const struct balance_newidle *tries)
{
	return 1 + tries->ratio;
}

bool balance_newidle_try(struct balance_newidle *tries, uint32_t dice, int64_t now)
{
	if (dice <= chance(tries))
		return true;
	count(tries, 0, now);
	return false;
}

void balance_newidle_end(struct balance_newidle *tries, bool success, int64_t now)
{
	uint32_t weight = (1024 + chance(tries) / 2) / chance(tries);

	count(tries, success ? weight : 0, now);
}

int64_t balance_newidle_cost(const struct topology *topology, int level, int cpu)
{
	int span = topology->levels[level].span;

	return PASS_COST_NS + (int64_t)PASS_COST_PER_CPU * (topology_end(topology, cpu, span) -
							    topology_first(cpu, span));
}

int64_t balance_average_idle(int64_t average, int64_t sample)
{
	average += (sample - average) / 8;
	return average < BALANCE_LONGEST_IDLE_NS ? average : BALANCE_LONGEST_IDLE_NS;
}
