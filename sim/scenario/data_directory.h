/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the scenarios and plot templates are that come with the program. */
#ifndef SIM_SCENARIO_DATA_DIRECTORY_H
#define SIM_SCENARIO_DATA_DIRECTORY_H

#include <stdbool.h>
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

/* Room for the path of a scenario's file. */
enum { SCENARIO_PATH_MAX = 4096 };
/*
 * Write the directory number index that names are looked up in, the working directory aside, into
 * buffer of SCENARIO_PATH_MAX bytes. Returns false behind the last one.
 */
bool scenario_directory(int index, char *buffer);

#endif
