/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which CPU of the guest a thread wakes up on. */
#include "models/guest/guest_select.h"

#include "models/guest/guest_cpu.h"
#include "models/guest/guest_load.h"
#include "models/sched/balance_task.h"
#include "sim/base/bitmap.h"

bool guest_cpu_idles(const struct guest_cpu *cpu)
{
	return !cpu->current && !cpu->rq->nr_running && !cpu->nr_activating;
}

/* available_idle_cpu() */
static bool is_available(const struct guest_cpu *cpu)
{
	return guest_cpu_idles(cpu) && !vcpu_reported_preempted(cpu->vcpu);
}

/* ---- Simply: where it was, or the next CPU that idles --------------------------------------- */

static struct guest_cpu *near_previous(const struct guest_thread *thread)
{
	struct guest *guest = thread->guest;
	struct guest_cpu *previous = thread->cpu;

	if (is_available(previous))
		return previous;
	for (int n = 1; n < guest->nr_cpus; n++) {
		struct guest_cpu *cpu = &guest->cpus[(previous->index + n) % guest->nr_cpus];

		if (is_available(cpu))
			return cpu;
	}
	return previous;
}

/* ---- As the kernel does (select_task_rq_fair) ----------------------------------------------- */

/* wake_affine() */
static struct guest_cpu *affine_target(struct guest_cpu *by, struct guest_thread *thread)
{
	struct guest *guest = by->guest;
	const struct topology *topology = &guest->sched->topology;
	struct guest_cpu *previous = thread->cpu;
	struct placement_loads loads;
	int chosen = placement_affine_idle(topology, by->index, is_available(by),
					   by->rq->root.h_nr_runnable, previous->index,
					   is_available(previous), false);

	if (chosen >= 0)
		return chosen == by->index ? by : previous;
	loads = placement_loads_of(thread->se, by->rq, previous->rq, guest_jiffies(guest));
	return placement_affine_load(
		       &loads, topology_common(topology, by->index, previous->index)->imbalance_pct,
		       false)
		       ? by
		       : previous;
}

/* How many CPUs to look at for an idle one. */
static int nr_idle_scan(const struct guest *guest)
{
	const struct topology *topology = &guest->sched->topology;
	uint64_t util = 0;

	for (int i = 0; i < guest->nr_cpus; i++) {
		const struct balance_cpu cpu = balance_cpu_of(guest->cpus[i].rq, true);

		util += balance_util(&cpu);
	}
	return balance_nr_idle_scan(util, guest->nr_cpus,
				    topology->levels[topology->llc_level].imbalance_pct);
}

/* select_idle_sibling() */
static struct guest_cpu *idle_near(struct guest_thread *thread, const struct guest_cpu *target)
{
	struct guest *guest = thread->guest;
	uint64_t idle[OVERSUB_MAX_VCPUS / 64] = {0};
	const struct placement_idle search = {
		.topology = &guest->sched->topology,
		.idle = idle,
		.prev = thread->cpu->index,
		.target = target->index,
	};
	bool idle_cores = false;
	int found;

	for (int i = 0; i < guest->nr_cpus; i++)
		bitmap_set(idle, i, is_available(&guest->cpus[i]));
	found = placement_known_idle(&search, &thread->recent_used_cpu);
	if (found < 0)
		found = placement_search(&search, nr_idle_scan(guest), &idle_cores);
	return &guest->cpus[found < 0 ? target->index : found];
}

static struct guest_cpu *near_waker_or_previous(struct guest_cpu *by, struct guest_thread *thread)
{
	struct guest *guest = by->guest;
	const struct guest_cpu *target = thread->cpu;
	bool affine = true;

	guest_decay_loads(guest);
	if (by->current) {
		placement_note_wakee(&by->current->wakes, thread, guest_now(guest));
		affine = !placement_is_wide(by->current->wakes.flips, thread->wakes.flips,
					    guest->nr_cpus);
	}
	if (affine && by != thread->cpu)
		target = affine_target(by, thread);
	return idle_near(thread, target);
}

struct guest_cpu *guest_select_cpu(struct guest_cpu *by, struct guest_thread *thread)
{
	if (by->guest->config.wake_affine && by->guest->nr_cpus > 1)
		return near_waker_or_previous(by, thread);
	return near_previous(thread);
}
