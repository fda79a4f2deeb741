/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/explain/wait.h"

#include <string.h>

static bool same_kind(const struct wait_step *a, const struct wait_step *b)
{
	return a->cause == b->cause && a->role == b->role && a->end == b->end && a->cpu == b->cpu &&
	       a->via == b->via;
}

/* Room for a new occupant is made at the cost of the one with the least time. */
static void add_occupant(struct wait_step *to, const struct wait_occupant *occupant)
{
	int i = 0;

	while (i < to->nr_occupants && to->occupants[i].task != occupant->task)
		i++;
	if (i < to->nr_occupants)
		to->occupants[i].ns += occupant->ns;
	else if (i < WAIT_MAX_OCCUPANTS)
		to->occupants[to->nr_occupants++] = *occupant;
	else if (to->occupants[--i].ns < occupant->ns)
		to->occupants[i] = *occupant;
	else
		return;
	for (; i > 0 && to->occupants[i].ns > to->occupants[i - 1].ns; i--) {
		struct wait_occupant moved = to->occupants[i];

		to->occupants[i] = to->occupants[i - 1];
		to->occupants[i - 1] = moved;
	}
}

static void add_occupants(struct wait_step *to, const struct wait_step *from)
{
	to->spin_ns += from->spin_ns;
	for (int i = 0; i < from->nr_occupants; i++)
		add_occupant(to, &from->occupants[i]);
}

static void add_yields(struct wait_yields *to, const struct wait_yields *from)
{
	to->tried += from->tried;
	to->taken += from->taken;
	to->right += from->right;
	to->right_honoured += from->right_honoured;
}

/* b follows a, or the other way round: a is made longer. */
static void swallow(struct wait_step *a, const struct wait_step *b)
{
	if (b->begin < a->begin)
		a->begin = b->begin;
	a->ns += b->ns;
	add_yields(&a->yields, &b->yields);
	if (!a->ran_instead)
		a->ran_instead = b->ran_instead;
	if (same_kind(a, b)) {
		a->own_ns += b->own_ns;
		add_occupants(a, b);
	} else {
		a->folded++;
	}
	a->folded += b->folded;
}

static void remove_step(struct explain_wait *wait, int i)
{
	wait->nr_steps--;
	memmove(&wait->steps[i], &wait->steps[i + 1],
		(size_t)(wait->nr_steps - i) * sizeof(wait->steps[0]));
}

/* Neighbours that were kept apart by what is folded now. */
static void join_around(struct explain_wait *wait, int i)
{
	if (i + 1 < wait->nr_steps && same_kind(&wait->steps[i], &wait->steps[i + 1])) {
		swallow(&wait->steps[i], &wait->steps[i + 1]);
		remove_step(wait, i + 1);
	}
	if (i > 0 && same_kind(&wait->steps[i - 1], &wait->steps[i])) {
		swallow(&wait->steps[i - 1], &wait->steps[i]);
		remove_step(wait, i);
	}
}

/* The longer neighbour swallows step i. */
static void fold(struct explain_wait *wait, int i)
{
	bool has_next = i + 1 < wait->nr_steps;
	int into = i - 1;

	if (i == 0 || (has_next && wait->steps[i + 1].ns > wait->steps[i - 1].ns))
		into = i + 1;
	swallow(&wait->steps[into], &wait->steps[i]);
	remove_step(wait, i);
	join_around(wait, into > i ? i : into);
}

static int shortest(const struct explain_wait *wait)
{
	int found = 0;

	for (int i = 1; i < wait->nr_steps; i++)
		if (wait->steps[i].ns < wait->steps[found].ns)
			found = i;
	return found;
}

void wait_steps_shorten(struct explain_wait *wait, int nr, int64_t ns)
{
	while (wait->nr_steps > 1) {
		int i = shortest(wait);

		if (wait->nr_steps <= nr && wait->steps[i].ns >= ns)
			break;
		fold(wait, i);
	}
}

void wait_steps_add(struct explain_wait *wait, const struct wait_step *step)
{
	struct wait_step *last = wait_steps_last(wait);

	if (last && same_kind(last, step)) {
		last->ns += step->ns;
		last->own_ns += step->ns;
		add_occupants(last, step);
		return;
	}
	if (wait->nr_steps == WAIT_MAX_STEPS)
		wait_steps_shorten(wait, WAIT_MAX_STEPS - 1, 0);
	wait->steps[wait->nr_steps++] = *step;
}

struct wait_step *wait_steps_last(struct explain_wait *wait)
{
	return wait->nr_steps ? &wait->steps[wait->nr_steps - 1] : NULL;
}

static const struct wait_step *longest_step(const struct explain_wait *wait)
{
	const struct wait_step *longest = &wait->steps[0];

	for (int i = 1; i < wait->nr_steps; i++)
		if (wait->steps[i].ns > longest->ns)
			longest = &wait->steps[i];
	return longest;
}

bool wait_steps_alike(const struct explain_wait *a, const struct explain_wait *b)
{
	const struct wait_step *first, *second;

	if (!a->nr_steps || !b->nr_steps || a->vm != b->vm || strcmp(a->what, b->what) != 0)
		return false;
	if (a->begin > b->settled || b->begin > a->settled)
		return false;
	first = longest_step(a);
	second = longest_step(b);
	return first->end == second->end && first->cause == second->cause &&
	       first->role == ROLE_AWAITED && second->role == ROLE_AWAITED;
}
