/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a CPU of the guest does below its interrupt handlers: threads, switches, the idle loop. */
#ifndef MODELS_GUEST_CONTEXT_H
#define MODELS_GUEST_CONTEXT_H

#include "models/guest/guest_cpu.h"

/* ---- context.c ------------------------------------------------------------------------------ */

/* One look at the context. True: action is filled in. */
bool guest_context_next(struct guest_cpu *cpu, struct guest_action *action);
/*
 * A handler is over that interrupted the current thread in the middle of saved. True: another
 * thread is to run, action begins the switch, and saved is kept for later.
 */
bool guest_preempt(struct guest_cpu *cpu, const struct guest_action *saved,
		   struct guest_action *action);
/* ---- idle.c --------------------------------------------------------------------------------- */

enum idle_result {
	IDLE_ACTION, /* action is filled in */
	IDLE_AGAIN,  /* look at the context again */
	IDLE_LEAVE,  /* there is work: switch to it */
};
/* What the idle loop does next. */
enum idle_result guest_idle_next(struct guest_cpu *cpu, struct guest_action *action);
/* cpu begins to execute its poll, again. */
void guest_poll_begins(struct guest_cpu *cpu);

#endif
