/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a policy includes, whether it is built in or loaded with --plugin.
 *
 *   yield.candidate  whom KVM nominates when a vCPU exits from a pause loop   candidate.h
 *   yield.sched      what the host scheduler does for the nominee             sched.h
 *   yield.window     how long a vCPU may spin before it exits                 window.h
 *   host.cosched     which vCPUs of a VM run where and when together          cosched.h
 *
 * A scenario picks one of each. A policy is a const struct of functions, which begins with what all
 * kinds have in common, struct oversub_policy. It keeps no state outside the private bytes that the
 * simulator allocates for it (zeroed), per vCPU, VM, run queue, CPU or host as its kind of policy
 * says: a thousand simulations may share the process.
 *
 * A built-in policy is one file and one line in models/policies/builtin.h. A plug-in is a shared
 * object that exports one symbol:
 *
 *   const struct oversub_plugin oversub_plugin = {
 *           .version = OVERSUB_POLICY_VERSION,
 *           .size = sizeof(struct oversub_plugin),
 *           .policies = (const struct oversub_policy *const[]){&mine.head, NULL},
 *   };
 *
 * models/policies/example, installed as share/oversub/example-plugin, is a complete one.
 */
#ifndef OVERSUB_POLICY_H
#define OVERSUB_POLICY_H

#include <oversub/candidate.h>
#include <oversub/cosched.h>
#include <oversub/param.h>
#include <oversub/policy_head.h>
#include <oversub/sched.h>
#include <oversub/window.h>

/* What a shared object offers. */
struct oversub_plugin {
	uint32_t version; /* OVERSUB_POLICY_VERSION */
	uint32_t size;	  /* sizeof(struct oversub_plugin) */
	/* Heads of policies of any kinds, in the order of `oversub list policies`; then NULL. */
	const struct oversub_policy *const *policies;
};

/* The built-in policies, likewise. */
extern const struct oversub_policy *const oversub_policies[];

#endif
