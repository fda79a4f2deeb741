/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/sweep_places.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/wrap.h"
#include "sim/report/axis.h"

enum {
	POINT_WIDTH = 5,
	GAP = 2,	   /* blanks before each column */
	LABEL_SIZE = 512,  /* of an object in words */
	LEAST_WIDTH = 12,  /* of a shortened label: less could not be read */
	MOST_VALUES = 200, /* of an axis whose labels are compared pair by pair */
};

static const char cut[] = "..";
enum { CUT = sizeof(cut) - 1 };

/* ---- Labels ---------------------------------------------------------------------------------- */

/* What tells the axis from the others, but "candidate" for "candidate.policy". */
static void set_title(const struct sweep_grid *grid, size_t axis, struct sweep_place_axis *place)
{
	static const char ending[] = ".policy";
	const char *path = grid->axes[axis].path, *end = path + strlen(path);

	place->title = sweep_grid_name(grid, axis);
	if (end - path > (ptrdiff_t)strlen(ending) &&
	    !strcmp(end - (ptrdiff_t)strlen(ending), ending)) {
		end -= (ptrdiff_t)strlen(ending);
		while (place->title > path && (place->title >= end || place->title[-1] != '.'))
			place->title--;
	}
	place->title_length = (int)(end - place->title);
}

/* label in width characters at most, into buffer of LABEL_SIZE. */
static const char *shorten(const char *label, int width, int head, char *buffer)
{
	int length = (int)strlen(label);

	if (length <= width)
		return label;
	snprintf(buffer, LABEL_SIZE, "%.*s%s%s", head, label, cut,
		 label + length - (width - head - CUT));
	return buffer;
}

/* Whether all labels of an axis differ in width characters. */
static bool are_distinct(const struct sweep_place_axis *place, size_t nr, int width, int head)
{
	char a[LABEL_SIZE], b[LABEL_SIZE];

	if (nr > MOST_VALUES)
		return false;
	for (size_t i = 0; i < nr; i++) {
		const char *label = shorten(place->labels[i], width, head, a);

		for (size_t j = 0; j < i; j++)
			if (!strcmp(label, shorten(place->labels[j], width, head, b)))
				return false;
	}
	return true;
}

static void free_labels(struct sweep_place_axis *place, size_t nr)
{
	for (size_t i = 0; place->labels && i < nr; i++)
		free(place->labels[i]);
	free(place->labels);
	place->labels = NULL;
}

static bool set_labels(const struct sweep_axis *axis, bool in_words, struct sweep_place_axis *place)
{
	char words[LABEL_SIZE];

	place->labels = calloc(axis->nr_values, sizeof(*place->labels));
	if (!place->labels)
		return false;
	for (size_t i = 0; i < axis->nr_values; i++) {
		const char *value = axis->values[i];

		if (in_words && sweep_value_words(value, words, sizeof(words)))
			value = words;
		place->labels[i] = strdup(value);
		if (!place->labels[i])
			return false;
	}
	return true;
}

static bool has_objects(const struct sweep_axis *axis)
{
	for (size_t i = 0; i < axis->nr_values; i++)
		if (*axis->values[i] == '{')
			return true;
	return false;
}

static bool make_axis(const struct sweep_grid *grid, size_t index, struct sweep_place_axis *place)
{
	const struct sweep_axis *axis = &grid->axes[index];

	set_title(grid, index, place);
	if (!set_labels(axis, true, place))
		return false;
	/* Words leave out where in an object they are from. */
	if (has_objects(axis) && !are_distinct(place, axis->nr_values, LABEL_SIZE, 0)) {
		free_labels(place, axis->nr_values);
		if (!set_labels(axis, false, place))
			return false;
	}
	place->width = place->title_length;
	for (size_t i = 0; i < axis->nr_values; i++) {
		int length = (int)strlen(place->labels[i]);

		place->width = length > place->width ? length : place->width;
	}
	return true;
}

/* ---- Widths ---------------------------------------------------------------------------------- */

