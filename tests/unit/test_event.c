/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "sim/base/container_of.h"
#include "sim/engine/event.h"
#include "sim/engine/random.h"

/* An event that writes its name down, and may do something more. */
struct note {
	struct sim_event event;
	char name;
	void (*then)(struct sim_engine *engine, struct note *note);
	struct note *other;
};

struct diary {
	struct sim_engine engine;
	char text[64];
	size_t length;
};

static void write_down(struct sim_engine *engine, struct sim_event *event)
{
	struct diary *diary = container_of(engine, struct diary, engine);
	struct note *note = container_of(event, struct note, event);

	if (diary->length < sizeof(diary->text) - 1)
		diary->text[diary->length++] = note->name;
	if (note->then)
		note->then(engine, note);
}

static void open_diary(struct diary *diary, int64_t start)
{
	memset(diary, 0, sizeof(*diary));
	sim_engine_init(&diary->engine, start);
}

static void make_note(struct note *note, char name, enum sim_rank rank, uint32_t owner)
{
	*note = (struct note){.name = name};
	sim_event_init(&note->event, rank, owner, write_down);
}

static void events_fire_in_order_of_time(void **state)
{
	static const int64_t times[] = {0, 1, 63, 64, 255, 256, 1000000, INT64_C(1) << 40};
	struct note notes[8];
	struct diary diary;

	open_diary(&diary, 0);
	for (int i = 7; i >= 0; i--) {
		make_note(&notes[i], (char)('a' + i), SIM_RANK_TIMER, 0);
		sim_schedule(&diary.engine, &notes[i].event, times[i]);
	}
	assert_int_equal(sim_next_time(&diary.engine), 0);
	assert_int_equal(sim_run(&diary.engine, INT64_C(1) << 41), SIM_NO_EVENTS);
	assert_string_equal(diary.text, "abcdefgh");
	assert_int_equal(sim_now(&diary.engine), INT64_C(1) << 40);
	assert_int_equal(sim_events_fired(&diary.engine), 8);
}

static void ties_go_by_rank_then_owner_then_sequence(void **state)
{
	struct note late_rank, low_owner, high_owner, same_first, same_second;
	struct diary diary;

	open_diary(&diary, 0);
	make_note(&late_rank, 'e', SIM_RANK_COMPLETION, 0);
	make_note(&high_owner, 'd', SIM_RANK_TICK, 9);
	make_note(&low_owner, 'a', SIM_RANK_TICK, 1);
	make_note(&same_first, 'b', SIM_RANK_TICK, 5);
	make_note(&same_second, 'c', SIM_RANK_TICK, 5);
	sim_schedule(&diary.engine, &late_rank.event, 4000000);
	sim_schedule(&diary.engine, &high_owner.event, 4000000);
	sim_schedule(&diary.engine, &same_first.event, 4000000);
	sim_schedule(&diary.engine, &low_owner.event, 4000000);
	sim_schedule(&diary.engine, &same_second.event, 4000000);
	sim_run(&diary.engine, 4000000);
	assert_string_equal(diary.text, "abcde");
}

static void moving_takes_a_new_sequence_number(void **state)
{
	struct note first, second;
	struct diary diary;

	open_diary(&diary, 0);
	make_note(&first, 'a', SIM_RANK_TIMER, 0);
	make_note(&second, 'b', SIM_RANK_TIMER, 0);
	sim_schedule(&diary.engine, &first.event, 10);
	sim_schedule(&diary.engine, &second.event, 10);
	sim_schedule(&diary.engine, &first.event, 10);
	sim_run(&diary.engine, 10);
	assert_string_equal(diary.text, "ba");
}

static void schedule_other_now(struct sim_engine *engine, struct note *note)
{
	sim_schedule(engine, &note->other->event, sim_now(engine));
}

static void an_event_for_now_fires_next_if_it_sorts_first(void **state)
{
	struct note tick, later_tick, interrupt;
	struct diary diary;

	open_diary(&diary, 0);
	make_note(&tick, 't', SIM_RANK_TICK, 0);
	make_note(&later_tick, 'u', SIM_RANK_TICK, 1);
	make_note(&interrupt, 'i', SIM_RANK_INTERRUPT, 7);
	tick.then = schedule_other_now;
	tick.other = &interrupt;
	sim_schedule(&diary.engine, &tick.event, 500);
	sim_schedule(&diary.engine, &later_tick.event, 500);
	sim_run(&diary.engine, 1000);
	assert_string_equal(diary.text, "tiu");
}

