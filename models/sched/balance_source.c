/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where to take work from, and how much. */
#include <stddef.h>

#include "models/sched/balance.h"
#include "sim/base/bitmap.h"

/* A difference of so many tasks between two nodes is left alone while they have few. */
#define NUMA_IMBALANCE_MIN 2
/* Between passes that find nothing but bound tasks. */
#define MAX_PINNED_MS 512

static inline const struct topology_level *level_of(const struct balance_pass *pass)
{
	return &pass->machine->topology->levels[pass->level];
}

static inline uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* ---- The busiest group --------------------------------------------------------------------- */

static bool has_fewer_idle(const struct balance_group *group, const struct balance_group *than)
{
	if (group->sums.idle_cpus != than->sums.idle_cpus)
		return group->sums.idle_cpus < than->sums.idle_cpus;
	return group->sums.nr > than->sums.nr;
}

/* group rather than busiest (update_sd_pick_busiest). */
static bool is_busier(const struct balance_pass *pass, const struct balance_group *group,
		      const struct balance_group *busiest)
{
	bool last_of_equals = !level_of(pass)->smt_groups;

	if (!group->sums.h_nr)
		return false;
	if (group->class != busiest->class)
		return group->class > busiest->class;
	switch (group->class) {
	case BALANCE_OVERLOADED: return group->avg_load > busiest->avg_load;
	case BALANCE_MISFIT: return group->misfit_load > busiest->misfit_load;
	case BALANCE_SMT_BALANCE:
		if (group->sums.idle_cpus || busiest->sums.idle_cpus)
			return has_fewer_idle(group, busiest);
		return last_of_equals;
	case BALANCE_FULLY_BUSY: return last_of_equals;
	case BALANCE_HAS_SPARE: break;
	}
	return has_fewer_idle(group, busiest);
}

/* ---- Balanced or not ----------------------------------------------------------------------- */

struct domain {
	struct balance_group local, busiest;
	uint64_t avg_load; /* of all groups */
};

/* How many tasks more the busiest group has, cores compared with cores (sibling_imbalance). */
static int64_t more_tasks(const struct balance_pass *pass, const struct domain *domain)
{
	int64_t local_cores = domain->local.cores;
	int64_t busiest_cores = domain->busiest.cores;
	int64_t local_nr = domain->local.sums.nr;
	int64_t busiest_nr = domain->busiest.sums.nr;
	int64_t more;

	if (pass->idle == BALANCE_BUSY || !busiest_nr)
		return 0;
	if (local_cores == busiest_cores)
		return busiest_nr > local_nr ? busiest_nr - local_nr : 0;
	more = local_cores * busiest_nr - busiest_cores * local_nr;
	if (more < 0)
		more = 0;
	more = (2 * more + local_cores + busiest_cores) / (local_cores + busiest_cores);
	return more <= 1 && !local_nr && busiest_nr > 1 ? 2 : more;
}

/* Both overloaded: is the local group far enough below the busiest and the average? */
static bool is_less_loaded(const struct balance_pass *pass, const struct domain *domain)
{
	uint64_t local = domain->local.avg_load;
	uint64_t busiest = domain->busiest.avg_load;

	return local < busiest && local < domain->avg_load &&
	       100 * busiest > (uint64_t)level_of(pass)->imbalance_pct * local;
}

/* The domain is out of balance, in a way that dst can do something about. */
static bool is_imbalanced(const struct balance_pass *pass, const struct domain *domain)
{
	const struct balance_group *local = &domain->local;
	const struct balance_group *busiest = &domain->busiest;

	if (busiest->class == BALANCE_MISFIT)
		return true;
	if (local->class > busiest->class)
		return false;
	if (local->class == BALANCE_OVERLOADED && !is_less_loaded(pass, domain))
		return false;
	if (level_of(pass)->prefer_sibling && local->class == BALANCE_HAS_SPARE &&
	    more_tasks(pass, domain) > 1)
		return true;
	if (busiest->class == BALANCE_OVERLOADED)
		return true;
	if (pass->idle == BALANCE_BUSY)
		return false;
	if (busiest->nr_cpus > 1 && local->sums.idle_cpus <= busiest->sums.idle_cpus + 1)
		return false;
	return busiest->sums.h_nr != 1;
}

/* ---- How much ------------------------------------------------------------------------------ */

