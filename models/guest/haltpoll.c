/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/guest/haltpoll.h"

bool haltpoll_select(const struct haltpoll_config *config, struct haltpoll *haltpoll)
{
	if (!config->haltpoll || haltpoll->window == 0)
		return false;
	/* A poll that found nothing is followed by a halt. */
	return !(haltpoll->polled && haltpoll->timed_out);
}

void haltpoll_polled(struct haltpoll *haltpoll, bool timed_out)
{
	haltpoll->polled = true;
	haltpoll->timed_out = timed_out;
}

static int64_t grown(const struct haltpoll_config *config, int64_t window)
{
	window *= config->guest_halt_poll_grow;
	if (window < config->guest_halt_poll_grow_start)
		window = config->guest_halt_poll_grow_start;
	return window < config->guest_halt_poll_ns ? window : config->guest_halt_poll_ns;
}

static int64_t shrunk(const struct haltpoll_config *config, int64_t window)
{
	window = config->guest_halt_poll_shrink ? window / config->guest_halt_poll_shrink : 0;
	return window < config->guest_halt_poll_grow_start ? 0 : window;
}

void haltpoll_halted(const struct haltpoll_config *config, struct haltpoll *haltpoll, int64_t ns)
{
	haltpoll->polled = false;
	if (ns > haltpoll->window && ns <= config->guest_halt_poll_ns)
		haltpoll->window = grown(config, haltpoll->window);
	else if (ns > config->guest_halt_poll_ns && config->guest_halt_poll_allow_shrink)
		haltpoll->window = shrunk(config, haltpoll->window);
}