static void an_event_for_now_waits_for_those_that_sort_before_it(void **state)
{
	struct note tick, later_tick, resched;
	struct diary diary;

	open_diary(&diary, 0);
	make_note(&tick, 't', SIM_RANK_TICK, 0);
	make_note(&later_tick, 'u', SIM_RANK_TICK, 1);
	make_note(&resched, 'r', SIM_RANK_RESCHED, 0);
	tick.then = schedule_other_now;
	tick.other = &resched;
	sim_schedule(&diary.engine, &tick.event, 500);
	sim_schedule(&diary.engine, &later_tick.event, 500);
	sim_run(&diary.engine, 1000);
	assert_string_equal(diary.text, "tur");
}

static void schedule_itself_in_a_year(struct sim_engine *engine, struct note *note)
{
	sim_schedule(engine, &note->event, sim_now(engine) + INT64_C(31536000000000000));
}

static void an_event_may_schedule_itself_years_ahead(void **state)
{
	struct note note;
	struct diary diary;

	open_diary(&diary, 17);
	make_note(&note, 'y', SIM_RANK_TIMER, 0);
	note.then = schedule_itself_in_a_year;
	sim_schedule(&diary.engine, &note.event, 18);
	assert_int_equal(sim_run(&diary.engine, INT64_C(200) * 31536000000000000),
			 SIM_REACHED_UNTIL);
	assert_int_equal(sim_events_fired(&diary.engine), 200);
	assert_int_equal(sim_event_time(&note.event), 18 + INT64_C(200) * 31536000000000000);
}

static void a_cancelled_event_does_not_fire(void **state)
{
	struct note kept, cancelled;
	struct diary diary;

	open_diary(&diary, 0);
	make_note(&kept, 'k', SIM_RANK_TIMER, 0);
	make_note(&cancelled, 'c', SIM_RANK_TIMER, 0);
	sim_cancel(&diary.engine, &cancelled.event);
	sim_schedule(&diary.engine, &kept.event, 10);
	sim_schedule(&diary.engine, &cancelled.event, 5);
	assert_true(sim_event_pending(&cancelled.event));
	sim_cancel(&diary.engine, &cancelled.event);
	assert_false(sim_event_pending(&cancelled.event));
	assert_int_equal(sim_event_time(&cancelled.event), SIM_TIME_MAX);
	assert_int_equal(sim_next_time(&diary.engine), 10);
	sim_run(&diary.engine, 20);
	assert_string_equal(diary.text, "k");
}

static void the_clock_shows_until_while_something_is_pending(void **state)
{
	struct note note, between;
	struct diary diary;

	open_diary(&diary, 100);
	make_note(&note, 'n', SIM_RANK_TIMER, 0);
	make_note(&between, 'b', SIM_RANK_TIMER, 0);
	sim_schedule(&diary.engine, &note.event, 1000);
	assert_int_equal(sim_run(&diary.engine, 999), SIM_REACHED_UNTIL);
	assert_int_equal(sim_now(&diary.engine), 999);
	sim_schedule(&diary.engine, &between.event, 999);
	assert_int_equal(sim_run(&diary.engine, 1000), SIM_NO_EVENTS);
	assert_string_equal(diary.text, "bn");
}

static void nothing_pending_leaves_the_clock_at_the_last_event(void **state)
{
	struct note note;
	struct diary diary;

	open_diary(&diary, 0);
	assert_int_equal(sim_next_time(&diary.engine), SIM_TIME_MAX);
	assert_int_equal(sim_run(&diary.engine, 5), SIM_NO_EVENTS);
	assert_int_equal(sim_now(&diary.engine), 0);
	make_note(&note, 'n', SIM_RANK_TIMER, 0);
	sim_schedule(&diary.engine, &note.event, 70);
	assert_int_equal(sim_run(&diary.engine, SIM_TIME_MAX), SIM_NO_EVENTS);
	assert_int_equal(sim_now(&diary.engine), 70);
}

static void stop_the_run(struct sim_engine *engine, struct note *note)
{
	sim_stop(engine);
}

static void a_stop_takes_effect_after_the_current_event(void **state)
{
	struct note stopping, next;
	struct diary diary;

	open_diary(&diary, 0);
	make_note(&stopping, 's', SIM_RANK_TIMER, 0);
	make_note(&next, 'n', SIM_RANK_TIMER, 1);
	stopping.then = stop_the_run;
	sim_schedule(&diary.engine, &stopping.event, 10);
	sim_schedule(&diary.engine, &next.event, 10);
	assert_int_equal(sim_run(&diary.engine, 20), SIM_STOPPED);
	assert_string_equal(diary.text, "s");
	assert_int_equal(sim_now(&diary.engine), 10);
	assert_int_equal(sim_run(&diary.engine, 20), SIM_NO_EVENTS);
	assert_string_equal(diary.text, "sn");
}

