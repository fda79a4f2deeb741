/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Max-min shares where not everybody may use every CPU: worked examples, and what is always true.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "sim/engine/random.h"
#include "sim/run/share.h"

enum { MAX_CLAIMS = 12, MAX_CPUS = 6 };

/* Claims with one outlet each, on CPUs that give 1 each. */
struct setup {
	struct share_claim claims[MAX_CLAIMS];
	struct share_outlet outlets[MAX_CLAIMS];
	uint64_t cpus[MAX_CLAIMS];
	int nr, nr_outlets, nr_cpus;
};

static int add(struct setup *setup, int parent, double weight, double limit)
{
	setup->claims[setup->nr] =
		(struct share_claim){.parent = parent, .weight = weight, .limit = limit};
	return setup->nr++;
}

/* cpus 0: all of them. */
static int add_user(struct setup *setup, int parent, double weight, double demand, uint64_t cpus)
{
	int claim = add(setup, parent, weight, INFINITY);

	setup->cpus[claim] = cpus;
	setup->outlets[setup->nr_outlets++] = (struct share_outlet){
		.claim = claim, .demand = demand, .cpus = cpus ? &setup->cpus[claim] : NULL};
	return claim;
}

static void fill(struct setup *setup)
{
	double supply[MAX_CPUS] = {1, 1, 1, 1, 1, 1};

	assert_true(share_fill(setup->claims, setup->nr, setup->outlets, setup->nr_outlets, supply,
			       setup->nr_cpus));
}

#define assert_share(setup, claim, value)                                                          \
	assert_true(fabs((setup)->claims[claim].share - (value)) < 1e-9)

static void without_affinity_shares_go_by_weight_and_demand(void **state)
{
	struct setup s = {.nr_cpus = 4};

	add_user(&s, -1, 100, 4, 0);
	add_user(&s, -1, 200, 4, 0);
	add_user(&s, -1, 100, 0.4, 0);
	fill(&s);
	assert_share(&s, 2, 0.4);
	assert_share(&s, 0, 1.2);
	assert_share(&s, 1, 2.4);
}

static void two_vms_pinned_on_half_of_the_cpus_share_that_half(void **state)
{
	struct setup s = {.nr_cpus = 4};

	add_user(&s, -1, 100, 2, 0x3);
	add_user(&s, -1, 100, 2, 0x3);
	add_user(&s, -1, 100, 4, 0);
	fill(&s);
	/* A third of four CPUs is more than the pinned ones can have: they have one each. */
	assert_share(&s, 0, 1);
	assert_share(&s, 1, 1);
	assert_share(&s, 2, 2);
}

static void whoever_can_go_elsewhere_leaves_a_narrow_set_to_those_who_cannot(void **state)
{
	struct setup s = {.nr_cpus = 3};

	add_user(&s, -1, 100, 1, 0x1);
	add_user(&s, -1, 100, 3, 0x7);
	fill(&s);
	assert_share(&s, 0, 1);
	assert_share(&s, 1, 2);
}

/* {0,1} and {1,2}, and one that may use CPU 1 alone: all are equal at first, then it is stuck. */
static void overlapping_sets_are_filled_together(void **state)
{
	struct setup s = {.nr_cpus = 3};

	add_user(&s, -1, 100, 2, 0x3);
	add_user(&s, -1, 100, 2, 0x6);
	add_user(&s, -1, 100, 1, 0x2);
	fill(&s);
	assert_share(&s, 0, 1);
	assert_share(&s, 1, 1);
	assert_share(&s, 2, 1);

	s = (struct setup){.nr_cpus = 3};
	add_user(&s, -1, 300, 2, 0x3);
	add_user(&s, -1, 300, 2, 0x6);
	add_user(&s, -1, 100, 1, 0x2);
	fill(&s);
	/* 7 parts of 3 CPUs: 9/7, 9/7 and 3/7 can be had at the same time. */
	assert_share(&s, 0, 9 / 7.0);
	assert_share(&s, 1, 9 / 7.0);
	assert_share(&s, 2, 3 / 7.0);
}

static void a_vm_whose_vcpus_are_pinned_one_by_one_has_no_more_than_its_cpus(void **state)
{
	struct setup s = {.nr_cpus = 2};
	uint64_t first = 0x1, second = 0x2;
	int pinned = add(&s, -1, 300, INFINITY);

	/* Its second vCPU has little to do, and the rest of that CPU is somebody else's. */
	s.outlets[s.nr_outlets++] =
		(struct share_outlet){.claim = pinned, .demand = 1, .cpus = &first};
	s.outlets[s.nr_outlets++] =
		(struct share_outlet){.claim = pinned, .demand = 0.1, .cpus = &second};
	add_user(&s, -1, 100, 2, 0);
	fill(&s);
	assert_share(&s, pinned, 1.1);
	assert_share(&s, 1, 0.9);
}

