/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No co-scheduling: each CPU's scheduler decides for itself, as the kernel's does. */
#include "builtin.h"

const struct oversub_cosched_policy cosched_none = {
	OVERSUB_COSCHED_POLICY,
	.head.name = "none",
	.head.help = "each CPU's scheduler decides for itself",
};
