/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/host/cgroup.h"

#include <stdlib.h>

#include "models/sched/eevdf_bandwidth.h"
#include "models/host/host_internal.h"

#define MS	     INT64_C(1000000)
#define S	     INT64_C(1000000000)

#define MIN_QUOTA_NS MS /* min_cfs_quota_period */

const struct oversub_param host_cpu_max_params[] = {
	{.name = "quota",
	 .type = OVERSUB_PARAM_DURATION,
	 .offset = offsetof(struct host_cpu_max, quota_ns),
	 .unit = "ns",
	 .def = 0,
	 .min = 0,
	 .max = 10000 * S,
	 .help = "CPU time of the group in each period, on all CPUs together; 0 means no limit, "
		 "else 1ms or more."},
	{.name = "period",
	 .type = OVERSUB_PARAM_DURATION,
	 .offset = offsetof(struct host_cpu_max, period_ns),
	 .unit = "ns",
	 .def = BANDWIDTH_PERIOD_DEFAULT_NS,
	 .min = MS,
	 .max = S,
	 .help = "How often the quota is granted."},
	{.name = "burst",
	 .type = OVERSUB_PARAM_DURATION,
	 .offset = offsetof(struct host_cpu_max, burst_ns),
	 .unit = "ns",
	 .def = 0,
	 .min = 0,
	 .max = 10000 * S,
	 .help = "Quota that may be kept for later periods (cpu.max.burst); at most the quota."},
	OVERSUB_PARAM_END,
};

const char *host_cpu_max_error(const struct host_cpu_max *max, const char **key)
{
	*key = "quota";
	if (max->quota_ns && max->quota_ns < MIN_QUOTA_NS)
		return "below 1ms, the least that the kernel accepts; 0 means no limit";
	*key = "burst";
	if (max->burst_ns > max->quota_ns)
		return "above quota";
	return NULL;
}

/* ---- Timers ------------------------------------------------------------------------------ */

static void timer_fires(struct sim_engine *engine, struct sim_event *event)
{
	struct host_bandwidth_timer *timer =
		container_of(event, struct host_bandwidth_timer, event);
	struct pcpu *cpu = timer->cpu;

	timer->due = true;
	timer->next_due = cpu->due_timers;
	cpu->due_timers = timer;
	pcpu_interrupt(cpu, PCPU_BANDWIDTH);
}

/* ---- Unthrottling ------------------------------------------------------------------------ */

/* Tasks that go on are queued again; their time is accounted differently from here on. */
static void tell_unparked(struct pcpu *cpu)
{
	struct eevdf_entity *entity = cpu->rq.unparked_first;

	cpu->rq.unparked_first = NULL;
	while (entity) {
		struct host_task *task = host_task_of(entity);

		entity = entity->limbo_next;
		host_link_to_front(&cpu->tasks, &task->link);
		host_trace(cpu, cpu->curr, unthrottle, .comm = task->comm, .pid = task->pid,
			   .target_cpu = cpu->index);
		if (task->ops->unthrottled)
			task->ops->unthrottled(task);
	}
}

void host_unthrottle(struct pcpu *cpu)
{
	cpu->unthrottle_sent = false;
	eevdf_unthrottle(&cpu->rq, (uint64_t)host_now(cpu->host));
	tell_unparked(cpu);
}

/* What a timer of group did to queues of other CPUs. */
static void after_distribution(const struct host_group *group, const struct pcpu *here)
{
	for (int i = 0; i < group->group.nr_parts; i++) {
		const struct eevdf_queue *queue = &group->group.parts[i]->queue;
		struct pcpu *cpu = &group->host->cpus[queue->rq->cpu];

		if (cpu != here && (cpu->rq.unthrottling_first || queue->curr))
			pcpu_after_operation(cpu, true);
	}
}

void host_handle_bandwidth_timers(struct pcpu *cpu)
{
	uint64_t now = (uint64_t)host_now(cpu->host);
	struct host_bandwidth_timer *timer;

	while ((timer = cpu->due_timers)) {
		struct host_group *group = timer->group;

		cpu->due_timers = timer->next_due;
		timer->due = false;
		if (timer == &group->period)
			eevdf_period_timer(&group->group, &cpu->rq, now);
		else
			eevdf_slack_timer(&group->group, &cpu->rq, now);
		tell_unparked(cpu);
		after_distribution(group, cpu);
		host_follow_timers(group, cpu);
	}
}

