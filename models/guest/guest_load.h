/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Load averages of a guest's CPUs; only with guest.wake_affine or guest.balance_busy. */
#ifndef MODELS_GUEST_GUEST_LOAD_H
#define MODELS_GUEST_GUEST_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "models/guest/guest.h"

/* Whether anything in it decides by load. */
bool guest_tracks_load(const struct guest_config *config);
/* Ticks since time 0. */
uint64_t guest_jiffies(const struct guest *guest);
/* Averages of CPUs where nothing happens decay, now if it is time (nohz.next_blocked: 32 ms). */
void guest_decay_loads(struct guest *guest);

#endif
