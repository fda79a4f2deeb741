/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What directed yields and pause-loop exits did in waits. */
#ifndef SIM_EXPLAIN_YIELDS_H
#define SIM_EXPLAIN_YIELDS_H

#include "sim/explain/wait.h"

/* task leaves its pause loop. */
void yields_pause(struct explain_task *task, int64_t now);
/* A yield_to of task. */
void yields_tried(struct wait_table *table, struct explain_task *task,
		  const struct trace_record *record);
/* A yield_resolved. */
void yields_resolved(struct wait_table *table, const struct trace_record *record);
/* task enters the guest again, or loses its CPU: its pause-loop exit is over. */
void yields_pause_over(struct explain_yields *yields, struct explain_task *task);
/* task gets its CPU at now. */
void yields_runs(struct explain_yields *yields, struct explain_task *task, int64_t now);

#endif
