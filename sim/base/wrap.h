/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables with long last columns, on terminals that are narrower. */
#ifndef SIM_BASE_WRAP_H
#define SIM_BASE_WRAP_H

#include <stdio.h>

/*
 * Write text to out with lines of more than width columns broken between words. What follows is
 * indented to where the last column began, that is behind the last two blanks in a row. If less
 * than half of the width is left there, that column goes to lines of its own.
 */
void wrap_write(FILE *out, const char *text, int width);
/* The columns of the terminal that stream is; 0 if it is none. */
int wrap_width(FILE *stream);

#endif
