/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The local APIC as KVM emulates it: request, service and priority registers, and who accepts an
 * interrupt message (arch/x86/kvm/lapic.c). Plain data: the functions say what was raised, the vCPU
 * shell requests events, kicks and wakes.
 */
#ifndef MODELS_KVM_LAPIC_H
#define MODELS_KVM_LAPIC_H

#include <stdbool.h>
#include <stdint.h>

#include <oversub/error.h>

enum lapic_mode {
	LAPIC_OFF, /* disabled in hardware: not present on the bus */
	LAPIC_XAPIC,
	LAPIC_X2APIC,
};

/* Model of xAPIC logical destinations. */
enum lapic_dfr {
	LAPIC_DFR_FLAT,
	LAPIC_DFR_CLUSTER,
	LAPIC_DFR_BAD, /* neither pattern: no logical message matches */
};

/* One bit per vector. */
struct lapic_vectors {
	uint64_t word[4];
};

/* One local APIC. Zeroed it is off and empty; lapic_init() makes it ready for use. */
struct lapic {
	struct lapic_vectors irr; /* requested */
	struct lapic_vectors isr; /* in service */
	struct lapic_vectors tmr; /* level-triggered at the last accept */
	struct lapic_vectors pir; /* posted, not yet in IRR; only if posted */
	uint32_t id;		  /* vCPU id = x2APIC id */
	uint32_t arbitration;	  /* apic_arb_prio: grows with every lowest-priority message */
	uint8_t xapic_id;
	uint8_t ldr; /* 8-bit logical id, xAPIC only; x2APIC derives its from id */
	uint8_t tpr;
	uint8_t ppr;	       /* kept up to date by the functions below */
	uint8_t mode;	       /* enum lapic_mode */
	uint8_t dfr;	       /* enum lapic_dfr, xAPIC only */
	bool software_enabled; /* SPIV: a disabled APIC accepts nothing new */
	bool posted;	       /* VMX with APICv: accepted vectors go to PIR, not IRR */
};

/*
 * Put APIC id in mode, software enabled, all registers 0. As an xAPIC it is flat and has a logical
 * id if id < 8.
 */
void lapic_init(struct lapic *lapic, uint32_t id, enum lapic_mode mode);
/* Forget requests, services and TPR; addressing stays (kvm_lapic_reset at INIT). */
void lapic_reset(struct lapic *lapic);

bool lapic_vectors_test(const struct lapic_vectors *vectors, uint8_t vector);
void lapic_vectors_set(struct lapic_vectors *vectors, uint8_t vector);
void lapic_vectors_clear(struct lapic_vectors *vectors, uint8_t vector);
/* Highest vector that is set, -1 if none. */
int lapic_vectors_highest(const struct lapic_vectors *vectors);

/* ---- One APIC ----------------------------------------------------------------------------- */

/* What an accepted message asks of the shell. */
enum lapic_raised {
	LAPIC_REJECTED,	     /* not accepted: nothing to do */
	LAPIC_RAISED_EVENT,  /* IRR bit set, perhaps again: request EVENT and kick */
	LAPIC_RAISED_POSTED, /* PIR bit newly set: set ON and notify or wake */
	LAPIC_RAISED_AGAIN,  /* PIR bit was already set: accepted, nothing to do */
	LAPIC_RAISED_NMI,    /* request NMI and kick */
};

/* Offer a fixed or lowest-priority interrupt to lapic itself (__apic_accept_irq). */
enum lapic_raised lapic_accept(struct lapic *lapic, uint8_t vector, bool level_triggered,
			       bool asserted);
/* The vector that could be injected now, -1 if none (kvm_apic_has_interrupt). */
int lapic_deliverable(const struct lapic *lapic);
/* Inject: move the deliverable vector from IRR to ISR and return it, -1 if none. */
int lapic_inject(struct lapic *lapic);
/* EOI: retire the highest vector in service and return it; -1 if none (spurious). If it is not -1
 * the shell requests EVENT. */
int lapic_eoi(struct lapic *lapic);
/* Set TPR, or its class through CR8. True: the shell requests EVENT. */
bool lapic_set_tpr(struct lapic *lapic, uint8_t tpr);
bool lapic_set_cr8(struct lapic *lapic, uint8_t cr8);
/* Move all posted vectors to IRR. True if there were any. The shell keeps ON. */
bool lapic_sync_posted(struct lapic *lapic);

/* ---- The APICs of one VM ------------------------------------------------------------------ */

