/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What --check-invariants finds: a sound world is damaged in one place at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "models/guest/guest_check.h"
#include "sim/base/bitmap.h"
#include "models/host/host_check.h"
#include "models/kvm/kvm_check.h"
#include "tests/unit/guest_world.h"
#include "tests/unit/vcpu_world.h"

/* Two vCPUs on one CPU: after 10 ms one executes, and the other waits in the run queue. */
struct scene {
	struct vcpu_world *world;
	struct pcpu *cpu;
	struct vcpu *running, *waiting;
};

static struct scene open_scene(void)
{
	struct scene scene = {.world = vcpu_world_open(2, 1)};
	int running;

	SCRIPT(scene.world, 0, WORK(100 * MS));
	SCRIPT(scene.world, 1, WORK(100 * MS));
	vcpu_world_start(scene.world);
	vcpu_world_run(scene.world, 10 * MS);
	vcpu_world_run_until(scene.world, vcpu_is_in_guest, 0, 20 * MS);
	scene.cpu = &scene.world->host.cpus[0];
	running = scene.cpu->curr == &vcpu_of_world(scene.world, 0)->task ? 0 : 1;
	scene.running = vcpu_of_world(scene.world, running);
	scene.waiting = vcpu_of_world(scene.world, !running);
	return scene;
}

static enum oversub_status check(const struct scene *scene, struct oversub_error *error)
{
	int64_t elapsed = now_of_world(scene->world);
	enum oversub_status status = host_check(&scene->world->host, elapsed, error);

	return status == OVERSUB_OK ? kvm_vm_check(&scene->world->vm, elapsed, error) : status;
}

/* With the field so changed, the check names what is in message; with it restored it passes. */
#define assert_found(scene_, field_, value_, message_)                                             \
	do {                                                                                       \
		__typeof__(field_) was_ = (field_);                                                \
		struct oversub_error error_;                                                       \
		(field_) = (value_);                                                               \
		assert_int_equal(check(scene_, &error_), OVERSUB_FAILED);                          \
		if (!strstr(error_.message, message_))                                             \
			fail_msg("\"%s\" is not about \"%s\"", error_.message, message_);          \
		(field_) = was_;                                                                   \
		assert_int_equal(check(scene_, &error_), OVERSUB_OK);                              \
	} while (0)

static void sums_of_a_queue_are_those_of_its_entities(void **state)
{
	struct scene scene = open_scene();
	struct eevdf_queue *root = &scene.cpu->rq.root;

	assert_found(&scene, root->sum_weight, root->sum_weight + 1, "sum_weight");
	assert_found(&scene, root->sum_w_vruntime, root->sum_w_vruntime - 1, "sum_w_vruntime");
	assert_found(&scene, root->load, root->load + 1024, "load");
	assert_found(&scene, root->nr_queued, 3, "nr_queued");
	assert_found(&scene, root->h_nr_runnable, 1, "h_nr_runnable");
	assert_found(&scene, scene.cpu->rq.nr_running, 1, "nr_running");
	vcpu_world_close(scene.world);
}

static void the_tree_is_in_order_and_knows_its_extremes(void **state)
{
	struct scene scene = open_scene();
	struct eevdf_entity *waiting = &scene.waiting->task.se;

	assert_found(&scene, waiting->subtree_min_vruntime, waiting->vruntime - 1,
		     "least vruntime");
	assert_found(&scene, waiting->subtree_slices.min, 1, "least slice");
	assert_found(&scene, waiting->on_rq, false, "on_rq");
	vcpu_world_close(scene.world);
}

static void a_cpu_runs_what_its_run_queue_says(void **state)
{
	struct scene scene = open_scene();

	assert_found(&scene, scene.cpu->curr, &scene.waiting->task, "running task of its CPU");
	assert_found(&scene, scene.waiting->task.on_cpu, true, "running task of its CPU");
	assert_found(&scene, scene.waiting->task.state, TASK_SLEEPING, "neither runnable nor");
	assert_found(&scene, scene.world->host.idle_cpus[0], 1, "set of idle CPUs");
	assert_found(&scene, scene.world->host.overloaded_cpus[0], 0, "overloaded");
	vcpu_world_close(scene.world);
}

static void flags_of_directed_yield_agree(void **state)
{
	struct scene scene = open_scene();

	assert_found(&scene, scene.running->dy.ready, true, "ready or preempted, and runs");
	assert_found(&scene, scene.waiting->dy.ready, false, "preempted, but not ready");
	assert_found(&scene, scene.waiting->dy.in_spin_loop, true, "in on_spin");
	assert_found(&scene, scene.waiting->dy.blocking, true, "not in the block loop");
	assert_found(&scene, scene.waiting->phase, VCPU_ENTERING, "owns a CPU");
	vcpu_world_close(scene.world);
}

