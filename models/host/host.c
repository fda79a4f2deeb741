/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host as a whole: its CPUs and caches, task groups, and tasks before they run. */
#include <stdlib.h>
#include <string.h>

#include "models/host/cosched_internal.h"
#include "sim/base/stride.h"

/* Up to so many CPUs, all parts of a group are allocated before the clock starts. */
#define MAX_CPUS_ALLOCATED_AHEAD 64

/* ---- Set-up ------------------------------------------------------------------------------ */

static const enum eevdf_weight_source weight_sources[] = {
	[HOST_WEIGHTS_INSTANTANEOUS] = EEVDF_WEIGHT_INSTANTANEOUS,
	[HOST_WEIGHTS_PELT] = EEVDF_WEIGHT_PELT,
	[HOST_WEIGHTS_FIXED] = EEVDF_WEIGHT_FIXED,
};

static struct eevdf_config scheduler_config(const struct host_config *config)
{
	struct eevdf_config eevdf = eevdf_default_config((int)config->cpus, host_config_hz(config));

	if (config->base_slice_ns)
		eevdf.base_slice_ns = (uint64_t)config->base_slice_ns;
	if (!config->hrtick)
		eevdf.features &= ~(uint32_t)EEVDF_HRTICK;
	eevdf.lazy_preemption = config->preempt == HOST_PREEMPT_LAZY;
	eevdf.weight_source = weight_sources[config->group_weights];
	return eevdf;
}

static void init_cpus(struct host *host, size_t policy_bytes)
{
	int per_llc = host->topology.llc;

	for (int i = 0; i < host->nr_llcs; i++) {
		int first = i * per_llc;
		int left = host->nr_cpus - first;
		int nr_cpus = left < per_llc ? left : per_llc;

		host->llcs[i] = (struct host_llc){first, nr_cpus, .nr_idle_scan = nr_cpus,
						  .idle_cores = host->config.smt > 1};
	}
	for (int i = 0; i < host->nr_cpus; i++) {
		struct pcpu *cpu = &host->cpus[i];

		cpu->llc = &host->llcs[i / per_llc];
		pcpu_init(cpu, host, i);
		pcpu_init_schedule(cpu);
		newidle_init(cpu);
		balancer_init(cpu);
		host_cosched_init_cpu(cpu);
		bitmap_set(host->idle_cpus, i, true);
		if (policy_bytes)
			cpu->sched_policy_private =
				(char *)host->policy_memory + policy_bytes * (size_t)i;
	}
}

enum oversub_status host_init(struct host *host, struct sim_engine *engine,
			      const struct host_config *config,
			      const struct oversub_sched_policy *policy, const void *policy_params,
			      uint64_t seed, uint32_t replication, struct oversub_error *error)
{
	size_t policy_bytes = stride_of(policy->rq_private_size);
	size_t words = (size_t)bitmap_words((int)config->cpus);
	size_t cpus = (size_t)config->cpus;
	enum oversub_status status = host_config_check(config, error);

	if (status != OVERSUB_OK)
		return status;
	*host = (struct host){
		.engine = engine,
		.config = *config,
		.eevdf = scheduler_config(config),
		.nr_cpus = (int)config->cpus,
		.sched_policy = policy,
		.sched_policy_params = policy_params,
		.next_pid = 1,
		.seed = seed,
		.replication = replication,
	};
	topology_init(&host->topology, host_config_sizes(config));
	host->nr_llcs = (host->nr_cpus + host->topology.llc - 1) / host->topology.llc;
	host->cpus = calloc(cpus, sizeof(*host->cpus));
	host->llcs = calloc((size_t)host->nr_llcs, sizeof(*host->llcs));
	host->idle_cpus = calloc(words, sizeof(*host->idle_cpus));
	host->overloaded_cpus = calloc(words, sizeof(*host->overloaded_cpus));
	host->stale_cpus = calloc(words, sizeof(*host->stale_cpus));
	if (policy_bytes)
		host->policy_memory = calloc(cpus, policy_bytes);
	if (!host->cpus || !host->llcs || !host->idle_cpus || !host->overloaded_cpus ||
	    !host->stale_cpus || !balance_machine_init(&host->machine, &host->topology) ||
	    (policy_bytes && !host->policy_memory)) {
		host_fini(host);
		return oversub_fail(error, OVERSUB_FAILED, "no memory for a host of %d CPUs",
				    (int)config->cpus);
	}
	sim_stream_init(&host->newidle_dice, seed, replication, "host", "newidle");
	init_cpus(host, policy_bytes);
	return OVERSUB_OK;
}

void host_fini(struct host *host)
{
	host_cosched_fini(host);
	host_groups_fini(host);
	free(host->settling);
	balance_machine_fini(&host->machine);
	free(host->policy_memory);
	free(host->stale_cpus);
	free(host->overloaded_cpus);
	free(host->idle_cpus);
	free(host->llcs);
	free(host->cpus);
	host->cpus = NULL;
	host->settling = NULL;
}

/* ---- Tasks ------------------------------------------------------------------------------- */

static bool allocate_group_parts(const struct host_task *task)
{
	struct host *host = task->host;

	if (!task->group || task->nr_allowed > MAX_CPUS_ALLOCATED_AHEAD)
		return true;
	for (int i = 0; i < host->nr_cpus; i++) {
		if (host_task_allows(task, i) && !eevdf_group_part(task->group, &host->cpus[i].rq))
			return false;
	}
	return true;
}

bool host_task_init(struct host_task *task, struct host *host, const struct host_task_ops *ops,
		    const char *comm, struct eevdf_group *group, const uint64_t *cpus, int nice,
		    int64_t slice_ns)
{
	int first = cpus ? bitmap_first(cpus, NULL, 0, host->nr_cpus) : 0;

	*task = (struct host_task){
		.ops = ops,
		.host = host,
		.cpu = &host->cpus[first],
		.state = TASK_NEW,
		.comm = comm,
		.pid = host->next_pid++,
		.vm = -1,
		.cpus = cpus,
		.group = group,
		.off_since = HOST_LONG_AGO,
		.moved_at = HOST_LONG_AGO,
		.speed = HOST_FULL_SPEED,
		.recent_used_cpu = first,
		.nr_allowed = bitmap_weight(cpus, 0, host->nr_cpus),
		.ran_on = -1,
	};
	eevdf_task_init(&task->se, nice, EEVDF_NORMAL, (uint64_t)slice_ns);
	return allocate_group_parts(task) && eevdf_task_set_rq(&task->se, group, &task->cpu->rq);
}

/* ---- Statistics -------------------------------------------------------------------------- */

void host_account(struct host *host)
{
	for (int i = 0; i < host->nr_cpus; i++)
		pcpu_account(&host->cpus[i]);
}

void host_reset_stats(struct host *host)
{
	host_account(host);
	host_reset_group_stats(host);
	memset(&host->stats, 0, sizeof(host->stats));
	for (int i = 0; i < host->nr_cpus; i++)
		memset(&host->cpus[i].stats, 0, sizeof(host->cpus[i].stats));
}
