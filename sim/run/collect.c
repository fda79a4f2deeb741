/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The metrics of a finished run, per entry of "vms" (all its VMs together), for the host, and for
 * host threads. Names, units and meanings are in the tables of metric.h; the order is fixed.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/run/collect.h"
#include "sim/run/entitlement.h"
#include "sim/run/metric.h"
#include "sim/run/world_internal.h"
#include "sim/stats/quantile.h"

void collect_add(struct collection *to, enum metric metric, double value)
{
	result_add(to->result, to->scope, metric_descriptions[metric].name,
		   metric_descriptions[metric].unit, value);
}

static void add_rate(struct collection *to, enum metric metric, double count)
{
	collect_add(to, metric, count / to->elapsed_s);
}

/* One of a family of metrics. */
static void add_member(struct collection *to, enum metric family, int member, double value)
{
	const struct metric_description *metric = &metric_descriptions[family];
	char name[NAME_SIZE];

	result_add(to->result, to->scope,
		   metric_name(metric->name, metric->members[member], name, sizeof(name)),
		   metric->unit, value);
}

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : NAN;
}

/* What a run tells of a latency; NAN where nothing was measured. */
static double latency_value(const struct collection *to, const struct latency_part *part,
			    const struct sim_histogram *histogram)
{
	bool any = histogram->count > 0;

	switch (part->kind) {
	case LATENCY_COUNT: return (double)histogram->count / to->elapsed_s;
	case LATENCY_MEAN: return any ? sim_histogram_mean(histogram) : NAN;
	case LATENCY_PERCENTILE: return sim_quantile_value(histogram, part->percentile);
	case LATENCY_MAX: return any ? (double)histogram->max : NAN;
	}
	return NAN;
}

/* request is the name of a LATENCY_REQUEST, NULL for the others. */
static void add_latency(struct collection *to, enum latency latency, const char *request,
			const struct sim_histogram *histogram)
{
	char name[NAME_SIZE], full[NAME_SIZE + 16];

	metric_name(latency_descriptions[latency].name, request, name, sizeof(name));
	for (int i = 0; i < LATENCY_PARTS; i++) {
		const struct latency_part *part = &latency_parts[i];

		snprintf(full, sizeof(full), "%s.%s", name, part->suffix);
		result_add(to->result, to->scope, full, part->unit,
			   latency_value(to, part, histogram));
	}
	result_add_histogram(to->result, to->scope, name, histogram);
}

/* With the kernel's names of what cpu.stat says of a limited group. */
static void add_cpu_stat(struct collection *to, const struct host_group_stats *stats)
{
	add_rate(to, METRIC_NR_PERIODS, (double)stats->nr_periods);
	add_rate(to, METRIC_NR_THROTTLED, (double)stats->nr_throttled);
	add_rate(to, METRIC_NR_BURSTS, (double)stats->nr_bursts);
	add_rate(to, METRIC_THROTTLED_USEC, (double)stats->throttled_ns / 1e3);
}

static void add_requests(struct collection *to, const struct workload *workload,
			 const struct sim_histogram *requests)
{
	uint64_t finished = 0;

	for (int r = 0; r < workload->nr_requests; r++)
		finished += requests[r].count;
	add_rate(to, METRIC_REQUESTS, (double)finished);
	for (int r = 0; r < workload->nr_requests; r++)
		add_latency(to, LATENCY_REQUEST, workload->requests[r], &requests[r]);
}

/* ---- One class of VMs ----------------------------------------------------------------------- */

/* The counts of all VMs of a class together. */
struct class_totals {
	struct kvm_stats kvm;
	struct sim_histogram *requests; /* per request name */
	struct sim_histogram lock_wait, sync_wait, ipi_response, smp_call, tlb_flush;
	struct guest_stats guest; /* of its fields, those of merge_guest() */
	double time_in[VCPU_TIMES];
	double ipis_avoided, tlb_left_to_host, lock_halts, lock_sleeps, lock_acquired,
		lock_contended;
	double cpu, entitled;
	struct host_group_stats cpu_stat;
	double unfinished; /* waits, and what waits for somebody to take it */
	int64_t oldest;
};

static void merge_hint_counts(struct hint_counts *to, const struct hint_counts *from)
{
	to->exits += from->exits;
	to->had_right += from->had_right;
	to->taken += from->taken;
	to->right += from->right;
}

