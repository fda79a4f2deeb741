/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the replays of kernel vectors find and refuse. The vectors themselves are replayed by
 * `make conformance`.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/conformance/formats.h"

static enum oversub_status replay(const char *text, struct conformance_result *result,
				  struct oversub_error *error)
{
	char path[] = P_tmpdir "/oversub-vector-XXXXXX";
	int fd = mkstemp(path);
	enum oversub_status status;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	status = conformance_replay(path, result, error);
	unlink(path);
	return status;
}

/* ---- Headers of one task, vCPU or CPU, and a first operation for each ----------------------- */

#define EEVDF                                                                                      \
	"{\"format\":\"eevdf-conformance\",\"version\":1,\"base_slice_ns\":2800000,"               \
	"\"normalized_base_slice_ns\":700000,\"tick_ns\":1000000,\"preempt\":\"full\","            \
	"\"features\":{\"RUN_TO_PARITY\":1},\"zero_vruntime_init\":{\"root\":"                     \
	"9223372036854775807},\"groups\":[],\"tasks\":[{\"name\":\"t0\",\"group\":\"root\","       \
	"\"nice\":0,\"slice_ns\":0,\"policy\":\"normal\"}],\"nops\":1}\n"
/* A task starts on an idle CPU. */
#define START(t, curr, vruntime)                                                                   \
	"{\"i\":0,\"op\":\"start\",\"t\":" t ",\"task\":\"t0\",\"expect\":{\"curr\":" curr         \
	",\"resched\":true,\"nr_running\":1,\"nr_switches\":1,\"rqs\":{},\"ents\":{\"t0\":"        \
	"{\"on_rq\":1,\"weight\":1048576,\"vruntime\":" vruntime ",\"deadline\":"                  \
	"-9223372036851975809,\"slice\":2800000,\"vprot\":-9223372036851975809}}}}\n"

#define KVM "{\"format\":\"kvm-conformance\",\"version\":1,\"part\":\"on_spin\",\"n\":2}\n"

#define SCHED(part)                                                                                \
	"{\"format\":\"sched-conformance\",\"version\":1,\"part\":\"" part "\",\"ncpus\":1,"       \
	"\"hz\":250,\"start_ns\":0,\"groups\":[],\"tasks\":[{\"name\":\"e0\","                     \
	"\"group\":\"root\",\"nice\":0}],\"nops\":1}\n"

#define BALANCE                                                                                    \
	"{\"format\":\"sched-conformance\",\"version\":1,\"part\":\"balance\",\"ncpus\":2,"        \
	"\"smt\":1,\"llc\":2,\"pkg\":2,\"imb_numa_nr\":0,\"nops\":1}\n"

/* ---- Differences --------------------------------------------------------------------------- */

static void a_vector_that_the_models_follow_has_no_mismatch(void **state)
{
	struct conformance_result result;

	assert_int_equal(replay(EEVDF START("5", "\"t0\"", "9223372036854775807"), &result, NULL),
			 OVERSUB_OK);
	assert_int_equal(result.operations, 1);
	assert_int_equal(result.mismatches, 0);
	assert_string_equal(result.first, "");
}

static void a_difference_is_counted_and_the_first_is_told(void **state)
{
	static const struct {
		const char *vector;
		uint64_t operations;
		const char *first;
	} cases[] = {
		/* The last of nineteen digits. */
		{EEVDF START("5", "\"t0\"", "9223372036854775806"), 1,
		 "op 0 (start): t0.vruntime: expected 9223372036854775806, actual "
		 "9223372036854775807"},
		{KVM "{\"op\":\"last\",\"value\":1,\"expect\":{}}\n"
		     "{\"op\":\"last\",\"value\":1,\"expect\":{\"x\":7}}\n",
		 2, ":3: last: expected {\"x\":7}, got {}"},
		{SCHED("pelt") "{\"i\":1,\"op\":\"decay\",\"t\":0,\"val\":1024,\"n\":32,"
			       "\"expect\":{\"ret\":512}}\n",
		 1, "op 1 (decay): ret: expected 512, actual 511"},
		{BALANCE "{\"i\":0,\"op\":\"fork\",\"cpu\":1,\"allowed\":3,\"nr\":[0,0],"
			 "\"expect\":{\"cpu\":0}}\n",
		 1, "op 0 (fork): expected {\"cpu\":0}, got {\"cpu\":1}"},
	};
	struct conformance_result result;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(replay(cases[i].vector, &result, NULL), OVERSUB_OK);
		assert_int_equal(result.operations, cases[i].operations);
		assert_int_equal(result.mismatches, 1);
		assert_non_null(strstr(result.first, cases[i].first));
	}
}

