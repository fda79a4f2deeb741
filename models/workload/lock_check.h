/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must always be true of a lock, for --check-invariants and tests. */
#ifndef MODELS_WORKLOAD_LOCK_CHECK_H
#define MODELS_WORKLOAD_LOCK_CHECK_H

#include <oversub/error.h>

#include "models/workload/lock.h"

/*
 * Its queues are well linked, everybody in them waits for this lock and nobody for a lock of his
 * own, and none waits for a lock that is free and that he could take at once. OVERSUB_FAILED with
 * the first thing that is not so.
 */
enum oversub_status lock_check(const struct sync_lock *lock, struct oversub_error *error);

#endif