static void an_interrupt_that_nobody_is_told_of_is_found(void **state)
{
	struct scene scene = open_scene();
	struct lapic *lapic = &scene.running->lapic;

	assert_found(&scene, lapic->irr.word[3], UINT64_C(1) << 59, "nothing tells it");
	assert_found(&scene, lapic->pir.word[3], UINT64_C(1) << 59, "PIR");
	assert_found(&scene, lapic->ppr, 0x40, "PPR");
	vcpu_world_close(scene.world);
}

static void a_lost_nanosecond_is_found(void **state)
{
	struct scene scene = open_scene();

	assert_found(&scene, scene.cpu->stats.time_in[PCPU_BUSY],
		     scene.cpu->stats.time_in[PCPU_BUSY] - 1, "states sum to");
	assert_found(&scene, scene.waiting->stats.time_in[VCPU_STEAL],
		     scene.waiting->stats.time_in[VCPU_STEAL] + 1, "states sum to");
	vcpu_world_close(scene.world);
}

/* ---- A guest -------------------------------------------------------------------------------- */

/* Like assert_found(), of a guest. */
#define assert_guest_found(world_, field_, value_, message_)                                       \
	do {                                                                                       \
		__typeof__(field_) was_ = (field_);                                                \
		struct oversub_error error_;                                                       \
		(field_) = (value_);                                                               \
		assert_int_equal(guest_check(&(world_)->guest, &error_), OVERSUB_FAILED);          \
		if (!strstr(error_.message, message_))                                             \
			fail_msg("\"%s\" is not about \"%s\"", error_.message, message_);          \
		(field_) = was_;                                                                   \
		assert_int_equal(guest_check(&(world_)->guest, &error_), OVERSUB_OK);              \
	} while (0)

static void a_lock_and_its_waiters_agree(void **state)
{
	struct guest_world *w = guest_world_open(3);
	struct sync_lock *lock;

	WORLD_ADD(w, LOCK(), RUN_KERNEL(5 * MS), UNLOCK);
	WORLD_ADD(w, RUN(1 * MS), LOCK(), UNLOCK);
	WORLD_ADD(w, RUN(2 * MS), LOCK(), UNLOCK);
	guest_world_start(w);
	guest_world_run(w, 3 * MS);
	lock = &w->guest.instance.locks[0];
	assert_int_equal(lock->waiters.length, 2);

	assert_guest_found(w, lock->owner, NULL, "waits although it is free");
	assert_guest_found(w, lock->owner, lock->waiters.first, "waits for itself");
	assert_guest_found(w, lock->waiters.length, 1, "number of waiters");
	assert_guest_found(w, lock->waiters.first->state, WAITER_IDLE, "something else");
	assert_guest_found(w, lock->waiters.last->previous, NULL, "linked wrongly");
	guest_world_close(w);
}

static void a_call_is_queued_or_being_run_exactly_once(void **state)
{
	struct guest_world *w = guest_world_open(2);
	struct guest_cpu *target;
	struct guest_csd *csd;

	/* The target has interrupts off: the call stays in its queue. */
	WORLD_ADD(w, RUN(1 * MS), CALL_CPU(1, 500, .wait = 1));
	WORLD_ADD(w, RUN_IRQS_OFF(5 * MS));
	guest_world_start(w);
	guest_world_run(w, 2 * MS);
	target = &w->guest.cpus[1];
	assert_int_not_equal(target->calls.first, GUEST_NO_CSD);
	csd = &w->guest.csds[target->calls.first];

	assert_guest_found(w, csd->locked, false, "unlocked");
	assert_guest_found(w, csd->target, 0, "for another CPU");
	assert_guest_found(w, csd->next, target->calls.first, "circle");
	assert_guest_found(w, target->calls.first, GUEST_NO_CSD, "csds are locked");
	guest_world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_of_a_queue_are_those_of_its_entities),
		cmocka_unit_test(the_tree_is_in_order_and_knows_its_extremes),
		cmocka_unit_test(a_cpu_runs_what_its_run_queue_says),
		cmocka_unit_test(flags_of_directed_yield_agree),
		cmocka_unit_test(an_interrupt_that_nobody_is_told_of_is_found),
		cmocka_unit_test(a_lost_nanosecond_is_found),
		cmocka_unit_test(a_lock_and_its_waiters_agree),
		cmocka_unit_test(a_call_is_queued_or_being_run_exactly_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
