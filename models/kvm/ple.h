/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pause-loop exiting window: how long a guest may spin before the hardware makes it exit, and
 * how KVM changes that (grow_ple_window, shrink_ple_window; grow_pause_filter_count,
 * shrink_pause_filter_count). The window is one uint32_t that the vCPU keeps; it is in TSC ticks on
 * Intel and in PAUSE instructions, 16 bits wide, on AMD.
 */
#ifndef MODELS_KVM_PLE_H
#define MODELS_KVM_PLE_H

#include <stdbool.h>
#include <stdint.h>

#include <oversub/param.h>

enum ple_type {
	PLE_INTEL, /* detector of VMX: CPL 0 only */
	PLE_AMD,   /* PAUSE filter of SVM: any CPL */
	PLE_AUTO,  /* in a configuration only: that of the vendor whose interrupt hardware it is */
};

/* Module parameters of both vendors under their kernel names; type says which set counts. */
struct ple_config {
	int64_t type; /* enum ple_type */

	int64_t ple_gap;	   /* TSC ticks; 0 switches pause-loop exits off */
	int64_t ple_window;	   /* TSC ticks, 32 bits, as are the three below */
	int64_t ple_window_grow;   /* factor, or ticks if at least ple_window; 0: back to base */
	int64_t ple_window_shrink; /* divisor, or ticks if at least ple_window; 0: back to base */
	int64_t ple_window_max;	   /* TSC ticks; limits growth, not the base */

	int64_t pause_filter_thresh;	   /* cycles; 0 switches the filter off */
	int64_t pause_filter_count;	   /* PAUSEs, 16 bits; 0 switches the filter off */
	int64_t pause_filter_count_grow;   /* as ple_window_grow */
	int64_t pause_filter_count_shrink; /* as ple_window_shrink */
	int64_t pause_filter_count_max;	   /* PAUSEs */
	int64_t pause_cycles;		   /* TSC cycles of one PAUSE with its loop, AMD only */
};

extern const struct oversub_param ple_params[];

/* What the functions below work with: one vendor's set, narrowed as the kernel's types are. */
struct ple_limits {
	enum ple_type type;
	bool exits;	     /* the hardware makes pause-loop exits at all */
	bool pause_in_guest; /* the VM was created without PAUSE exits */
	uint32_t base;	     /* ticks or PAUSEs, as all of these */
	uint32_t grow;
	uint32_t shrink;
	uint32_t max;
	uint32_t pause_cycles; /* AMD only */
};

/* Limits of a VM under config. pause_in_guest: the VM was created without PAUSE exits. */
struct ple_limits ple_limits(const struct ple_config *config, bool pause_in_guest);

/* One growth or shrink step from window, whatever the state of the vCPU. */
uint32_t ple_grow(const struct ple_limits *limits, uint32_t window);
uint32_t ple_shrink(const struct ple_limits *limits, uint32_t window);

/* The window of a new vCPU: the base, or 0 without PAUSE exits. */
uint32_t ple_initial_window(const struct ple_limits *limits);
/* The window after a PAUSE exit; KVM grows it before it looks for a candidate. */
uint32_t ple_window_after_exit(const struct ple_limits *limits, uint32_t window);
/* The window after the vCPU was loaded on a pCPU; it shrinks iff it had been scheduled out. */
uint32_t ple_window_after_load(const struct ple_limits *limits, uint32_t window,
			       bool scheduled_out);
/* want_kernel of the directed yield after a PAUSE exit at cpl (0..3). */
bool ple_want_kernel(const struct ple_limits *limits, int cpl, bool sev_es);

/*
 * Spinning time in ns, rounded down, before an uninterrupted pause loop exits under window.
 * tsc_khz > 0.
 */
int64_t ple_window_ns(const struct ple_limits *limits, uint32_t window, int64_t tsc_khz);

#endif