static void schedule_itself_now(struct sim_engine *engine, struct note *note)
{
	sim_schedule(engine, &note->event, sim_now(engine));
}

static void a_loop_in_zero_time_is_noticed(void **state)
{
	struct note note;
	struct diary diary;

	open_diary(&diary, 0);
	make_note(&note, 'z', SIM_RANK_TIMER, 0);
	note.then = schedule_itself_now;
	sim_set_zero_time_limit(&diary.engine, 1000);
	sim_schedule(&diary.engine, &note.event, 10);
	assert_int_equal(sim_run(&diary.engine, 20), SIM_ZERO_TIME_LOOP);
	assert_int_equal(sim_now(&diary.engine), 10);
	assert_int_equal(sim_events_fired(&diary.engine), 1000);
	assert_true(sim_event_pending(&note.event));
}

static void as_many_ties_as_the_limit_are_no_loop(void **state)
{
	struct note notes[40];
	struct diary diary;

	open_diary(&diary, 0);
	sim_set_zero_time_limit(&diary.engine, 40);
	for (uint32_t i = 0; i < 40; i++) {
		make_note(&notes[i], 'n', SIM_RANK_TICK, i);
		sim_schedule(&diary.engine, &notes[i].event, 10);
	}
	assert_int_equal(sim_run(&diary.engine, 20), SIM_NO_EVENTS);
	assert_int_equal(sim_events_fired(&diary.engine), 40);
}

/*
 * Random sequences against the plainest oracle there is: a table in which the smallest pending
 * entry is looked for.
 */

enum { ACTORS = 150 };

enum delays { FEW_NS, TICKS, ANY_SCALE, DELAYS };

struct expectation {
	bool pending;
	int64_t time;
	uint64_t sequence;
};

struct random_world {
	struct sim_engine engine;
	struct sim_stream random;
	struct sim_event events[ACTORS];
	struct expectation expected[ACTORS];
	uint64_t sequence;
	uint64_t events_left; /* until the run stops itself */
	enum delays delays;
	int64_t horizon; /* nothing is scheduled beyond */
	int operations;	 /* mean number per event is half of it */
};

static int64_t random_delay(struct random_world *world)
{
	switch (world->delays) {
	case FEW_NS: return (int64_t)sim_stream_below(&world->random, 4);
	case TICKS: return 4000000 * (int64_t)sim_stream_below(&world->random, 3);
	default:
		return (int64_t)(sim_stream_next(&world->random) >>
				 (14 + sim_stream_below(&world->random, 50)));
	}
}

static bool expected_before(const struct random_world *world, int a, int b)
{
	const struct sim_event *x = &world->events[a], *y = &world->events[b];

	if (world->expected[a].time != world->expected[b].time)
		return world->expected[a].time < world->expected[b].time;
	if (x->rank != y->rank)
		return x->rank < y->rank;
	if (x->owner != y->owner)
		return x->owner < y->owner;
	return world->expected[a].sequence < world->expected[b].sequence;
}

static int expected_first(const struct random_world *world)
{
	int first = -1;

	for (int i = 0; i < ACTORS; i++) {
		if (world->expected[i].pending && (first < 0 || expected_before(world, i, first)))
			first = i;
	}
	return first;
}

static void random_operation(struct random_world *world)
{
	int i = (int)sim_stream_below(&world->random, ACTORS);
	int64_t time = sim_now(&world->engine) + random_delay(world);

	if (sim_stream_below(&world->random, 4) == 0) {
		sim_cancel(&world->engine, &world->events[i]);
		world->expected[i].pending = false;
	} else if (time <= world->horizon) {
		sim_schedule(&world->engine, &world->events[i], time);
		world->expected[i] = (struct expectation){true, time, ++world->sequence};
	}
	assert_true(sim_event_pending(&world->events[i]) == world->expected[i].pending);
}

static void check_and_go_on(struct sim_engine *engine, struct sim_event *event)
{
	struct random_world *world = container_of(engine, struct random_world, engine);
	int first = expected_first(world);

	assert_ptr_equal(event, &world->events[first]);
	assert_int_equal(sim_now(engine), world->expected[first].time);
	assert_false(sim_event_pending(event));
	world->expected[first].pending = false;
	for (uint64_t n = sim_stream_below(&world->random, (uint64_t)world->operations); n; n--)
		random_operation(world);
	if (!--world->events_left)
		sim_stop(engine);
}

