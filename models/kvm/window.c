/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pause-loop window of a vCPU, changed by KVM's own rules (ple.h) or by the controller that the
 * scenario has chosen instead (yield.window, <oversub/window.h>).
 */
#include "models/kvm/vcpu.h"

struct oversub_window_limits window_limits(const struct ple_limits *ple,
					   const struct host_config *host, int64_t slice_ns)
{
	bool amd = ple->type == PLE_AMD;
	double tick_ns = 1e6 / (double)host->tsc_khz;

	return (struct oversub_window_limits){
		.base = ple->base,
		.max = ple->max,
		.grow = ple->grow,
		.shrink = ple->shrink,
		.counts_pauses = amd,
		.unit_ns = amd ? tick_ns * ple->pause_cycles : tick_ns,
		.slice_ns = slice_ns,
	};
}

static uint32_t mainline(const struct ple_limits *ple, enum oversub_window_event event,
			 uint32_t window)
{
	switch (event) {
	case OVERSUB_WINDOW_CREATE: return ple_initial_window(ple);
	case OVERSUB_WINDOW_EXIT: return ple_window_after_exit(ple, window);
	case OVERSUB_WINDOW_LOADED: return ple_window_after_load(ple, window, true);
	default: return window;
	}
}

void vcpu_change_window(struct vcpu *vcpu, enum oversub_window_event event)
{
	struct kvm_vm *vm = vcpu->vm;
	const struct oversub_window_policy *policy = vm->window;
	uint32_t old = vcpu->ple_window;

	if (!policy->next_window || vm->ple.pause_in_guest) {
		vcpu->ple_window = mainline(&vm->ple, event, old);
	} else {
		char *private = vm->window_private;

		vcpu->ple_window = policy->next_window(
			&vcpu->dy, event, old, &vm->window_limits, (uint64_t)vcpu_now(vcpu),
			vm->window_params,
			private ? private + vm->window_private_size * (size_t)vcpu->index : NULL);
		if (vm->window_limits.counts_pauses && vcpu->ple_window > UINT16_MAX)
			vcpu->ple_window = UINT16_MAX;
	}
	if (vcpu->ple_window != old && event != OVERSUB_WINDOW_CREATE)
		vcpu_trace(vcpu, kvm_ple_window_update, .vcpu = vcpu->index, .old = old,
			   .new = vcpu->ple_window);
}
