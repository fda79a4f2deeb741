/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The metrics of a finished run, per entry of "vms" (all its VMs together), for the host, and for
 * host threads. What the words mean is in docs and `oversub list metrics`; the order is fixed.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/run/entitlement.h"
#include "sim/run/world_internal.h"
#include "sim/stats/interval.h"

#define NAME_SIZE 128

/* What is being collected. */
struct collection {
	const struct world *world;
	struct replication_result *result;
	const char *scope;
	double elapsed_s;
};

static void add(struct collection *to, const char *name, const char *unit, double value)
{
	result_add(to->result, to->scope, name, unit, value);
}

static void add_rate(struct collection *to, const char *name, double count)
{
	add(to, name, "1/s", count / to->elapsed_s);
}

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : NAN;
}

/* Percentiles of a latency; NAN where there was none. */
static void add_latency(struct collection *to, const char *name,
			const struct sim_histogram *histogram)
{
	static const struct {
		const char *suffix;
		double percentile;
	} points[] = {{"p50", 50}, {"p90", 90}, {"p99", 99}, {"p99.9", 99.9}};
	bool any = histogram->count > 0;
	char full[NAME_SIZE];

	snprintf(full, sizeof(full), "%s.count_per_s", name);
	add_rate(to, full, (double)histogram->count);
	snprintf(full, sizeof(full), "%s.mean", name);
	add(to, full, "ns", any ? sim_histogram_mean(histogram) : NAN);
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
		snprintf(full, sizeof(full), "%s.%s", name, points[i].suffix);
		add(to, full, "ns",
		    any ? (double)sim_histogram_percentile(histogram, points[i].percentile) : NAN);
	}
	snprintf(full, sizeof(full), "%s.max", name);
	add(to, full, "ns", any ? (double)histogram->max : NAN);
	result_add_histogram(to->result, to->scope, name, histogram);
}

static void add_requests(struct collection *to, const struct workload *workload,
			 const struct sim_histogram *requests)
{
	uint64_t finished = 0;

	for (int r = 0; r < workload->nr_requests; r++)
		finished += requests[r].count;
	add_rate(to, "requests_per_s", (double)finished);
	for (int r = 0; r < workload->nr_requests; r++) {
		char name[NAME_SIZE];

		snprintf(name, sizeof(name), "request.%s", workload->requests[r]);
		add_latency(to, name, &requests[r]);
	}
}

/* ---- One class of VMs ----------------------------------------------------------------------- */

/* The counts of all VMs of a class together. */
struct class_totals {
	struct kvm_stats kvm;
	struct sim_histogram *requests; /* per request name */
	struct sim_histogram lock_wait, sync_wait, ipi_response, smp_call, tlb_flush;
	double time_in[VCPU_TIMES];
	double ipis_avoided, lock_acquired, lock_contended;
	double cpu, entitled;
	int unfinished;
	int64_t oldest;
};

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
	to->on_spin += from->on_spin;
	to->on_spin_yielded += from->on_spin_yielded;
	to->yield.for_nothing += from->yield.for_nothing;
	for (int i = 0; i < OVERSUB_REASONS; i++)
		to->taken_by_reason[i] += from->taken_by_reason[i];
	to->hint_right += from->hint_right;
	to->right_target_existed += from->right_target_existed;
	to->hint_stale += from->hint_stale;
	to->ipis_sent += from->ipis_sent;
	to->ipis_unicast += from->ipis_unicast;
	to->interrupts_injected += from->interrupts_injected;
	to->eois += from->eois;
	sim_histogram_merge(&to->ipi_delivery, &from->ipi_delivery);
	sim_histogram_merge(&to->runqueue_wait, &from->runqueue_wait);
	sim_histogram_merge(&to->wakeup_wait, &from->wakeup_wait);
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
	for (int v = 0; v < vm->kvm.nr_vcpus; v++)
		for (int t = 0; t < VCPU_TIMES; t++)
			to->time_in[t] += (double)vm->kvm.vcpus[v].stats.time_in[t];
	to->ipis_avoided += (double)guest->stats.ipis_avoided;
	to->lock_acquired += (double)workload->lock_acquired;
	to->lock_contended += (double)workload->lock_contended;
	to->cpu += entitlement_cpu_time(&vm->kvm);
	to->entitled += entitled;
	guest_unfinished_waits(guest, now, &unfinished, &oldest);
	to->unfinished += unfinished;
	if (oldest > to->oldest)
		to->oldest = oldest;
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
	sim_histogram_reset(&totals->kvm.ipi_delivery);
	sim_histogram_reset(&totals->kvm.runqueue_wait);
	sim_histogram_reset(&totals->kvm.wakeup_wait);
}