static void merge_hints(struct hint_stats *to, const struct hint_stats *from)
{
	merge_hint_counts(&to->all, &from->all);
	for (int i = 0; i < VCPU_WAITS; i++)
		merge_hint_counts(&to->by_wait[i], &from->by_wait[i]);
	for (int i = 0; i < CHAIN_ENDS; i++)
		to->ends[i] += from->ends[i];
	for (int i = 0; i < HINT_VERDICTS; i++)
		to->verdicts[i] += from->verdicts[i];
	to->hops += from->hops;
	to->irqs_off += from->irqs_off;
}

static void merge_counts(struct kvm_stats *to, const struct kvm_stats *from)
{
	for (int i = 0; i < EXIT_REASONS; i++)
		to->exits[i] += from->exits[i];
	to->yield.tried += from->yield.tried;
	to->yield.taken += from->yield.taken;
	to->yield.refused += from->yield.refused;
	to->yield.esrch += from->yield.esrch;
	to->yield.honoured += from->yield.honoured;
	to->yield.futile += from->yield.futile;
	to->yield.same_rq += from->yield.same_rq;
	to->yield.cross_rq += from->yield.cross_rq;
	to->yield.for_nothing += from->yield.for_nothing;
	for (int i = 0; i < OVERSUB_REASONS; i++)
		to->taken_by_reason[i] += from->taken_by_reason[i];
	merge_hints(&to->hint, &from->hint);
	to->pv_kicks += from->pv_kicks;
	to->pv_yields_asked += from->pv_yields_asked;
	to->pv_yield.taken += from->pv_yield.taken;
	to->reported_preempted += from->reported_preempted;
	to->ipis_sent += from->ipis_sent;
	to->ipis_unicast += from->ipis_unicast;
	to->ipis_by_hardware += from->ipis_by_hardware;
	to->nmis += from->nmis;
	to->interrupts_injected += from->interrupts_injected;
	to->eois += from->eois;
	sim_histogram_merge(&to->ipi_delivery, &from->ipi_delivery);
	sim_histogram_merge(&to->runqueue_wait, &from->runqueue_wait);
	sim_histogram_merge(&to->wakeup_wait, &from->wakeup_wait);
}

static void merge_cpu_stat(struct host_group_stats *to, const struct eevdf_group *group)
{
	struct host_group_stats stats = host_group_stats(group);

	to->nr_periods += stats.nr_periods;
	to->nr_throttled += stats.nr_throttled;
	to->nr_bursts += stats.nr_bursts;
	to->throttled_ns += stats.throttled_ns;
}

static void merge_guest(struct guest_stats *to, const struct guest_stats *from)
{
	to->wakeups += from->wakeups;
	to->reschedules += from->reschedules;
	to->wake_ipis += from->wake_ipis;
	to->switches += from->switches;
	to->ticks += from->ticks;
	to->polls += from->polls;
	sim_histogram_merge(&to->wakeup_wait, &from->wakeup_wait);
	sim_histogram_merge(&to->tick_delay, &from->tick_delay);
}

static void merge_vm(struct class_totals *to, const struct world_vm *vm, double entitled,
		     int64_t now)
{
	const struct guest *guest = &vm->guest;
	const struct workload_stats *workload = &guest->instance.stats;
	int unfinished;
	int64_t oldest;

	merge_counts(&to->kvm, &vm->kvm.stats);
	for (int r = 0; r < guest->instance.workload->nr_requests; r++)
		sim_histogram_merge(&to->requests[r], &workload->requests[r]);
	sim_histogram_merge(&to->lock_wait, &workload->lock_wait);
	sim_histogram_merge(&to->sync_wait, &workload->sync_wait);
	sim_histogram_merge(&to->ipi_response, &guest->stats.ipi_response);
	sim_histogram_merge(&to->smp_call, &guest->stats.smp_call);
	sim_histogram_merge(&to->tlb_flush, &guest->stats.tlb_flush);
	merge_guest(&to->guest, &guest->stats);
	for (int v = 0; v < vm->kvm.nr_vcpus; v++)
		for (int t = 0; t < VCPU_TIMES; t++)
			to->time_in[t] += (double)vm->kvm.vcpus[v].stats.time_in[t];
	to->ipis_avoided += (double)guest->stats.ipis_avoided;
	to->tlb_left_to_host += (double)guest->stats.tlb_left_to_host;
	to->lock_halts += (double)guest->stats.lock_halts;
	to->lock_sleeps += (double)guest->stats.lock_sleeps;
	to->lock_acquired += (double)workload->lock_acquired;
	to->lock_contended += (double)workload->lock_contended;
	to->cpu += entitlement_cpu_time(&vm->kvm);
	to->entitled += entitled;
	if (vm->kvm.group)
		merge_cpu_stat(&to->cpu_stat, vm->kvm.group);
	guest_unfinished_waits(guest, now, &unfinished, &oldest);
	to->unfinished += unfinished;
	if (oldest > to->oldest)
		to->oldest = oldest;
	collect_unfinished(&guest->instance, now, &to->unfinished, &to->oldest);
}