/* Of the places, if no column were wider than most. */
static int width_with(const struct sweep_places *places, int most)
{
	int width = POINT_WIDTH;

	for (size_t a = 0; a < places->grid->nr_axes; a++)
		width += GAP + (places->axes[a].width < most ? places->axes[a].width : most);
	return width;
}

/* Cut labels to width, where the cut leaves them different; false if it cannot. */
static bool narrow(struct sweep_place_axis *place, size_t nr, int width)
{
	static const int quarters[] = {2, 1, 3, 0, 4};

	place->width = width;
	for (size_t i = 0; i < sizeof(quarters) / sizeof(*quarters); i++) {
		place->head = (width - CUT) * quarters[i] / 4;
		if (are_distinct(place, nr, width, place->head))
			return true;
	}
	return false;
}

/* The widest columns give way first. */
static void fit(struct sweep_places *places, int room)
{
	int most = room;

	while (most >= LEAST_WIDTH && width_with(places, most) > room)
		most--;
	places->own_line = most < LEAST_WIDTH;
	for (size_t a = 0; !places->own_line && a < places->grid->nr_axes; a++)
		if (places->axes[a].width > most)
			places->own_line =
				!narrow(&places->axes[a], places->grid->axes[a].nr_values, most);
	places->width = places->own_line ? POINT_WIDTH : width_with(places, room);
}

bool sweep_places_make(const struct sweep_grid *grid, int room, struct sweep_places *places)
{
	*places = (struct sweep_places){.grid = grid};
	places->axes = calloc(grid->nr_axes, sizeof(*places->axes));
	for (size_t a = 0; a < grid->nr_axes; a++)
		if (!places->axes || !make_axis(grid, a, &places->axes[a]))
			return false;
	fit(places, room);
	return true;
}

void sweep_places_free(struct sweep_places *places)
{
	for (size_t a = 0; places->axes && a < places->grid->nr_axes; a++)
		free_labels(&places->axes[a], places->grid->axes[a].nr_values);
	free(places->axes);
	*places = (struct sweep_places){0};
}

/* ---- Writing --------------------------------------------------------------------------------- */

void sweep_places_write_titles(FILE *stream, const struct sweep_places *places)
{
	fprintf(stream, "%*s", POINT_WIDTH, "point");
	for (size_t a = 0; !places->own_line && a < places->grid->nr_axes; a++) {
		const struct sweep_place_axis *place = &places->axes[a];
		int length = place->title_length;

		fprintf(stream, "%*s%-*.*s", GAP, "", place->width,
			length < place->width ? length : place->width, place->title);
	}
}

static const char *label_at(const struct sweep_places *places, size_t point, size_t axis)
{
	return places->axes[axis].labels[sweep_grid_index(places->grid, point, axis)];
}

/* "    2  sched lag_credit, credit_unit_ns 20us; count 2" */
static void write_line(FILE *stream, const struct sweep_places *places, size_t point)
{
	struct wrap wrap = {.stream = stream, .indent = POINT_WIDTH + GAP};

	wrap_piece(&wrap, "", "%*zu", POINT_WIDTH + GAP - 2, point);
	for (size_t a = 0; a < places->grid->nr_axes; a++)
		wrap_piece(&wrap, a ? "; " : "  ", "%.*s %s", places->axes[a].title_length,
			   places->axes[a].title, label_at(places, point, a));
	wrap_end(&wrap);
}

void sweep_places_write(FILE *stream, const struct sweep_places *places, size_t point, bool again)
{
	char buffer[LABEL_SIZE];

	if (places->own_line) {
		if (!again)
			write_line(stream, places, point);
		fprintf(stream, "%*s", POINT_WIDTH, "");
		return;
	}
	fprintf(stream, "%*zu", POINT_WIDTH, point);
	for (size_t a = 0; a < places->grid->nr_axes; a++) {
		const struct sweep_place_axis *place = &places->axes[a];

		fprintf(stream, "%*s%-*s", GAP, "", place->width,
			shorten(label_at(places, point, a), place->width, place->head, buffer));
	}
}
