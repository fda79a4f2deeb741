/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Source: grow_ple_window(), shrink_ple_window() and their AMD relatives. models/kvm/ple.c is them;
 * this policy stands for leaving it alone.
 */
#include "builtin.h"

const struct oversub_window_policy window_mainline = {
	OVERSUB_WINDOW_POLICY,
	.head.name = "mainline",
	.head.help =
		"KVM's own: the window doubles at every exit, and is reset by being scheduled out.",
};
