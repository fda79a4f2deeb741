/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "models/kvm/lapic.h"

#define MAX_VCPUS 64

struct machine {
	struct lapic lapics[MAX_VCPUS];
	struct lapic *pointers[MAX_VCPUS];
	struct apic_map map;
	int accepted[MAX_VCPUS];
	int nr_accepted;
};

static void machine_open(struct machine *machine, int nr, enum lapic_mode mode)
{
	for (int i = 0; i < nr; i++) {
		lapic_init(&machine->lapics[i], (uint32_t)i, mode);
		machine->pointers[i] = &machine->lapics[i];
	}
	assert_int_equal(apic_map_init(&machine->map, machine->pointers, nr, MAX_VCPUS, NULL),
			 OVERSUB_OK);
	apic_map_recompute(&machine->map);
}

static void note(void *context, int vcpu, enum lapic_raised raised)
{
	struct machine *machine = context;

	machine->accepted[machine->nr_accepted++] = vcpu;
}

static struct lapic_result machine_send(struct machine *machine,
					const struct lapic_message *message)
{
	machine->nr_accepted = 0;
	return lapic_send(&machine->map, message, note, machine);
}

/* ---- Registers ---------------------------------------------------------------------------- */

static struct lapic one(void)
{
	struct lapic lapic;

	lapic_init(&lapic, 0, LAPIC_X2APIC);
	return lapic;
}

static void put_in_service(struct lapic *lapic, uint8_t vector)
{
	lapic_accept(lapic, vector, false, true);
	assert_int_equal(lapic_inject(lapic), vector);
}

static void a_higher_class_interrupts_a_service_and_the_same_class_does_not(void **state)
{
	struct lapic lapic = one();

	put_in_service(&lapic, 0xec);
	lapic_accept(&lapic, 0xfb, false, true);
	assert_int_equal(lapic_deliverable(&lapic), 0xfb);
	assert_int_equal(lapic_inject(&lapic), 0xfb);
	lapic_accept(&lapic, 0xfd, false, true);
	assert_int_equal(lapic_deliverable(&lapic), -1);
	assert_int_equal(lapic_eoi(&lapic), 0xfb);
	assert_int_equal(lapic_deliverable(&lapic), 0xfd);
}

static void the_highest_task_priority_blocks_everything(void **state)
{
	struct lapic lapic = one();

	lapic_accept(&lapic, 0xff, false, true);
	assert_false(lapic_set_tpr(&lapic, 0xf0));
	assert_int_equal(lapic_deliverable(&lapic), -1);
	assert_true(lapic_set_cr8(&lapic, 0)); /* lowered below a request: look again */
	assert_int_equal(lapic_deliverable(&lapic), 0xff);
}

static void a_second_request_of_a_vector_is_accepted_and_coalesces(void **state)
{
	struct lapic lapic = one();

	assert_int_equal(lapic_accept(&lapic, 0xfb, false, true), LAPIC_RAISED_EVENT);
	assert_int_equal(lapic_accept(&lapic, 0xfb, false, true), LAPIC_RAISED_EVENT);
	assert_int_equal(lapic_inject(&lapic), 0xfb);
	assert_int_equal(lapic_eoi(&lapic), 0xfb);
	assert_int_equal(lapic_inject(&lapic), -1);
}

static void an_eoi_with_nothing_in_service_is_spurious(void **state)
{
	struct lapic lapic = one();

	lapic_accept(&lapic, 0xfb, false, true);
	assert_int_equal(lapic_eoi(&lapic), -1);
	assert_true(lapic_vectors_test(&lapic.irr, 0xfb));
}

static void vectors_below_16_are_accepted_and_never_delivered(void **state)
{
	struct lapic lapic = one();

	assert_int_equal(lapic_accept(&lapic, 15, false, true), LAPIC_RAISED_EVENT);
	assert_int_equal(lapic_deliverable(&lapic), -1);
}