/* The local group has CPUs to spare: some tasks of the busiest. */
static struct balance_source tasks_to_spread(const struct balance_pass *pass,
					     const struct domain *domain)
{
	const struct balance_group *local = &domain->local;
	const struct balance_group *busiest = &domain->busiest;
	const struct topology *topology = pass->machine->topology;
	int64_t more;

	if (busiest->nr_cpus == 1 || level_of(pass)->prefer_sibling)
		more = more_tasks(pass, domain);
	else
		/* The kernel's difference is unsigned. */
		more = (uint32_t)(local->sums.idle_cpus - busiest->sums.idle_cpus);
	if (level_of(pass)->kind == TOPOLOGY_NUMA) {
		more = (int32_t)more;
		if (local->sums.nr + 1 <= (unsigned int)topology->imb_numa_nr &&
		    more <= NUMA_IMBALANCE_MIN)
			more = 0;
	}
	return (struct balance_source){busiest->first, BALANCE_TASK, more >> 1};
}

static struct balance_source room_to_fill(const struct balance_pass *pass,
					  const struct domain *domain)
{
	const struct balance_sums *local = &domain->local.sums;
	uint64_t room = local->capacity > local->util ? local->capacity - local->util : 0;

	if (!room && pass->idle != BALANCE_BUSY)
		return (struct balance_source){domain->busiest.first, BALANCE_TASK, 1};
	return (struct balance_source){domain->busiest.first, BALANCE_UTIL, (int64_t)room};
}

/* So much that neither the busiest nor the local group crosses the average. */
static struct balance_source load_to_even_out(struct domain *domain)
{
	struct balance_group *local = &domain->local;
	const struct balance_group *busiest = &domain->busiest;
	struct balance_source source = {busiest->first, BALANCE_LOAD, 0};

	if (local->class < BALANCE_OVERLOADED) {
		local->avg_load = local->sums.load * BALANCE_CAPACITY / local->sums.capacity;
		if (local->avg_load >= busiest->avg_load || local->avg_load >= domain->avg_load)
			return source;
	}
	source.imbalance =
		(int64_t)(smaller((busiest->avg_load - domain->avg_load) * busiest->sums.capacity,
				  (domain->avg_load - local->avg_load) * local->sums.capacity) /
			  BALANCE_CAPACITY);
	return source;
}

/* calculate_imbalance() */
static struct balance_source how_much(const struct balance_pass *pass, struct domain *domain)
{
	const struct balance_group *busiest = &domain->busiest;

	if (busiest->class == BALANCE_MISFIT)
		return (struct balance_source){busiest->first, BALANCE_LOAD,
					       (int64_t)busiest->misfit_load};
	if (busiest->class == BALANCE_SMT_BALANCE)
		return (struct balance_source){busiest->first, BALANCE_TASK, 1};
	if (domain->local.class != BALANCE_HAS_SPARE)
		return load_to_even_out(domain);
	if (busiest->class > BALANCE_FULLY_BUSY && !level_of(pass)->shares_llc)
		return room_to_fill(pass, domain);
	return tasks_to_spread(pass, domain);
}

struct balance_source balance_find_source(const struct balance_pass *pass)
{
	int local = topology_first(pass->dst, level_of(pass)->group);
	struct domain domain = {.busiest = {.first = -1, .sums.idle_cpus = UINT32_MAX}};
	uint64_t load, capacity;
	struct balance_source source;

	domain.local = balance_group_at(pass, local);
	load = domain.local.sums.load;
	capacity = domain.local.sums.capacity;
	for (int i = balance_next_group(pass, local); i != local; i = balance_next_group(pass, i)) {
		struct balance_group group = balance_group_at(pass, i);

		load += group.sums.load;
		capacity += group.sums.capacity;
		if (is_busier(pass, &group, &domain.busiest))
			domain.busiest = group;
	}
	domain.avg_load = load * BALANCE_CAPACITY / capacity;
	if (domain.busiest.first < 0 || !is_imbalanced(pass, &domain))
		return (struct balance_source){.group = -1};
	source = how_much(pass, &domain);
	if (!source.imbalance)
		source.group = -1;
	return source;
}

/* ---- The busiest CPU of a group ------------------------------------------------------------ */

struct candidate {
	uint64_t value, per; /* a fraction */
};

