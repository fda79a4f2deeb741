/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/guest/guest_load.h"

#include "models/guest/guest_cpu.h"

#define INTERVAL_NS INT64_C(32000000) /* LOAD_AVG_PERIOD */

bool guest_tracks_load(const struct guest_config *config)
{
	return config->wake_affine || config->balance_busy;
}

uint64_t guest_jiffies(const struct guest *guest)
{
	return (uint64_t)(guest_now(guest) / guest->tick_ns);
}

void guest_decay_loads(struct guest *guest)
{
	int64_t now = guest_now(guest);

	if (now < guest->sched->next_decay)
		return;
	guest->sched->next_decay = now + INTERVAL_NS;
	for (int i = 0; i < guest->nr_cpus; i++)
		eevdf_update_blocked_averages(guest->cpus[i].rq, (uint64_t)now);
}
