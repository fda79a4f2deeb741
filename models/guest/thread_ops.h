/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files that carry out the ops of a guest thread share. */
#ifndef MODELS_GUEST_THREAD_OPS_H
#define MODELS_GUEST_THREAD_OPS_H

#include "models/guest/guest_cpu.h"

enum op_result {
	OP_ACTION, /* action is filled in */
	OP_DONE,   /* the op is over, the next may follow in this instant */
	OP_SLEEPS, /* the thread goes to sleep; the op goes on when it was woken */
	OP_FAILED, /* guest->status says so */
};

/* A step of an op, called when its previous action is complete; cpu->step says which. */
typedef enum op_result op_step_fn(struct guest_cpu *cpu, struct guest_action *action);

/* ---- lock_ops.c ----------------------------------------------------------------------------- */

op_step_fn guest_do_lock, guest_do_unlock;

/* The spin of cpu, which waits for a lock, begins, again: the lock may be free. */
void guest_lock_spins(struct guest_cpu *cpu);
/* Before the locks of guest are used, or why the VM cannot have them. */
enum oversub_status guest_init_locks(struct guest *guest, struct oversub_error *error);

#endif
