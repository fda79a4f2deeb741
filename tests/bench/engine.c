/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What one event costs, beside a heap loop that runs the same model in the same process.
 *
 *	engine hold N EVENTS	N timers are pending; each that fires is armed again
 *	engine churn N EVENTS	the same, and half of the events also move another source's timer
 *	engine mm1 CUSTOMERS	an M/M/1 queue at load 0.9, two timers and GSL's exponentials
 *
 * Delays are exponential with a mean of 1 ms, from a table, so that drawing them costs next to
 * nothing. Engine and heap take turns; each figure is the median of its turns, in CPU time. Ratios
 * last, nanoseconds do not.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gsl/gsl_randist.h>

#include "sim/base/container_of.h"
#include "sim/engine/event.h"
#include "sim/engine/random.h"
#include "tests/bench/time_average.h"
#include "tests/bench/heap.h"

enum {
	TURNS = 9,
	DELAYS = 1024, /* entries of the table; a power of two */
	MEAN_DELAY_NS = 1000000,
	MAX_SOURCES = 1 << 24,
};

/* What both loops share: delays, and which other timer is moved. */
struct model {
	uint64_t random;
	uint64_t sources;
	uint64_t events_left;
	bool churn;
	uint32_t delays[DELAYS];
};

struct engine_model {
	struct sim_engine engine;
	struct model model;
	struct sim_event *events;
};

struct heap_model {
	struct heap heap;
	struct model model;
	struct heap_timer *timers;
};

static double cpu_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), compare_doubles);
	return values[n / 2];
}

static void model_init(struct model *model, bool churn, uint64_t sources)
{
	struct sim_stream stream;

	sim_stream_init(&stream, 1, 0, "bench", "delay");
	model->random = 88172645463325252u;
	model->sources = sources;
	model->churn = churn;
	for (int i = 0; i < DELAYS; i++)
		model->delays[i] =
			(uint32_t)gsl_ran_exponential(sim_stream_rng(&stream), MEAN_DELAY_NS);
}

/* Marsaglia's xorshift64: poor, but three instructions, and the same for both loops. */
static inline uint64_t model_random(struct model *model)
{
	uint64_t x = model->random;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return model->random = x;
}

/* Some jitter keeps the table from making ties. */
static inline int64_t model_delay(const struct model *model, uint64_t random)
{
	return 1 + model->delays[random % DELAYS] + (int64_t)(random >> 10 & 1023);
}

static inline uint64_t model_other(const struct model *model, uint64_t random)
{
	return (random >> 32) * model->sources >> 32;
}

/* Half of the events move another timer. */
static inline bool model_moves(const struct model *model, uint64_t random)
{
	return model->churn && random >> 20 & 1;
}

static void engine_fire(struct sim_engine *engine, struct sim_event *event)
{
	struct engine_model *m = container_of(engine, struct engine_model, engine);
	uint64_t random = model_random(&m->model);

	sim_schedule(engine, event, sim_now(engine) + model_delay(&m->model, random));
	if (model_moves(&m->model, random)) {
		struct sim_event *other = &m->events[model_other(&m->model, random)];

		random = model_random(&m->model);
		sim_schedule(engine, other, sim_now(engine) + model_delay(&m->model, random));
	}
	if (!--m->model.events_left)
		sim_stop(engine);
}

static void heap_fire(struct heap *heap, struct heap_timer *timer)
{
	struct heap_model *m = container_of(heap, struct heap_model, heap);
	uint64_t random = model_random(&m->model);

	heap_schedule(heap, timer, heap->now + model_delay(&m->model, random));
	if (model_moves(&m->model, random)) {
		struct heap_timer *other = &m->timers[model_other(&m->model, random)];

		random = model_random(&m->model);
		heap_schedule(heap, other, heap->now + model_delay(&m->model, random));
	}
	if (!--m->model.events_left)
		heap->stopping = true;
}

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory) {
		fprintf(stderr, "engine: out of memory\n");
		exit(1);
	}
	return memory;
}

static struct engine_model *engine_model_new(bool churn, uint64_t sources)
{
	struct engine_model *m = allocate(1, sizeof(*m));

	model_init(&m->model, churn, sources);
	sim_engine_init(&m->engine, 0);
	m->events = allocate(sources, sizeof(*m->events));
	for (uint64_t i = 0; i < sources; i++) {
		sim_event_init(&m->events[i], SIM_RANK_TIMER, (uint32_t)i, engine_fire);
		sim_schedule(&m->engine, &m->events[i],
			     model_delay(&m->model, model_random(&m->model)));
	}
	return m;
}

static struct heap_model *heap_model_new(bool churn, uint64_t sources)
{
	struct heap_model *m = allocate(1, sizeof(*m));

	model_init(&m->model, churn, sources);
	m->heap.entries = allocate(sources, sizeof(*m->heap.entries));
	m->timers = allocate(sources, sizeof(*m->timers));
	for (uint64_t i = 0; i < sources; i++) {
		m->timers[i] = (struct heap_timer){
			.fn = heap_fire, .owner = (uint32_t)i, .rank = SIM_RANK_TIMER, .index = -1};
		heap_schedule(&m->heap, &m->timers[i],
			      model_delay(&m->model, model_random(&m->model)));
	}
	return m;
}

static double engine_turn(struct engine_model *m, uint64_t events)
{
	double start = cpu_ns();

	m->model.events_left = events;
	sim_run(&m->engine, SIM_TIME_MAX);
	return (cpu_ns() - start) / (double)events;
}

