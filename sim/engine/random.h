/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Named random streams.
 *
 * A stream is named by (seed, replication, entity, purpose) and by nothing else: not by the order
 * in which streams are made, nor by how many there are. So two policies under comparison meet the
 * same arrivals and the same hold times, as long as every stream serves one purpose.
 *
 * The generator is xoshiro256++ (Blackman and Vigna, 2019) behind GSL's gsl_rng interface, so
 * that GSL's distributions can draw from it.
 */
#ifndef SIM_ENGINE_RANDOM_H
#define SIM_ENGINE_RANDOM_H

#include <stdint.h>

#include <gsl/gsl_rng.h>

/* xoshiro256++ as a GSL generator: 64 bits a draw, period 2^256 - 1. */
extern const gsl_rng_type sim_rng_xoshiro256pp;

/*
 * One stream. Owned by whoever embeds it; allocates nothing. The gsl_rng points into the stream
 * itself, so a stream must not be copied or moved after sim_stream_init().
 */
struct sim_stream {
	gsl_rng rng;
	uint64_t state[4];
};

/*
 * Starts the stream. entity says whose it is ("vm0/vcpu3"), purpose what for ("hold"); both are
 * only read here. replication is the number of the replication, from 0.
 */
void sim_stream_init(struct sim_stream *stream, uint64_t seed, uint32_t replication,
		     const char *entity, const char *purpose);

/* The stream as GSL wants it; valid as long as the stream is. */
static inline gsl_rng *sim_stream_rng(struct sim_stream *stream)
{
	return &stream->rng;
}

/* The next 64 random bits. */
uint64_t sim_stream_next(struct sim_stream *stream);

/* Uniform in [0, 1): a multiple of 2^-53. */
double sim_stream_uniform(struct sim_stream *stream);

/* Uniform in 0 .. n - 1, without bias; n >= 1. */
uint64_t sim_stream_below(struct sim_stream *stream, uint64_t n);

#endif
