/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_CONFORMANCE_KVM_REPLAY_TRACK_H
#define TESTS_CONFORMANCE_KVM_REPLAY_TRACK_H

#include "tests/conformance/kvm_replay_vm.h"

/*
 * Carry out an operation on the clock, the parameters or the IPI contexts of a VM under policy v3;
 * the outcome as in kvm_replay_part.apply.
 */
cJSON *kvm_replay_track_apply(struct kvm_replay_vm *vm, const cJSON *operation);

#endif
