/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Source: the IPI-aware directed yield series for oversubscribed KVM that Wanpeng Li posted:
 * helpers of v3 patch 6, EOI hook of v2 patch 8. The v3 EOI follows the description in the cover
 * letter.
 */
#include "ipi_track.h"

#include <stddef.h>

void ipi_track_clear(struct ipi_track *track)
{
	track->last_sender = -1;
	track->last_receiver = -1;
	track->tx_vector = 0;
	track->rx_vector = 0;
	track->pending = false;
}

void ipi_track_reset(struct ipi_track *track)
{
	ipi_track_clear(track);
	track->sent_at = 0;
}

void ipi_track_send(const struct ipi_track_config *config, struct ipi_track *sender, int from,
		    struct ipi_track *receiver, int to, uint8_t vector, uint64_t now)
{
	if (from == to || !config->ipi_tracking_enabled)
		return;
	sender->last_receiver = to;
	sender->tx_vector = vector;
	sender->pending = true;
	sender->sent_at = now;
	receiver->last_sender = from;
	if (config->shared_vector)
		receiver->tx_vector = vector;
	else
		receiver->rx_vector = vector;
}

static bool recent(const struct ipi_track_config *config, const struct ipi_track *sender,
		   uint64_t now)
{
	return now - sender->sent_at <= (uint64_t)config->ipi_window_ns;
}

bool ipi_track_is_receiver(const struct ipi_track_config *config, const struct ipi_track *sender,
			   int to, uint64_t now)
{
	return config->ipi_tracking_enabled && sender->pending && sender->last_receiver == to &&
	       recent(config, sender, now);
}

void ipi_track_eoi_v2(const struct ipi_track_config *config, struct ipi_track *receiver, int to,
		      struct ipi_track *sender, uint64_t now)
{
	if (!config->ipi_tracking_enabled)
		return;
	ipi_track_clear(receiver);
	if (sender && sender->last_receiver == to && recent(config, sender, now))
		sender->pending = false;
}

void ipi_track_eoi_v3(const struct ipi_track_config *config, struct ipi_track *receiver, int to,
		      struct ipi_track *sender, int vector)
{
	uint8_t *received = config->shared_vector ? &receiver->tx_vector : &receiver->rx_vector;

	if (vector < 0 || !config->ipi_tracking_enabled || !sender || *received != vector)
		return;
	if (sender->pending && sender->last_receiver == to && sender->tx_vector == vector)
		sender->pending = false;
	receiver->last_sender = -1;
	/* A shared vector may by now belong to the receiver's own pending send. */
	if (!config->shared_vector || !receiver->pending)
		*received = 0;
}