static struct candidate value_of(const struct balance_pass *pass,
				 const struct balance_source *source, const struct balance_cpu *cpu)
{
	const struct candidate none = {0, 1};
	uint64_t pct = (uint64_t)level_of(pass)->imbalance_pct;
	uint64_t util;

	switch (source->migration) {
	case BALANCE_LOAD:
		/* Its only task would be too much, and has all of a CPU. */
		if (cpu->h_nr == 1 && cpu->load > (uint64_t)source->imbalance &&
		    cpu->capacity * pct >= BALANCE_CAPACITY * 100)
			return none;
		return (struct candidate){cpu->load, cpu->capacity};
	case BALANCE_UTIL:
		if (cpu->h_nr <= 1)
			return none;
		util = balance_util(cpu);
		if (cpu->runnable > util)
			util = smaller(cpu->runnable, BALANCE_CAPACITY);
		return (struct candidate){util, 1};
	case BALANCE_TASK: return (struct candidate){cpu->h_nr, 1};
	}
	return none;
}

int balance_find_queue(const struct balance_pass *pass, const struct balance_source *source)
{
	const struct topology *topology = pass->machine->topology;
	int end = topology_end(topology, source->group, level_of(pass)->group);
	struct candidate most = {0, 1};
	int busiest = -1;

	for (int i = source->group; i < end; i++) {
		const struct balance_cpu *cpu = &pass->machine->cpus[i];
		struct candidate candidate;

		if (!cpu->h_nr || (pass->excluded && bitmap_test(pass->excluded, i)))
			continue;
		candidate = value_of(pass, source, cpu);
		if (candidate.value * most.per > most.value * candidate.per) {
			most = candidate;
			busiest = i;
		}
	}
	return busiest;
}

/* ---- Whose turn it is ---------------------------------------------------------------------- */

static bool core_is_idle(const struct balance_pass *pass, int cpu)
{
	const struct topology *topology = pass->machine->topology;
	int end = topology_end(topology, cpu, topology->smt);

	for (int i = topology_first(cpu, topology->smt); i < end; i++) {
		if (!pass->machine->cpus[i].idle)
			return false;
	}
	return true;
}

bool balance_is_chosen(const struct balance_pass *pass)
{
	const struct topology *topology = pass->machine->topology;
	int first = topology_first(pass->dst, level_of(pass)->group);
	int end = topology_end(topology, first, level_of(pass)->group);
	bool by_core = topology->smt > 1 && level_of(pass)->kind != TOPOLOGY_SMT;
	int first_idle = -1;

	for (int i = first; i < end; i++) {
		if (!pass->machine->cpus[i].idle)
			continue;
		if (!by_core || core_is_idle(pass, i))
			return i == pass->dst;
		if (first_idle < 0)
			first_idle = i;
	}
	return pass->dst == (first_idle < 0 ? first : first_idle);
}

/* ---- Moving -------------------------------------------------------------------------------- */

bool balance_fits(struct balance_source *source, uint64_t size, unsigned int nr_failed)
{
	unsigned int shift = nr_failed < 63 ? nr_failed : 63;

	if (source->migration == BALANCE_TASK)
		size = 1;
	else if ((int64_t)(size >> shift) > source->imbalance)
		return false;
	source->imbalance -= (int64_t)(size ? size : 1);
	return true;
}

int balance_longer_interval(int interval_ms, int span, bool all_pinned)
{
	int longest = 2 * span;

	if (all_pinned && longest < MAX_PINNED_MS)
		longest = MAX_PINNED_MS;
	return interval_ms < longest ? 2 * interval_ms : interval_ms;
}

/* ---- Other numbers ------------------------------------------------------------------------- */

int balance_nr_idle_scan(uint64_t util, int nr_cpus, int imbalance_pct)
{
	uint64_t n = (uint64_t)nr_cpus;
	uint64_t pct = (uint64_t)imbalance_pct;
	uint64_t x = util / n;
	uint64_t used = smaller(BALANCE_CAPACITY, x * x * pct * pct / (10000 * BALANCE_CAPACITY));

	return (int)((BALANCE_CAPACITY - used) * n / BALANCE_CAPACITY);
}

int64_t balance_interval_ticks(int interval_ms, bool busy, int hz, int nr_cpus)
{
	int64_t longest = (int64_t)hz * nr_cpus / 10;
	int64_t ms = busy ? INT64_C(16) * interval_ms : interval_ms;
	/* Part of a tick counts as a tick (msecs_to_jiffies). */
	int64_t ticks = (ms * hz + 999) / 1000;

	/* Not in step with what has a multiple of its interval. */
	if (busy)
		ticks--;
	if (ticks > longest)
		ticks = longest;
	return ticks < 1 ? 1 : ticks;
}
