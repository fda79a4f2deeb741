/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the scenarios and plot templates are that come with the program. */
#ifndef SIM_SCENARIO_DATA_DIRECTORY_H
#define SIM_SCENARIO_DATA_DIRECTORY_H

#include <stddef.h>

/* How many places there are to look at, in this order: */
enum data_place {
	DATA_HERE,	  /* the current directory */
	DATA_ENVIRONMENT, /* $OVERSUB_DATA */
	DATA_INSTALLED,	  /* PREFIX/share/oversub, beside PREFIX/bin/oversub */
	DATA_SOURCE,	  /* the source tree, beside build/oversub */
	DATA_PLACES,
};

/*
 * Path of the directory kind ("scenarios", "plots") in place; it need not exist. Returns NULL if
 * place is not known (OVERSUB_DATA is not set), else buffer.
 */
const char *data_directory(enum data_place place, const char *kind, char *buffer, size_t size);

#endif
