/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must always be true of a VM between two events, for --check-invariants and tests. */
#ifndef MODELS_KVM_KVM_CHECK_H
#define MODELS_KVM_KVM_CHECK_H

#include <oversub/error.h>

#include "models/kvm/kvm.h"

/*
 * Of each vCPU: its thread is where it says, its phase fits that, the flags that directed yield
 * reads are as models/kvm/README.md has them, its LAPIC's registers agree with each other, no
 * interrupt that it could take is forgotten while it sleeps or runs, and its states sum to elapsed
 * ns. OVERSUB_FAILED with the first thing that is not so.
 */
enum oversub_status kvm_vm_check(const struct kvm_vm *vm, int64_t elapsed,
				 struct oversub_error *error);

#endif
