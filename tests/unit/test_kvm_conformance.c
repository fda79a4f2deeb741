/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shortest vectors of each part; cwd is the root of the repository. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/conformance/kvm_replay.h"
#include "tests/unit/vector_text.h"

static void replay(const char *name)
{
	struct conformance_result result;
	struct oversub_error error = {""};
	char path[256];

	snprintf(path, sizeof(path), "tests/conformance/kvm/%s.jsonl", name);
	if (kvm_replay(path, &result, &error) != OVERSUB_OK)
		fail_msg("%s", error.message);
	if (result.mismatches)
		fail_msg("%llu of %llu operations differ, first %s",
			 (unsigned long long)result.mismatches,
			 (unsigned long long)result.operations, result.first);
	assert_true(result.operations > 0);
}

static void mainline_chooses_as_the_kernel_does(void **state)
{
	replay("on_spin-00-n1-vmx-any");
	replay("on_spin-02-n4-vmx-over");
	replay("on_spin-06-n16-svm-under");
}

static void v3_chooses_as_the_posted_series_does(void **state)
{
	replay("series-03-n8-svm-blocky");
	replay("series-08-n6-vmx-over");
}

static void v3_tracks_as_proposed(void **state)
{
	replay("v3track-00-n3-shared1");
	replay("v3track-01-n3-shared0");
}

static void the_lapic_behaves_as_the_kernels(void **state)
{
	replay("lapic-00-linux");
	replay("dest-04-n8-mixed-odd");
}

static void the_windows_adapt_as_the_kernels(void **state)
{
	replay("ple-00-vmx-g2-s0");
	replay("ple-01-svm-g2-s0");
	replay("halt-01");
}

#define HEADER "{\"format\":\"kvm-conformance\",\"version\":1,\"part\":\"on_spin\",\"n\":2}\n"

static void a_difference_is_counted_and_the_first_is_told(void **state)
{
	struct conformance_result result;

	assert_int_equal(replay_vector_text(kvm_replay,
					    HEADER
					    "{\"op\":\"last\",\"value\":1,\"expect\":{}}\n"
					    "{\"op\":\"last\",\"value\":1,\"expect\":{\"x\":7}}\n",
					    &result, NULL),
			 OVERSUB_OK);
	assert_int_equal(result.operations, 2);
	assert_int_equal(result.mismatches, 1);
	assert_non_null(strstr(result.first, ":3: last: expected {\"x\":7}, got {}"));
}

static void a_malformed_vector_is_bad_input(void **state)
{
	static const char *const texts[] = {
		"",
		"[]\n",
		"{\n",
		"{\"format\":\"kvm-conformance\",\"version\":2,\"part\":\"on_spin\",\"n\":2}\n",
		"{\"format\":\"kvm-conformance\",\"version\":1,\"part\":\"nothing\"}\n",
		"{\"format\":\"kvm-conformance\",\"version\":1,\"part\":\"on_spin\",\"n\":-1}\n",
		HEADER "{\"op\":\"spin\",\"me\":2}\n",
		HEADER "{\"op\":\"set\",\"v\":{\"9\":\"r\"}}\n",
		HEADER "{\"op\":\"set\",\"v\":{\"0\":1}}\n",
		HEADER "{\"op\":\"track\",\"s\":0,\"r\":1}\n",
	};
	struct conformance_result result;
	struct oversub_error error;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		error.message[0] = '\0';
		assert_int_equal(replay_vector_text(kvm_replay, texts[i], &result, &error),
				 OVERSUB_BAD_INPUT);
		assert_true(strlen(error.message) > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mainline_chooses_as_the_kernel_does),
		cmocka_unit_test(v3_chooses_as_the_posted_series_does),
		cmocka_unit_test(v3_tracks_as_proposed),
		cmocka_unit_test(the_lapic_behaves_as_the_kernels),
		cmocka_unit_test(the_windows_adapt_as_the_kernels),
		cmocka_unit_test(a_difference_is_counted_and_the_first_is_told),
		cmocka_unit_test(a_malformed_vector_is_bad_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
