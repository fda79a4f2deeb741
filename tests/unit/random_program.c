/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/random_program.h"

#include "tests/unit/guest_world.h"

#define US INT64_C(1000)

static struct op random_op(struct sim_stream *dice, int nr_vcpus)
{
	int64_t ns = (int64_t)sim_stream_below(dice, 30 * US) + 1;
	bool flip = sim_stream_below(dice, 2);

	switch (sim_stream_below(dice, 15)) {
	case 0: return RUN(ns);
	case 1: return RUN_IRQS_OFF(ns);
	case 2: return CALL_CPU((int64_t)sim_stream_below(dice, nr_vcpus), 700, .wait = flip);
	case 3: return CALL_OTHERS(600, .wait = flip);
	case 4: return FLUSH((int64_t)sim_stream_below(dice, 50) + 1, .free_tables = flip);
	case 5: return SLEEP(ns);
	case 6: return IO(ns);
	case 7: return WAKE;
	case 8: return BARRIER;
	case 9: return OP(.kind = OP_YIELD);
	case 10: return OP(.kind = OP_RESCHED, .target = OP_TARGET_RANDOM_OTHER);
	case 11:
		return OP(.kind = OP_IRQ_WORK, .target = flip ? OP_TARGET_SELF : OP_TARGET_NEXT,
			  .function_ns = 400);
	case 12: return OP(.kind = OP_RCU_EXPEDITED, .function_ns = 500);
	case 13: return OP(.kind = OP_NMI, .target = flip ? OP_TARGET_OTHERS : OP_TARGET_NEXT);
	default:
		return OP(.kind = OP_SMP_CALL, .target = OP_TARGET_RANDOM_OTHER, .function_ns = 300,
			  .wait = flip);
	}
}

int random_program(struct sim_stream *dice, int nr_vcpus, int passes, struct op *ops)
{
	int n = 1;

	for (int i = 0; i < RANDOM_STEPS; i++) {
		struct op op = random_op(dice, nr_vcpus);

		if (op.kind != OP_BARRIER)
			ops[n++] = op;
		if (sim_stream_below(dice, 3) == 0) {
			ops[n++] = LOCK(.irqsave = (int64_t)sim_stream_below(dice, 2));
			ops[n++] = RUN_KERNEL((int64_t)sim_stream_below(dice, 5 * US) + 1);
			ops[n++] = UNLOCK;
		}
	}
	ops[n++] = BARRIER;
	ops[n++] = WAKE;
	ops[n++] = WAIT;
	ops[n] = LOOP_END(0);
	ops[0] = OP(.kind = OP_LOOP, .count = passes, .jump = n);
	return n + 1;
}
