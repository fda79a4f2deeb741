/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/base/suggest.h"

#include <string.h>

enum { MAX_LENGTH = 63 };

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Letters to insert, delete, replace or swap with their neighbour to make b of a. */
static size_t distance_of(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t table[MAX_LENGTH + 1][MAX_LENGTH + 1];

	for (size_t i = 0; i <= a_length; i++) {
		for (size_t j = 0; j <= b_length; j++) {
			size_t best;

			if (!i || !j) {
				table[i][j] = i + j;
				continue;
			}
			best = table[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			best = smaller(best, table[i - 1][j] + 1);
			best = smaller(best, table[i][j - 1] + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				best = smaller(best, table[i - 2][j - 2] + 1);
			table[i][j] = best;
		}
	}
	return table[a_length][b_length];
}

void suggest(struct suggestion *suggestion, const char *name)
{
	size_t wrong_length = strlen(suggestion->wrong), length = strlen(name), distance;

	if (wrong_length > MAX_LENGTH || length > MAX_LENGTH || !wrong_length)
		return;
	distance = distance_of(suggestion->wrong, wrong_length, name, length);
	/* A name whose beginning was typed is near, however long its end. */
	if (wrong_length >= 2 && !strncmp(suggestion->wrong, name, wrong_length))
		distance = 1;
	if (distance > 1 + smaller(wrong_length, length) / 3)
		return;
	if (!suggestion->nearest || distance < suggestion->distance) {
		suggestion->nearest = name;
		suggestion->distance = distance;
	}
}
