/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Source: grow_ple_window(), shrink_ple_window() and their AMD relatives. models/kvm/ple.c is them;
 * this policy stands for leaving it alone.
 */
#include "window.h"

const struct oversub_window_policy window_mainline = {
	.version = OVERSUB_POLICY_VERSION,
	.size = sizeof(window_mainline),
	.name = "mainline",
	.help = "KVM's own: the window doubles at every exit, and is reset by being scheduled out.",
};
