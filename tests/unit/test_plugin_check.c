/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a plug-in may not be, found before any of it is used; and what a registry with one has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/policy_registry.h"
#include "sim/scenario/scenario.h"
#include "tests/unit/scenario_text.h"

struct params {
	int64_t a, b;
	double c;
};

static const char *const choices[] = {"one", "two", NULL};

static const struct oversub_param good_params[] = {
	OVERSUB_INT(struct params, a, "things", 3, 1, 9, "Things."),
	OVERSUB_ENUM(struct params, b, choices, 1, "Which."),
	OVERSUB_REAL(struct params, c, NULL, 0.5, 0, 1, "Share."),
	OVERSUB_PARAM_END,
};

static struct oversub_vcpu *nobody(struct oversub_vcpu *me, bool want_kernel)
{
	return NULL;
}

static uint32_t same(const struct oversub_vcpu *vcpu, enum oversub_window_event event,
		     uint32_t window, const struct oversub_window_limits *limits, uint64_t now,
		     const void *params, void *vcpu_private)
{
	return window;
}

static bool taken(const struct oversub_yield *yield)
{
	return true;
}

/* A plug-in with one policy of each kind, to be spoilt in one respect. */
struct offer {
	struct oversub_candidate_policy candidate;
	struct oversub_sched_policy sched;
	struct oversub_window_policy window;
	const struct oversub_policy *policies[5];
	struct oversub_plugin plugin;
	struct oversub_param params[5];
};

static void make(struct offer *offer)
{
	*offer = (struct offer){
		.candidate = {OVERSUB_CANDIDATE_POLICY, .head.name = "mine", .head.help = "Mine.",
			      .head.needs = OVERSUB_NEEDS_FLAGS, .head.params = offer->params,
			      .head.params_size = sizeof(struct params), .on_spin = nobody},
		.sched = {OVERSUB_SCHED_POLICY, .head.name = "mine", .head.help = "Mine, too.",
			  .yield_to = taken},
		.window = {OVERSUB_WINDOW_POLICY, .head.name = "mine", .head.help = "Also mine.",
			   .next_window = same},
		.policies = {&offer->candidate.head, &offer->sched.head, &offer->window.head},
		.plugin = {.version = OVERSUB_POLICY_VERSION,
			   .size = sizeof(offer->plugin),
			   .policies = offer->policies},
	};
	memcpy(offer->params, good_params, sizeof(good_params));
}

static void assert_refused(const struct offer *offer, const char *text)
{
	struct policy_registry registry = policy_registry_builtin;
	struct oversub_error error = {""};

	assert_int_equal(policy_registry_add(&registry, "mine.so", NULL, &offer->plugin, &error),
			 OVERSUB_BAD_INPUT);
	assert_string_equal(error.message, text);
	/* As before. */
	assert_memory_equal(&registry, &policy_registry_builtin, sizeof(registry));
}

/* ---- What is right -------------------------------------------------------------------------- */

static void a_registry_has_built_in_policies_and_those_of_plugins(void **state)
{
	struct policy_registry registry = policy_registry_builtin;
	const struct scenario_override policies[] = {
		{"candidate.policy", "mine"}, {"sched.policy", "mine"}, {"window.policy", "mine"},
		{"candidate.a", "7"},	      {"candidate.b", "one"},
	};
	const struct scenario_overrides overrides = {
		.list = policies, .nr = 5, .policies = &registry};
	struct oversub_error error = {""};
	struct scenario *scenario;
	struct offer offer;

	make(&offer);
	assert_int_equal(policy_registry_add(&registry, "mine.so", NULL, &offer.plugin, &error),
			 OVERSUB_OK);
	if (load_text(small_scenario, &overrides, &scenario, &error))
		fail_msg("%s", error.message);
	assert_ptr_equal(scenario->chosen[OVERSUB_CANDIDATE].policy, &offer.candidate.head);
	assert_ptr_equal(scenario->chosen[OVERSUB_SCHED].policy, &offer.sched.head);
	assert_ptr_equal(scenario->chosen[OVERSUB_WINDOW].policy, &offer.window.head);
	assert_int_equal(((const struct params *)scenario->chosen[OVERSUB_CANDIDATE].params)->a, 7);
	assert_int_equal(((const struct params *)scenario->chosen[OVERSUB_CANDIDATE].params)->b, 0);
	assert_true(((const struct params *)scenario->chosen[OVERSUB_CANDIDATE].params)->c == 0.5);
	scenario_free(scenario);
	policy_registry_free(&registry);
	assert_memory_equal(&registry, &policy_registry_builtin, sizeof(registry));
}

