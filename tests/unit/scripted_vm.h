/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A VM for tests of candidate policies: flags set by hand, yields answered from a script. */
#ifndef TESTS_UNIT_SCRIPTED_VM_H
#define TESTS_UNIT_SCRIPTED_VM_H

#include "models/kvm/directed_yield.h"
#include "models/policies/candidate_v3.h"

#define SCRIPTED_VCPUS 64
#define SCRIPTED_TRIES 256

struct scripted_vm {
	struct oversub_vm vm;	  /* first: the VM is found from it */
	struct sim_stream random; /* the policy's; of seed 1, replication 0 at first */
	struct oversub_vcpu vcpus[SCRIPTED_VCPUS];
	struct oversub_vcpu *pointers[SCRIPTED_VCPUS];
	struct candidate_v3_params v3; /* the parameters, if the policy is of v3's kind */
	max_align_t params[32];	       /* those of any other */
	uint64_t now;
	int results[SCRIPTED_VCPUS]; /* what a yield to each vCPU returns; 1 at first */
	int tries[SCRIPTED_TRIES];   /* vCPUs that were tried, in order */
	int nr_tries;
	bool publishes;		       /* the guest lets the host know for whom its vCPUs wait: */
	int waits_for[SCRIPTED_VCPUS]; /* -1: for nobody; at first for all */
};

/* An Intel VM without APICv, nr vCPUs, no flags set, the policy with its defaults. */
void scripted_vm_open(struct scripted_vm *scripted, const char *policy, int nr);
void scripted_vm_close(struct scripted_vm *scripted);
/*
 * Set the flags of a vCPU: r ready, p preempted, k preempted in kernel, b blocking, E event
 * requested, s in its spin loop, d eligible though spinning. Absent letters are cleared.
 */
void scripted_vm_flags(struct scripted_vm *scripted, int index, const char *letters);
/* The parameters of the policy, for changing. */
void *scripted_vm_params(struct scripted_vm *scripted);
/* One complete on_spin of vCPU me. Returns the index of the boosted vCPU, -1 if there is none. */
int scripted_vm_spin(struct scripted_vm *scripted, int me, bool want_kernel);
/* A unicast fixed IPI that was accepted. */
void scripted_vm_ipi(struct scripted_vm *scripted, int from, int to, uint8_t vector);
/* Would vCPU to pass as a recent receiver of from? Policy v3 and its kin only. */
bool scripted_vm_is_receiver(const struct scripted_vm *scripted, int from, int to);
/* The tracking context of a vCPU. Policy v3 and its kin only. */
struct ipi_track *scripted_vm_track(const struct scripted_vm *scripted, int index);

#endif
