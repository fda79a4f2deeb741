/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What somebody who mistyped a name may have meant. */
#ifndef SIM_BASE_SUGGEST_H
#define SIM_BASE_SUGGEST_H

#include <stddef.h>

/* The nearest to a wrong name so far; zeroed but for wrong at the beginning. */
struct suggestion {
	const char *wrong;
	const char *nearest; /* NULL: nothing is near enough */
	size_t distance;     /* of nearest: letters to insert, delete, replace or swap */
};

/* Consider name, which must outlive suggestion. */
void suggest(struct suggestion *suggestion, const char *name);

#endif
