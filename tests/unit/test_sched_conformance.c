/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Load tracking, group weights and bandwidth against vectors recorded from the code of Linux 7.2.
 * Run from the root.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/conformance/sched_replay.h"
#include "tests/unit/vector_text.h"

#define VECTORS "tests/conformance/sched/*.jsonl"

static void every_number_equals_the_kernels(void **state)
{
	glob_t vectors;

	(void)state;
	assert_int_equal(glob(VECTORS, 0, NULL, &vectors), 0);
	assert_true(vectors.gl_pathc >= 7);
	for (size_t i = 0; i < vectors.gl_pathc; i++) {
		struct conformance_result result;
		struct oversub_error error = {""};

		if (sched_replay(vectors.gl_pathv[i], &result, &error) != OVERSUB_OK)
			fail_msg("%s", error.message);
		if (result.mismatches)
			fail_msg("%s: %s", vectors.gl_pathv[i], result.first);
		assert_true(result.operations > 0);
	}
	globfree(&vectors);
}

/* A vector of part pelt with the operations in text. */
static enum oversub_status replay_text(const char *part, int nops, const char *text,
				       struct conformance_result *result)
{
	char vector[4096];
	int length = snprintf(
		vector, sizeof(vector),
		"{\"format\":\"sched-conformance\",\"version\":1,\"part\":\"%s\",\"ncpus\":1,"
		"\"hz\":250,\"start_ns\":0,\"groups\":[],\"tasks\":[{\"name\":\"e0\","
		"\"group\":\"root\",\"nice\":0}],\"nops\":%d}\n%s",
		part, nops, text);

	assert_true((size_t)length < sizeof(vector));
	return replay_vector_text(sched_replay, vector, result, NULL);
}

static void a_difference_of_one_is_found(void **state)
{
	struct conformance_result result;

	(void)state;
	assert_int_equal(replay_text("pelt", 1,
				     "{\"i\":1,\"op\":\"decay\",\"t\":0,\"val\":1024,\"n\":32,"
				     "\"expect\":{\"ret\":512}}\n",
				     &result),
			 OVERSUB_OK);
	assert_int_equal(result.mismatches, 1);
	assert_string_equal(result.first, "op 1 (decay): ret: expected 512, actual 511");
}

static void an_ill_formed_vector_is_refused(void **state)
{
	struct conformance_result result;

	(void)state;
	assert_int_equal(replay_text("astrology", 0, "", &result), OVERSUB_BAD_INPUT);
	assert_int_equal(replay_text("propagate", 1,
				     "{\"i\":1,\"op\":\"fork\",\"t\":0,\"task\":\"e7\",\"cpu\":0,"
				     "\"expect\":{}}\n",
				     &result),
			 OVERSUB_BAD_INPUT);
	assert_int_equal(
		replay_text("propagate", 1,
			    "{\"i\":1,\"op\":\"setnice\",\"t\":0,\"task\":\"e0\",\"nice\":20,"
			    "\"expect\":{}}\n",
			    &result),
		OVERSUB_BAD_INPUT);
	/* It ends too early. */
	assert_int_equal(replay_text("propagate", 1, "", &result), OVERSUB_BAD_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_equals_the_kernels),
		cmocka_unit_test(a_difference_of_one_is_found),
		cmocka_unit_test(an_ill_formed_vector_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
