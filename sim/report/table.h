/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of text: columns with a title and a width, and rows of cells. */
#ifndef SIM_REPORT_TABLE_H
#define SIM_REPORT_TABLE_H

#include <stdio.h>

struct table_column {
	const char *title;
	int gap;   /* blanks before it */
	int width; /* as printf() has it: text is on the right, or on the left if it is negative */
};

/* The letters of nr columns. */
int table_width(const struct table_column *columns, int nr);
/* A line of their titles, and one of a cell for each; without the end of the line. */
void table_titles(FILE *stream, const struct table_column *columns, int nr);
void table_cells(FILE *stream, const struct table_column *columns, int nr,
		 const char *const *cells);

#endif
