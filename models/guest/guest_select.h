/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which CPU of the guest a thread wakes up on. By default the one that it ran on last if that
 * idles, else the next one that does. With guest.wake_affine as in the kernel: near the waker's CPU
 * or near that one, by the decisions of placement.h.
 */
#ifndef MODELS_GUEST_GUEST_SELECT_H
#define MODELS_GUEST_GUEST_SELECT_H

#include <stdbool.h>

struct guest_cpu;
struct guest_thread;

/* Nothing runs on cpu, is queued there or on its way. Only if there is a scheduler. */
bool guest_cpu_idles(const struct guest_cpu *cpu);
/* What runs on by wakes thread, which sleeps and is not queued. */
struct guest_cpu *guest_select_cpu(struct guest_cpu *by, struct guest_thread *thread);

#endif