static void cgroups_share_first_and_then_what_is_in_them(void **state)
{
	struct setup s = {.nr_cpus = 4};
	int a = add(&s, -1, 100, INFINITY), b = add(&s, -1, 300, 1);

	add_user(&s, a, 100, 4, 0);
	add_user(&s, a, 200, 4, 0x1);
	add_user(&s, b, 100, 4, 0);
	add_user(&s, -1, 100, 4, 0x2);
	fill(&s);
	/* b is limited to 1 of 4, the last to a CPU of its own; a has the other two. */
	assert_share(&s, b, 1);
	assert_share(&s, 5, 1);
	assert_share(&s, a, 2);
	assert_share(&s, 4, 1);
	assert_share(&s, 3, 1); /* 2/3 and 4/3 by weight, but CPU 0 has only 1 */
	assert_share(&s, 2, 1);
}

static void what_is_fixed_comes_off_the_top_where_it_can_be_used(void **state)
{
	struct setup s = {.nr_cpus = 2};
	int fixed = add_user(&s, -1, 1, 0.5, 0x1);

	s.claims[fixed].fixed = true;
	s.claims[fixed].share = 0.5;
	add_user(&s, -1, 100, 1, 0x1);
	add_user(&s, -1, 100, 1, 0x2);
	fill(&s);
	assert_share(&s, 1, 0.5);
	assert_share(&s, 2, 1);
}

static void who_wants_nothing_gets_nothing(void **state)
{
	struct setup s = {.nr_cpus = 1};

	add(&s, -1, 100, INFINITY); /* an empty cgroup */
	add_user(&s, -1, 100, 0, 0);
	add_user(&s, -1, 100, 1, 0);
	fill(&s);
	assert_share(&s, 0, 0);
	assert_share(&s, 1, 0);
	assert_share(&s, 2, 1);
}

/* ---- What is always true -------------------------------------------------------------------- */

/* The CPU time within a set of CPUs, less what those have to have who can use no other. */
static double room_in(const struct setup *s, uint64_t cpus)
{
	double room = 0;

	for (int c = 0; c < s->nr_cpus; c++)
		room += (double)(cpus >> c & 1);
	for (int i = 0; i < s->nr; i++)
		if (!(s->cpus[i] & ~cpus))
			room -= s->claims[i].share;
	return room;
}

/*
 * Possible: no set of CPUs is overfull (Hall's condition). Max-min: each claim has what it wants,
 * or is among those who fill a set of CPUs, in which nobody whose time is there has more by weight.
 */
static void check_max_min(const struct setup *s)
{
	uint64_t all = (UINT64_C(1) << s->nr_cpus) - 1;

	for (uint64_t set = 1; set <= all; set++)
		assert_true(room_in(s, set) > -1e-9);
	for (int i = 0; i < s->nr; i++) {
		double level = s->claims[i].share / s->claims[i].weight;
		bool justified = s->claims[i].share > s->outlets[i].demand - 1e-9;

		for (uint64_t set = 1; set <= all && !justified; set++) {
			double higher = 0;

			if (s->cpus[i] & ~set)
				continue;
			for (int k = 0; k < s->nr; k++)
				if (!(s->cpus[k] & ~set))
					higher = fmax(higher,
						      s->claims[k].share / s->claims[k].weight);
			justified = room_in(s, set) < 1e-9 && higher < level + 1e-9;
		}
		assert_true(justified);
	}
}

static void shares_are_possible_and_nobody_could_have_more_from_somebody_richer(void **state)
{
	struct sim_stream stream;

	sim_stream_init(&stream, 1, 0, "test", "shares");
	for (int round = 0; round < 500; round++) {
		struct setup s = {.nr_cpus = 1 + (int)sim_stream_below(&stream, MAX_CPUS)};
		int nr = 1 + (int)sim_stream_below(&stream, 8);
		uint64_t all = (UINT64_C(1) << s.nr_cpus) - 1;

		for (int i = 0; i < nr; i++)
			add_user(&s, -1, 1 + (double)sim_stream_below(&stream, 5),
				 (double)sim_stream_below(&stream, 8) / 2,
				 1 + sim_stream_below(&stream, all));
		fill(&s);
		check_max_min(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_affinity_shares_go_by_weight_and_demand),
		cmocka_unit_test(two_vms_pinned_on_half_of_the_cpus_share_that_half),
		cmocka_unit_test(whoever_can_go_elsewhere_leaves_a_narrow_set_to_those_who_cannot),
		cmocka_unit_test(overlapping_sets_are_filled_together),
		cmocka_unit_test(a_vm_whose_vcpus_are_pinned_one_by_one_has_no_more_than_its_cpus),
		cmocka_unit_test(cgroups_share_first_and_then_what_is_in_them),
		cmocka_unit_test(what_is_fixed_comes_off_the_top_where_it_can_be_used),
		cmocka_unit_test(who_wants_nothing_gets_nothing),
		cmocka_unit_test(
			shares_are_possible_and_nobody_could_have_more_from_somebody_richer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
