/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A host with one VM whose guest runs programs given by a test; every step of its CPUs is noted. */
#ifndef TESTS_UNIT_GUEST_WORLD_H
#define TESTS_UNIT_GUEST_WORLD_H

#include <stddef.h>

#include "models/guest/guest.h"
#include "models/guest/guest_cpu.h"

/* Ops as the loader builds them. */
#define OP(...)                                                                                    \
	(struct op)                                                                                \
	{                                                                                          \
		.probability = 1.0, __VA_ARGS__                                                    \
	}
#define CONSTANT(ns_)	  .duration = {.kind = SIM_CONSTANT, .mean_ns = (ns_)}
#define RUN(ns_)	  OP(.kind = OP_RUN, CONSTANT(ns_), .interrupts = 1)
#define RUN_KERNEL(ns_)	  OP(.kind = OP_RUN, CONSTANT(ns_), .interrupts = 1, .mode = OP_MODE_KERNEL)
#define RUN_IRQS_OFF(ns_) OP(.kind = OP_RUN, CONSTANT(ns_), .mode = OP_MODE_KERNEL)
#define LOCK(...)	  OP(.kind = OP_LOCK, .object = 0, __VA_ARGS__)
#define UNLOCK		  OP(.kind = OP_UNLOCK, .object = 0)
#define CALL_CPU(cpu_, ns_, ...)                                                                   \
	OP(.kind = OP_SMP_CALL, .target = OP_TARGET_CPU, .target_cpu = (cpu_),                     \
	   .function_ns = (ns_), __VA_ARGS__)
#define CALL_OTHERS(ns_, ...)                                                                      \
	OP(.kind = OP_SMP_CALL, .target = OP_TARGET_OTHERS, .function_ns = (ns_), __VA_ARGS__)
#define FLUSH(pages_, ...)                                                                         \
	OP(.kind = OP_TLB_FLUSH, .target = OP_TARGET_OTHERS, .pages = (pages_), __VA_ARGS__)
#define SLEEP(ns_)	    OP(.kind = OP_SLEEP, CONSTANT(ns_))
#define WAIT		    OP(.kind = OP_WAIT, .object = 0)
#define WAKE		    OP(.kind = OP_WAKE, .object = 0)
#define BARRIER		    OP(.kind = OP_BARRIER, .object = 0)
#define FOREVER(end_)	    OP(.kind = OP_LOOP, .count = -1, .jump = (end_))
#define LOOP_END(begin_)    OP(.kind = OP_LOOP_END, .jump = (begin_))
#define REQUEST(end_)	    OP(.kind = OP_REQUEST, .object = 0, .jump = (end_))
#define REQUEST_END(begin_) OP(.kind = OP_REQUEST_END, .jump = (begin_))
#define TAKE		    OP(.kind = OP_TAKE, .object = 0)
#define IO(ns_)		    OP(.kind = OP_IO, CONSTANT(ns_))

enum { WORLD_CPUS = 24, WORLD_NOTES = 1 << 16 };

/* Something that a vCPU was told to do, or an interrupt that it took. */
struct world_note {
	int64_t time;
	int vcpu;
	int vector; /* of an interrupt; -1: action counts */
	struct guest_action action;
};

struct guest_world {
	struct sim_engine engine;
	struct host host;
	struct kvm_vm vm;
	struct guest guest;
	struct oversub_error error;

	struct host_config host_config;
	struct kvm_config kvm_config;
	struct guest_config config;
	int nr_vcpus;
	uint64_t affinity[WORLD_CPUS]; /* per vCPU, a bit per host CPU; 0 = all */
	const uint64_t *affinities[WORLD_CPUS];
	const char *candidate;	     /* policy */
	struct host_cpu_max cpu_max; /* of the VM's cgroup */

	struct workload workload;
	struct workload_thread_class classes[WORLD_CPUS];
	struct workload_lock lock;
	struct workload_barrier barrier;
	struct workload_source source;
	char *names[1];
	max_align_t policy_params[64];

	int nr_notes; /* the first WORLD_NOTES are kept */
	struct world_note notes[WORLD_NOTES];
};

/*
 * A world with defaults: as many host CPUs as vCPUs, vCPU i on CPU i, no pause-loop policy, one
 * queued lock, one event, one barrier for all threads, one request, one source. To be changed
 * before guest_world_start(). Freed by guest_world_close().
 */
struct guest_world *guest_world_open(int nr_vcpus);
void guest_world_close(struct guest_world *world);
/* The next vCPU's thread runs a copy of ops. */
void guest_world_add(struct guest_world *world, struct op *ops, int nr_ops);
#define WORLD_ADD(world_, ...)                                                                     \
	guest_world_add(world_, (struct op[]){__VA_ARGS__},                                        \
			(int)(sizeof((struct op[]){__VA_ARGS__}) / sizeof(struct op)))
/* Boot; OVERSUB_OK or what guest_init() said. */
enum oversub_status guest_world_try_start(struct guest_world *world);
void guest_world_start(struct guest_world *world);
void guest_world_run(struct guest_world *world, int64_t until);

/* How many notes of an interrupt or of an action there are; vcpu -1: any. */
int guest_world_count_interrupts(const struct guest_world *world, int vcpu, int vector);
int guest_world_count_actions(const struct guest_world *world, int vcpu,
			      enum guest_action_kind kind);
/* The first note about vcpu's taking vector, at or after index from; nr_notes if none. */
int guest_world_find_interrupt(const struct guest_world *world, int vcpu, int vector, int from);
/* The next note about vcpu after index; nr_notes if none. */
int guest_world_next_note(const struct guest_world *world, int vcpu, int index);

#endif
