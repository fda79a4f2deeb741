/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What policies of all kinds begin with. Policies include policy.h. */
#ifndef OVERSUB_POLICY_HEAD_H
#define OVERSUB_POLICY_HEAD_H

#include <stddef.h>
#include <stdint.h>

#include <oversub/param.h>

/*
 * Bumped whenever a struct or the meaning of a function in these headers changes; not when a
 * function is added, which plug-ins made before do not miss.
 */
#define OVERSUB_POLICY_VERSION 3

/* A scenario picks one policy of each kind. */
enum oversub_policy_kind {
	OVERSUB_CANDIDATE, /* struct oversub_candidate_policy: yield.candidate */
	OVERSUB_SCHED,	   /* struct oversub_sched_policy: yield.sched */
	OVERSUB_WINDOW,	   /* struct oversub_window_policy: yield.window */
	OVERSUB_COSCHED,   /* struct oversub_cosched_policy: host.cosched */
	OVERSUB_POLICY_KINDS
};

/* The first member, head, of the struct of each kind. */
struct oversub_policy {
	uint32_t version; /* OVERSUB_POLICY_VERSION */
	uint32_t size;	  /* of the struct that begins with it */
	uint32_t kind;	  /* enum oversub_policy_kind */
	uint32_t needs;	  /* enum oversub_needs, oversub_cosched_needs; 0 for other kinds */
	const char *name; /* in scenarios: a to z, digits and _ */
	const char *help; /* one sentence */

	const struct oversub_param *params; /* may be NULL; ends with OVERSUB_PARAM_END */
	size_t params_size;		    /* bytes of the parameter struct */
};

/*
 * What a head says of the struct that it begins, and so the first line of a policy:
 * {OVERSUB_CANDIDATE_POLICY, .head.name = "mine", ...}.
 */
#define OVERSUB_POLICY_IS(KIND_, kind_)                                                            \
	.head.version = OVERSUB_POLICY_VERSION,                                                    \
	.head.size = sizeof(struct oversub_##kind_##_policy), .head.kind = OVERSUB_##KIND_

#define OVERSUB_CANDIDATE_POLICY OVERSUB_POLICY_IS(CANDIDATE, candidate)
#define OVERSUB_SCHED_POLICY	 OVERSUB_POLICY_IS(SCHED, sched)
#define OVERSUB_WINDOW_POLICY	 OVERSUB_POLICY_IS(WINDOW, window)
#define OVERSUB_COSCHED_POLICY	 OVERSUB_POLICY_IS(COSCHED, cosched)

#endif