static void built_in_policies_stay_where_they_were(void **state)
{
	struct policy_registry registry = policy_registry_builtin;
	struct offer offer;
	int i;

	make(&offer);
	assert_int_equal(policy_registry_add(&registry, "mine.so", NULL, &offer.plugin, NULL), 0);
	for (i = 0; oversub_policies[i]; i++)
		assert_ptr_equal(registry.policies[i], oversub_policies[i]);
	assert_ptr_equal(registry.policies[i], &offer.candidate);
	assert_ptr_equal(registry.policies[i + 2], &offer.window);
	assert_null(registry.policies[i + 3]);
	policy_registry_free(&registry);
}

static void the_range_of_a_plugins_parameter_is_kept(void **state)
{
	struct policy_registry registry = policy_registry_builtin;
	const struct scenario_override policies[] = {{"candidate.policy", "mine"},
						     {"candidate.a", "10"}};
	const struct scenario_overrides overrides = {
		.list = policies, .nr = 2, .policies = &registry};
	struct oversub_error error = {""};
	struct scenario *scenario;
	struct offer offer;

	make(&offer);
	assert_int_equal(policy_registry_add(&registry, "mine.so", NULL, &offer.plugin, NULL), 0);
	assert_int_equal(load_text(small_scenario, &overrides, &scenario, &error),
			 OVERSUB_BAD_INPUT);
	assert_non_null(strstr(error.message, "yield.candidate.a: 10 is out of range 1..9"));
	policy_registry_free(&registry);
}

/* ---- What is wrong -------------------------------------------------------------------------- */

static void a_name_can_be_taken_once(void **state)
{
	struct policy_registry registry = policy_registry_builtin;
	struct oversub_error error = {""};
	struct offer offer, other;

	make(&offer);
	make(&other);
	assert_int_equal(policy_registry_add(&registry, "mine.so", NULL, &offer.plugin, NULL), 0);
	assert_int_equal(policy_registry_add(&registry, "other.so", NULL, &other.plugin, &error),
			 OVERSUB_BAD_INPUT);
	assert_string_equal(error.message, "plug-in other.so: yield.candidate policy mine: mine.so "
					   "has a policy of that name already");
	policy_registry_free(&registry);

	offer.candidate.head.name = "v3";
	assert_refused(&offer, "plug-in mine.so: yield.candidate policy v3: oversub itself has a "
			       "policy of that name already");
	make(&offer);
	offer.policies[3] = &offer.candidate.head;
	assert_refused(&offer, "plug-in mine.so: yield.candidate policy mine: it is number 0 and "
			       "number 3 of the list");
}

static void names_are_words_of_small_letters(void **state)
{
	static const char *const wrong[] = {NULL, "", "Mine", "my policy", "mine!"};

	for (int i = 0; i < 5; i++) {
		struct offer offer;

		make(&offer);
		offer.candidate.head.name = wrong[i];
		assert_refused(&offer, "plug-in mine.so: yield.candidate policy number 0: its name "
				       "should have letters a to z, digits and _, up to 64");
	}
}

static void every_struct_is_of_this_version_and_size(void **state)
{
	char text[300];
	struct offer offer;

	make(&offer);
	offer.window.head.version = OVERSUB_POLICY_VERSION + 1;
	snprintf(text, sizeof(text),
		 "plug-in mine.so: policy number 2: made for version %d of the "
		 "policy interface, and this oversub has version %d: compile it again with the "
		 "headers of this oversub",
		 OVERSUB_POLICY_VERSION + 1, OVERSUB_POLICY_VERSION);
	assert_refused(&offer, text);
	make(&offer);
	offer.sched.head.size = 16;
	snprintf(text, sizeof(text),
		 "plug-in mine.so: yield.sched policy number 1: its size is 16, but in version %d "
		 "it should be %zu: .size is the sizeof of the struct",
		 OVERSUB_POLICY_VERSION, sizeof(offer.sched));
	assert_refused(&offer, text);
}

