/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No co-scheduling: each CPU's scheduler decides for itself, as the kernel's does. */
#include "cosched.h"

const struct oversub_cosched_policy cosched_none = {
	.version = OVERSUB_POLICY_VERSION,
	.size = sizeof(struct oversub_cosched_policy),
	.name = "none",
	.help = "each CPU's scheduler decides for itself",
};
