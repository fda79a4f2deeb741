/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/workload/workload_check.h"

#include <stdarg.h>
#include <stdio.h>

#include "models/workload/program.h"

/* Says what is wrong with op number index of the class that fault names. Returns true. */
__attribute__((format(printf, 3, 4))) static bool wrong(struct workload_fault *fault, int index,
							const char *format, ...)
{
	va_list arguments;

	fault->op = index;
	va_start(arguments, format);
	vsnprintf(fault->text, sizeof(fault->text), format, arguments);
	va_end(arguments);
	return true;
}

/* ---- Bodies ------------------------------------------------------------------------------- */

/* The begins that are still open, and how many of them are loops and requests. */
struct nesting {
	int begin[2 * PROGRAM_MAX_NESTING];
	int depth, loops, requests;
};

static bool is_wrong_begin(struct nesting *open, enum op_kind kind, int index,
			   struct workload_fault *fault)
{
	int *depth = kind == OP_LOOP ? &open->loops : &open->requests;

	if (*depth == PROGRAM_MAX_NESTING)
		return wrong(fault, index, "more than %d %ss nested in each other",
			     PROGRAM_MAX_NESTING, op_descriptions[kind].name);
	++*depth;
	open->begin[open->depth++] = index;
	return false;
}

static bool is_wrong_end(struct nesting *open, const struct op *ops, int index,
			 struct workload_fault *fault)
{
	enum op_kind wanted = ops[index].kind == OP_LOOP_END ? OP_LOOP : OP_REQUEST;
	int begin = open->depth ? open->begin[--open->depth] : -1;

	if (begin < 0 || ops[begin].kind != wanted || ops[begin].jump != index ||
	    ops[index].jump != begin)
		return wrong(fault, index, "the end of a %s that was not begun",
			     op_descriptions[wanted].name);
	--*(wanted == OP_LOOP ? &open->loops : &open->requests);
	return false;
}

static bool is_wrong_nesting(struct nesting *open, const struct op *ops, int index,
			     struct workload_fault *fault)
{
	enum op_kind kind = ops[index].kind;

	if (op_descriptions[kind].has_body)
		return is_wrong_begin(open, kind, index, fault);
	if (kind == OP_LOOP_END || kind == OP_REQUEST_END)
		return is_wrong_end(open, ops, index, fault);
	if (kind == OP_TAKE && !open->requests)
		return wrong(fault, index,
			     "a take must be inside a request, whose latency counts from the "
			     "arrival");
	return false;
}

/* ---- Ops ---------------------------------------------------------------------------------- */

/* It names an object that the workload does not have. */
static bool is_dangling(const struct workload *workload, const struct op *op)
{
	enum op_argument argument = op_descriptions[op->kind].argument;

	if (argument == OP_ARGUMENT_REQUEST)
		return op->object < 0 || op->object >= workload->nr_requests;
	return argument < WORKLOAD_OBJECTS &&
	       (op->object < 0 || !workload_object_name(workload, argument, op->object));
}

static bool is_wrong_lock(const struct workload_lock *lock, const struct op *op, int index,
			  struct workload_fault *fault)
{
	const char *kind = lock_kind_names[lock->kind];

	if (op->lock_mode == LOCK_READ && lock->kind != LOCK_RWSEM)
		return wrong(fault, index, "mode read is for locks of kind rwsem; %s is of kind %s",
			     lock->name, kind);
	if (op->irqsave && (lock->kind == LOCK_MUTEX || lock->kind == LOCK_RWSEM))
		return wrong(fault, index,
			     "irqsave is for spinlocks; %s is of kind %s, whose waiters may sleep",
			     lock->name, kind);
	return false;
}

static bool is_wrong_op(const struct workload *workload, enum workload_runner runner,
			const struct op *op, int index, struct workload_fault *fault)
{
	const struct op_description *description = &op_descriptions[op->kind];

	if (!description->name)
		return false; /* an end */
	if (!description->params[runner])
		return wrong(fault, index, "threads of %s have no op \"%s\"",
			     runner == WORKLOAD_OF_HOST ? "the host" : "a VM", description->name);
	if (is_dangling(workload, op))
		return wrong(fault, index, "%s of a %s that the workload does not have",
			     description->name, op_argument_names[description->argument]);
	if (op->target == OP_TARGET_SELF && op->kind != OP_IRQ_WORK)
		return wrong(fault, index, "only an irq_work can be for self");
	if (op->target == OP_TARGET_OTHERS && op->kind == OP_IRQ_WORK)
		return wrong(fault, index,
			     "an irq_work is for one CPU: self, next, random_other or the number "
			     "of one");
	if (op->kind == OP_LOCK)
		return is_wrong_lock(&workload->locks[op->object], op, index, fault);
	if (op->kind == OP_IO && op->device_ns && op->served_by != OP_SERVED_BY_IO_THREAD)
		return wrong(fault, index,
			     "device is for an io with \"served_by\": \"io_thread\"; without that "
			     "all of it is the device's");
	if (op->kind == OP_TIMER && op->period_ns < 1)
		return wrong(fault, index, "the period of a timer must be at least 1 ns");
	return false;
}

static bool is_wrong_class(const struct workload *workload, enum workload_runner runner,
			   const struct workload_thread_class *class, struct workload_fault *fault)
{
	struct nesting open = {0};

	fault->class = class;
	for (int i = 0; i < class->nr_ops; i++)
		if (is_wrong_op(workload, runner, &class->ops[i], i, fault) ||
		    is_wrong_nesting(&open, class->ops, i, fault))
			return true;
	if (open.depth) {
		int begin = open.begin[open.depth - 1];

		return wrong(fault, begin, "a %s without an end",
			     op_descriptions[class->ops[begin].kind].name);
	}
	return false;
}

/* Threads of the host spin in user mode: only kernels can sleep on a lock, or have others kicked.
 */
static bool is_foreign_lock(const struct workload_lock *lock, enum workload_runner runner,
			    struct workload_fault *fault)
{
	bool fits =
		lock->kind == LOCK_SPINLOCK || lock->kind == LOCK_TAS || lock->kind == LOCK_QUEUED;

	if (runner != WORKLOAD_OF_HOST || fits)
		return false;
	fault->lock = lock;
	return wrong(fault, -1,
		     "host threads have no locks of kind %s; use spinlock, tas or queued",
		     lock_kind_names[lock->kind]);
}

bool workload_is_wrong(const struct workload *workload, enum workload_runner runner,
		       struct workload_fault *fault)
{
	*fault = (struct workload_fault){.op = -1};
	for (int i = 0; i < workload->nr_locks; i++)
		if (is_foreign_lock(&workload->locks[i], runner, fault))
			return true;
	for (int i = 0; i < workload->nr_classes; i++)
		if (is_wrong_class(workload, runner, &workload->classes[i], fault))
			return true;
	return false;
}

enum oversub_status workload_check(const struct workload *workload, enum workload_runner runner,
				   struct oversub_error *error)
{
	struct workload_fault fault;

	if (!workload_is_wrong(workload, runner, &fault))
		return OVERSUB_OK;
	if (fault.lock)
		return oversub_fail(error, OVERSUB_BAD_INPUT, "lock %s: %s", fault.lock->name,
				    fault.text);
	return oversub_fail(error, OVERSUB_BAD_INPUT, "class %s: op %d: %s", fault.class->name,
			    fault.op, fault.text);
}
