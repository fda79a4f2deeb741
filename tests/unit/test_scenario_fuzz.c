/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents that went wrong at random: loading them ends in a scenario or in a message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scenario_text.h"

enum { SEED = 20261105, ROUNDS = 4000 };

/* xorshift32: a test may not change with the C library. */
static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void must_end_well(const char *bytes, size_t size, uint32_t round)
{
	struct oversub_error error = {""};
	struct scenario *scenario;
	enum oversub_status status = load_bytes(bytes, size, &scenario, &error);

	if (status == OVERSUB_OK) {
		assert_non_null(scenario);
		scenario_free(scenario);
		return;
	}
	assert_null(scenario);
	if (status != OVERSUB_BAD_INPUT || strncmp(error.message, "test.json:", 10) != 0)
		fail_msg("seed %d round %u: status %d: %s", SEED, round, status, error.message);
}

static void a_truncated_document_gets_a_message(void **state)
{
	char *text = double_quoted(small_scenario);

	for (size_t size = 0; size < strlen(text); size++)
		must_end_well(text, size, (uint32_t)size);
	free(text);
}

/* One change: another byte, a piece lost, or a piece copied elsewhere. */
static size_t mutate(char *text, size_t size, size_t capacity, uint32_t *random)
{
	static const char likely[] = "{}[]\",:0123456789.-eE\\/*\n tfn";
	size_t at = next_random(random) % size;
	size_t length = 1 + next_random(random) % 12;
	size_t from = next_random(random) % size;

	if (length > size - at)
		length = size - at;
	switch (next_random(random) % 4) {
	case 0: text[at] = (char)next_random(random); break;
	case 1: text[at] = likely[next_random(random) % (sizeof(likely) - 1)]; break;
	case 2:
		if (length < size) {
			memmove(text + at, text + at + length, size - at - length);
			return size - length;
		}
		break;
	default:
		if (length > size - from)
			length = size - from;
		if (size + length <= capacity) {
			char piece[16];

			memcpy(piece, text + from, length);
			memmove(text + at + length, text + at, size - at);
			memcpy(text + at, piece, length);
			return size + length;
		}
	}
	return size;
}

static void a_mutated_document_loads_or_gets_a_message(void **state)
{
	uint32_t random = SEED;
	char *text = double_quoted(small_scenario);
	char bytes[4096];

	print_message("seed %d\n", SEED);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		size_t size = strlen(text);
		uint32_t changes = 1 + next_random(&random) % 3;

		memcpy(bytes, text, size);
		while (changes--)
			size = mutate(bytes, size, sizeof(bytes), &random);
		must_end_well(bytes, size, round);
	}
	free(text);
}

/* The same for --set: a path and a value cut and changed at random. */
static void a_mutated_setting_loads_or_gets_a_message(void **state)
{
	static const char *const settings[] = {
		"yield.candidate.ipi_window_ns=5ms",
		"workloads.w.threads.t.program[0].body[0].body[1].run={\"uniform\":{\"min\":1}}",
		"vms.vm.pin=[[0],[1]]", "yield.sched.policy=lag_credit"};
	uint32_t random = SEED;

	for (uint32_t round = 0; round < ROUNDS / 4; round++) {
		struct oversub_error error = {""};
		struct scenario_override override;
		struct scenario_overrides overrides = {&override, 1, round % 2};
		struct scenario *scenario;
		char text[256] = "";
		size_t size = strlen(settings[round % 4]);

		memcpy(text, settings[round % 4], size);
		size = mutate(text, size, sizeof(text) - 1, &random);
		text[size] = '\0';
		if (scenario_override_parse(text, &override, &error) == OVERSUB_OK &&
		    load_text(small_scenario, &overrides, &scenario, &error) == OVERSUB_OK)
			scenario_free(scenario);
		else
			assert_true(*error.message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_truncated_document_gets_a_message),
		cmocka_unit_test(a_mutated_document_loads_or_gets_a_message),
		cmocka_unit_test(a_mutated_setting_loads_or_gets_a_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