static void reset_totals(struct class_totals *totals, int nr_requests)
{
	struct sim_histogram *requests = totals->requests;

	memset(totals, 0, sizeof(*totals));
	totals->requests = requests;
	for (int r = 0; r < nr_requests; r++)
		sim_histogram_reset(&requests[r]);
	sim_histogram_reset(&totals->lock_wait);
	sim_histogram_reset(&totals->sync_wait);
	sim_histogram_reset(&totals->ipi_response);
	sim_histogram_reset(&totals->smp_call);
	sim_histogram_reset(&totals->tlb_flush);
	sim_histogram_reset(&totals->guest.wakeup_wait);
	sim_histogram_reset(&totals->guest.tick_delay);
	sim_histogram_reset(&totals->kvm.ipi_delivery);
	sim_histogram_reset(&totals->kvm.runqueue_wait);
	sim_histogram_reset(&totals->kvm.wakeup_wait);
}

/* One kind of wait, or all of them together. */
static double precision(const struct hint_counts *counts)
{
	return ratio((double)counts->right, (double)counts->taken);
}

static double recall(const struct hint_counts *counts)
{
	return ratio((double)counts->right, (double)counts->had_right);
}

static void add_hints(struct collection *to, const struct hint_stats *hint)
{
	double taken = (double)hint->all.taken, exits = (double)hint->all.exits;
	double had_right = (double)hint->all.had_right;

	collect_add(to, METRIC_HINT_PRECISION, precision(&hint->all));
	collect_add(to, METRIC_HINT_RECALL, recall(&hint->all));
	collect_add(to, METRIC_HINT_ALSO_NEEDED,
		    ratio((double)hint->verdicts[HINT_ALSO_NEEDED], taken));
	collect_add(to, METRIC_HINT_STALE, ratio((double)hint->verdicts[HINT_STALE], taken));
	collect_add(to, METRIC_HINT_POLLUTED, ratio((double)hint->verdicts[HINT_POLLUTED], taken));
	collect_add(to, METRIC_HINT_WRONG, ratio((double)hint->verdicts[HINT_WRONG], taken));
	for (int i = 0; i < VCPU_WAITS; i++)
		add_member(to, METRIC_HINT_PRECISION_OF, i, precision(&hint->by_wait[i]));
	for (int i = 0; i < VCPU_WAITS; i++)
		add_member(to, METRIC_HINT_RECALL_OF, i, recall(&hint->by_wait[i]));
	for (int i = 0; i < VCPU_WAITS; i++)
		add_member(to, METRIC_HINT_EXITS, i, ratio((double)hint->by_wait[i].exits, exits));
	for (int i = 0; i < CHAIN_ENDS; i++)
		add_member(to, METRIC_HINT_CHAIN, i, ratio((double)hint->ends[i], exits));
	collect_add(to, METRIC_HINT_HOPS, ratio((double)hint->hops, had_right));
	collect_add(to, METRIC_HINT_IRQS_OFF, ratio((double)hint->irqs_off, had_right));
}

static void add_yields(struct collection *to, const struct kvm_stats *stats)
{
	const struct yield_stats *yield = &stats->yield;

	add_rate(to, METRIC_PLE_EXITS, (double)stats->exits[EXIT_PAUSE]);
	add_rate(to, METRIC_YIELD_TRIED, (double)yield->tried);
	add_rate(to, METRIC_YIELD_TAKEN, (double)yield->taken);
	add_rate(to, METRIC_YIELD_REFUSED, (double)yield->refused);
	add_rate(to, METRIC_YIELD_ESRCH, (double)yield->esrch);
	add_rate(to, METRIC_YIELD_HONOURED, (double)yield->honoured);
	add_rate(to, METRIC_YIELD_FUTILE, (double)yield->futile);
	add_rate(to, METRIC_YIELD_SAME_RQ, (double)yield->same_rq);
	add_rate(to, METRIC_YIELD_CROSS_RQ, (double)yield->cross_rq);
	add_rate(to, METRIC_YIELD_FOR_NOTHING, (double)yield->for_nothing);
	for (int i = 0; i < OVERSUB_REASONS; i++)
		add_member(to, METRIC_YIELD_BY_REASON, i,
			   (double)stats->taken_by_reason[i] / to->elapsed_s);
	add_hints(to, &stats->hint);
}

