/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Window controllers: when they are asked, what they are told, and what becomes of their answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/vcpu_world.h"

#define EVENTS (OVERSUB_WINDOW_DECLINED + 1)

/* Answers with params' windows, one per event; 0: the present one. Private: how often for which. */
struct fixed_params {
	uint32_t window[EVENTS];
};

struct asked {
	int times[EVENTS];
	struct oversub_window_limits limits;
	uint64_t now;
	int vcpu;
};

static uint32_t fixed_next(const struct oversub_vcpu *vcpu, enum oversub_window_event event,
			   uint32_t window, const struct oversub_window_limits *limits,
			   uint64_t now, const void *params, void *vcpu_private)
{
	const struct fixed_params *fixed = params;
	struct asked *asked = vcpu_private;

	/* Each vCPU has its own bytes. */
	assert_true(event == OVERSUB_WINDOW_CREATE ? asked->times[event] == 0
						   : asked->vcpu == oversub_vcpu_index(vcpu));
	asked->vcpu = oversub_vcpu_index(vcpu);
	asked->times[event]++;
	asked->limits = *limits;
	asked->now = now;
	assert_true(event != OVERSUB_WINDOW_CREATE || window == 0);
	return fixed->window[event] ? fixed->window[event] : window;
}

static const struct oversub_window_policy fixed = {
	OVERSUB_WINDOW_POLICY,
	.head.name = "fixed",
	.head.help = "One window for each event.",
	.head.params_size = sizeof(struct fixed_params),
	.vcpu_private_size = sizeof(struct asked),
	.next_window = fixed_next,
};

static const struct asked *asked(struct vcpu_world *w, int vcpu)
{
	return (const struct asked *)(w->vm.window_private +
				      w->vm.window_private_size * (size_t)vcpu);
}

static struct vcpu_world *open_with(int vcpus, int cpus, const struct fixed_params *params)
{
	struct vcpu_world *w = vcpu_world_open(vcpus, cpus);

	w->candidate = "mainline";
	w->window_policy = &fixed;
	w->window_params = params;
	return w;
}

static void a_controller_sets_the_first_window_and_every_other(void **state)
{
	const struct fixed_params params = {
		.window = {[OVERSUB_WINDOW_CREATE] = 5000, [OVERSUB_WINDOW_EXIT] = 25000}};
	struct vcpu_world *w = open_with(2, 2, &params);

	SCRIPT(w, 0, SPIN);
	SCRIPT(w, 1, WORK(10 * MS));
	vcpu_world_start(w);
	assert_int_equal(vcpu_of_world(w, 0)->ple_window, 5000);
	/* 5000 ticks at 2.5 GHz, then 25000. */
	vcpu_world_run(w, START_NS + 2 * US - 1);
	assert_int_equal(exits_of_world(w, EXIT_PAUSE), 0);
	vcpu_world_run(w, START_NS + 2 * US);
	assert_int_equal(exits_of_world(w, EXIT_PAUSE), 1);
	vcpu_world_run(w, START_NS + 2 * US + 530 + 10 * US);
	assert_int_equal(exits_of_world(w, EXIT_PAUSE), 2);
	assert_int_equal(asked(w, 0)->times[OVERSUB_WINDOW_CREATE], 1);
	assert_int_equal(asked(w, 0)->times[OVERSUB_WINDOW_EXIT], 1);
	assert_int_equal(asked(w, 0)->times[OVERSUB_WINDOW_DECLINED], 1);
	assert_int_equal(asked(w, 0)->now, START_NS + 2 * US + 250);
	assert_int_equal(asked(w, 1)->vcpu, 1);
	vcpu_world_close(w);
}

static void a_controller_knows_what_the_hardware_allows(void **state)
{
	const struct fixed_params params = {.window = {[OVERSUB_WINDOW_CREATE] = 5000}};
	struct vcpu_world *w = open_with(2, 2, &params);
	const struct oversub_window_limits *limits;

	SCRIPT(w, 0, SPIN);
	vcpu_world_start(w);
	limits = &asked(w, 0)->limits;
	assert_int_equal(limits->base, 4096);
	assert_int_equal(limits->grow, 2);
	assert_int_equal(limits->shrink, 0);
	assert_false(limits->counts_pauses);
	assert_true(limits->unit_ns > 0.399 && limits->unit_ns < 0.401);
	assert_int_equal(limits->slice_ns, w->host.eevdf.base_slice_ns);
	vcpu_world_close(w);
}