/* ---- Malformed vectors --------------------------------------------------------------------- */

/* Each is refused with a message that names the file and then line, NULL: no line. */
static void are_refused(const char *const *vectors, const char *line)
{
	struct conformance_result result;

	for (; *vectors; vectors++) {
		struct oversub_error error = {""};

		if (replay(*vectors, &result, &error) != OVERSUB_BAD_INPUT)
			fail_msg("taken: %s", *vectors);
		assert_non_null(strstr(error.message, "/oversub-vector-"));
		if (line && !strstr(error.message, line))
			fail_msg("%s, not at %s", error.message, line);
	}
}

static void a_file_that_is_no_vector_is_refused(void **state)
{
	static const char *const no_header[] = {"", EEVDF, BALANCE, SCHED("propagate"), NULL};
	static const char *const headers[] = {
		"[]\n",
		"{\n",
		"{\"format\":\"kvm-conformance\",\"version\":2,\"part\":\"on_spin\",\"n\":2}\n",
		"{\"format\":\"kvm-conformance\",\"version\":1,\"part\":\"nothing\"}\n",
		"{\"format\":\"kvm-conformance\",\"version\":1,\"part\":\"on_spin\",\"n\":-1}\n",
		"{\"format\":\"sched-conformance\",\"version\":1,\"part\":\"propagate\","
		"\"ncpus\":1,\"hz\":250,\"tasks\":[{\"name\":\"e0\",\"group\":\"root\","
		"\"nice\":-21}]}\n",
		"{\"format\":\"sched-conformance\",\"version\":1,\"part\":\"balance\",\"ncpus\":6,"
		"\"smt\":1,\"llc\":4,\"pkg\":6}\n",
		SCHED("astrology"),
		NULL,
	};
	struct conformance_result result;
	struct oversub_error error;

	are_refused(no_header, NULL);
	are_refused(headers, ":1: ");
	assert_int_equal(conformance_replay("tests/conformance/none.jsonl", &result, &error),
			 OVERSUB_BAD_INPUT);
	assert_int_equal(replay("{\"format\":\"morse\"}\n", &result, &error), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(error.message, "\"morse\""));
}

static void an_operation_with_wrong_inputs_is_refused_with_its_line(void **state)
{
	static const char *const operations[] = {
		/* A name where a number belongs, and the other way round; nobody of that name. */
		EEVDF START("5", "\"t0\"", "\"t0\""),
		EEVDF START("5", "0", "0"),
		EEVDF START("5", "77", "0"),
		EEVDF START("5", "\"nobody\"", "0"),
		/* Times before the beginning and after the end. */
		EEVDF START("-1", "\"t0\"", "0"),
		EEVDF START("9223372036854775807", "\"t0\"", "0"),
		KVM "{\"op\":\"spin\",\"me\":2}\n",
		KVM "{\"op\":\"set\",\"v\":{\"9\":\"r\"}}\n",
		KVM "{\"op\":\"set\",\"v\":{\"0\":1}}\n",
		KVM "{\"op\":\"track\",\"s\":0,\"r\":1}\n",
		SCHED("propagate") "{\"op\":\"fork\",\"t\":0,\"task\":\"e7\",\"cpu\":0}\n",
		SCHED("propagate") "{\"op\":\"fork\",\"t\":0,\"task\":\"e0\",\"cpu\":1}\n",
		SCHED("propagate") "{\"op\":\"setnice\",\"t\":0,\"task\":\"e0\",\"nice\":20}\n",
		SCHED("propagate") "{\"op\":\"run\",\"t\":0,\"cpu\":0,\"next\":\"e7\"}\n",
		BALANCE "{\"op\":\"fork\",\"cpu\":2}\n",
		BALANCE "{\"op\":\"fork\",\"cpu\":-4294967295}\n",
		BALANCE "{\"op\":\"wake\",\"cpu\":0}\n",
		BALANCE "{\"op\":\"srcgroup\",\"dst\":0,\"level\":\"SMT\"}\n",
		BALANCE "{\"op\":\"unheard of\"}\n",
		NULL,
	};

	are_refused(operations, ":2: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vector_that_the_models_follow_has_no_mismatch),
		cmocka_unit_test(a_difference_is_counted_and_the_first_is_told),
		cmocka_unit_test(a_file_that_is_no_vector_is_refused),
		cmocka_unit_test(an_operation_with_wrong_inputs_is_refused_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