/* Which logical addressing the optimised map knows. */
enum apic_map_mode {
	APIC_MAP_NONE,	      /* no map: two present APICs share an id */
	APIC_MAP_SW_DISABLED, /* nobody takes part in logical addressing */
	APIC_MAP_XAPIC_CLUSTER,
	APIC_MAP_XAPIC_FLAT,
	APIC_MAP_X2APIC,
	APIC_MAP_DISABLED, /* mixed or bad logical ids: only the physical table counts */
};

/* kvm_apic_map: who has which destination. Positions hold vCPU indices, -1 for nobody. */
struct apic_map {
	struct lapic **lapics; /* nr pointers by vCPU index; owned by the caller */
	int nr;
	bool x2apic_format;	       /* KVM_X2APIC_API_USE_32BIT_IDS */
	bool broadcast_quirk_disabled; /* KVM_X2APIC_API_DISABLE_BROADCAST_QUIRK */
	bool vector_hashing;	       /* kvm.vector_hashing, on by default */

	enum apic_map_mode mode;
	uint32_t max_id;	   /* highest id in physical that is in use, at least 255 */
	uint32_t capacity;	   /* highest id that physical has room for */
	int16_t *physical;	   /* capacity + 1 entries, owned */
	int16_t xapic_logical[64]; /* flat: 8; cluster: 16 clusters of 4 */
};

/*
 * A map over nr lapics with ids up to max_id, not yet computed: call apic_map_recompute() when they
 * are configured. The options are those of a VM that uses 32-bit ids. Fails for want of memory or
 * if nr or max_id exceeds 32767.
 */
enum oversub_status apic_map_init(struct apic_map *map, struct lapic **lapics, int nr,
				  uint32_t max_id, struct oversub_error *error);
void apic_map_destroy(struct apic_map *map);
/* Build the map anew after any mode, id, LDR, DFR or enable changed. Allocates nothing. */
void apic_map_recompute(struct apic_map *map);

enum lapic_delivery_mode {
	LAPIC_FIXED = 0,
	LAPIC_LOWEST = 1,
	LAPIC_NMI = 4,
};

enum lapic_shorthand {
	LAPIC_DEST = 0, /* no shorthand: dest counts */
	LAPIC_SELF = 1,
	LAPIC_ALL = 2,
	LAPIC_ALL_BUT_SELF = 3,
};

/* One interrupt message on the bus. */
struct lapic_message {
	int source;    /* index of the sending vCPU; -1: a device */
	uint32_t dest; /* id or logical mask; of an xAPIC source only 8 bits count */
	uint8_t vector;
	uint8_t delivery;  /* enum lapic_delivery_mode */
	uint8_t shorthand; /* enum lapic_shorthand; only with a source */
	bool logical;	   /* destination mode */
	bool level_triggered;
	bool asserted;	       /* 1 for IPIs */
	bool redirection_hint; /* only from a device */
};

/* Told of every vCPU that accepts, in order, after its registers changed. raised is not REJECTED.
 */
typedef void (*lapic_accepted)(void *context, int vcpu, enum lapic_raised raised);

/* What became of a message. */
struct lapic_result {
	int result;   /* kvm_irq_delivery_to_apic(): how many accepted; -1 if nobody matched */
	int accepted; /* how many accepted, 0 if nobody matched */
	int target;   /* index of the last that accepted, -1 if nobody did */
	bool fast;    /* resolved through the map, not by a loop over all vCPUs */
	bool fixed;   /* delivery mode FIXED in the end, as the IPI tracker sees it */
};

/* A fixed physical IPI from source to APIC id dest: the message that matters most. */
static inline struct lapic_message lapic_unicast(int source, uint32_t dest, uint8_t vector)
{
	return (struct lapic_message){
		.source = source, .dest = dest, .vector = vector, .asserted = true};
}

/* The logical id of the x2APIC with this id: its cluster, and its bit among the 16 of that. */
static inline uint32_t lapic_x2apic_logical(uint32_t id)
{
	return (id >> 4) << 16 | UINT32_C(1) << (id & 15);
}

/* message is for the APIC of vCPU index, present or not (kvm_apic_match_dest). */
bool lapic_matches(const struct apic_map *map, const struct lapic_message *message, int index);

/*
 * Deliver message (kvm_irq_delivery_to_apic): fast route through the map, else slow route. accepted
 * may be NULL. The message is not altered.
 */
struct lapic_result lapic_send(struct apic_map *map, const struct lapic_message *message,
			       lapic_accepted accepted, void *context);

#endif
