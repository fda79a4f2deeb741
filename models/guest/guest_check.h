/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must always be true of a guest between two events, for --check-invariants and tests. */
#ifndef MODELS_GUEST_GUEST_CHECK_H
#define MODELS_GUEST_GUEST_CHECK_H

#include <oversub/error.h>

#include "models/guest/guest.h"

/*
 * Locks are sound (lock_check.h); every csd that is locked is queued on its target, taken over by a
 * handler there, or being run, exactly once; no vCPU sleeps beside calls of which no interrupt
 * tells it; whoever spins, spins for something. OVERSUB_FAILED with the first thing that is not so.
 */
enum oversub_status guest_check(const struct guest *guest, struct oversub_error *error);

#endif
