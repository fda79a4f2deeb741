/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines that a kill, a full disk or a hand cannot change unnoticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "sim/output/digest.h"
#include "sim/output/journal.h"

struct fixture {
	char directory[32];
	char path[64];
};

static int make_directory(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	strcpy(fixture->directory, "/tmp/oversub.XXXXXX");
	if (!mkdtemp(fixture->directory))
		return -1;
	snprintf(fixture->path, sizeof(fixture->path), "%s/journal", fixture->directory);
	*state = fixture;
	return 0;
}

static int remove_directory(void **state)
{
	struct fixture *fixture = *state;

	unlink(fixture->path);
	rmdir(fixture->directory);
	free(fixture);
	return 0;
}

/* What a reading gave. */
struct lines {
	char text[512]; /* one after another, with '|' behind each */
	struct journal_place last;
};

static enum oversub_status collect(void *context, const char *text, struct journal_place place,
				   struct oversub_error *error)
{
	struct lines *lines = context;

	strncat(lines->text, text, sizeof(lines->text) - strlen(lines->text) - 1);
	strncat(lines->text, "|", sizeof(lines->text) - strlen(lines->text) - 1);
	lines->last = place;
	return OVERSUB_OK;
}

static struct lines read_lines(const char *path, struct journal_damage *damage)
{
	struct lines lines = {""};
	struct oversub_error error;

	assert_int_equal(journal_read(path, collect, &lines, damage, &error), OVERSUB_OK);
	return lines;
}

static void write_lines(const char *path, const char *first, const char *second)
{
	struct oversub_error error;
	struct journal_place place;
	struct journal journal;
	bool busy;

	assert_int_equal(journal_open(&journal, path, &busy, &error), OVERSUB_OK);
	assert_int_equal(journal_add(&journal, first, &place, &error), OVERSUB_OK);
	assert_int_equal(journal_add(&journal, second, &place, &error), OVERSUB_OK);
	assert_int_equal(journal_sync(&journal, &error), OVERSUB_OK);
	journal_close(&journal);
}

static void the_digest_is_sha_256(void **state)
{
	char hex[DIGEST_HEX];

	/* FIPS 180-2, appendix B.1. */
	digest_bytes("abc", 3, hex);
	assert_string_equal(hex,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void what_was_added_is_read_in_order(void **state)
{
	const struct fixture *fixture = *state;
	struct journal_damage damage;
	struct lines lines;
	char *line;

	write_lines(fixture->path, "{\"a\":1}", "{\"b\":2}");
	write_lines(fixture->path, "", "{\"c\":3}");
	lines = read_lines(fixture->path, &damage);
	assert_string_equal(lines.text, "{\"a\":1}|{\"b\":2}||{\"c\":3}|");
	assert_int_equal(damage.nr_bad, 0);
	assert_false(damage.torn);
	line = journal_line(fixture->path, lines.last);
	assert_string_equal(line, "{\"c\":3}");
	free(line);
}

/* Put byte at offset of the file. */
static void alter(const char *path, long offset, char byte)
{
	FILE *stream = fopen(path, "r+");

	fseek(stream, offset, SEEK_SET);
	fputc(byte, stream);
	fclose(stream);
}

static void a_changed_digit_is_found_wherever_it_is(void **state)
{
	const struct fixture *fixture = *state;
	struct journal_damage damage;
	struct lines lines;

	/* Each line has 16 digits, a blank, 7 characters and a newline. */
	for (long offset = 0; offset < 24; offset++) {
		write_lines(fixture->path, "{\"a\":1}", "{\"b\":2}");
		alter(fixture->path, offset, '~');
		lines = read_lines(fixture->path, &damage);
		assert_string_equal(lines.text, "{\"b\":2}|");
		assert_int_equal(damage.nr_bad, 1);
		assert_false(damage.torn);
		unlink(fixture->path);
	}
}

static void a_torn_line_is_left_out_and_goes_with_the_next_writer(void **state)
{
	const struct fixture *fixture = *state;
	struct journal_damage damage;

	for (long cut = 26; cut < 50; cut++) {
		write_lines(fixture->path, "{\"a\":1}", "{\"b\":2}");
		assert_int_equal(truncate(fixture->path, cut), 0);
		assert_string_equal(read_lines(fixture->path, &damage).text, "{\"a\":1}|");
		assert_true(damage.torn);
		assert_int_equal(damage.nr_bad, 0);
		write_lines(fixture->path, "{\"c\":3}", "{\"d\":4}");
		assert_string_equal(read_lines(fixture->path, &damage).text,
				    "{\"a\":1}|{\"c\":3}|{\"d\":4}|");
		assert_false(damage.torn);
		unlink(fixture->path);
	}
}

static void a_second_writer_is_kept_out_until_the_first_has_ended(void **state)
{
	const struct fixture *fixture = *state;
	struct oversub_error error;
	struct journal first, second;
	bool busy;

	assert_int_equal(journal_open(&first, fixture->path, &busy, &error), OVERSUB_OK);
	assert_int_equal(journal_open(&second, fixture->path, &busy, &error), OVERSUB_BAD_INPUT);
	assert_true(busy);
	assert_int_equal(second.fd, -1);
	journal_close(&first);
	assert_int_equal(journal_open(&second, fixture->path, &busy, &error), OVERSUB_OK);
	journal_close(&second);
}

static void a_place_that_has_changed_gives_no_line(void **state)
{
	const struct fixture *fixture = *state;
	struct journal_damage damage;
	struct lines lines;

	write_lines(fixture->path, "{\"a\":1}", "{\"b\":2}");
	lines = read_lines(fixture->path, &damage);
	alter(fixture->path, (long)lines.last.offset + 5, '7');
	assert_null(journal_line(fixture->path, lines.last));
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_digest_is_sha_256),
		CLAIM(what_was_added_is_read_in_order),
		CLAIM(a_changed_digit_is_found_wherever_it_is),
		CLAIM(a_torn_line_is_left_out_and_goes_with_the_next_writer),
		CLAIM(a_second_writer_is_kept_out_until_the_first_has_ended),
		CLAIM(a_place_that_has_changed_gives_no_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
