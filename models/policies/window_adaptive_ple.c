/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ours, after the dynamic window of 2014 (Radim Krcmar): the window grows when exits come to
 * nothing and shrinks when they help, instead of growing at every exit and going back to the base
 * whenever the vCPU was off its CPU. An exit comes to nothing if nobody was found, or the yielder
 * was itself picked again. It helped if the vCPU left its CPU; or, with progress_windows, only if
 * it then did not pause-exit again for so many windows. The longest window is a part of the slice.
 *
 * progress_windows is off by default, because it feeds back on itself: the longer the window, the
 * less time is left in a slice for what counts as progress, and windows stay where they are. The
 * base is the VM's for good: it does not follow how long short waits have been.
 */
#include "builtin.h"

/* Weight of the newest exit in the share of futile ones: 1 / 8. */
#define NEWEST 0.125

struct adaptive_ple_params {
	double grow;
	double shrink;
	double target_futile;
	double max_slice;
	int64_t progress_windows;
};

static const struct oversub_param adaptive_ple_params[] = {
	OVERSUB_REAL(struct adaptive_ple_params, grow, NULL, 2, 1, 1024,
		     "Factor after an exit that came to nothing, while too many do."),
	OVERSUB_REAL(struct adaptive_ple_params, shrink, NULL, 2, 1, 1024,
		     "Divisor after an exit that helped, down to ple_window or "
		     "pause_filter_count."),
	OVERSUB_REAL(struct adaptive_ple_params, target_futile, NULL, 0.3, 0, 1,
		     "Share of exits that may come to nothing before windows grow."),
	OVERSUB_REAL(struct adaptive_ple_params, max_slice, "base slices", 0.5, 0, 1000,
		     "Longest window."),
	OVERSUB_INT(struct adaptive_ple_params, progress_windows, "windows", 0, 0, 1000,
		    "A yield has helped if no other pause-loop exit follows for so long; 0: if the "
		    "vCPU left its CPU, in which case being preempted shrinks the window, too."),
	OVERSUB_PARAM_END,
};

/* Private bytes of a vCPU. */
struct adaptive_ple_vcpu {
	double futile;	     /* moving share of exits that came to nothing */
	bool left;	     /* the last exit was not in vain, as far as known */
	bool back;	     /* and the vCPU runs again, but may not have got any further */
	uint64_t back_since; /* ns */
};

static uint32_t to_window(double window, const struct oversub_window_limits *limits, double longest)
{
	if (window > longest)
		window = longest;
	if (window > limits->max)
		window = limits->max;
	if (window < limits->base)
		window = limits->base;
	return (uint32_t)window;
}

static void count_exit(struct adaptive_ple_vcpu *state, bool futile)
{
	state->futile += NEWEST * (futile - state->futile);
}

/* The vCPU has run for long enough since its last yield: that one helped. */
static bool got_further(const struct adaptive_ple_vcpu *state, uint64_t now, uint32_t window,
			const struct oversub_window_limits *limits,
			const struct adaptive_ple_params *params)
{
	return state->back && (double)(now - state->back_since) >
				      (double)params->progress_windows * window * limits->unit_ns;
}

static uint32_t shorter(uint32_t window, const struct oversub_window_limits *limits,
			const struct adaptive_ple_params *params)
{
	return to_window(window / params->shrink, limits, UINT32_MAX);
}

static uint32_t after_absence(struct adaptive_ple_vcpu *state, uint32_t window,
			      const struct oversub_window_limits *limits,
			      const struct adaptive_ple_params *params)
{
	if (state->left)
		count_exit(state, false);
	state->left = false;
	return shorter(window, limits, params);
}

/* With progress_windows: whether the last yield helped shows at the next exit or absence. */
static uint32_t after_test(struct adaptive_ple_vcpu *state, uint64_t now, uint32_t window,
			   const struct oversub_window_limits *limits,
			   const struct adaptive_ple_params *params)
{
	if (!got_further(state, now, window, limits, params))
		return window;
	count_exit(state, false);
	return shorter(window, limits, params);
}

static uint32_t after_futility(struct adaptive_ple_vcpu *state, uint32_t window,
			       const struct oversub_window_limits *limits,
			       const struct adaptive_ple_params *params)
{
	double longest = params->max_slice * (double)limits->slice_ns / limits->unit_ns;

	state->left = false;
	count_exit(state, true);
	if (state->futile <= params->target_futile)
		return window;
	return to_window(window * params->grow, limits, longest);
}

static uint32_t adaptive_ple_next_window(const struct oversub_vcpu *vcpu,
					 enum oversub_window_event event, uint32_t window,
					 const struct oversub_window_limits *limits, uint64_t now,
					 const void *untyped, void *vcpu_private)
{
	const struct adaptive_ple_params *params = untyped;
	struct adaptive_ple_vcpu *state = vcpu_private;

	switch (event) {
	case OVERSUB_WINDOW_CREATE: return limits->base;
	case OVERSUB_WINDOW_EXIT:
		window = after_test(state, now, window, limits, params);
		state->back = false;
		state->left = true;
		return window;
	case OVERSUB_WINDOW_LOADED:
		if (!params->progress_windows)
			return after_absence(state, window, limits, params);
		window = after_test(state, now, window, limits, params);
		state->back = state->left;
		state->back_since = now;
		state->left = false;
		return window;
	case OVERSUB_WINDOW_FUTILE:
	case OVERSUB_WINDOW_DECLINED: return after_futility(state, window, limits, params);
	}
	return window;
}

const struct oversub_window_policy window_adaptive_ple = {
	OVERSUB_WINDOW_POLICY,
	.head.name = "adaptive_ple",
	.head.help = "Grows while exits come to nothing, shrinks when they help, and ends at a "
		     "part of the slice.",
	.head.params = adaptive_ple_params,
	.head.params_size = sizeof(struct adaptive_ple_params),
	.vcpu_private_size = sizeof(struct adaptive_ple_vcpu),
	.next_window = adaptive_ple_next_window,
};
