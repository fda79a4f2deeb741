/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Can threads of a VM, or of the host, do what a workload says? */
#ifndef MODELS_WORKLOAD_WORKLOAD_CHECK_H
#define MODELS_WORKLOAD_WORKLOAD_CHECK_H

#include <stdbool.h>

#include <oversub/error.h>

#include "models/workload/workload.h"

/* What is wrong with a workload, and where; what it is not about is NULL or -1. */
struct workload_fault {
	const struct workload_lock *lock;
	const struct workload_thread_class *class;
	int op; /* index in the program of class */
	char text[200];
};

/*
 * Whether something is wrong with workload: loops and requests that do not match or nest more than
 * PROGRAM_MAX_NESTING deep, objects that there are not, ops and kinds of locks that runner does not
 * have, a take outside of a request. The first such thing goes into *fault.
 */
bool workload_is_wrong(const struct workload *workload, enum workload_runner runner,
		       struct workload_fault *fault);

/* The same for models: OVERSUB_BAD_INPUT with the names of what is wrong. */
enum oversub_status workload_check(const struct workload *workload, enum workload_runner runner,
				   struct oversub_error *error);

/*
 * Whether threads of a workload that is not wrong lock what they hold, or unlock what they do not
 * hold, whatever the dice say. Models find it out when a thread gets there; this does before.
 */
bool workload_misuses_locks(const struct workload *workload, struct workload_fault *fault);

#endif
