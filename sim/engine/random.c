/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <limits.h>

#include "sim/engine/random.h"

/* The finaliser of splitmix64 (Steele, Lea and Flood, 2014): every bit in changes half of those
 * out. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

/* One more word into the hash; the constant keeps a run of zeros from staying zero. */
static uint64_t absorb(uint64_t hash, uint64_t word)
{
	return mix((hash + UINT64_C(0x9e3779b97f4a7c15)) ^ mix(word));
}

/* The terminating byte is absorbed too, so that "a", "bc" is not "ab", "c". */
static uint64_t absorb_string(uint64_t hash, const char *string)
{
	const unsigned char *byte = (const unsigned char *)string;

	do {
		hash = absorb(hash, *byte);
	} while (*byte++);
	return hash;
}

/* Four words of splitmix64 are the authors' way to fill the state; never all zero. */
static void fill_state(uint64_t state[4], uint64_t seed)
{
	for (int i = 0; i < 4; i++) {
		seed += UINT64_C(0x9e3779b97f4a7c15);
		state[i] = mix(seed);
	}
}

/*
 * GSL hands over rng->state, which in a stream is the array that follows the gsl_rng; made by
 * gsl_rng_alloc() it is an array of its own. Both are four words.
 */
static uint64_t next_word(uint64_t *s)
{
	uint64_t sum = s[0] + s[3];
	uint64_t result = ((sum << 23) | (sum >> 41)) + s[0];
	uint64_t shifted = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= shifted;
	s[3] = (s[3] << 45) | (s[3] >> 19);
	return result;
}

static void xoshiro_set(void *state, unsigned long seed)
{
	fill_state(state, seed);
}

static unsigned long xoshiro_get(void *state)
{
	return next_word(state);
}

static double xoshiro_get_double(void *state)
{
	return (double)(next_word(state) >> 11) * 0x1.0p-53;
}

const gsl_rng_type sim_rng_xoshiro256pp = {
	.name = "xoshiro256++",
	.max = ULONG_MAX,
	.min = 0,
	.size = 4 * sizeof(uint64_t),
	.set = xoshiro_set,
	.get = xoshiro_get,
	.get_double = xoshiro_get_double,
};

void sim_stream_init(struct sim_stream *stream, uint64_t seed, uint32_t replication,
		     const char *entity, const char *purpose)
{
	uint64_t hash = absorb(absorb(0, seed), replication);

	hash = absorb_string(absorb_string(hash, entity), purpose);
	fill_state(stream->state, hash);
	stream->rng = (gsl_rng){.type = &sim_rng_xoshiro256pp, .state = stream->state};
}

uint64_t sim_stream_next(struct sim_stream *stream)
{
	return next_word(stream->state);
}

double sim_stream_uniform(struct sim_stream *stream)
{
	return xoshiro_get_double(stream->state);
}

/*
 * The high word of a 64 x 64 bit product (Lemire, 2019). Of the 2^64 low words, 2^64 mod n are
 * drawn again, which leaves each result equally many; the division is hardly ever reached.
 */
uint64_t sim_stream_below(struct sim_stream *stream, uint64_t n)
{
	unsigned __int128 product;

	assert(n >= 1);
	product = (unsigned __int128)next_word(stream->state) * n;
	if ((uint64_t)product < n) {
		uint64_t threshold = -n % n;

		while ((uint64_t)product < threshold)
			product = (unsigned __int128)next_word(stream->state) * n;
	}
	return (uint64_t)(product >> 64);
}
