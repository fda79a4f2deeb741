/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The EEVDF core against vectors recorded from the code of Linux 7.2. Run from the root. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/conformance/eevdf_replay.h"
#include "tests/unit/vector_text.h"

#define VECTORS "tests/conformance/eevdf/*.jsonl"

static void every_decision_and_number_equals_the_kernels(void **state)
{
	glob_t vectors;

	(void)state;
	assert_int_equal(glob(VECTORS, 0, NULL, &vectors), 0);
	assert_true(vectors.gl_pathc >= 12);
	for (size_t i = 0; i < vectors.gl_pathc; i++) {
		struct conformance_result result;
		struct oversub_error error = {""};

		if (eevdf_replay(vectors.gl_pathv[i], &result, &error) != OVERSUB_OK)
			fail_msg("%s", error.message);
		if (result.mismatches)
			fail_msg("%s: %s", vectors.gl_pathv[i], result.first);
		assert_true(result.operations > 0);
	}
	globfree(&vectors);
}

/* A vector of one operation: a task starts on an idle CPU; t, curr and vruntime as given. */
static enum oversub_status replay_start(const char *t, const char *curr, const char *vruntime,
					struct conformance_result *result,
					struct oversub_error *error)
{
	char text[2048];
	int length = snprintf(
		text, sizeof(text),
		"{\"format\":\"eevdf-conformance\",\"version\":1,\"base_slice_ns\":2800000,"
		"\"normalized_base_slice_ns\":700000,\"tick_ns\":1000000,\"preempt\":\"full\","
		"\"features\":{\"RUN_TO_PARITY\":1},\"zero_vruntime_init\":{\"root\":"
		"9223372036854775807},\"groups\":[],\"tasks\":[{\"name\":\"t0\",\"group\":\"root\","
		"\"nice\":0,\"slice_ns\":0,\"policy\":\"normal\"}],\"nops\":1}\n"
		"{\"i\":0,\"op\":\"start\",\"t\":%s,\"task\":\"t0\",\"expect\":{\"curr\":%s,"
		"\"resched\":true,\"nr_running\":1,\"nr_switches\":1,\"rqs\":{},\"ents\":{\"t0\":"
		"{\"on_rq\":1,\"weight\":1048576,\"vruntime\":%s,\"deadline\":"
		"-9223372036851975809,\"slice\":2800000,\"vprot\":-9223372036851975809}}}}\n",
		t, curr, vruntime);

	assert_true((size_t)length < sizeof(text));
	return replay_vector_text(eevdf_replay, text, result, error);
}

static void a_difference_in_the_last_of_nineteen_digits_is_found(void **state)
{
	struct conformance_result result;

	(void)state;
	assert_int_equal(replay_start("5", "\"t0\"", "9223372036854775807", &result, NULL),
			 OVERSUB_OK);
	assert_string_equal(result.first, "");
	assert_int_equal(replay_start("5", "\"t0\"", "9223372036854775806", &result, NULL),
			 OVERSUB_OK);
	assert_int_equal(result.mismatches, 1);
	assert_string_equal(result.first, "op 0 (start): t0.vruntime: expected 9223372036854775806,"
					  " actual 9223372036854775807");
}

static void an_ill_formed_vector_is_refused(void **state)
{
	static const struct {
		const char *t, *curr, *vruntime;
	} cases[] = {
		{"5", "\"t0\"", "\"t0\""}, /* a name where a number belongs */
		{"5", "0", "0"},	   /* a number where a name belongs */
		{"5", "77", "0"},	   {"5", "\"nobody\"", "0"},
		{"-1", "\"t0\"", "0"},	   {"9223372036854775807", "\"t0\"", "0"},
	};
	struct conformance_result result;
	struct oversub_error error;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
			replay_start(cases[i].t, cases[i].curr, cases[i].vruntime, &result, &error),
			OVERSUB_BAD_INPUT);
		assert_non_null(strstr(error.message, ":2: "));
	}
	assert_int_equal(eevdf_replay("tests/conformance/none.jsonl", &result, NULL),
			 OVERSUB_BAD_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_decision_and_number_equals_the_kernels),
		cmocka_unit_test(a_difference_in_the_last_of_nineteen_digits_is_found),
		cmocka_unit_test(an_ill_formed_vector_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
