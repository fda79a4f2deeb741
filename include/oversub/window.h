/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * yield.window: how long a vCPU may spin before the hardware makes it exit. The default, mainline,
 * is what KVM does: grow at every pause-loop exit, shrink after having been scheduled out. Policies
 * include policy.h.
 */
#ifndef OVERSUB_WINDOW_H
#define OVERSUB_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <oversub/policy_head.h>

struct oversub_vcpu;

/* When a controller is asked for the next window of a vCPU. */
enum oversub_window_event {
	OVERSUB_WINDOW_CREATE,	/* the vCPU is new: the first window */
	OVERSUB_WINDOW_EXIT,	/* a pause-loop exit; the candidate policy is asked afterwards */
	OVERSUB_WINDOW_LOADED,	/* the vCPU runs again after it was off its CPU */
	OVERSUB_WINDOW_FUTILE,	/* its yield was taken, and it was itself picked again */
	OVERSUB_WINDOW_DECLINED /* the candidate policy yielded to nobody */
};

/* What the hardware and the VM's configuration allow. Units: TSC ticks (Intel), PAUSEs (AMD). */
struct oversub_window_limits {
	uint32_t base;	    /* ple_window, pause_filter_count */
	uint32_t max;	    /* ple_window_max, pause_filter_count_max */
	uint32_t grow;	    /* ple_window_grow */
	uint32_t shrink;    /* ple_window_shrink */
	bool counts_pauses; /* AMD: the unit is PAUSEs, the window has 16 bits */
	double unit_ns;	    /* of one tick or PAUSE */
	int64_t slice_ns;   /* the base slice of the host's scheduler */
};

struct oversub_window_policy {
	struct oversub_policy head;
	size_t vcpu_private_size; /* zeroed bytes per vCPU */

	/*
	 * The window from now on. window is the present one, 0 at OVERSUB_WINDOW_CREATE; now is
	 * the host's monotonic clock in ns. vcpu is there to be told apart by its index. params and
	 * vcpu_private are the policy's own. A result that does not fit the hardware (32 bits, 16
	 * on AMD) is cut by the caller. NULL, for the built-in mainline only: models/kvm/ple.c
	 * decides, as KVM does.
	 */
	uint32_t (*next_window)(const struct oversub_vcpu *vcpu, enum oversub_window_event event,
				uint32_t window, const struct oversub_window_limits *limits,
				uint64_t now, const void *params, void *vcpu_private);
};

#endif
