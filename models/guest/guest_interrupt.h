/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Interrupt handlers: EOI first, then the work, all with interrupts off, so that none nests. */
#ifndef MODELS_GUEST_GUEST_INTERRUPT_H
#define MODELS_GUEST_GUEST_INTERRUPT_H

#include "models/guest/call_function.h"
#include "models/kvm/kvm.h"

enum guest_frame_step {
	FRAME_NONE,  /* no handler in progress */
	FRAME_ENTRY, /* EOI is next */
	FRAME_WORK,  /* the work is next */
	FRAME_CALLS, /* running the functions of a call-function interrupt */
	FRAME_EFFECT /* the work is done: its effect is next */
};

struct guest_thread;

struct guest_frame {
	enum guest_frame_step step;
	uint8_t vector;
	struct guest_action saved; /* what it interrupted */

	bool tick; /* of a timer interrupt: its work includes the tick */

	/* Call-function interrupts. */
	struct guest_csd_list sync, async, wakeups; /* taken over, not run yet */
	uint32_t csd;				    /* being run */
	bool unlocks;				    /* at its end: its caller waits */
	bool flushes;				    /* it is a TLB flush */
	uint64_t flush_to;			    /* TLB generation that it reaches */
	struct guest_thread *answers;		    /* whose grace period it reports for */
};

enum guest_nmi_step {
	NMI_NONE, /* no NMI handler in progress */
	NMI_ENTRY,
	NMI_WORK, /* running it */
};

/* An NMI handler: it interrupts anything but another one, and is not interrupted. */
struct guest_nmi {
	enum guest_nmi_step step;
	struct guest_action saved; /* what it interrupted */
};

/* vcpu_guest_ops.nmi */
void guest_take_nmi(struct vcpu *vcpu);
/* The NMI handler's next action. False: it is over, nmi.saved is to go on. */
bool nmi_next(struct guest_cpu *cpu, struct guest_action *action);
/* The device has finished a request of thread: the handler, wherever it runs, wakes it. */
void guest_device_completes(struct guest_thread *thread);
/* The same if what runs on from says so: the host's side of the interrupt runs there. */
void guest_device_completes_on(struct guest_thread *thread, struct pcpu *from);

/* vcpu_guest_ops.interrupt */
void guest_interrupt(struct vcpu *vcpu, uint8_t vector);
/* The handler's next action. False: it is over, frame.saved is to go on. */
bool interrupt_next(struct guest_cpu *cpu, struct guest_action *action);

#endif