/* ---- Groups ------------------------------------------------------------------------------ */

static void init_timer(struct host_bandwidth_timer *timer, struct host_group *group, uint32_t owner)
{
	timer->group = group;
	timer->due = false;
	sim_event_init(&timer->event, SIM_RANK_TIMER, owner, timer_fires);
}

struct eevdf_group *host_group(struct host *host, struct eevdf_group *parent, int64_t cpu_weight)
{
	struct host_group *group = calloc(1, sizeof(*group));
	uint32_t owner = host->nr_groups;

	if (!group)
		return NULL;
	eevdf_group_init(&group->group, parent,
			 eevdf_shares_from_cpu_weight((unsigned int)cpu_weight));
	group->host = host;
	init_timer(&group->period, group, owner);
	init_timer(&group->slack, group, owner);
	group->next = host->groups;
	host->groups = group;
	host->nr_groups++;
	return &group->group;
}

bool host_make_cgroups(struct host *host, const struct host_cgroup *list, int nr)
{
	host->cgroups = calloc((size_t)nr + 1, sizeof(struct eevdf_group *));
	if (!host->cgroups)
		return false;
	for (int i = 0; i < nr; i++) {
		struct eevdf_group *group =
			host_group(host, host->cgroups[list[i].parent], list[i].cpu_weight);

		if (!group)
			return false;
		host_group_limit(group, &list[i].cpu_max, list[i].path);
		host->cgroups[i + 1] = group;
	}
	return true;
}

struct eevdf_group *host_cgroup(const struct host *host, int number)
{
	return number ? host->cgroups[number] : NULL;
}

void host_groups_fini(struct host *host)
{
	free(host->cgroups);
	host->cgroups = NULL;
	/* The youngest first: children before their parents. */
	while (host->groups) {
		struct host_group *group = host->groups;

		host->groups = group->next;
		eevdf_group_destroy(&group->group);
		free(group);
	}
}

void host_group_limit(struct eevdf_group *group, const struct host_cpu_max *max, const char *name)
{
	struct host_group *owner = container_of(group, struct host_group, group);
	struct host *host = owner->host;
	struct sim_stream stream;
	struct pcpu *cpu;

	if (!max->quota_ns)
		return;
	host->nr_limited++;
	sim_stream_init(&stream, host->seed, host->replication, name, "cpu.max");
	bandwidth_init(&group->bandwidth,
		       host_now(host) +
			       (int64_t)sim_stream_below(&stream, (uint64_t)max->period_ns));
	/* Whoever writes cpu.max runs anywhere, and starts the timer there. */
	cpu = &host->cpus[sim_stream_below(&stream, (uint64_t)host->nr_cpus)];
	eevdf_set_bandwidth(group, max->period_ns, max->quota_ns, max->burst_ns,
			    (uint64_t)host_now(host));
	host_follow_timers(owner, cpu);
}

/* ---- Statistics -------------------------------------------------------------------------- */

static struct host_group_stats counted(const struct host_group *group)
{
	const struct bandwidth_pool *pool = &group->group.bandwidth;
	uint64_t usage = 0;

	for (int i = 0; i < group->group.nr_parts; i++)
		usage += group->group.parts[i]->entity.sum_exec;

	return (struct host_group_stats){
		.usage_ns = usage,
		.nr_periods = pool->nr_periods,
		.nr_throttled = pool->nr_throttled,
		.nr_bursts = pool->nr_burst,
		.throttled_ns = pool->throttled_time,
	};
}

const struct host_group_stats *host_group_stats(struct eevdf_group *group)
{
	struct host_group *owner = container_of(group, struct host_group, group);

	owner->stats = counted(owner);
	owner->stats.usage_ns -= owner->before.usage_ns;
	owner->stats.nr_periods -= owner->before.nr_periods;
	owner->stats.nr_throttled -= owner->before.nr_throttled;
	owner->stats.nr_bursts -= owner->before.nr_bursts;
	owner->stats.throttled_ns -= owner->before.throttled_ns;
	return &owner->stats;
}

void host_reset_group_stats(struct host *host)
{
	for (struct host_group *group = host->groups; group; group = group->next)
		group->before = counted(group);
}
