/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Results of systems that do not differ at all but by chance: whoever finds a difference between
 * them is wrong.
 */
#ifndef TESTS_VALIDATION_COVERAGE_EQUALS_H
#define TESTS_VALIDATION_COVERAGE_EQUALS_H

#include <stddef.h>
#include <stdint.h>

#include "sim/run/aggregate.h"

enum {
	EQUALS_MAX_SIDES = 32,
	EQUALS_MAX_REPLICATIONS = 32,
};

/* The sides of sample number trial; aggregate_free() each of the nr. Exits if that fails. */
typedef void equals_fn(uint32_t trial, struct aggregate *sides, size_t nr, size_t replications);

/*
 * Made up, in no time: two VMs and a host, with metrics that vary alike, that count rare events,
 * that are rounded to buckets and that are always 0. Replication i of a side has something in
 * common with replication i of the others.
 */
equals_fn equals_drawn;
/* Simulated from null.json, replications with different random numbers for all sides. */
equals_fn equals_simulated;

#endif