static void add_totals(struct collection *to, const struct workload *workload, int class_index,
		       const struct class_totals *totals)
{
	double vcpu_time = 0;

	for (int t = 0; t < VCPU_TIMES; t++)
		vcpu_time += totals->time_in[t];

	add_requests(to, workload, totals->requests);
	for (int t = 0; t < VCPU_TIMES; t++)
		add_member(to, METRIC_VCPU_TIME, t, ratio(totals->time_in[t], vcpu_time));
	collect_add(to, METRIC_CPU_OVER_ENTITLEMENT, ratio(totals->cpu, totals->entitled));
	add_cpu_stat(to, &totals->cpu_stat);
	add_latency(to, LATENCY_IPI_DELIVERY, NULL, &totals->kvm.ipi_delivery);
	add_latency(to, LATENCY_IPI_RESPONSE, NULL, &totals->ipi_response);
	add_latency(to, LATENCY_SMP_CALL, NULL, &totals->smp_call);
	add_latency(to, LATENCY_TLB_FLUSH, NULL, &totals->tlb_flush);
	add_latency(to, LATENCY_LOCK_WAIT, NULL, &totals->lock_wait);
	add_latency(to, LATENCY_SYNC_WAIT, NULL, &totals->sync_wait);
	add_latency(to, LATENCY_GUEST_WAKEUP_WAIT, NULL, &totals->guest.wakeup_wait);
	add_latency(to, LATENCY_GUEST_TICK_DELAY, NULL, &totals->guest.tick_delay);
	add_latency(to, LATENCY_WAKEUP_WAIT, NULL, &totals->kvm.wakeup_wait);
	add_latency(to, LATENCY_RUNQUEUE_WAIT, NULL, &totals->kvm.runqueue_wait);
	add_rate(to, METRIC_LOCKS, totals->lock_acquired);
	collect_add(to, METRIC_LOCK_CONTENDED,
		    ratio(totals->lock_contended, totals->lock_acquired));
	collect_add(to, METRIC_UNFINISHED_WAITS, totals->unfinished);
	collect_add(to, METRIC_UNFINISHED_OLDEST, (double)totals->oldest);
	collect_class_backlogs(to, workload, class_index);
	add_yields(to, &totals->kvm);
	for (int i = 0; i < EXIT_REASONS; i++)
		add_member(to, METRIC_EXITS, i, (double)totals->kvm.exits[i] / to->elapsed_s);
	add_rate(to, METRIC_IPIS_SENT, (double)totals->kvm.ipis_sent);
	add_rate(to, METRIC_IPIS_UNICAST, (double)totals->kvm.ipis_unicast);
	add_rate(to, METRIC_IPIS_BY_HARDWARE, (double)totals->kvm.ipis_by_hardware);
	add_rate(to, METRIC_NMIS, (double)totals->kvm.nmis);
	add_rate(to, METRIC_IPIS_AVOIDED, totals->ipis_avoided);
	add_rate(to, METRIC_PV_TLB_LEFT_TO_HOST, totals->tlb_left_to_host);
	add_rate(to, METRIC_GUEST_WAKEUPS, (double)totals->guest.wakeups);
	add_rate(to, METRIC_GUEST_RESCHEDULES, (double)totals->guest.reschedules);
	add_rate(to, METRIC_GUEST_WAKE_IPIS, (double)totals->guest.wake_ipis);
	add_rate(to, METRIC_GUEST_SWITCHES, (double)totals->guest.switches);
	add_rate(to, METRIC_GUEST_TICKS, (double)totals->guest.ticks);
	add_rate(to, METRIC_GUEST_POLLS, (double)totals->guest.polls);
	add_rate(to, METRIC_LOCK_SLEEPS, totals->lock_sleeps);
	add_rate(to, METRIC_PV_LOCK_HALTS, totals->lock_halts);
	add_rate(to, METRIC_PV_KICKS, (double)totals->kvm.pv_kicks);
	add_rate(to, METRIC_PV_YIELDS_ASKED, (double)totals->kvm.pv_yields_asked);
	add_rate(to, METRIC_PV_YIELDS_TAKEN, (double)totals->kvm.pv_yield.taken);
	add_rate(to, METRIC_PV_REPORTED_PREEMPTED, (double)totals->kvm.reported_preempted);
	add_rate(to, METRIC_INTERRUPTS_INJECTED, (double)totals->kvm.interrupts_injected);
	add_rate(to, METRIC_EOIS, (double)totals->kvm.eois);
}