static const char *const reason_names[OVERSUB_REASONS] = {
	[OVERSUB_REASON_NONE] = "unknown",
	[OVERSUB_REASON_IPI_RECEIVER] = "ipi_receiver",
	[OVERSUB_REASON_PENDING_INTERRUPT] = "pending_interrupt",
	[OVERSUB_REASON_PREEMPTED] = "preempted",
	[OVERSUB_REASON_WOKEN] = "woken",
	[OVERSUB_REASON_RELAXED] = "relaxed",
};

static void add_yields(struct collection *to, const struct kvm_stats *stats)
{
	const struct yield_stats *yield = &stats->yield;

	add_rate(to, "ple_exits_per_s", (double)stats->exits[EXIT_PAUSE]);
	add_rate(to, "yield.tried_per_s", (double)yield->tried);
	add_rate(to, "yield.taken_per_s", (double)yield->taken);
	add_rate(to, "yield.refused_per_s", (double)yield->refused);
	add_rate(to, "yield.esrch_per_s", (double)yield->esrch);
	add_rate(to, "yield.honoured_per_s", (double)yield->honoured);
	add_rate(to, "yield.futile_per_s", (double)yield->futile);
	add_rate(to, "yield.same_rq_per_s", (double)yield->same_rq);
	add_rate(to, "yield.cross_rq_per_s", (double)yield->cross_rq);
	add_rate(to, "yield.remote_exits_for_nothing_per_s", (double)yield->for_nothing);
	for (int i = 0; i < OVERSUB_REASONS; i++) {
		char name[NAME_SIZE];

		snprintf(name, sizeof(name), "yield.by.%s_per_s", reason_names[i]);
		add_rate(to, name, (double)stats->taken_by_reason[i]);
	}
	add(to, "hint.precision", "fraction",
	    ratio((double)stats->hint_right, (double)stats->on_spin_yielded));
	add(to, "hint.recall", "fraction",
	    ratio((double)stats->hint_right, (double)stats->right_target_existed));
	add(to, "hint.stale", "fraction",
	    ratio((double)stats->hint_stale, (double)stats->on_spin_yielded));
}

