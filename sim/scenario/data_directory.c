/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/data_directory.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In the directory above that of the running program: a moved installation finds its files. */
static const char *beside_program(const char *suffix, const char *kind, char *buffer, size_t size)
{
	char program[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);

	if (length <= 0)
		return NULL;
	program[length] = '\0';
	/* The kernel gives an absolute path without links: build/oversub, or bin/oversub. */
	for (int i = 0; i < 2 && strrchr(program, '/'); i++)
		*strrchr(program, '/') = '\0';
	snprintf(buffer, size, "%s/%s%s", program, suffix, kind);
	return buffer;
}

const char *data_directory(enum data_place place, const char *kind, char *buffer, size_t size)
{
	const char *data = getenv("OVERSUB_DATA");

	switch (place) {
	case DATA_HERE: snprintf(buffer, size, "%s", kind); return buffer;
	case DATA_ENVIRONMENT:
		if (!data)
			return NULL;
		snprintf(buffer, size, "%s/%s", data, kind);
		return buffer;
	case DATA_INSTALLED: return beside_program("share/oversub/", kind, buffer, size);
	case DATA_SOURCE: return beside_program("", kind, buffer, size);
	default: return NULL;
	}
}

bool scenario_directory(int index, char *buffer)
{
	for (enum data_place place = 0; place < DATA_PLACES; place++)
		if (data_directory(place, "scenarios", buffer, SCENARIO_PATH_MAX) && index-- == 0)
			return true;
	return false;
}
