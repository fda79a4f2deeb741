/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How tests run worlds: with all invariants checked on the way. */
#ifndef TESTS_UNIT_CHECKED_RUN_H
#define TESTS_UNIT_CHECKED_RUN_H

#include "sim/run/world.h"

static const struct world_options checked_run = {.check_invariants = true};

#endif
