/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who has sent to a vCPU while it had no CPU: the receiver's side of an IPI, as VEE'21 keeps it. It
 * holds any number of senders, and what ends it is that the receiver runs, which KVM always sees:
 * there is no EOI to miss and no age to guess.
 */
#ifndef MODELS_POLICIES_SENDER_SET_H
#define MODELS_POLICIES_SENDER_SET_H

#include <string.h>

#include <oversub/policy.h>

/* 0 bytes are an empty set. */
struct sender_set {
	uint64_t words[OVERSUB_MAX_VCPUS / 64];
	bool any; /* something has been added since it was emptied */
};

static inline void sender_set_add(struct sender_set *set, int index)
{
	set->any = true;
	set->words[index / 64] |= UINT64_C(1) << index % 64;
}

static inline bool sender_set_has(const struct sender_set *set, int index)
{
	return set->any && set->words[index / 64] >> index % 64 & 1;
}

static inline void sender_set_empty(struct sender_set *set)
{
	if (set->any)
		memset(set, 0, sizeof(*set));
}

#endif
