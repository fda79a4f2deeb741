/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a policy includes, whether it is built in or loaded with --plugin.
 *
 *   yield.candidate  whom KVM nominates when a vCPU exits from a pause loop   candidate.h
 *   yield.sched      what the host scheduler does for the nominee             sched.h
 *   yield.window     how long a vCPU may spin before it exits                 window.h
 *   host.cosched     which vCPUs of a VM run where and when together          cosched.h
 *
 * A scenario picks one of each. A policy is a const struct of functions. It keeps no state outside
 * the private bytes that the simulator allocates for it (zeroed), per vCPU, VM, run queue, CPU or
 * host as its kind of policy says: a thousand simulations may share the process.
 *
 * A built-in policy is one file and one line in models/policies/registry.c. A plug-in is a shared
 * object that exports one symbol:
 *
 *   const struct oversub_plugin oversub_plugin = {
 *           .version = OVERSUB_POLICY_VERSION,
 *           .size = sizeof(struct oversub_plugin),
 *           .candidates = (const struct oversub_candidate_policy *const[]){&mine, NULL},
 *   };
 *
 * models/policies/example, installed as share/oversub/example-plugin, is a complete one.
 */
#ifndef OVERSUB_POLICY_H
#define OVERSUB_POLICY_H

/*
 * Bumped whenever a struct or the meaning of a function in these headers changes; not when a
 * function is added, which plug-ins made before do not miss.
 */
#define OVERSUB_POLICY_VERSION 2

#include <oversub/candidate.h>
#include <oversub/cosched.h>
#include <oversub/param.h>
#include <oversub/sched.h>
#include <oversub/window.h>

/* What a shared object offers. Lists end with NULL; a list may itself be NULL. */
struct oversub_plugin {
	uint32_t version; /* OVERSUB_POLICY_VERSION */
	uint32_t size;	  /* sizeof(struct oversub_plugin) */
	const struct oversub_candidate_policy *const *candidates;
	const struct oversub_sched_policy *const *scheds;
	const struct oversub_window_policy *const *windows;
	const struct oversub_cosched_policy *const *coscheds;
};

/* Built-in policies, NULL-terminated, in the order `oversub list policies` shows them. */
extern const struct oversub_candidate_policy *const oversub_candidate_policies[];
extern const struct oversub_sched_policy *const oversub_sched_policies[];
extern const struct oversub_window_policy *const oversub_window_policies[];
extern const struct oversub_cosched_policy *const oversub_cosched_policies[];

#endif
