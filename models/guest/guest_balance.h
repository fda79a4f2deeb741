/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threads that wait on one CPU of a guest go to another: to one that idles, by whoever notices; and
 * with guest.balance_busy, by the decisions of balance.h, to a busy CPU that has less to do.
 */
#ifndef MODELS_GUEST_GUEST_BALANCE_H
#define MODELS_GUEST_GUEST_BALANCE_H

#include <stdbool.h>
#include <stdint.h>

struct guest;
struct guest_cpu;
struct guest_thread;

/* A CPU's passes, as of a sched_domain. */
struct guest_domain {
	int interval_ms;
	int64_t last_balance; /* tick */
	unsigned int nr_failed;
};

/*
 * Take a thread that waits off the queue of from, and bind it to that of to, which is to attach it.
 * NULL: none does.
 */
struct guest_thread *guest_detach(struct guest_cpu *from, struct guest_cpu *to);
/* cpu runs dry: pull a thread that waits elsewhere (sched_balance_newidle). */
void guest_pull(struct guest_cpu *cpu);

/* False: no memory. topology of the guest's scheduler is set. */
bool guest_balance_init(struct guest *guest);
void guest_balance_fini(struct guest *guest);
/* After a tick of cpu, which is busy: a pass, if one is due (sched_balance_domains). */
void guest_balance_busy(struct guest_cpu *cpu);

#endif