static void a_software_disabled_apic_accepts_nothing_and_injects_what_it_has(void **state)
{
	struct lapic lapic = one();

	lapic_accept(&lapic, 0xfb, false, true);
	lapic.software_enabled = false;
	assert_int_equal(lapic_accept(&lapic, 0xfd, false, true), LAPIC_REJECTED);
	assert_int_equal(lapic_inject(&lapic), 0xfb);
}

static void posted_vectors_reach_irr_when_they_are_synced(void **state)
{
	struct lapic lapic = one();

	lapic.posted = true;
	assert_int_equal(lapic_accept(&lapic, 0xfb, false, true), LAPIC_RAISED_POSTED);
	assert_int_equal(lapic_accept(&lapic, 0xfb, false, true), LAPIC_RAISED_AGAIN);
	assert_int_equal(lapic_deliverable(&lapic), -1);
	assert_true(lapic_sync_posted(&lapic));
	assert_false(lapic_sync_posted(&lapic));
	assert_int_equal(lapic_inject(&lapic), 0xfb);
}

static void whatever_is_accepted_is_served_once_in_falling_classes(void **state)
{
	const unsigned int seed = 20240611;

	print_message("seed %u\n", seed);
	srandom(seed);
	for (int round = 0; round < 2000; round++) {
		struct lapic lapic = one();
		bool requested[256] = {false};
		int nr = (int)(random() % 40), distinct = 0, last_class = 16, served = 0, vector;

		for (int i = 0; i < nr; i++) {
			vector = 16 + (int)(random() % 240);
			lapic_accept(&lapic, (uint8_t)vector, false, true);
			distinct += !requested[vector];
			requested[vector] = true;
		}
		while ((vector = lapic_inject(&lapic)) >= 0) {
			assert_true(requested[vector]);
			requested[vector] = false;
			assert_true(vector / 16 <= last_class);
			assert_int_equal(lapic.ppr, vector & 0xf0);
			last_class = vector / 16;
			assert_int_equal(lapic_eoi(&lapic), vector);
			served++;
		}
		assert_int_equal(served, distinct);
		assert_int_equal(lapic.ppr, 0);
	}
}

/* ---- Destinations ------------------------------------------------------------------------- */

static void a_physical_unicast_takes_the_fast_route(void **state)
{
	struct machine machine = {0};
	struct lapic_message message = lapic_unicast(0, 5, 0xfb);
	struct lapic_result result;

	machine_open(&machine, 16, LAPIC_X2APIC);
	result = machine_send(&machine, &message);
	assert_true(result.fast);
	assert_true(result.fixed);
	assert_int_equal(result.accepted, 1);
	assert_int_equal(result.target, 5);
	assert_true(lapic_vectors_test(&machine.lapics[5].irr, 0xfb));
	message.dest = 40; /* nobody */
	result = machine_send(&machine, &message);
	assert_int_equal(result.result, 0);
	assert_int_equal(result.target, -1);
	apic_map_destroy(&machine.map);
}

static void all_but_self_reaches_every_other_vcpu_by_the_slow_route(void **state)
{
	struct machine machine = {0};
	struct lapic_message message = {
		.source = 3, .vector = 0xfc, .shorthand = LAPIC_ALL_BUT_SELF, .asserted = true};
	struct lapic_result result;

	machine_open(&machine, 16, LAPIC_X2APIC);
	result = machine_send(&machine, &message);
	assert_false(result.fast);
	assert_int_equal(result.accepted, 15);
	for (int i = 0; i < 16; i++)
		assert_int_equal(lapic_vectors_test(&machine.lapics[i].irr, 0xfc), i != 3);
	apic_map_destroy(&machine.map);
}

static void a_cluster_message_reaches_up_to_sixteen_vcpus(void **state)
{
	struct machine machine = {0};
	struct lapic_message message = {.source = 0,
					.dest = 1u << 16 | 0x8005,
					.vector = 0xfc,
					.logical = true,
					.asserted = true};

	machine_open(&machine, 40, LAPIC_X2APIC);
	assert_int_equal(machine_send(&machine, &message).accepted, 3);
	assert_int_equal(machine.accepted[0], 16);
	assert_int_equal(machine.accepted[1], 18);
	assert_int_equal(machine.accepted[2], 31);
	apic_map_destroy(&machine.map);
}