static void add_totals(struct collection *to, const struct workload *workload,
		       const struct class_totals *totals)
{
	double vcpu_time = 0;
	char name[NAME_SIZE];

	for (int t = 0; t < VCPU_TIMES; t++)
		vcpu_time += totals->time_in[t];

	add_requests(to, workload, totals->requests);
	for (int t = 0; t < VCPU_TIMES; t++) {
		snprintf(name, sizeof(name), "time.%s", vcpu_time_names[t]);
		add(to, name, "fraction", ratio(totals->time_in[t], vcpu_time));
	}
	add(to, "cpu_over_entitlement", "fraction", ratio(totals->cpu, totals->entitled));
	add_latency(to, "ipi_delivery", &totals->kvm.ipi_delivery);
	add_latency(to, "ipi_response", &totals->ipi_response);
	add_latency(to, "smp_call", &totals->smp_call);
	add_latency(to, "tlb_flush", &totals->tlb_flush);
	add_latency(to, "lock_wait", &totals->lock_wait);
	add_latency(to, "sync_wait", &totals->sync_wait);
	add_latency(to, "wakeup_wait", &totals->kvm.wakeup_wait);
	add_latency(to, "runqueue_wait", &totals->kvm.runqueue_wait);
	add_rate(to, "locks_per_s", totals->lock_acquired);
	add(to, "lock_contended", "fraction", ratio(totals->lock_contended, totals->lock_acquired));
	add(to, "unfinished_waits", "count", totals->unfinished);
	add(to, "unfinished_oldest", "ns", (double)totals->oldest);
	add_yields(to, &totals->kvm);
	for (int i = 0; i < EXIT_REASONS; i++) {
		snprintf(name, sizeof(name), "exits.%s_per_s", exit_reason_names[i]);
		add_rate(to, name, (double)totals->kvm.exits[i]);
	}
	add_rate(to, "ipis_sent_per_s", (double)totals->kvm.ipis_sent);
	add_rate(to, "ipis_unicast_per_s", (double)totals->kvm.ipis_unicast);
	add_rate(to, "ipis_avoided_per_s", totals->ipis_avoided);
	add_rate(to, "interrupts_injected_per_s", (double)totals->kvm.interrupts_injected);
	add_rate(to, "eois_per_s", (double)totals->kvm.eois);
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
		add_totals(to, workload, totals);
	free(totals->requests);
	free(totals);
	return workload != NULL;
}

/* ---- Host ----------------------------------------------------------------------------------- */

static void collect_host(struct collection *to, double jain)
{
	static const char *const state_names[PCPU_STATES] = {
		[PCPU_IDLE] = "cpu.idle", [PCPU_SWITCH] = "cpu.switch", [PCPU_BUSY] = "cpu.busy"};
	const struct world *world = to->world;
	double time_in[PCPU_STATES] = {0};
	double switches = 0, migrations = 0, total = 0;

	for (int i = 0; i < world->host.nr_cpus; i++) {
		const struct pcpu *cpu = &world->host.cpus[i];

		for (int s = 0; s < PCPU_STATES; s++) {
			time_in[s] += (double)cpu->time_in[s];
			total += (double)cpu->time_in[s];
		}
		switches += (double)cpu->nr_switches;
		migrations += (double)cpu->nr_migrations_in;
	}
	for (int s = 0; s < PCPU_STATES; s++)
		add(to, state_names[s], "fraction", ratio(time_in[s], total));
	add_rate(to, "switches_per_s", switches);
	add_rate(to, "migrations_per_s", migrations);
	add(to, "jain", "fraction", jain);
	add(to, "stacking", "fraction",
	    ratio((double)world->stacked[1], (double)world->stacked[0]));
}

static void collect_threads(struct collection *to)
{
	const struct host_threads *threads = &to->world->threads;
	double time_in[THREAD_TIMES] = {0};
	double yields = 0, total = 0;
	char name[NAME_SIZE];

	for (int i = 0; i < threads->nr_threads; i++) {
		for (int t = 0; t < THREAD_TIMES; t++) {
			time_in[t] += (double)threads->threads[i].time_in[t];
			total += (double)threads->threads[i].time_in[t];
		}
		yields += (double)threads->threads[i].nr_yields;
	}
	add_requests(to, threads->instance.workload, threads->instance.stats.requests);
	for (int t = 0; t < THREAD_TIMES; t++) {
		snprintf(name, sizeof(name), "time.%s", thread_time_names[t]);
		add(to, name, "fraction", ratio(time_in[t], total));
	}
	add_latency(to, "lock_wait", &threads->instance.stats.lock_wait);
	add_latency(to, "sync_wait", &threads->instance.stats.sync_wait);
	add_rate(to, "yields_per_s", yields);
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
	bool complete = entitled != NULL;

	if (complete) {
		collect_host(&to, entitlement_compute(world, entitled));
		for (int class = 0; complete && class < world->scenario->nr_vms; class ++) {
			char scope[NAME_SIZE];

			snprintf(scope, sizeof(scope), "vm.%s", world->scenario->vms[class].name);
			to.scope = scope;
			complete = collect_class(&to, class, entitled);
		}
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
