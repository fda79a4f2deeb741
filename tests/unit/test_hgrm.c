/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The HdrHistogram percentile text. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sim/output/hgrm.h"

static char *write_text(const struct sim_histogram *histogram)
{
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	hgrm_write(stream, histogram);
	fclose(stream);
	return text;
}

static void four_values_give_these_lines(void **state)
{
	/* Steps of 10 % up to 50 %, of 5 % up to 75 %, of 2.5 % from there. */
	static const char expected[] = "       Value     Percentile TotalCount 1/(1-Percentile)\n"
				       "\n"
				       "          10 0.000000000000          1           1.00\n"
				       "          10 0.100000000000          1           1.11\n"
				       "          10 0.200000000000          1           1.25\n"
				       "          20 0.300000000000          2           1.43\n"
				       "          20 0.400000000000          2           1.67\n"
				       "          20 0.500000000000          2           2.00\n"
				       "          30 0.550000000000          3           2.22\n"
				       "          30 0.600000000000          3           2.50\n"
				       "          30 0.650000000000          3           2.86\n"
				       "          30 0.700000000000          3           3.33\n"
				       "          30 0.750000000000          3           4.00\n"
				       "         100 0.775000000000          4           4.44\n"
				       "         100 1.000000000000          4\n"
				       "#[Mean    =       40.000, StdDeviation   =       35.355]\n"
				       "#[Max     =      100.000, Total count    =            4]\n"
				       "#[Buckets =           37, SubBuckets     =           64]\n";
	struct sim_histogram histogram;
	char *text;

	sim_histogram_reset(&histogram);
	sim_histogram_record(&histogram, 10);
	sim_histogram_record(&histogram, 20);
	sim_histogram_record(&histogram, 30);
	sim_histogram_record(&histogram, 100);
	text = write_text(&histogram);
	assert_string_equal(text, expected);
	free(text);
}

static void an_empty_histogram_has_a_head_and_a_foot(void **state)
{
	struct sim_histogram histogram;
	char *text;

	sim_histogram_reset(&histogram);
	text = write_text(&histogram);
	assert_non_null(strstr(text, "Total count    =            0]"));
	assert_null(strstr(text, "nan"));
	free(text);
}

static void lines_rise_and_agree_with_the_percentiles(void **state)
{
	uint64_t random = 42, last_count = 0;
	double last_percentile = -1;
	int64_t last_value = 0;
	struct sim_histogram histogram;
	char *text, *rest, *line;

	sim_histogram_reset(&histogram);
	for (int i = 0; i < 20000; i++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		sim_histogram_record(&histogram, (int64_t)(random >> (30 + i % 20)));
	}
	text = write_text(&histogram);
	strtok_r(text, "\n", &rest);
	while ((line = strtok_r(NULL, "\n", &rest)) && *line != '#') {
		double percentile;
		int64_t value;
		uint64_t count;

		assert_int_equal(
			sscanf(line, "%" SCNd64 " %lf %" SCNu64, &value, &percentile, &count), 3);
		assert_true(value >= last_value && count >= last_count);
		assert_true(percentile > last_percentile);
		assert_true((double)count >= percentile * 20000 - 1e-6);
		if (percentile < 1)
			assert_true(value >=
				    sim_histogram_percentile(&histogram, percentile * 100));
		last_value = value;
		last_count = count;
		last_percentile = percentile;
	}
	assert_float_equal(last_percentile, 1, 0);
	assert_int_equal(last_count, 20000);
	assert_true(last_value == histogram.max);
	free(text);
}

static void a_file_name_has_no_odd_characters(void **state)
{
	char *name = hgrm_file_name("vm.db", "request.chunk/a b");

	assert_string_equal(name, "vm.db.request.chunk_a_b.hgrm");
	free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_values_give_these_lines),
		cmocka_unit_test(an_empty_histogram_has_a_head_and_a_foot),
		cmocka_unit_test(lines_rise_and_agree_with_the_percentiles),
		cmocka_unit_test(a_file_name_has_no_odd_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
