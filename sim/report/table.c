/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/table.h"

#include <stdlib.h>

int table_width(const struct table_column *columns, int nr)
{
	int width = 0;

	for (int i = 0; i < nr; i++)
		width += columns[i].gap + abs(columns[i].width);
	return width;
}

static void write_cell(FILE *stream, const struct table_column *column, const char *text)
{
	fprintf(stream, "%*s%*s", column->gap, "", column->width, text);
}

void table_titles(FILE *stream, const struct table_column *columns, int nr)
{
	for (int i = 0; i < nr; i++)
		write_cell(stream, &columns[i], columns[i].title);
}

void table_cells(FILE *stream, const struct table_column *columns, int nr, const char *const *cells)
{
	for (int i = 0; i < nr; i++)
		write_cell(stream, &columns[i], cells[i]);
}
