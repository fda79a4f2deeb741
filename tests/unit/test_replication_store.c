/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replications come back from a directory bit by bit, or not at all. */
#define _GNU_SOURCE
#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "sim/output/replication_store.h"

static int make_directory(void **state)
{
	char *directory = strdup("/tmp/oversub.XXXXXX");

	*state = directory;
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
	char path[512];
	DIR *directory = opendir(*state);
	const struct dirent *entry;

	while ((entry = readdir(directory))) {
		snprintf(path, sizeof(path), "%s/%s", (char *)*state, entry->d_name);
		unlink(path);
	}
	closedir(directory);
	rmdir(*state);
	free(*state);
	return 0;
}

static struct replication_result make_result(double value)
{
	struct replication_result result = {
		.events = UINT64_MAX, .simulated_ns = INT64_MAX, .wall_s = 0.1};
	struct sim_histogram histogram;

	result_add(&result, "vm.db", "requests_per_s", "1/s", value);
	result_add(&result, "host", "nothing", "ns", NAN);
	result_add(&result, "host", "third", "ratio", 1.0 / 3);
	sim_histogram_reset(&histogram);
	result_add_histogram(&result, "vm.db", "empty", &histogram);
	sim_histogram_record(&histogram, 17);
	for (int i = 0; i < 3; i++)
		sim_histogram_record(&histogram, INT64_MAX);
	result_add_histogram(&result, "vm.db", "waits", &histogram);
	return result;
}

static struct store_origin origin_of(const char *text)
{
	return (struct store_origin){(char *)text};
}

static enum oversub_status open_store(struct replication_store *store, const char *directory,
				      const char *name, enum store_use use, const char *origin)
{
	struct store_origin from = origin_of(origin);
	struct oversub_error error;

	return store_open(store, directory, name, use, &from, &error);
}

static void add(const char *directory, const char *name, const char *origin, uint64_t point,
		uint32_t replication, double value)
{
	struct replication_result result = make_result(value);
	struct store_origin from = origin_of(origin);
	struct replication_store store;
	struct oversub_error error;

	assert_int_equal(open_store(&store, directory, name, STORE_RESUME, origin), OVERSUB_OK);
	assert_int_equal(store_begin(&store, &from, &error), OVERSUB_OK);
	assert_int_equal(store_add(&store, point, replication, &result, &error), OVERSUB_OK);
	assert_int_equal(store_sync(&store, &error), OVERSUB_OK);
	store_close(&store);
	result_free(&result);
}

static void a_replication_comes_back_bit_by_bit(void **state)
{
	struct replication_result before = make_result(0.1), after;
	struct replication_store store;
	struct oversub_error error;

	add(*state, "journal", "{}", 5, 3, 0.1);
	assert_int_equal(open_store(&store, *state, "journal", STORE_RESUME, "{}"), OVERSUB_OK);
	assert_null(store_find(&store, 5, 2));
	assert_null(store_find(&store, 4, 3));
	assert_int_equal(store_recall(&store, store_find(&store, 5, 3), &after, &error),
			 OVERSUB_OK);
	assert_int_equal(after.nr_metrics, before.nr_metrics);
	for (size_t i = 0; i < before.nr_metrics; i++) {
		assert_string_equal(after.metrics[i].scope, before.metrics[i].scope);
		assert_string_equal(after.metrics[i].name, before.metrics[i].name);
		assert_string_equal(after.metrics[i].unit, before.metrics[i].unit);
		if (isnan(before.metrics[i].value))
			assert_true(isnan(after.metrics[i].value));
		else
			assert_true(after.metrics[i].value == before.metrics[i].value);
	}
	assert_int_equal(after.nr_histograms, before.nr_histograms);
	for (size_t i = 0; i < before.nr_histograms; i++)
		assert_memory_equal(&after.histograms[i].histogram, &before.histograms[i].histogram,
				    sizeof(after.histograms[i].histogram));
	assert_true(after.events == before.events);
	assert_true(after.simulated_ns == before.simulated_ns);
	result_free(&before);
	result_free(&after);
	store_close(&store);
}

static void all_journals_of_a_directory_are_read_and_one_is_written(void **state)
{
	struct replication_store store;

	add(*state, "journal.1-of-2", "{}", 5, 0, 1);
	add(*state, "journal.2-of-2", "{}", 5, 1, 2);
	add(*state, "journal", "{}", 6, 0, 3);
	assert_int_equal(open_store(&store, *state, "journal", STORE_RESUME, "{}"), OVERSUB_OK);
	assert_int_equal(store.nr_found, 3);
	assert_non_null(store_find(&store, 5, 1));
	store_close(&store);
	assert_false(journal_is_name("journal.1-of-"));
	assert_false(journal_is_name("journals"));
	assert_false(journal_is_name("journal.1-of-2.tmp"));
}

static void what_another_program_computed_is_taken_only_if_mixing_is_asked_for(void **state)
{
	struct replication_store store;

	add(*state, "journal", "{\"source\":\"a\"}", 5, 0, 1);
	assert_int_equal(open_store(&store, *state, "journal", STORE_RESUME, "{\"source\":\"b\"}"),
			 OVERSUB_BAD_INPUT);
	assert_int_equal(open_store(&store, *state, "journal", STORE_MIXED, "{\"source\":\"b\"}"),
			 OVERSUB_OK);
	assert_int_equal(store.nr_found, 1);
	store_close(&store);
}

static void a_new_directory_has_no_replications(void **state)
{
	struct replication_store store;

	add(*state, "journal", "{}", 5, 0, 1);
	assert_int_equal(open_store(&store, *state, "journal", STORE_NEW, "{}"), OVERSUB_BAD_INPUT);
}

static void a_journal_of_nothing_does_not_stay(void **state)
{
	struct replication_store store;
	char path[64];

	assert_int_equal(open_store(&store, *state, "journal", STORE_NEW, "{}"), OVERSUB_OK);
	store_close(&store);
	snprintf(path, sizeof(path), "%s/journal", (char *)*state);
	assert_int_equal(access(path, F_OK), -1);
}

static void a_second_writer_learns_who_the_first_is(void **state)
{
	struct store_origin from = origin_of("{}");
	struct replication_store first, second;
	struct oversub_error error;
	char process[32];

	assert_int_equal(open_store(&first, *state, "journal", STORE_NEW, "{}"), OVERSUB_OK);
	assert_int_equal(store_begin(&first, &from, &error), OVERSUB_OK);
	assert_int_equal(store_open(&second, *state, "journal", STORE_RESUME, &from, &error),
			 OVERSUB_BAD_INPUT);
	snprintf(process, sizeof(process), "process %d on ", (int)getpid());
	assert_non_null(strstr(error.message, process));
	store_close(&first);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(a_replication_comes_back_bit_by_bit),
		CLAIM(all_journals_of_a_directory_are_read_and_one_is_written),
		CLAIM(what_another_program_computed_is_taken_only_if_mixing_is_asked_for),
		CLAIM(a_new_directory_has_no_replications),
		CLAIM(a_journal_of_nothing_does_not_stay),
		CLAIM(a_second_writer_learns_who_the_first_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
