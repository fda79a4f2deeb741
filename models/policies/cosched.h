/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The co-scheduling policies of this directory, for the registry. */
#ifndef MODELS_POLICIES_COSCHED_H
#define MODELS_POLICIES_COSCHED_H

#include <oversub/policy.h>

extern const struct oversub_cosched_policy cosched_none;
extern const struct oversub_cosched_policy cosched_balance;
extern const struct oversub_cosched_policy cosched_demand;
extern const struct oversub_cosched_policy cosched_relaxed;
extern const struct oversub_cosched_policy cosched_gang;
extern const struct oversub_cosched_policy cosched_usliced;
extern const struct oversub_cosched_policy cosched_ecs;

#endif
