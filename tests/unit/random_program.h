/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random programs for guest threads that come to their end, whatever the others do. */
#ifndef TESTS_UNIT_RANDOM_PROGRAM_H
#define TESTS_UNIT_RANDOM_PROGRAM_H

#include "models/workload/workload.h"
#include "sim/engine/random.h"

enum { RANDOM_STEPS = 12, RANDOM_PROGRAM_OPS = 4 * RANDOM_STEPS + 8 };

/*
 * One of nr_vcpus programs that go together: passes of random ops, in which calls and sleeps are
 * for those who hold no lock, and each of which ends at a barrier of all. They use lock, event and
 * barrier 0. Returns how many of the RANDOM_PROGRAM_OPS ops are used.
 */
int random_program(struct sim_stream *dice, int nr_vcpus, int passes, struct op *ops);

#endif
