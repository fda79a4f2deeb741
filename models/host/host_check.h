/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must always be true of the host between two events, for --check-invariants and tests. */
#ifndef MODELS_HOST_HOST_CHECK_H
#define MODELS_HOST_HOST_CHECK_H

#include <oversub/error.h>

#include "models/host/host.h"

/*
 * Every run queue adds up (eevdf_check.h), every task is where it says, every CPU runs what its run
 * queue says, no CPU sleeps beside a runnable task without being on its way to notice, and the
 * states of each CPU sum to elapsed ns. OVERSUB_FAILED with the first thing that is not so.
 */
enum oversub_status host_check(const struct host *host, int64_t elapsed,
			       struct oversub_error *error);
/* The same of one task of the host, wherever it is. */
enum oversub_status host_check_task(const struct host_task *task, struct oversub_error *error);

#endif
