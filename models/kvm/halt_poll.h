/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Host halt polling: how long a vCPU that executed HLT polls before its thread sleeps, and how that
 * window adapts (kvm_vcpu_halt, grow_halt_poll_ns, shrink_halt_poll_ns). The window is one uint32_t
 * in ns that the vCPU keeps; it starts at 0.
 */
#ifndef MODELS_KVM_HALT_POLL_H
#define MODELS_KVM_HALT_POLL_H

#include <stdbool.h>
#include <stdint.h>

#include <oversub/param.h>

/* Module parameters of kvm under their kernel names, 32-bit unsigned there. */
struct halt_poll_config {
	int64_t halt_poll_ns;		 /* largest window in ns; 0: no polling */
	int64_t halt_poll_ns_grow;	 /* factor; 0: never grows */
	int64_t halt_poll_ns_grow_start; /* ns; the first window, and the smallest that shrinking
					    leaves */
	int64_t halt_poll_ns_shrink;	 /* divisor; 0: shrinking means 0 */
	int64_t halt_poll_always;	 /* bool, ours: whoever else waits for the CPU */
};

extern const struct oversub_param halt_poll_params[];

/* The window to poll for when a halt begins: window, at most halt_poll_ns. */
uint32_t halt_poll_begin(const struct halt_poll_config *config, uint32_t window);
/*
 * The window after a halt of duration ns, polling and sleeping together. window is what
 * halt_poll_begin() returned. Not to be called if the guest forbids host polling: then the window
 * only keeps its clamp.
 */
uint32_t halt_poll_end(const struct halt_poll_config *config, uint32_t window, uint64_t duration);

/* One step, for tests: neither looks at halt_poll_ns. */
uint32_t halt_poll_grow(const struct halt_poll_config *config, uint32_t window);
uint32_t halt_poll_shrink(const struct halt_poll_config *config, uint32_t window);

#endif
