/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All host threads of a scenario, and the arrivals that they serve. */
#define _GNU_SOURCE /* asprintf */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/host/thread.h"
#include "models/workload/workload_check.h"
#include "sim/base/bitmap.h"
#include "sim/base/container_of.h"

/* cpu.weight of a cgroup that nobody has written one to. */
#define DEFAULT_CPU_WEIGHT 100

/* Work arrives: give it to a thread that waits for it. */
static void arrive(struct sim_engine *engine, struct sim_event *event)
{
	struct host_source *timer = container_of(event, struct host_source, event);
	struct host_threads *all = timer->all;
	struct source_state *source = &all->instance.sources[timer->index];
	struct exec_waiter *served;
	enum oversub_status status = source_arrive(source, &served, &all->error);

	if (status) {
		host_threads_fail(all, status);
		return;
	}
	sim_schedule(engine, event, source->next_arrival);
	if (served) {
		struct host_thread *thread = container_of(served, struct host_thread, waiter);

		program_took(&thread->program, served->arrival);
		host_thread_wake(thread, NULL);
	}
}

/* Threads of a process have no say in what their host is: pthread_spin_lock() is test-and-set. */
static void choose_spinlocks(struct workload_instance *instance)
{
	for (int i = 0; i < instance->workload->nr_locks; i++)
		if (instance->locks[i].kind == LOCK_SPINLOCK)
			instance->locks[i].kind = LOCK_TAS;
}

/* Bitmaps of the CPUs that each class may use. */
static enum oversub_status init_affinity(struct host_threads *all, const struct workload *workload,
					 struct oversub_error *error)
{
	int cpus = all->host->nr_cpus;

	all->affinity_words = bitmap_words(cpus);
	all->affinity =
		calloc((size_t)workload->nr_classes * all->affinity_words + 1, sizeof(uint64_t));
	if (!all->affinity)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for host threads");
	for (int i = 0; i < workload->nr_classes; i++) {
		const struct workload_thread_class *class = &workload->classes[i];
		uint64_t present = cpus < 64 ? (UINT64_C(1) << cpus) - 1 : UINT64_MAX;

		if (class->cpus && !(class->cpus & present))
			return oversub_fail(error, OVERSUB_BAD_INPUT,
					    "class %s may use none of the host's %d CPUs",
					    class->name, cpus);
		all->affinity[i * all->affinity_words] = class->cpus & present;
	}
	return OVERSUB_OK;
}

/* The cgroup of a class: its own, or the one that it is to be in. False: no memory. */
static bool make_group(struct host *host, const struct workload_thread_class *class,
		       struct eevdf_group **group)
{
	const struct host_cpu_max max = {class->quota_ns, class->period_ns, class->burst_ns};

	*group = host_cgroup(host, class->cgroup);
	if (!class->cpu_weight && !max.quota_ns)
		return true;
	*group = host_group(host, *group,
			    class->cpu_weight ? class->cpu_weight : DEFAULT_CPU_WEIGHT);
	if (!*group)
		return false;
	host_group_limit(*group, &max, class->name);
	return true;
}

/* The threads of one class, from thread on. */
static enum oversub_status init_class(struct host_threads *all, int index,
				      struct host_thread *thread,
				      const struct host_emulators *emulators, uint64_t seed,
				      uint32_t replication, struct oversub_error *error)
{
	const struct workload_thread_class *class = &all->instance.workload->classes[index];
	struct eevdf_group *group = NULL;
	const uint64_t *cpus = class->cpus ? &all->affinity[index * all->affinity_words] : NULL;

	if (!make_group(all->host, class, &group))
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for a cgroup");
	for (int i = 0; i < class->count; i++, thread++) {
		if (asprintf(&thread->name, "%s%d", class->name, i) < 0) {
			thread->name = NULL;
			return oversub_fail(error, OVERSUB_FAILED, "out of memory for threads");
		}
		all->nr_threads++;
		if (class->emulator_of) {
			group = emulators->group(emulators->context, class->emulator_of, i);
			thread->start_ns =
				emulators->start_ns(emulators->context, class->emulator_of, i);
		}
		if (!host_thread_init(thread, all, index, i, group, cpus, seed, replication))
			return oversub_fail(error, OVERSUB_FAILED, "out of memory for threads");
	}
	return OVERSUB_OK;
}

static enum oversub_status init_threads(struct host_threads *all, const struct workload *workload,
					const struct host_emulators *emulators, uint64_t seed,
					uint32_t replication, struct oversub_error *error)
{
	enum oversub_status status = init_affinity(all, workload, error);

	all->threads = calloc(workload_nr_threads(workload, 0) + 1, sizeof(*all->threads));
	all->sources = calloc(workload->nr_sources + 1, sizeof(*all->sources));
	if (!all->threads || !all->sources)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for host threads");
	for (int i = 0; i < workload->nr_classes && !status; i++)
		status = init_class(all, i, &all->threads[all->nr_threads], emulators, seed,
				    replication, error);
	for (int i = 0; i < workload->nr_sources; i++) {
		all->sources[i].all = all;
		all->sources[i].index = i;
		sim_event_init(&all->sources[i].event, SIM_RANK_TIMER, i, arrive);
	}
	return status;
}

enum oversub_status host_threads_init(struct host_threads *all, struct host *host,
				      const struct thread_config *config,
				      const struct workload *workload,
				      const struct host_emulators *emulators, uint64_t seed,
				      uint32_t replication, struct oversub_error *error)
{
	enum oversub_status status = workload_check(workload, WORKLOAD_OF_HOST, error);

	*all = (struct host_threads){.host = host, .config = *config};
	if (status)
		return status;
	status = workload_instance_init(&all->instance, workload, "host", sim_now(host->engine),
					seed, replication, error);
	if (!status) {
		choose_spinlocks(&all->instance);
		status = init_threads(all, workload, emulators, seed, replication, error);
	}
	if (status)
		host_threads_fini(all);
	return status;
}

void host_threads_start(struct host_threads *all)
{
	for (int i = 0; i < all->instance.workload->nr_sources; i++)
		sim_schedule(all->host->engine, &all->sources[i].event,
			     all->instance.sources[i].next_arrival);
	for (int i = 0; i < all->nr_threads; i++)
		host_thread_start(&all->threads[i]);
}

void host_threads_fini(struct host_threads *all)
{
	for (int i = 0; i < all->nr_threads; i++)
		free(all->threads[i].name);
	free(all->threads);
	free(all->sources);
	free(all->affinity);
	if (all->instance.workload)
		workload_instance_fini(&all->instance);
	all->threads = NULL;
	all->sources = NULL;
	all->affinity = NULL;
	all->nr_threads = 0;
}

void host_threads_account(struct host_threads *all)
{
	for (int i = 0; i < all->nr_threads; i++)
		host_thread_account(&all->threads[i]);
}

void host_threads_reset_stats(struct host_threads *all)
{
	host_threads_account(all);
	for (int i = 0; i < all->nr_threads; i++)
		memset(&all->threads[i].stats, 0, sizeof(all->threads[i].stats));
	workload_instance_reset_stats(&all->instance);
}