static double heap_turn(struct heap_model *m, uint64_t events)
{
	double start = cpu_ns();

	m->model.events_left = events;
	heap_run(&m->heap);
	return (cpu_ns() - start) / (double)events;
}

static int bench_timers(const char *name, bool churn, uint64_t sources, uint64_t events)
{
	uint64_t per_turn = events / TURNS + 1;
	struct engine_model *wheel = engine_model_new(churn, sources);
	struct heap_model *heap = heap_model_new(churn, sources);
	double wheel_ns[TURNS], heap_ns[TURNS];

	engine_turn(wheel, sources + per_turn / 4);
	heap_turn(heap, sources + per_turn / 4);
	for (int i = 0; i < TURNS; i++) {
		wheel_ns[i] = engine_turn(wheel, per_turn);
		heap_ns[i] = heap_turn(heap, per_turn);
	}
	/* The same model in the same order ends at the same time; else one of them is wrong. */
	if (sim_now(&wheel->engine) != heap->heap.now) {
		fprintf(stderr, "engine: engine and heap disagree\n");
		exit(1);
	}
	double wheel_median = median(wheel_ns, TURNS), heap_median = median(heap_ns, TURNS);

	printf("model=%s n=%llu events=%llu ns_per_event=%.2f heap_ns_per_event=%.2f ratio=%.3f\n",
	       name, (unsigned long long)sources, (unsigned long long)(per_turn * TURNS),
	       wheel_median, heap_median, wheel_median / heap_median);
	free(wheel->events);
	free(wheel);
	free(heap->heap.entries);
	free(heap->timers);
	free(heap);
	return 0;
}

/* A queue with one server: arrivals 1 ms apart on average, services of 0.9 ms. */
struct mm1 {
	struct sim_engine engine;
	struct sim_event arrival, departure;
	struct sim_stream arrivals, services;
	struct sim_time_average in_system;
	uint64_t arrivals_left;
};

static const double mm1_load = 0.9;

static int64_t mm1_draw(struct sim_stream *stream, double mean)
{
	return llrint(gsl_ran_exponential(sim_stream_rng(stream), mean));
}

static void mm1_serve(struct mm1 *m)
{
	int64_t service = mm1_draw(&m->services, mm1_load * MEAN_DELAY_NS);

	sim_schedule(&m->engine, &m->departure, sim_now(&m->engine) + service);
}

static void mm1_arrive(struct sim_engine *engine, struct sim_event *event)
{
	struct mm1 *m = container_of(event, struct mm1, arrival);
	int64_t now = sim_now(engine);

	sim_time_average_set(&m->in_system, now, m->in_system.value + 1);
	if (m->in_system.value == 1)
		mm1_serve(m);
	if (--m->arrivals_left)
		sim_schedule(engine, event, now + mm1_draw(&m->arrivals, MEAN_DELAY_NS));
}

static void mm1_depart(struct sim_engine *engine, struct sim_event *event)
{
	struct mm1 *m = container_of(event, struct mm1, departure);

	sim_time_average_set(&m->in_system, sim_now(engine), m->in_system.value - 1);
	if (m->in_system.value)
		mm1_serve(m);
}

static int bench_mm1(uint64_t customers)
{
	struct mm1 *m = allocate(1, sizeof(*m));
	double start;

	sim_engine_init(&m->engine, 0);
	sim_event_init(&m->arrival, SIM_RANK_TIMER, 0, mm1_arrive);
	sim_event_init(&m->departure, SIM_RANK_COMPLETION, 0, mm1_depart);
	sim_stream_init(&m->arrivals, 1, 0, "queue", "arrival");
	sim_stream_init(&m->services, 1, 0, "queue", "service");
	sim_time_average_start(&m->in_system, 0, 0);
	m->arrivals_left = customers;

	start = cpu_ns();
	sim_schedule(&m->engine, &m->arrival, 0);
	sim_run(&m->engine, SIM_TIME_MAX - 1);
	printf("model=mm1 customers=%llu events=%llu ns_per_event=%.2f mean_number=%.4f "
	       "theory=%.4f\n",
	       (unsigned long long)customers, (unsigned long long)sim_events_fired(&m->engine),
	       (cpu_ns() - start) / (double)sim_events_fired(&m->engine),
	       sim_time_average_get(&m->in_system, sim_now(&m->engine)), mm1_load / (1 - mm1_load));
	free(m);
	return 0;
}

static int usage(void)
{
	fprintf(stderr, "usage: engine hold N EVENTS | engine churn N EVENTS | "
			"engine mm1 CUSTOMERS\n");
	return 2;
}

/* A whole number from 1 to max; 0 if it is none. */
static uint64_t parse_number(const char *text, uint64_t max)
{
	char *end;
	unsigned long long number;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || end == text || *end || text[0] == '-' || number > max)
		return 0;
	return number;
}

int main(int argc, char **argv)
{
	const uint64_t max = UINT64_C(1) << 40;

	if (argc == 4 && (!strcmp(argv[1], "hold") || !strcmp(argv[1], "churn"))) {
		uint64_t sources = parse_number(argv[2], MAX_SOURCES);
		uint64_t events = parse_number(argv[3], max);

		if (sources && events)
			return bench_timers(argv[1], argv[1][0] == 'c', sources, events);
	} else if (argc == 3 && !strcmp(argv[1], "mm1")) {
		uint64_t customers = parse_number(argv[2], max);

		if (customers)
			return bench_mm1(customers);
	}
	return usage();
}
