/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who sent whom the last inter-processor interrupt: the per-vCPU context of the IPI-aware directed
 * yield series (patches 6 to 8). It lives beside the policies and not in models/kvm because only
 * they use it and they may include nothing but policy.h.
 *
 * Plain data with functions on it: indices and times come in as arguments.
 */
#ifndef MODELS_POLICIES_IPI_TRACK_H
#define MODELS_POLICIES_IPI_TRACK_H

#include <stdbool.h>
#include <stdint.h>

struct ipi_track_config {
	int64_t ipi_tracking_enabled; /* bool */
	int64_t ipi_window_ns;	      /* age up to which a relation counts, inclusive */
	/* bool: the posted struct, with one vector for both roles of a vCPU: the later overwrites
	 */
	int64_t shared_vector;
};

/* The context of one vCPU. */
struct ipi_track {
	int last_sender;   /* index of who last sent to this vCPU, -1 none */
	int last_receiver; /* index of whom this vCPU last sent to, -1 none */
	uint8_t tx_vector; /* last vector sent; with shared_vector last sent or received */
	uint8_t rx_vector; /* last vector received; unused with shared_vector */
	bool pending;	   /* the relation to last_receiver is not known to be over */
	uint64_t sent_at;  /* host monotonic ns of the last send; 0 never */
};

/* Forget both roles; sent_at stays. */
void ipi_track_clear(struct ipi_track *track);
/* Forget everything. */
void ipi_track_reset(struct ipi_track *track);

/* sender (vCPU index from) sent vector to receiver (vCPU index to) at now. None to itself. */
void ipi_track_send(const struct ipi_track_config *config, struct ipi_track *sender, int from,
		    struct ipi_track *receiver, int to, uint8_t vector, uint64_t now);

/*
 * Is vCPU index to the pending and recent receiver of sender? The age is unsigned: a clock that
 * went back makes it old. The vector plays no role.
 */
bool ipi_track_is_receiver(const struct ipi_track_config *config, const struct ipi_track *sender,
			   int to, uint64_t now);

/*
 * EOI on receiver (vCPU index to) as posted in v2: its context is wiped whatever the vector, and so
 * is a recent relation of its last sender. sender: the context of receiver->last_sender, NULL if
 * that is -1.
 */
void ipi_track_eoi_v2(const struct ipi_track_config *config, struct ipi_track *receiver, int to,
		      struct ipi_track *sender, uint64_t now);

/*
 * EOI of vector (-1 spurious) as v3 describes it: only the relation that this vector stands for is
 * consumed. Arguments as above.
 */
void ipi_track_eoi_v3(const struct ipi_track_config *config, struct ipi_track *receiver, int to,
		      struct ipi_track *sender, int vector);

#endif
