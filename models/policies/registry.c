/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "builtin.h"

#define POLICY_HEAD(kind_, name_) &kind_##_##name_.head,
const struct oversub_policy *const oversub_policies[] = {BUILTIN_POLICIES(POLICY_HEAD) NULL};
