/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/workload/backlog.h"

#include <assert.h>
#include <stdlib.h>

enum { INITIAL_CAPACITY = 64 };

void backlog_init(struct backlog *backlog, int64_t now)
{
	*backlog = (struct backlog){.since = now};
}

void backlog_fini(struct backlog *backlog)
{
	free(backlog->times);
	*backlog = (struct backlog){0};
}

void backlog_account(struct backlog *backlog, int64_t now)
{
	backlog->area += (double)backlog->nr * (double)(now - backlog->since);
	backlog->since = now;
	while (backlog->length && backlog->nr_marks <= BACKLOG_PARTS &&
	       now >= backlog->start + backlog->length / BACKLOG_PARTS * backlog->nr_marks)
		backlog->marks[backlog->nr_marks++] = backlog->nr;
}

void backlog_pass(struct backlog *backlog, int64_t now)
{
	backlog_account(backlog, now);
	backlog->offered++;
	backlog->served++;
}

static bool grow(struct backlog *backlog)
{
	uint32_t capacity = backlog->capacity ? 2 * backlog->capacity : INITIAL_CAPACITY;
	int64_t *larger;

	if (capacity > BACKLOG_MAX)
		return false;
	larger = malloc((size_t)capacity * sizeof(*larger));
	if (!larger)
		return false;
	for (uint32_t i = 0; i < backlog->nr; i++)
		larger[i] = backlog->times[(backlog->head + i) & (backlog->capacity - 1)];
	free(backlog->times);
	backlog->times = larger;
	backlog->head = 0;
	backlog->capacity = capacity;
	return true;
}

bool backlog_push(struct backlog *backlog, int64_t now)
{
	backlog_account(backlog, now);
	if (backlog->nr == backlog->capacity && !grow(backlog))
		return false;
	backlog->times[(backlog->head + backlog->nr++) & (backlog->capacity - 1)] = now;
	backlog->offered++;
	return true;
}

int64_t backlog_pop(struct backlog *backlog, int64_t now)
{
	int64_t arrival;

	assert(backlog->nr > 0);
	backlog_account(backlog, now);
	arrival = backlog->times[backlog->head];
	backlog->head = (backlog->head + 1) & (backlog->capacity - 1);
	backlog->nr--;
	backlog->served++;
	return arrival;
}

void backlog_begin(struct backlog *backlog, int64_t now, int64_t length)
{
	backlog->offered = backlog->served = 0;
	backlog->area = 0;
	backlog->since = backlog->start = now;
	backlog->length = length;
	backlog->nr_marks = 0;
	backlog_account(backlog, now);
}

int64_t backlog_oldest(const struct backlog *backlog, int64_t now)
{
	return backlog->nr ? now - backlog->times[backlog->head] : 0;
}
