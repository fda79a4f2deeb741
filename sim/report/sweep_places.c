/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/sweep_places.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/wrap.h"

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

/* What to write for a value of axis; words, of LABEL_SIZE, may be used for it. */
static const char *label_of(const struct sweep_axis *axis, const struct sweep_place_axis *place,
			    size_t value, char *words)
{
	const char *text = axis->values[value];

	return place->in_words && sweep_value_words(text, words, LABEL_SIZE) ? words : text;
}

/* Whether all labels of an axis differ in width characters. */
static bool are_distinct(const struct sweep_axis *axis, const struct sweep_place_axis *place,
			 int width, int head)
{
	char words[2][LABEL_SIZE], shorter[2][LABEL_SIZE];

	if (axis->nr_values > MOST_VALUES)
		return false;
	for (size_t i = 0; i < axis->nr_values; i++) {
		const char *label =
			shorten(label_of(axis, place, i, words[0]), width, head, shorter[0]);

		for (size_t j = 0; j < i; j++)
			if (!strcmp(label, shorten(label_of(axis, place, j, words[1]), width, head,
						   shorter[1])))
				return false;
	}
	return true;
}

static void make_axis(const struct sweep_grid *grid, size_t index, struct sweep_place_axis *place)
{
	const struct sweep_axis *axis = &grid->axes[index];
	char words[LABEL_SIZE];

	set_title(grid, index, place);
	/* Words leave out where in an object they are from. */
	place->in_words = true;
	place->in_words = are_distinct(axis, place, LABEL_SIZE, 0);
	place->width = place->title_length;
	for (size_t i = 0; i < axis->nr_values; i++) {
		int length = (int)strlen(label_of(axis, place, i, words));

		place->width = length > place->width ? length : place->width;
	}
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
static bool narrow(const struct sweep_axis *axis, struct sweep_place_axis *place, int width)
{
	static const int quarters[] = {2, 1, 3, 0, 4};

	place->width = width;
	for (size_t i = 0; i < sizeof(quarters) / sizeof(*quarters); i++) {
		place->head = (width - CUT) * quarters[i] / 4;
		if (are_distinct(axis, place, width, place->head))
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
			places->own_line = !narrow(&places->grid->axes[a], &places->axes[a], most);
	places->width = places->own_line ? POINT_WIDTH : width_with(places, room);
}

bool sweep_places_make(const struct sweep_grid *grid, int room, struct sweep_places *places)
{
	*places = (struct sweep_places){.grid = grid};
	places->axes = calloc(grid->nr_axes, sizeof(*places->axes));
	if (!places->axes)
		return false;
	for (size_t a = 0; a < grid->nr_axes; a++)
		make_axis(grid, a, &places->axes[a]);
	fit(places, room);
	return true;
}

void sweep_places_free(struct sweep_places *places)
{
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

static const char *label_at(const struct sweep_places *places, size_t point, size_t axis,
			    char *words)
{
	return label_of(&places->grid->axes[axis], &places->axes[axis],
			sweep_grid_index(places->grid, point, axis), words);
}

/* "    2  sched lag_credit, credit_unit_ns 20us; count 2" */
static void write_line(FILE *stream, const struct sweep_places *places, size_t point)
{
	struct wrap wrap = {.stream = stream, .indent = POINT_WIDTH + GAP};
	char words[LABEL_SIZE];

	wrap_piece(&wrap, "", "%*zu", POINT_WIDTH + GAP - 2, point);
	for (size_t a = 0; a < places->grid->nr_axes; a++)
		wrap_piece(&wrap, a ? "; " : "  ", "%.*s %s", places->axes[a].title_length,
			   places->axes[a].title, label_at(places, point, a, words));
	wrap_end(&wrap);
}

void sweep_places_write(FILE *stream, const struct sweep_places *places, size_t point, bool again)
{
	char words[LABEL_SIZE], buffer[LABEL_SIZE];

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
			shorten(label_at(places, point, a, words), place->width, place->head,
				buffer));
	}
}
