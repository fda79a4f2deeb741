/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Worlds for the tests of co-scheduling, run with all invariants checked on the way. */
#ifndef TESTS_UNIT_COSCHED_WORLD_H
#define TESTS_UNIT_COSCHED_WORLD_H

#include "sim/run/world.h"

/* The beginning of a scenario's text. */
#define COSCHED_HEAD "{ 'oversub_scenario': 1, 'run': { 'warmup': '50ms', 'measure': '400ms' },"

/* Two VMs "a" of four vCPUs each on four CPUs, which spin for each other a lot. */
extern const char *const two_chatty;

/* A world of text, which has a '%s' where more settings of "host" go: ", 'cosched': ...". */
struct scenario *cosched_load(const char *text, const char *settings);
/* One replication; fails the test if it fails. For result_free(). */
struct replication_result cosched_run_scenario(const struct scenario *scenario);
/* Both. */
struct replication_result cosched_run(const char *text, const char *settings);
/* A metric of a result; fails the test if there is none. */
double cosched_value(const struct replication_result *result, const char *scope, const char *name);
/* One metric of one run. */
double cosched_metric(const char *text, const char *settings, const char *scope, const char *name);
/* Both results have the same metrics with the same values, or the test fails. */
void cosched_assert_same(const struct replication_result *a, const struct replication_result *b);

#endif
