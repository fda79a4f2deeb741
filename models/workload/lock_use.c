/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a program does with its locks, as far as it can be told without running it: a thread that
 * locks what it holds for certain, or unlocks what it cannot hold, goes wrong whenever it gets
 * there. What happens by chance is not judged.
 */
#include <stdio.h>

#include "models/workload/workload_check.h"

/* Locks by their number, a bit each; those from 64 on are not looked at. */
struct holding {
	uint64_t sure;	/* held whatever happened before */
	uint64_t maybe; /* held or not, as chance would have it */
};

struct use {
	const struct workload *workload;
	const struct op *ops;
	struct workload_fault *fault;
	struct holding now;
	bool ended; /* what follows is never reached: a loop goes on forever */
};

/* The lock op number index. True: it is wrong, and the fault says why. */
static bool use_lock(struct use *use, int index)
{
	const struct op *op = &use->ops[index];
	uint64_t bit = op->object < 64 ? UINT64_C(1) << op->object : 0;
	bool locks = op->kind == OP_LOCK;

	if (locks ? (use->now.sure & bit) : bit & ~(use->now.sure | use->now.maybe)) {
		use->fault->op = index;
		snprintf(use->fault->text, sizeof(use->fault->text), "a thread %s %s, which it %s",
			 locks ? "locks" : "unlocks", use->workload->locks[op->object].name,
			 locks ? "holds already; unlock it first" : "does not hold; lock it first");
		return true;
	}
	use->now.maybe &= ~bit;
	use->now.sure = locks ? use->now.sure | bit : use->now.sure & ~bit;
	return false;
}

static bool use_ops(struct use *use, int from, int to);

/* A body, and once more if a loop has a second pass, which begins as the first one ended. */
static bool use_body(struct use *use, int begin)
{
	const struct op *op = &use->ops[begin];
	bool again = op->kind == OP_LOOP && op->count != 1;

	for (int pass = 0; pass <= again && !use->ended; pass++)
		if (use_ops(use, begin + 1, op->jump))
			return true;
	use->ended |= op->kind == OP_LOOP && op->count < 0;
	return false;
}

static bool use_op(struct use *use, int index)
{
	const struct op *op = &use->ops[index];
	struct holding before = use->now;

	if (op->probability <= 0)
		return false;
	if (op->kind == OP_LOCK || op->kind == OP_UNLOCK ? use_lock(use, index)
	    : op_descriptions[op->kind].has_body	 ? use_body(use, index)
							 : false)
		return true;
	if (op->probability < 1) {
		use->now.maybe |= before.maybe | (before.sure ^ use->now.sure);
		use->now.sure &= before.sure;
		use->ended = false;
	}
	return false;
}

static bool use_ops(struct use *use, int from, int to)
{
	for (int i = from; i < to && !use->ended; i++) {
		if (use_op(use, i))
			return true;
		if (op_descriptions[use->ops[i].kind].has_body)
			i = use->ops[i].jump;
	}
	return false;
}

bool workload_misuses_locks(const struct workload *workload, struct workload_fault *fault)
{
	*fault = (struct workload_fault){.op = -1};
	for (int i = 0; i < workload->nr_classes; i++) {
		const struct workload_thread_class *class = &workload->classes[i];
		struct use use = {.workload = workload, .ops = class->ops, .fault = fault};

		fault->class = class;
		if (use_ops(&use, 0, class->nr_ops))
			return true;
	}
	return false;
}
