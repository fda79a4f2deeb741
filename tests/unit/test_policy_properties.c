/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What no candidate policy may do, whatever it knows and whatever its parameters: tried on every
 * one that is registered, with random vCPUs, random news and random answers to its yields.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "sim/engine/random.h"
#include "tests/unit/scripted_vm.h"
#include "sim/scenario/policy_registry.h"

enum { ROUNDS = 300, STEPS = 40 };

struct any_policy {
	struct scripted_vm scripted;
	struct sim_stream random;
	bool running[SCRIPTED_VCPUS];
	bool finished; /* a yield was taken in this call: no more may follow */
};

static int below(struct any_policy *any, uint64_t n)
{
	return (int)sim_stream_below(&any->random, n);
}

/* A state that a vCPU thread can be in (models/kvm/README.md, Flags). */
static void any_state(struct any_policy *any, int vcpu)
{
	static const char *const states[] = {"",      "",    "rp", "rpk", "rps", "rpks",
					     "rpksd", "rbE", "rb", "b",	  "bE"};
	int state = below(any, sizeof(states) / sizeof(*states));
	struct oversub_vcpu *dy = &any->scripted.vcpus[vcpu];

	scripted_vm_flags(&any->scripted, vcpu, states[state]);
	any->running[vcpu] = state < 2;
	dy->apicv_active = below(any, 2);
	dy->pid_on = below(any, 4) == 0;
}

/* Sometimes the default, sometimes not; what lets mainline try running vCPUs stays as it is. */
static void any_params(struct any_policy *any, const struct oversub_param *param)
{
	char *params = scripted_vm_params(&any->scripted);

	for (; param && param->name; param++) {
		int64_t *value = (int64_t *)(params + param->offset);
		int64_t choices = 0;

		if (below(any, 2) || !strcmp(param->name, "use_ready"))
			continue;
		while (param->choices && param->choices[choices])
			choices++;
		switch (param->type) {
		case OVERSUB_PARAM_BOOL: *value = below(any, 2); break;
		case OVERSUB_PARAM_ENUM: *value = below(any, (uint64_t)choices); break;
		case OVERSUB_PARAM_INT:
			*value = param->min + below(any, (uint64_t)(param->max - param->min) + 1);
			break;
		default: break;
		}
	}
}

static void any_news(struct any_policy *any)
{
	int nr = any->scripted.vm.nr_vcpus;
	struct oversub_vcpu *vcpu = &any->scripted.vcpus[below(any, (uint64_t)nr)];
	struct oversub_vcpu *other = &any->scripted.vcpus[below(any, (uint64_t)nr)];
	uint8_t vector = (uint8_t)(0xfb + below(any, 3));

	any->scripted.now += (uint64_t)below(any, 1000000);
	switch (below(any, 10)) {
	case 0: directed_yield_eoi(vcpu, vector, below(any, 2)); break;
	case 1: directed_yield_reset(vcpu); break;
	case 2: directed_yield_sched_in(vcpu); break;
	case 3: directed_yield_sched_out(vcpu, below(any, 2)); break;
	case 4: directed_yield_wake(vcpu); break;
	case 5: directed_yield_guest_entry(vcpu); break;
	case 6: directed_yield_exit(vcpu, below(any, 2)); break;
	case 7: directed_yield_halt(vcpu); break;
	default:
		directed_yield_ipi(&(struct oversub_ipi){
			.source = vcpu,
			.target = other,
			.accepted = 1 + below(any, 2),
			.vector = vector,
			.fixed = below(any, 4) != 0,
			.shorthand = below(any, 4) == 0,
			.how = (enum oversub_ipi_how)below(any, 3),
		});
	}
}

