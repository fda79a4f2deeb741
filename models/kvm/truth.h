/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The truth behind a hint, which no real host knows: what a vCPU that exits from a pause loop
 * really waits for, on which vCPU that depends in the end, and what the yield that followed was
 * worth (models/kvm/README.md, The truth).
 */
#ifndef MODELS_KVM_TRUTH_H
#define MODELS_KVM_TRUTH_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu;

/* What a vCPU spins for. */
enum vcpu_wait {
	VCPU_WAIT_OTHER,	 /* nobody in particular: a bounded spin, or no wait at all */
	VCPU_WAIT_CSD,		 /* another CPU has to run a function */
	VCPU_WAIT_TLB,		 /* the same, and the function is a TLB flush */
	VCPU_WAIT_LOCK_HOLDER,	 /* a spinlock, next in line */
	VCPU_WAIT_LOCK_QUEUE,	 /* a spinlock, behind another waiter in its queue */
	VCPU_WAIT_SLEEPING_LOCK, /* the owner of a mutex or rwsem (optimistic spinning) */
	VCPU_WAITS
};
/* "other", "csd", "tlb", "lock_holder", "lock_queue", "sleeping_lock" */
extern const char *const vcpu_wait_names[VCPU_WAITS];

/* Where the chain of waits of a pause-loop exit ends. */
enum chain_end {
	CHAIN_FIRST,   /* whom it waits for is the right target */
	CHAIN_SECOND,  /* whom that one waits for is */
	CHAIN_DEEPER,  /* somebody further down is */
	CHAIN_RUNNING, /* in a vCPU that has a CPU: there is no right target */
	CHAIN_HALTED,  /* in a vCPU that sleeps or is throttled: nor is there then */
	CHAIN_NOBODY,  /* it waits for nobody in particular, or in a circle */
	CHAIN_ENDS
};
/* "first", "second", "deeper", "running", "halted", "nobody" */
extern const char *const chain_end_names[CHAIN_ENDS];

/* What is true of a yield that was taken. */
enum hint_verdict {
	HINT_RIGHT,	  /* the target was the right one */
	HINT_ALSO_NEEDED, /* it was another one that had to run: further down the chain, or called
			     together with one on the chain, and waited for later */
	HINT_STALE,    /* the receiver of a tracked IPI that was waited for once, but is no more */
	HINT_POLLUTED, /* the receiver of a tracked IPI that nobody ever waited for */
	HINT_WRONG,    /* it had nothing to do with the wait */
	HINT_VERDICTS
};

/* What the pause-loop exits of a VM turn out to have been, all of them and by kind of wait. */
struct hint_counts {
	uint64_t exits;	    /* on_spin calls */
	uint64_t had_right; /* of those, with a right target */
	uint64_t taken;	    /* of those, how many ended with a taken yield */
	uint64_t right;	    /* of the taken, whose target was right */
};

struct hint_stats {
	struct hint_counts all, by_wait[VCPU_WAITS];
	uint64_t ends[CHAIN_ENDS];	  /* sum: all.exits */
	uint64_t verdicts[HINT_VERDICTS]; /* sum: all.taken */
	uint64_t hops;			  /* to the right target, sum over all.had_right */
	/* Of all.had_right: the chain leads through a receiver of a call that has a CPU, but has
	 * interrupts off, so that it cannot answer. */
	uint64_t irqs_off;
};

/* The chain of waits of a vCPU at this moment. */
struct wait_chain {
	enum vcpu_wait wait; /* of the vCPU itself */
	struct vcpu *right;  /* the first on the chain that could run but does not; or NULL */
	int hops;	     /* to right, 1: it waits for right itself */
	enum chain_end end;
	bool irqs_off; /* see struct hint_stats */
};

/*
 * Follow the chain of vcpu. A call goes no further than its receiver if that has interrupts on:
 * whatever it does itself, the interrupt gets it to answer.
 */
struct wait_chain vcpu_wait_chain(const struct vcpu *vcpu);

/* A pause-loop exit of vcpu, whose chain is this. */
void hint_count_exit(struct hint_stats *stats, const struct wait_chain *chain);
/*
 * The yield that followed was taken by target. ipi: because of a tracked IPI; awaited: for which
 * its sender, vcpu, waited.
 */
void hint_count_taken(struct hint_stats *stats, const struct wait_chain *chain,
		      const struct vcpu *vcpu, const struct vcpu *target, bool ipi, bool awaited);

#endif
