/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window controllers of this directory, for the registry. */
#ifndef MODELS_POLICIES_WINDOW_H
#define MODELS_POLICIES_WINDOW_H

#include <oversub/policy.h>

extern const struct oversub_window_policy window_mainline;
extern const struct oversub_window_policy window_adaptive_ple;

#endif