static void check_next_time(const struct random_world *world)
{
	int first = expected_first(world);

	assert_int_equal(sim_next_time(&world->engine),
			 first < 0 ? SIM_TIME_MAX : world->expected[first].time);
}

static void random_run(uint64_t seed)
{
	struct random_world *world = calloc(1, sizeof(*world));
	int64_t start;

	assert_non_null(world);
	sim_stream_init(&world->random, seed, 0, "test", "operations");
	world->delays = seed % DELAYS;
	world->operations = 3 + (int)(seed % 5);
	world->horizon = INT64_C(1) << 61;
	start = (int64_t)(sim_stream_next(&world->random) >> (4 + seed % 60));
	sim_engine_init(&world->engine, start);
	for (uint32_t i = 0; i < ACTORS; i++)
		sim_event_init(&world->events[i], sim_stream_below(&world->random, 3), i / 4,
			       check_and_go_on);
	for (int round = 0; round < 300; round++) {
		int64_t until = sim_now(&world->engine) + random_delay(world);
		uint64_t fired = sim_events_fired(&world->engine);
		enum sim_stop stop;
		int first;

		for (int i = 0; i < 8; i++)
			random_operation(world);
		check_next_time(world);
		/* Small limits keep runs without end short, and show that a run can go on. */
		sim_set_zero_time_limit(&world->engine, 40);
		world->events_left = 100;
		stop = sim_run(&world->engine, until);
		first = expected_first(world);
		check_next_time(world);
		if (stop == SIM_NO_EVENTS) {
			assert_int_equal(first, -1);
		} else if (stop == SIM_REACHED_UNTIL) {
			assert_int_equal(sim_now(&world->engine), until);
			assert_true(world->expected[first].time > until);
		} else if (stop == SIM_STOPPED) {
			assert_int_equal(sim_events_fired(&world->engine) - fired, 100);
		} else {
			assert_int_equal(stop, SIM_ZERO_TIME_LOOP);
			assert_true(sim_events_fired(&world->engine) - fired >= 40);
			assert_int_equal(world->expected[first].time, sim_now(&world->engine));
		}
	}
	free(world);
}

static void random_schedules_moves_and_cancels_keep_the_order(void **state)
{
	for (uint64_t seed = 1; seed <= 90; seed++) {
		print_message("seed %u\n", (unsigned int)seed);
		random_run(seed);
	}
}

/* Counts ticks and checks that they come by owner. */
struct tick_world {
	struct sim_engine engine;
	uint32_t next_owner;
	uint64_t ticks;
};

static void tick(struct sim_engine *engine, struct sim_event *event)
{
	struct tick_world *world = container_of(engine, struct tick_world, engine);

	assert_int_equal(event->owner, world->next_owner);
	world->next_owner = (world->next_owner + 1) % 4096;
	world->ticks++;
	sim_schedule(engine, event, sim_now(engine) + 4000000);
}

static void thousands_of_ticks_of_one_instant_come_by_owner(void **state)
{
	struct tick_world *world = calloc(1, sizeof(*world));
	struct sim_event *events = calloc(4096, sizeof(*events));

	sim_engine_init(&world->engine, 0);
	for (uint32_t i = 0; i < 4096; i++) {
		uint32_t shuffled = i * 2731 % 4096;

		sim_event_init(&events[shuffled], SIM_RANK_TICK, shuffled, tick);
		sim_schedule(&world->engine, &events[shuffled], 4000000);
	}
	assert_int_equal(sim_run(&world->engine, 40000000), SIM_REACHED_UNTIL);
	assert_int_equal(world->ticks, 10 * 4096);
	free(events);
	free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_fire_in_order_of_time),
		cmocka_unit_test(ties_go_by_rank_then_owner_then_sequence),
		cmocka_unit_test(moving_takes_a_new_sequence_number),
		cmocka_unit_test(an_event_for_now_fires_next_if_it_sorts_first),
		cmocka_unit_test(an_event_for_now_waits_for_those_that_sort_before_it),
		cmocka_unit_test(an_event_may_schedule_itself_years_ahead),
		cmocka_unit_test(a_cancelled_event_does_not_fire),
		cmocka_unit_test(the_clock_shows_until_while_something_is_pending),
		cmocka_unit_test(nothing_pending_leaves_the_clock_at_the_last_event),
		cmocka_unit_test(a_stop_takes_effect_after_the_current_event),
		cmocka_unit_test(a_loop_in_zero_time_is_noticed),
		cmocka_unit_test(as_many_ties_as_the_limit_are_no_loop),
		cmocka_unit_test(random_schedules_moves_and_cancels_keep_the_order),
		cmocka_unit_test(thousands_of_ticks_of_one_instant_come_by_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