static void an_amd_window_has_sixteen_bits(void **state)
{
	const struct fixed_params params = {.window = {[OVERSUB_WINDOW_CREATE] = 1000000}};
	struct vcpu_world *w = open_with(2, 2, &params);

	w->kvm_config.ple.type = PLE_AMD;
	SCRIPT(w, 0, SPIN);
	vcpu_world_start(w);
	assert_true(asked(w, 0)->limits.counts_pauses);
	assert_int_equal(vcpu_of_world(w, 0)->ple_window, 65535);
	vcpu_world_close(w);
}

static void a_vcpu_that_was_off_its_cpu_is_loaded(void **state)
{
	const struct fixed_params params = {
		.window = {[OVERSUB_WINDOW_CREATE] = 5000, [OVERSUB_WINDOW_LOADED] = 7777}};
	struct vcpu_world *w = open_with(2, 1, &params);

	SCRIPT(w, 0, WORK(50 * MS));
	SCRIPT(w, 1, WORK(50 * MS));
	vcpu_world_start(w);
	vcpu_world_run_until(w, vcpu_is_preempted, 0, 50 * MS);
	assert_int_equal(vcpu_of_world(w, 0)->ple_window, 5000);
	vcpu_world_run_until(w, vcpu_is_preempted, 1, 50 * MS);
	vcpu_world_run_until(w, vcpu_is_in_guest, 0, 50 * MS);
	assert_int_equal(vcpu_of_world(w, 0)->ple_window, 7777);
	assert_int_equal(asked(w, 0)->times[OVERSUB_WINDOW_LOADED], 1);
	vcpu_world_close(w);
}

static void a_yield_after_which_the_yielder_goes_on_is_futile(void **state)
{
	const struct fixed_params params = {.window = {[OVERSUB_WINDOW_CREATE] = 5000}};
	struct vcpu_world *w = open_with(3, 2, &params);
	const struct vcpu *spinner;

	/* The spinner is alone on its CPU; the others share one. */
	w->on_cpu[1] = w->on_cpu[2] = 1;
	SCRIPT(w, 0, SPIN);
	SCRIPT(w, 1, KERNEL_WORK(50 * MS));
	SCRIPT(w, 2, KERNEL_WORK(50 * MS));
	vcpu_world_start(w);
	spinner = vcpu_of_world(w, 0);
	vcpu_world_run(w, 20 * MS);
	assert_true(w->vm.stats.yield.taken > 0);
	assert_int_equal(asked(w, 0)->times[OVERSUB_WINDOW_FUTILE], w->vm.stats.yield.taken);
	assert_int_equal(asked(w, 0)->times[OVERSUB_WINDOW_DECLINED] +
				 asked(w, 0)->times[OVERSUB_WINDOW_FUTILE],
			 asked(w, 0)->times[OVERSUB_WINDOW_EXIT]);
	assert_int_equal(spinner->dy.preempted, false);
	vcpu_world_close(w);
}

static void without_pause_exits_no_controller_is_asked(void **state)
{
	const struct fixed_params params = {.window = {[OVERSUB_WINDOW_CREATE] = 5000}};
	struct vcpu_world *w = open_with(2, 2, &params);

	w->candidate = "none";
	SCRIPT(w, 0, SPIN);
	vcpu_world_start(w);
	assert_int_equal(asked(w, 0)->times[OVERSUB_WINDOW_CREATE], 0);
	assert_int_equal(vcpu_of_world(w, 0)->ple_window, 0);
	vcpu_world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_controller_sets_the_first_window_and_every_other),
		cmocka_unit_test(a_controller_knows_what_the_hardware_allows),
		cmocka_unit_test(an_amd_window_has_sixteen_bits),
		cmocka_unit_test(a_vcpu_that_was_off_its_cpu_is_loaded),
		cmocka_unit_test(a_yield_after_which_the_yielder_goes_on_is_futile),
		cmocka_unit_test(without_pause_exits_no_controller_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
