/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A host with one VM whose vCPUs act out scripts, for tests of the KVM shell: no guest kernel,
 * every action is given by the test, and what happened when is noted.
 *
 * A handler writes EOI, runs for handler_ns and then ends the spin of those who wait for its vCPU.
 * A vCPU whose script is over halts with interrupts on, again and again.
 */
#ifndef TESTS_UNIT_VCPU_WORLD_H
#define TESTS_UNIT_VCPU_WORLD_H

#include "models/kvm/kvm.h"
#include "sim/base/container_of.h"

#define US INT64_C(1000)
#define MS INT64_C(1000000)

/* From waking up idle CPUs at time 0 to the first action of the vCPUs there. */
#define START_NS 3100

/* Actions. */
#define ACTION(...)	   ((struct guest_action){__VA_ARGS__})
#define WORK(ns_)	   ACTION(.kind = GUEST_RUN, .ns = (ns_), .interrupts = true)
#define KERNEL_WORK(ns_)   ACTION(.kind = GUEST_RUN, .ns = (ns_), .interrupts = true, .kernel = true)
#define IRQS_OFF(ns_)	   ACTION(.kind = GUEST_RUN, .ns = (ns_), .kernel = true)
#define SPIN		   ACTION(.kind = GUEST_SPIN, .interrupts = true, .kernel = true)
#define USER_SPIN	   ACTION(.kind = GUEST_SPIN, .interrupts = true)
#define USER_SPIN_IRQS_OFF ACTION(.kind = GUEST_SPIN)
#define HALT		   ACTION(.kind = GUEST_HLT, .interrupts = true, .kernel = true)
#define HALT_IRQS_OFF	   ACTION(.kind = GUEST_HLT, .kernel = true)
#define DEVICE_IO	   ACTION(.kind = GUEST_IO, .interrupts = true, .kernel = true)
#define TIMER_AT(ns_)                                                                              \
	ACTION(.kind = GUEST_TIMER_ARM, .ns = (ns_), .interrupts = true, .kernel = true)
#define SEND_IPI(to_, vector_)                                                                     \
	ACTION(.kind = GUEST_ICR, .interrupts = true, .kernel = true,                              \
	       .icr = {.dest = (to_), .vector = (vector_)})
#define SEND_TO_SELF(vector_)                                                                      \
	ACTION(.kind = GUEST_ICR, .interrupts = true, .kernel = true,                              \
	       .icr = {.shorthand = LAPIC_SELF, .vector = (vector_)})
#define SEND_LOGICAL(dest_, vector_)                                                               \
	ACTION(.kind = GUEST_ICR, .interrupts = true, .kernel = true,                              \
	       .icr = {.dest = (dest_), .logical = true, .vector = (vector_)})
#define SEND_NMI(to_)                                                                              \
	ACTION(.kind = GUEST_ICR, .interrupts = true, .kernel = true,                              \
	       .icr = {.dest = (to_), .delivery = LAPIC_NMI, .vector = 2})
#define SEND_TO_OTHERS(vector_)                                                                    \
	ACTION(.kind = GUEST_ICR, .interrupts = true, .kernel = true,                              \
	       .icr = {.shorthand = LAPIC_ALL_BUT_SELF, .vector = (vector_)})

enum { SCRIPT_VCPUS = 20, SCRIPT_ACTIONS = 24, SCRIPT_TAKEN = 16 };

/* A vector that a script's vCPU took. */
struct script_taken {
	uint8_t vector;
	int64_t injected; /* ns */
	int64_t begun;	  /* ns; first instruction of the handler */
};

struct vcpu_script {
	struct guest_action actions[SCRIPT_ACTIONS];
	int nr, at;		       /* at: how many have begun */
	int64_t began[SCRIPT_ACTIONS]; /* ns; when each was first handed out */

	int handler_step; /* 0: no handler in progress */
	int64_t handler_ns;
	struct guest_action saved;
	struct script_taken taken[SCRIPT_TAKEN];
	int nr_taken; /* the first SCRIPT_TAKEN are kept */

	int nmi_step; /* 0: no NMI handler in progress; it runs for handler_ns */
	struct guest_action nmi_saved;
	struct script_taken nmis[SCRIPT_TAKEN];
	int nr_nmis;

	int waits_for;	     /* vCPU, -1 for none; ends when that one has run a handler */
	enum vcpu_wait wait; /* what for, while there is one */
};

struct vcpu_world {
	struct sim_engine engine;
	struct sim_event pause; /* so that the clock gets where the test wants it */
	struct host host;
	struct kvm_vm vm;
	struct oversub_error error;
	int64_t counted_from; /* ns; the last kvm_vm_reset_stats() */

	struct host_config host_config;
	struct kvm_config kvm_config;
	const char *candidate; /* policy */
	/* Instead of candidate, if it is not NULL. */
	const struct oversub_candidate_policy *candidate_policy;
	const struct oversub_window_policy *window_policy; /* NULL: KVM's own */
	const void *window_params;
	int nr_vcpus;
	int on_cpu[SCRIPT_VCPUS]; /* where each vCPU is pinned */

	struct vcpu_script scripts[SCRIPT_VCPUS];
	uint64_t affinity[SCRIPT_VCPUS];
	const uint64_t *affinities[SCRIPT_VCPUS];
	max_align_t policy_params[64];
};

/*
 * vCPU i is pinned to CPU i modulo cpus; default costs, except that caches need no refill; no halt
 * polling, no pause-loop policy, no cgroups. To be changed before the start. close() checks that
 * every ns of every vCPU and CPU was in one state, and frees all.
 */
struct vcpu_world *vcpu_world_open(int nr_vcpus, int cpus);
void vcpu_world_close(struct vcpu_world *world);
void vcpu_world_script(struct vcpu_world *world, int vcpu, const struct guest_action *actions,
		       int nr);
#define SCRIPT(world_, vcpu_, ...)                                                                 \
	vcpu_world_script(world_, vcpu_, (const struct guest_action[]){__VA_ARGS__},               \
			  (int)(sizeof((const struct guest_action[]){__VA_ARGS__}) /               \
				sizeof(struct guest_action)))
void vcpu_world_start(struct vcpu_world *world);
void vcpu_world_run(struct vcpu_world *world, int64_t until);

/* Run, event by event, until the condition holds; fails if it does not by the time limit. */
typedef bool vcpu_condition(const struct vcpu *vcpu);
void vcpu_world_run_until(struct vcpu_world *world, vcpu_condition *condition, int vcpu,
			  int64_t limit);
bool vcpu_is_preempted(const struct vcpu *vcpu);
bool vcpu_is_asleep(const struct vcpu *vcpu);
bool vcpu_is_polling(const struct vcpu *vcpu);
bool vcpu_is_in_guest(const struct vcpu *vcpu);
bool vcpu_is_spinning(const struct vcpu *vcpu);
bool vcpu_has_yielded(const struct vcpu *vcpu);
bool vcpu_took_interrupt(const struct vcpu *vcpu);

struct vcpu *vcpu_of_world(struct vcpu_world *world, int vcpu);
int64_t now_of_world(const struct vcpu_world *world);
/* From the injection of a vector, at the end of an entry, to its handler, ns. */
int64_t injection_to_handler(const struct vcpu_world *world);
/* Time that vcpu has spent in a state up to now, ns. */
int64_t vcpu_time_in(struct vcpu_world *world, int vcpu, enum vcpu_time state);
/* Exits of all vCPUs. */
uint64_t exits_of_world(const struct vcpu_world *world, enum exit_reason reason);

#endif
