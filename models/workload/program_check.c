/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is a program well formed? Whatever program_next() takes for granted is checked here. */
#include "models/workload/program.h"

/* How many objects of the kind that an op names are there? -1: the op names none. */
static int nr_objects(const struct workload *workload, enum op_kind kind)
{
	switch (kind) {
	case OP_LOCK:
	case OP_UNLOCK: return workload->nr_locks;
	case OP_WAIT:
	case OP_WAKE: return workload->nr_events;
	case OP_BARRIER: return workload->nr_barriers;
	case OP_TAKE: return workload->nr_sources;
	case OP_REQUEST: return workload->nr_requests;
	default: return -1;
	}
}

/* The begins that are still open, and how many of them are loops and requests. */
struct nesting {
	int begin[2 * PROGRAM_MAX_NESTING];
	int depth, loops, requests;
};

static enum oversub_status open_body(struct nesting *open, enum op_kind kind, int index,
				     const char *class, struct oversub_error *error)
{
	int *depth = kind == OP_LOOP ? &open->loops : &open->requests;

	if (*depth == PROGRAM_MAX_NESTING)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "class %s: op %d: more than %d %ss nested in each other", class,
				    index, PROGRAM_MAX_NESTING, op_descriptions[kind].name);
	++*depth;
	open->begin[open->depth++] = index;
	return OVERSUB_OK;
}

static enum oversub_status close_body(struct nesting *open, const struct op *ops, int index,
				      const char *class, struct oversub_error *error)
{
	enum op_kind wanted = ops[index].kind == OP_LOOP_END ? OP_LOOP : OP_REQUEST;
	int begin = open->depth ? open->begin[--open->depth] : -1;

	if (begin < 0 || ops[begin].kind != wanted || ops[begin].jump != index ||
	    ops[index].jump != begin)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "class %s: op %d: the end of a %s that was not begun", class,
				    index, op_descriptions[wanted].name);
	--*(wanted == OP_LOOP ? &open->loops : &open->requests);
	return OVERSUB_OK;
}

static enum oversub_status check_lock(const struct workload_lock *lock, const struct op *op,
				      int index, const char *class, struct oversub_error *error)
{
	const char *kind = lock_kind_names[lock->kind];

	if (op->lock_mode == LOCK_READ && lock->kind != LOCK_RWSEM)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "class %s: op %d: mode read is for locks of kind rwsem; %s is "
				    "of kind %s",
				    class, index, lock->name, kind);
	if (op->irqsave && (lock->kind == LOCK_MUTEX || lock->kind == LOCK_RWSEM))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "class %s: op %d: irqsave is for spinlocks; %s is of kind %s, "
				    "whose waiters may sleep",
				    class, index, lock->name, kind);
	return OVERSUB_OK;
}

static enum oversub_status check_op(const struct workload *workload, const struct op *op, int index,
				    const char *class, struct oversub_error *error)
{
	int objects = nr_objects(workload, op->kind);

	if (objects >= 0 && (op->object < 0 || op->object >= objects))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "class %s: op %d: %s of a %s that the workload does not have",
				    class, index, op_descriptions[op->kind].name,
				    op_descriptions[op->kind].argument);
	if (op->target == OP_TARGET_SELF && op->kind != OP_IRQ_WORK)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "class %s: op %d: only an irq_work can be for self", class,
				    index);
	if (op->target == OP_TARGET_OTHERS && op->kind == OP_IRQ_WORK)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "class %s: op %d: an irq_work is for one CPU: self, next, "
				    "random_other or the number of one",
				    class, index);
	if (op->kind == OP_LOCK)
		return check_lock(&workload->locks[op->object], op, index, class, error);
	if (op->kind == OP_TIMER && op->period_ns < 1)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "class %s: op %d: the period of a timer must be at least 1 ns",
				    class, index);
	return OVERSUB_OK;
}

enum oversub_status program_check(const struct workload *workload,
				  const struct workload_thread_class *class,
				  struct oversub_error *error)
{
	struct nesting open = {0};

	for (int i = 0; i < class->nr_ops; i++) {
		const struct op *op = &class->ops[i];
		enum oversub_status status = check_op(workload, op, i, class->name, error);

		if (!status && op_descriptions[op->kind].has_body)
			status = open_body(&open, op->kind, i, class->name, error);
		if (!status && (op->kind == OP_LOOP_END || op->kind == OP_REQUEST_END))
			status = close_body(&open, class->ops, i, class->name, error);
		if (!status && op->kind == OP_TAKE && !open.requests)
			status = oversub_fail(error, OVERSUB_BAD_INPUT,
					      "class %s: op %d: a take must be inside a request, "
					      "whose latency counts from the arrival",
					      class->name, i);
		if (status)
			return status;
	}
	if (open.depth)
		return oversub_fail(
			error, OVERSUB_BAD_INPUT, "class %s: op %d: a %s without an end",
			class->name, open.begin[open.depth - 1],
			op_descriptions[class->ops[open.begin[open.depth - 1]].kind].name);
	return OVERSUB_OK;
}
