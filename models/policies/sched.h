/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sched policies of this directory, for the registry. */
#ifndef MODELS_POLICIES_SCHED_H
#define MODELS_POLICIES_SCHED_H

#include <oversub/policy.h>

extern const struct oversub_sched_policy sched_mainline;

#endif
