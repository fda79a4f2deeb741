/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside the replayer of KVM vectors: what a part of the format has to supply. */
#ifndef TESTS_CONFORMANCE_KVM_REPLAY_PART_H
#define TESTS_CONFORMANCE_KVM_REPLAY_PART_H

#include <stdbool.h>

#include "tests/conformance/vector.h"

/* Most vCPUs of a vector, and the highest APIC id: bounds for malformed input. */
#define KVM_REPLAY_MAX_VCPUS 1024
#define KVM_REPLAY_MAX_ID    16383

struct kvm_replay;

struct kvm_replay_part {
	/* Names in the header; the second may be NULL. */
	const char *names[2];
	/* Make the state that the header asks for; NULL if it is malformed or memory is short. */
	void *(*create)(struct kvm_replay *replay, const cJSON *header);
	void (*destroy)(void *state);
	/* Carry operation out and return the outcome in the form of "expect"; NULL if malformed. */
	cJSON *(*apply)(void *state, const cJSON *operation);
};

extern const struct kvm_replay_part kvm_replay_spin;
extern const struct kvm_replay_part kvm_replay_track;
extern const struct kvm_replay_part kvm_replay_lapic;
extern const struct kvm_replay_part kvm_replay_dest;
extern const struct kvm_replay_part kvm_replay_ple;
extern const struct kvm_replay_part kvm_replay_halt;

/*
 * Carry out and compare one operation; a part calls it for operations inside its own. False if the
 * operation is malformed.
 */
bool kvm_replay_operation(struct kvm_replay *replay, const cJSON *operation);

/* A key of an object keyed by vCPU index, -1 if it is none below limit. */
int kvm_replay_key(const cJSON *item, int limit);

#endif