static void a_message_in_lowest_mode_is_not_fixed(void **state)
{
	struct machine machine = {0};
	struct lapic_message message = lapic_unicast(0, 1u << 16 | 1, 0xfb);

	machine_open(&machine, 32, LAPIC_X2APIC);
	message.logical = true;
	assert_true(machine_send(&machine, &message).fixed); /* one match: may be tracked */
	message.delivery = LAPIC_LOWEST;
	assert_false(machine_send(&machine, &message).fixed);
	assert_int_equal(machine.accepted[0], 16);
	apic_map_destroy(&machine.map);
}

static void two_apics_with_one_id_leave_no_map(void **state)
{
	struct machine machine = {0};
	struct lapic_message message = lapic_unicast(0, 2, 0xfb);

	machine_open(&machine, 4, LAPIC_XAPIC);
	machine.map.x2apic_format = false;
	machine.lapics[3].xapic_id = 2;
	apic_map_recompute(&machine.map);
	assert_int_equal(machine.map.mode, APIC_MAP_NONE);
	assert_int_equal(machine_send(&machine, &message).accepted, 2); /* both listen */
	apic_map_destroy(&machine.map);
}

static void the_fast_route_delivers_what_the_slow_one_would(void **state)
{
	const unsigned int seed = 7;

	print_message("seed %u\n", seed);
	srandom(seed);
	for (int round = 0; round < 500; round++) {
		struct machine fast = {0}, slow = {0};
		int nr = 2 + (int)(random() % 38);
		struct lapic_message message = {
			.source = (int)(random() % nr),
			.dest = (uint32_t)(random() % 48),
			.vector = (uint8_t)(16 + random() % 240),
			.logical = random() & 1,
			.asserted = true,
		};

		if (message.logical)
			message.dest =
				(uint32_t)(random() % 3) << 16 | (uint32_t)(random() & 0xffff);
		machine_open(&fast, nr, LAPIC_X2APIC);
		machine_open(&slow, nr, LAPIC_X2APIC);
		slow.map.mode = APIC_MAP_NONE;
		assert_true(machine_send(&fast, &message).fast);
		assert_false(machine_send(&slow, &message).fast);
		assert_int_equal(fast.nr_accepted, slow.nr_accepted);
		assert_memory_equal(fast.accepted, slow.accepted, sizeof(fast.accepted));
		apic_map_destroy(&fast.map);
		apic_map_destroy(&slow.map);
	}
}

static void an_apic_is_small(void **state)
{
	assert_true(sizeof(struct lapic) < 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_higher_class_interrupts_a_service_and_the_same_class_does_not),
		cmocka_unit_test(the_highest_task_priority_blocks_everything),
		cmocka_unit_test(a_second_request_of_a_vector_is_accepted_and_coalesces),
		cmocka_unit_test(an_eoi_with_nothing_in_service_is_spurious),
		cmocka_unit_test(vectors_below_16_are_accepted_and_never_delivered),
		cmocka_unit_test(a_software_disabled_apic_accepts_nothing_and_injects_what_it_has),
		cmocka_unit_test(posted_vectors_reach_irr_when_they_are_synced),
		cmocka_unit_test(whatever_is_accepted_is_served_once_in_falling_classes),
		cmocka_unit_test(a_physical_unicast_takes_the_fast_route),
		cmocka_unit_test(all_but_self_reaches_every_other_vcpu_by_the_slow_route),
		cmocka_unit_test(a_cluster_message_reaches_up_to_sixteen_vcpus),
		cmocka_unit_test(a_message_in_lowest_mode_is_not_fixed),
		cmocka_unit_test(two_apics_with_one_id_leave_no_map),
		cmocka_unit_test(the_fast_route_delivers_what_the_slow_one_would),
		cmocka_unit_test(an_apic_is_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