static void check_call(const struct any_policy *any, int me, const struct oversub_vcpu *boosted)
{
	const struct scripted_vm *scripted = &any->scripted;
	const struct oversub_vcpu *dy = &scripted->vcpus[me];
	int nr = scripted->vm.nr_vcpus;
	int tried[SCRIPTED_VCPUS] = {0};
	bool follows = scripted->vm.policy->head.needs & OVERSUB_NEEDS_GUEST_HINT;

	/* Two scans; a chain that the guest has named is no longer than the VM is large. */
	assert_true(dy->scan_candidates <= (follows ? 3 : 2) * nr);
	for (int i = 0; i < scripted->nr_tries; i++) {
		int target = scripted->tries[i];
		bool taken = scripted->results[target] > 0;

		assert_int_not_equal(target, me);
		assert_false(any->running[target]);
		/* Two scans at most come across everybody twice. */
		assert_true(++tried[target] <= 2);
		assert_int_equal(taken, boosted && i == scripted->nr_tries - 1);
		if (taken)
			assert_ptr_equal(boosted, &scripted->vcpus[target]);
	}
	if (boosted)
		assert_true(scripted->nr_tries > 0);
}

static void spin(struct any_policy *any)
{
	static const int results[] = {1, 0, 0, -ESRCH};
	struct scripted_vm *scripted = &any->scripted;
	int nr = scripted->vm.nr_vcpus;
	int me = below(any, (uint64_t)nr);
	struct oversub_vcpu *boosted;

	for (int i = 0; i < nr; i++) {
		any_state(any, i);
		scripted->results[i] = results[below(any, 4)];
		scripted->waits_for[i] = below(any, (uint64_t)nr + 1) - 1;
	}
	scripted_vm_flags(scripted, me, "");
	scripted->nr_tries = 0;
	boosted = directed_yield_begin(&scripted->vcpus[me], below(any, 2));
	check_call(any, me, boosted);
	if (boosted)
		directed_yield_finish(&scripted->vcpus[me], boosted);
	else if (scripted->vcpus[me].leave != DIRECTED_YIELD_STAY)
		directed_yield_finish(&scripted->vcpus[me], NULL);
	assert_false(scripted->vcpus[me].in_spin_loop);
	assert_false(scripted->vcpus[me].dy_eligible);
}

static void one_round(const struct oversub_candidate_policy *policy, uint64_t seed)
{
	struct any_policy *any = test_calloc(1, sizeof(*any));

	sim_stream_init(&any->random, seed, 0, policy->head.name, "properties");
	scripted_vm_open(&any->scripted, policy->head.name, 1 + below(any, below(any, 3) ? 6 : 64));
	any->scripted.vm.vendor = below(any, 2) ? KVM_VENDOR_AMD : KVM_VENDOR_INTEL;
	any->scripted.publishes = below(any, 3) != 0;
	any_params(any, policy->head.params);
	for (int step = 0; step < STEPS; step++) {
		for (int news = below(any, 6); news > 0; news--)
			any_news(any);
		spin(any);
	}
	scripted_vm_close(&any->scripted);
	test_free(any);
}

static void no_policy_oversteps_its_bounds(void **state)
{
	const struct oversub_policy *policy;

	for (int i = 0;
	     (policy = policy_registry_at(&policy_registry_builtin, OVERSUB_CANDIDATE, i)); i++) {
		for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
			print_message("%s seed %" PRIu64 "\r", policy->name, seed);
			one_round((const void *)policy, seed);
		}
	}
}

static void what_a_policy_did_not_ask_for_it_is_not_told(void **state)
{
	const struct oversub_policy *head;

	/* A yield of one VM can never reach another: there is no way to name its vCPUs. */
	for (int i = 0; (head = policy_registry_at(&policy_registry_builtin, OVERSUB_CANDIDATE, i));
	     i++) {
		const struct oversub_candidate_policy *policy = (const void *)head;
		uint32_t ipis = OVERSUB_NEEDS_IPI_SOFT | OVERSUB_NEEDS_IPI_ALL;
		bool watches = policy->on_sched_in || policy->on_sched_out || policy->on_wake ||
			       policy->on_guest_entry || policy->on_exit || policy->on_halt;

		assert_true(!policy->on_ipi || (policy->head.needs & ipis));
		assert_true(!policy->on_eoi || (policy->head.needs & OVERSUB_NEEDS_EOI));
		assert_true(!policy->on_wait || (policy->head.needs & OVERSUB_NEEDS_ORACLE));
		assert_true(!watches || (policy->head.needs & OVERSUB_NEEDS_FLAGS));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_policy_oversteps_its_bounds),
		cmocka_unit_test(what_a_policy_did_not_ask_for_it_is_not_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
