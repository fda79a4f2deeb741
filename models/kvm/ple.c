/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Source: __grow_ple_window(), __shrink_ple_window() of arch/x86/kvm/x86.h and their callers in
 * vmx/vmx.c and svm/svm.c, Linux 7.2.
 */
#include "models/kvm/ple.h"

#include <stddef.h>

static const char *const type_choices[] = {"intel", "amd", "auto", NULL};

const struct oversub_param ple_params[] = {
	OVERSUB_ENUM(
		struct ple_config, type, type_choices, PLE_AUTO,
		"Detector: intel takes the ple_* parameters, amd the pause_filter_* ones; auto is "
		"amd if apicv is avic, and intel otherwise."),
	OVERSUB_INT(struct ple_config, ple_gap, "TSC ticks", 128, 0, UINT32_MAX,
		    "Intel: largest distance of two PAUSEs in one loop; 0 switches exits off."),
	OVERSUB_INT(struct ple_config, ple_window, "TSC ticks", 4096, 0, UINT32_MAX,
		    "Intel: how long a pause loop may last before the first exit."),
	OVERSUB_INT(struct ple_config, ple_window_grow, "", 2, 0, UINT32_MAX,
		    "Intel: factor per exit, added instead if not below ple_window; 0: no growth."),
	OVERSUB_INT(struct ple_config, ple_window_shrink, "", 0, 0, UINT32_MAX,
		    "Intel: divisor after a schedule-out, subtracted if not below ple_window; "
		    "0: back to ple_window."),
	OVERSUB_INT(struct ple_config, ple_window_max, "TSC ticks", UINT32_MAX, 0, UINT32_MAX,
		    "Intel: limit of growth."),
	OVERSUB_INT(struct ple_config, pause_filter_thresh, "cycles", 128, 0, UINT16_MAX,
		    "AMD: largest distance of two PAUSEs in one loop; 0 switches exits off."),
	OVERSUB_INT(struct ple_config, pause_filter_count, "PAUSEs", 3000, 0, UINT16_MAX,
		    "AMD: PAUSEs before the first exit; 0 switches exits off."),
	OVERSUB_INT(struct ple_config, pause_filter_count_grow, "", 2, 0, UINT16_MAX,
		    "AMD: factor per exit, added instead if not below pause_filter_count; 0: no "
		    "growth."),
	OVERSUB_INT(struct ple_config, pause_filter_count_shrink, "", 0, 0, UINT16_MAX,
		    "AMD: divisor after a schedule-out, subtracted if not below "
		    "pause_filter_count; 0: back to it."),
	OVERSUB_INT(struct ple_config, pause_filter_count_max, "PAUSEs", UINT16_MAX, 0, UINT16_MAX,
		    "AMD: limit of growth."),
	OVERSUB_INT(struct ple_config, pause_cycles, "TSC cycles", 55, 1, 10000,
		    "AMD: what one PAUSE and its loop take."),
	OVERSUB_PARAM_END,
};

struct ple_limits ple_limits(const struct ple_config *config, bool pause_in_guest)
{
	if (config->type == PLE_AMD) {
		bool filter = config->pause_filter_thresh && config->pause_filter_count;

		return (struct ple_limits){
			.type = PLE_AMD,
			.exits = filter && !pause_in_guest,
			.pause_in_guest = pause_in_guest,
			.base = (uint16_t)config->pause_filter_count,
			.grow = (uint16_t)config->pause_filter_count_grow,
			.shrink = (uint16_t)config->pause_filter_count_shrink,
			.max = (uint16_t)config->pause_filter_count_max,
			.pause_cycles = (uint32_t)config->pause_cycles,
		};
	}
	return (struct ple_limits){
		.type = PLE_INTEL,
		.exits = config->ple_gap && !pause_in_guest,
		.pause_in_guest = pause_in_guest,
		.base = (uint32_t)config->ple_window,
		.grow = (uint32_t)config->ple_window_grow,
		.shrink = (uint32_t)config->ple_window_shrink,
		.max = (uint32_t)config->ple_window_max,
	};
}

uint32_t ple_grow(const struct ple_limits *limits, uint32_t window)
{
	uint64_t grown = window;

	if (!limits->grow)
		return limits->base;
	if (limits->grow < limits->base)
		grown *= limits->grow;
	else
		grown += limits->grow;
	return grown < limits->max ? (uint32_t)grown : limits->max;
}

uint32_t ple_shrink(const struct ple_limits *limits, uint32_t window)
{
	if (!limits->shrink)
		return limits->base;
	if (limits->shrink < limits->base)
		window /= limits->shrink;
	else
		window -= limits->shrink; /* wraps below 0, as in KVM */
	if (window < limits->base)
		window = limits->base;
	return limits->type == PLE_AMD ? (uint16_t)window : window;
}

uint32_t ple_initial_window(const struct ple_limits *limits)
{
	return limits->pause_in_guest ? 0 : limits->base;
}

uint32_t ple_window_after_exit(const struct ple_limits *limits, uint32_t window)
{
	/* SVM does not ask whether PAUSE exits are off: there can be none then. */
	if (limits->type == PLE_INTEL && limits->pause_in_guest)
		return window;
	return ple_grow(limits, window);
}

uint32_t ple_window_after_load(const struct ple_limits *limits, uint32_t window, bool scheduled_out)
{
	if (!scheduled_out || limits->pause_in_guest)
		return window;
	return ple_shrink(limits, window);
}

bool ple_want_kernel(const struct ple_limits *limits, int cpl, bool sev_es)
{
	/* VMX: the hardware detects pause loops at CPL 0 only. */
	return limits->type == PLE_INTEL || (cpl == 0 && !sev_es);
}

int64_t ple_window_ns(const struct ple_limits *limits, uint32_t window, int64_t tsc_khz)
{
	uint64_t ticks = window;

	if (limits->type == PLE_AMD)
		ticks *= limits->pause_cycles;
	return (int64_t)(ticks * 1000000 / (uint64_t)tsc_khz);
}