static void what_a_policy_is_there_for_cannot_be_left_out(void **state)
{
	struct offer offer;

	make(&offer);
	offer.candidate.on_spin = NULL;
	assert_refused(&offer,
		       "plug-in mine.so: yield.candidate policy mine: it has no function on_spin");
	make(&offer);
	offer.sched.yield_to = NULL;
	assert_refused(&offer,
		       "plug-in mine.so: yield.sched policy mine: it has no function yield_to");
	make(&offer);
	offer.window.next_window = NULL;
	assert_refused(&offer,
		       "plug-in mine.so: yield.window policy mine: it has no function next_window");
	make(&offer);
	offer.sched.head.help = NULL;
	assert_refused(&offer, "plug-in mine.so: yield.sched policy mine: it has no help, one "
			       "sentence for `oversub list`");
	make(&offer);
	offer.candidate.head.needs = 1 << 20;
	assert_refused(&offer, "plug-in mine.so: yield.candidate policy mine: it needs 0x100000, "
			       "which nobody knows");
	make(&offer);
	offer.sched.head.kind = OVERSUB_POLICY_KINDS;
	assert_refused(&offer, "plug-in mine.so: policy number 1: it is of kind 4, which nobody "
			       "knows");
	make(&offer);
	offer.policies[0] = NULL;
	assert_refused(&offer, "plug-in mine.so offers no policy");
	offer.plugin.policies = NULL;
	assert_refused(&offer, "plug-in mine.so offers no policy");
}

#define MINE "plug-in mine.so: yield.candidate policy mine: "

static void tables_of_parameters_make_sense(void **state)
{
	struct offer offer;

	make(&offer);
	offer.params[1].name = "a";
	assert_refused(&offer, MINE "two parameters have the name a");
	make(&offer);
	offer.params[1].offset = 0;
	assert_refused(&offer, MINE "parameters a and b have the same offset");
	make(&offer);
	offer.params[0].name = "policy";
	assert_refused(&offer, MINE "parameter number 0: a name has letters a to z, digits and _, "
				    "and is not \"policy\"");
	make(&offer);
	offer.params[2].offset = 24;
	assert_refused(&offer, MINE "parameter c is at offset 24, which is no place for an int64_t "
				    "or double in a struct of 24 bytes (params_size)");
	make(&offer);
	offer.params[2].offset = 4;
	assert_refused(&offer, MINE "parameter c is at offset 4, which is no place for an int64_t "
				    "or double in a struct of 24 bytes (params_size)");
	make(&offer);
	offer.candidate.head.params_size = 0;
	assert_refused(&offer, MINE "parameter a is at offset 0, which is no place for an int64_t "
				    "or double in a struct of 0 bytes (params_size)");
	make(&offer);
	offer.params[0].def = 10;
	assert_refused(&offer, MINE "parameter a: default 10 is outside its range 1..9");
	make(&offer);
	offer.params[2].real_min = 0.6;
	assert_refused(&offer, MINE "parameter c: default 0.5 is outside its range 0.6..1");
	make(&offer);
	offer.params[1].def = 2;
	assert_refused(&offer, MINE "parameter b: default 2 is none of its 2 choices");
	make(&offer);
	offer.params[1].choices = NULL;
	assert_refused(&offer, MINE "parameter b needs choices: names, then NULL, at most 255 of "
				    "them");
	make(&offer);
	offer.params[0].type = (enum oversub_param_type)17;
	assert_refused(&offer, MINE "parameter a has the unknown type 17");
	make(&offer);
	offer.params[0].help = NULL;
	assert_refused(&offer, MINE "parameter a has no help");
}

static void the_built_in_policies_would_pass(void **state)
{
	static const struct oversub_policy *const nothing[] = {NULL};
	const struct policy_registry empty = {.policies = nothing};
	const struct oversub_policy *list[100] = {NULL};
	const struct oversub_plugin all = {
		.version = OVERSUB_POLICY_VERSION, .size = sizeof(all), .policies = list};
	struct oversub_error error = {""};
	int nr = 0;

	/* KVM's own window controller has no function, and may do without. */
	for (int i = 0; oversub_policies[i]; i++)
		if (oversub_policies[i]->kind != OVERSUB_WINDOW ||
		    strcmp(oversub_policies[i]->name, "mainline") != 0)
			list[nr++] = oversub_policies[i];
	assert_true(nr > 30);
	if (plugin_check(&empty, "built in", &all, &error))
		fail_msg("%s", error.message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_registry_has_built_in_policies_and_those_of_plugins),
		cmocka_unit_test(built_in_policies_stay_where_they_were),
		cmocka_unit_test(the_range_of_a_plugins_parameter_is_kept),
		cmocka_unit_test(a_name_can_be_taken_once),
		cmocka_unit_test(names_are_words_of_small_letters),
		cmocka_unit_test(every_struct_is_of_this_version_and_size),
		cmocka_unit_test(what_a_policy_is_there_for_cannot_be_left_out),
		cmocka_unit_test(tables_of_parameters_make_sense),
		cmocka_unit_test(the_built_in_policies_would_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