static double requests_of(const struct world_vm *vm)
{
	const struct workload_instance *instance = &vm->guest.instance;
	uint64_t finished = 0;

	for (int r = 0; r < instance->workload->nr_requests; r++)
		finished += instance->stats.requests[r].count;
	return (double)finished;
}

static void add_each(struct collection *to, enum metric metric, const struct world_vm *vm,
		     double value)
{
	const struct metric_description *description = &metric_descriptions[metric];
	char name[NAME_SIZE];

	result_add(to->result, to->scope,
		   metric_name(description->name, vm->name, name, sizeof(name)), description->unit,
		   value);
}

/* What each VM of a class of several got: their sum hides who starved. */
static void add_single_vms(struct collection *to, int class_index, const double *entitled)
{
	const struct world *world = to->world;

	if (world->scenario->vms[class_index].size.count < 2)
		return;
	for (int i = 0; i < world->nr_vms; i++) {
		const struct world_vm *vm = &world->vms[i];

		if (vm->class_index != class_index)
			continue;
		add_each(to, METRIC_EACH_REQUESTS, vm, requests_of(vm) / to->elapsed_s);
		add_each(to, METRIC_EACH_CPU_OVER_ENTITLEMENT, vm,
			 ratio(entitlement_cpu_time(&vm->kvm), entitled[i]));
	}
}

/* What a class, or host threads, did as time went by; row as in struct series. */
static void add_series(struct collection *to, int row)
{
	const struct series *series = &to->world->series;

	collect_add(to, METRIC_DRIFT_REQUESTS, series_drift(series, row, SERIES_REQUESTS));
	collect_add(to, METRIC_DRIFT_CPU, series_drift(series, row, SERIES_CPU_TIME));
	series_add(series, row, to->scope, to->result);
}

static bool collect_class(struct collection *to, int class_index, const double *entitled)
{
	const struct world *world = to->world;
	const struct workload *workload = NULL;
	struct class_totals *totals = malloc(sizeof(*totals));

	if (!totals)
		return false;
	totals->requests = NULL;
	for (int i = 0; i < world->nr_vms; i++) {
		const struct world_vm *vm = &world->vms[i];

		if (vm->class_index != class_index)
			continue;
		if (!workload) {
			workload = vm->guest.instance.workload;
			totals->requests = calloc((size_t)workload->nr_requests + 1,
						  sizeof(*totals->requests));
			if (!totals->requests)
				break;
			reset_totals(totals, workload->nr_requests);
		}
		merge_vm(totals, vm, entitled[i], sim_now(&world->engine));
	}
	if (totals->requests)
		add_totals(to, workload, class_index, totals);
	add_single_vms(to, class_index, entitled);
	add_series(to, class_index);
	free(totals->requests);
	free(totals);
	return workload != NULL;
}

/* ---- Host ----------------------------------------------------------------------------------- */

/* Time that vCPU threads spent in halt polling; all of it on a CPU. */
static double polled_time(const struct world *world)
{
	double polled = 0;

	for (int i = 0; i < world->nr_vms; i++)
		for (int v = 0; v < world->vms[i].kvm.nr_vcpus; v++)
			polled += (double)world->vms[i].kvm.vcpus[v].stats.time_in[VCPU_POLL];
	return polled;
}

