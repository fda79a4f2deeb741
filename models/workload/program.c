/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <stdio.h>

#include "models/workload/program.h"

void program_thread_init(struct program_thread *thread, struct workload_instance *instance,
			 int class_index, int number, uint64_t seed, uint32_t replication)
{
	const struct workload *workload = instance->workload;
	char entity[256];

	*thread = (struct program_thread){
		.instance = instance, .class = &workload->classes[class_index], .index = number};
	for (int i = 0; i < class_index; i++)
		thread->index += workload_class_threads(&workload->classes[i], instance->vcpus);
	snprintf(entity, sizeof(entity), "%s/%s%d", instance->name, thread->class->name, number);
	sim_stream_init(&thread->durations, seed, replication, entity, "duration");
	sim_stream_init(&thread->choices, seed, replication, entity, "choice");
	thread->last_time = -1;
}

static bool is_done(struct program_thread *thread, const struct op *op)
{
	return op->probability >= 1.0 || sim_stream_uniform(&thread->choices) < op->probability;
}

static void begin_loop(struct program_thread *thread, const struct op *op)
{
	if (op->count == 0) {
		thread->pc = op->jump + 1;
		return;
	}
	thread->passes_left[thread->loop_depth++] = op->count;
	thread->pc++;
}

static void end_loop(struct program_thread *thread, const struct op *op)
{
	int64_t *left = &thread->passes_left[thread->loop_depth - 1];

	if (*left > 0 && --*left == 0) {
		thread->loop_depth--;
		thread->pc++;
	} else {
		thread->pc = op->jump + 1;
	}
}

static void begin_request(struct program_thread *thread, const struct op *op, int64_t now)
{
	thread->request_start[thread->request_depth++] = now;
	thread->pc++;
	if (thread->on_request)
		thread->on_request(thread, op->object, true, now, 0);
}

static void end_request(struct program_thread *thread, const struct op *op, int64_t now)
{
	int request = thread->class->ops[op->jump].object;
	int64_t latency = now - thread->request_start[--thread->request_depth];

	sim_histogram_record(&thread->instance->stats.requests[request], latency);
	thread->pc++;
	if (thread->on_request)
		thread->on_request(thread, request, false, now, latency);
}

const struct op *program_next(struct program_thread *thread, int64_t now)
{
	if (now != thread->last_time) {
		thread->last_time = now;
		thread->steps = 0;
	}
	while (thread->state == PROGRAM_RUNNING) {
		const struct op *op = &thread->class->ops[thread->pc];

		if (thread->pc >= thread->class->nr_ops) {
			thread->state = PROGRAM_ENDED;
			break;
		}
		if (++thread->steps > PROGRAM_MAX_STEPS) {
			thread->state = PROGRAM_STUCK;
			break;
		}
		if (op->kind == OP_LOOP_END) {
			end_loop(thread, op);
		} else if (op->kind == OP_REQUEST_END) {
			end_request(thread, op, now);
		} else if (!is_done(thread, op)) {
			thread->pc =
				(op_descriptions[op->kind].has_body ? op->jump : thread->pc) + 1;
		} else if (op->kind == OP_LOOP) {
			begin_loop(thread, op);
		} else if (op->kind == OP_REQUEST) {
			begin_request(thread, op, now);
		} else {
			thread->pc++;
			return op;
		}
	}
	return NULL;
}

enum oversub_status program_error(const struct program_thread *thread, struct oversub_error *error)
{
	if (thread->state != PROGRAM_STUCK)
		return OVERSUB_OK;
	return oversub_fail(
		error, OVERSUB_BAD_INPUT,
		"zero-time loop in class %s of workload %s: %d ops without time passing; "
		"put a run or a sleep into the loop",
		thread->class->name, thread->instance->workload->name, PROGRAM_MAX_STEPS);
}

int64_t program_draw_ns(struct program_thread *thread, const struct op *op)
{
	return sim_variate_ns(&op->duration, &thread->durations);
}

int program_draw_target(struct program_thread *thread, const struct op *op, int self_cpu,
			int nr_cpus)
{
	int target;

	if (op->target == OP_TARGET_SELF)
		return self_cpu;
	if (nr_cpus < 2)
		return PROGRAM_TARGET_NONE;
	switch ((enum op_target)op->target) {
	case OP_TARGET_RANDOM_OTHER:
		target = (int)sim_stream_below(&thread->choices, nr_cpus - 1);
		return target < self_cpu ? target : target + 1;
	case OP_TARGET_NEXT: return (self_cpu + 1) % nr_cpus;
	case OP_TARGET_OTHERS: return PROGRAM_TARGET_OTHERS;
	case OP_TARGET_CPU:
		if (op->target_cpu == self_cpu || op->target_cpu >= nr_cpus)
			return PROGRAM_TARGET_NONE;
		return (int)op->target_cpu;
	case OP_TARGET_SELF: break;
	}
	assert(!"a target that the table does not have");
	return PROGRAM_TARGET_NONE;
}

void program_took(struct program_thread *thread, int64_t arrival)
{
	assert(thread->request_depth > 0);
	thread->request_start[thread->request_depth - 1] = arrival;
}

int64_t program_next_expiry(const struct op *op, int64_t now)
{
	if (now < op->phase_ns)
		return op->phase_ns;
	return now + op->period_ns - (now - op->phase_ns) % op->period_ns;
}
