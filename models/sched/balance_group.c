/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the balancer knows of CPUs and groups of them. */
#include <stddef.h>
#include <stdlib.h>

#include "models/sched/balance.h"
#include "sim/base/bitmap.h"

/* ---- Sums ---------------------------------------------------------------------------------- */

static void add(struct balance_sums *sums, const struct balance_cpu *cpu)
{
	sums->load += cpu->load;
	sums->util += balance_util(cpu);
	sums->runnable += cpu->runnable;
	sums->capacity += cpu->capacity;
	sums->nr += cpu->nr;
	sums->h_nr += cpu->h_nr;
	sums->idle_cpus += cpu->idle;
	sums->overloaded_cpus += cpu->nr > 1;
}

static void subtract(struct balance_sums *sums, const struct balance_cpu *cpu)
{
	sums->load -= cpu->load;
	sums->util -= balance_util(cpu);
	sums->runnable -= cpu->runnable;
	sums->capacity -= cpu->capacity;
	sums->nr -= cpu->nr;
	sums->h_nr -= cpu->h_nr;
	sums->idle_cpus -= cpu->idle;
	sums->overloaded_cpus -= cpu->nr > 1;
}

static size_t nr_domains(const struct topology *topology, int level)
{
	int span = topology->levels[level].span;

	return (size_t)((topology->nr_cpus + span - 1) / span);
}

bool balance_machine_init(struct balance_machine *machine, const struct topology *topology)
{
	const struct balance_cpu idle = {.capacity = BALANCE_CAPACITY, .idle = true};
	struct balance_sums *sums;
	size_t total = 0;

	for (int i = 0; i < topology->nr_levels; i++)
		total += nr_domains(topology, i);
	*machine = (struct balance_machine){.topology = topology};
	machine->cpus = calloc((size_t)topology->nr_cpus, sizeof(*machine->cpus));
	sums = calloc(total + 1, sizeof(*sums));
	machine->sums[0] = sums;
	if (!machine->cpus || !sums) {
		balance_machine_fini(machine);
		return false;
	}
	for (int i = 0; i < topology->nr_levels; i++) {
		machine->sums[i] = sums;
		sums += nr_domains(topology, i);
	}
	for (int i = 0; i < topology->nr_cpus; i++)
		balance_set_cpu(machine, i, &idle);
	return true;
}

void balance_machine_fini(struct balance_machine *machine)
{
	free(machine->cpus);
	free(machine->sums[0]);
	*machine = (struct balance_machine){0};
}

void balance_set_cpu(struct balance_machine *machine, int cpu, const struct balance_cpu *now)
{
	const struct topology *topology = machine->topology;

	for (int i = 0; i < topology->nr_levels; i++) {
		struct balance_sums *sums = &machine->sums[i][cpu / topology->levels[i].span];

		subtract(sums, &machine->cpus[cpu]);
		add(sums, now);
	}
	machine->cpus[cpu] = *now;
}

/* ---- Groups -------------------------------------------------------------------------------- */

enum balance_class balance_classify(const struct balance_sums *sums, int nr_cpus, int imbalance_pct)
{
	uint64_t pct = (uint64_t)imbalance_pct;
	bool much_used = sums->capacity * 100 < sums->util * pct;
	bool much_wanted = sums->capacity * pct < sums->runnable * 100;

	if (sums->nr > (unsigned int)nr_cpus && (much_used || much_wanted))
		return BALANCE_OVERLOADED;
	if (sums->nr < (unsigned int)nr_cpus)
		return BALANCE_HAS_SPARE;
	if (!much_wanted && sums->capacity * 100 > sums->util * pct)
		return BALANCE_HAS_SPARE;
	return BALANCE_FULLY_BUSY;
}

static struct balance_sums sums_of(const struct balance_pass *pass, int first, int end)
{
	const struct balance_machine *machine = pass->machine;
	struct balance_sums sums = {0};

	if (pass->level > 0) {
		sums = *balance_sums_at(machine, pass->level - 1, first);
	} else {
		add(&sums, &machine->cpus[first]);
	}
	if (!pass->excluded)
		return sums;
	for (int i = first; i < end; i++) {
		if (bitmap_test(pass->excluded, i)) {
			subtract(&sums, &machine->cpus[i]);
			/* The group is as large as before. */
			sums.capacity += machine->cpus[i].capacity;
		}
	}
	return sums;
}

/* The greatest load of a task that is alone on a CPU with little left for it; 0: there is none. */
static uint64_t misfit_load(const struct balance_pass *pass, int first, int end)
{
	uint64_t pct = (uint64_t)pass->machine->topology->levels[pass->level].imbalance_pct;
	uint64_t most = 0;

	for (int i = first; i < end; i++) {
		const struct balance_cpu *cpu = &pass->machine->cpus[i];

		if (!cpu->idle && cpu->h_nr == 1 && cpu->capacity * pct < BALANCE_CAPACITY * 100 &&
		    cpu->load > most)
			most = cpu->load;
	}
	return most;
}

struct balance_group balance_group_at(const struct balance_pass *pass, int first)
{
	const struct topology *topology = pass->machine->topology;
	const struct topology_level *level = &topology->levels[pass->level];
	int end = topology_end(topology, first, level->group);
	bool local = pass->dst >= first && pass->dst < end;
	struct balance_group group = {
		.sums = sums_of(pass, first, end),
		.first = first,
		.nr_cpus = end - first,
		.cores = (end - first + topology->smt - 1) / topology->smt,
	};

	group.class = balance_classify(&group.sums, group.nr_cpus, level->imbalance_pct);
	if (group.class == BALANCE_OVERLOADED) {
		group.avg_load = group.sums.load * BALANCE_CAPACITY / group.sums.capacity;
		return group;
	}
	if (local || pass->idle == BALANCE_BUSY)
		return group;
	if (group.sums.capacity < (uint64_t)group.nr_cpus * BALANCE_CAPACITY)
		group.misfit_load = misfit_load(pass, first, end);
	if (level->smt_groups && group.sums.h_nr > 1)
		group.class = BALANCE_SMT_BALANCE;
	else if (group.misfit_load)
		group.class = BALANCE_MISFIT;
	return group;
}

int balance_next_group(const struct balance_pass *pass, int first)
{
	const struct topology *topology = pass->machine->topology;
	const struct topology_level *level = &topology->levels[pass->level];
	int next = first + level->group;

	return next < topology_end(topology, first, level->span)
		       ? next
		       : topology_first(first, level->span);
}