static void collect_host(struct collection *to, double jain)
{
	const struct world *world = to->world;
	double time_in[PCPU_STATES] = {0};
	double switches = 0, migrations = 0, total = 0, polled = polled_time(world);

	for (int i = 0; i < world->host.nr_cpus; i++) {
		const struct pcpu *cpu = &world->host.cpus[i];

		for (int s = 0; s < PCPU_STATES; s++) {
			time_in[s] += (double)cpu->stats.time_in[s];
			total += (double)cpu->stats.time_in[s];
		}
		switches += (double)cpu->stats.switches;
		migrations += (double)cpu->stats.migrations;
	}
	/* To the host a CPU that polls runs a thread; to whoever looks for capacity it is idle. */
	time_in[PCPU_BUSY] -= polled;
	for (int s = 0; s < PCPU_STATES; s++)
		add_member(to, METRIC_CPU, s, ratio(time_in[s], total));
	add_member(to, METRIC_CPU, METRIC_CPU_POLL, ratio(polled, total));
	add_rate(to, METRIC_SWITCHES, switches);
	add_rate(to, METRIC_MIGRATIONS, migrations);
	collect_add(to, METRIC_JAIN, jain);
	collect_add(to, METRIC_STACKING,
		    ratio((double)world->stacked[1], (double)world->stacked[0]));
	collect_add(to, METRIC_STACKED_PAIRS,
		    ratio((double)world->pairs[1], (double)world->pairs[0]));
	for (int i = 0; i < COSCHED_COUNTS; i++)
		add_member(to, METRIC_COSCHED, i,
			   (double)world->host.stats.cosched[i] / to->elapsed_s);
}

static void collect_threads(struct collection *to)
{
	const struct host_threads *threads = &to->world->threads;
	double time_in[THREAD_TIMES] = {0};
	struct host_group_stats cpu_stat = {0};
	const struct eevdf_group *group = NULL;
	double yields = 0, total = 0;

	for (int i = 0; i < threads->nr_threads; i++) {
		/* Threads of one class, who follow each other, share a group. */
		if (threads->threads[i].task.group != group) {
			group = threads->threads[i].task.group;
			if (group)
				merge_cpu_stat(&cpu_stat, group);
		}
		for (int t = 0; t < THREAD_TIMES; t++) {
			time_in[t] += (double)threads->threads[i].stats.time_in[t];
			total += (double)threads->threads[i].stats.time_in[t];
		}
		yields += (double)threads->threads[i].stats.yields;
	}
	add_requests(to, threads->instance.workload, threads->instance.stats.requests);
	for (int t = 0; t < THREAD_TIMES; t++)
		add_member(to, METRIC_THREAD_TIME, t, ratio(time_in[t], total));
	add_cpu_stat(to, &cpu_stat);
	collect_threads_backlogs(to);
	add_latency(to, LATENCY_LOCK_WAIT, NULL, &threads->instance.stats.lock_wait);
	add_latency(to, LATENCY_SYNC_WAIT, NULL, &threads->instance.stats.sync_wait);
	add_rate(to, METRIC_THREAD_YIELDS, yields);
	add_series(to, to->world->scenario->nr_vms);
}

static void collect_cgroup(struct collection *to, int index)
{
	const struct world *world = to->world;
	struct host_group_stats stats = host_group_stats(host_cgroup(&world->host, index + 1));
	char scope[NAME_SIZE];

	snprintf(scope, sizeof(scope), "cgroup.%s", world->scenario->cgroups[index].path);
	to->scope = scope;
	add_rate(to, METRIC_USAGE_USEC, (double)stats.usage_ns / 1e3);
	add_cpu_stat(to, &stats);
}

enum oversub_status world_collect(const struct world *world, struct replication_result *result,
				  struct oversub_error *error)
{
	double *entitled = calloc((size_t)world->nr_vms + 1, sizeof(*entitled));
	struct collection to = {
		.world = world,
		.result = result,
		.scope = "host",
		.elapsed_s = (double)(sim_now(&world->engine) - world->measure_start) / 1e9,
	};
	double jain;
	bool complete = entitled && entitlement_compute(world, entitled, &jain);

	if (complete) {
		collect_host(&to, jain);
		for (int class = 0; complete && class < world->scenario->nr_vms; class ++) {
			char scope[NAME_SIZE];

			snprintf(scope, sizeof(scope), "vm.%s", world->scenario->vms[class].name);
			to.scope = scope;
			complete = collect_class(&to, class, entitled);
		}
		for (int i = 0; i < world->scenario->nr_cgroups; i++)
			collect_cgroup(&to, i);
		to.scope = "host_threads";
		if (world->has_threads)
			collect_threads(&to);
	}
	free(entitled);
	result->events = sim_events_fired(&world->engine);
	result->simulated_ns = sim_now(&world->engine);
	return complete ? OVERSUB_OK
			: oversub_fail(error, OVERSUB_FAILED, "out of memory for the results");
}
