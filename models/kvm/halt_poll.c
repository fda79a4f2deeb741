/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Source: kvm_vcpu_halt(), grow_halt_poll_ns(), shrink_halt_poll_ns(), virt/kvm/kvm_main.c, Linux
 * 7.2.
 */
#include "models/kvm/halt_poll.h"

const struct oversub_param halt_poll_params[] = {
	OVERSUB_DURATION(struct halt_poll_config, halt_poll_ns, 200000, 0, UINT32_MAX,
			 "Largest time that a halted vCPU polls before it sleeps; 0: never polls."),
	OVERSUB_INT(struct halt_poll_config, halt_poll_ns_grow, "", 2, 0, UINT32_MAX,
		    "Factor by which the polling time grows; 0: it never grows."),
	OVERSUB_DURATION(struct halt_poll_config, halt_poll_ns_grow_start, 10000, 0, UINT32_MAX,
			 "Polling time to start from; shrinking below it means 0."),
	OVERSUB_INT(struct halt_poll_config, halt_poll_ns_shrink, "", 2, 0, UINT32_MAX,
		    "Divisor by which the polling time shrinks; 0: it shrinks to 0."),
	OVERSUB_BOOL(struct halt_poll_config, halt_poll_always, 0,
		     "A vCPU polls for its whole window even if other threads wait for its CPU; "
		     "KVM stops then."),
	OVERSUB_PARAM_END,
};

uint32_t halt_poll_begin(const struct halt_poll_config *config, uint32_t window)
{
	return window < config->halt_poll_ns ? window : (uint32_t)config->halt_poll_ns;
}

uint32_t halt_poll_grow(const struct halt_poll_config *config, uint32_t window)
{
	uint32_t grow = (uint32_t)config->halt_poll_ns_grow;
	uint32_t start = (uint32_t)config->halt_poll_ns_grow_start;

	if (!grow)
		return window;
	window *= grow; /* 32 bits, may wrap, as in KVM */
	return window > start ? window : start;
}

uint32_t halt_poll_shrink(const struct halt_poll_config *config, uint32_t window)
{
	uint32_t shrink = (uint32_t)config->halt_poll_ns_shrink;

	window = shrink ? window / shrink : 0;
	return window < config->halt_poll_ns_grow_start ? 0 : window;
}

uint32_t halt_poll_end(const struct halt_poll_config *config, uint32_t window, uint64_t duration)
{
	uint64_t max = (uint64_t)config->halt_poll_ns;

	if (!max)
		return 0;
	if (duration <= window)
		return window;
	if (window && duration > max)
		return halt_poll_shrink(config, window);
	if (window < max && duration < max)
		return halt_poll_grow(config, window);
	return window;
}
