/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the start of a settled host shares with the placement of tasks. */
#ifndef MODELS_HOST_SETTLE_H
#define MODELS_HOST_SETTLE_H

#include "models/host/host_internal.h"

/* While tasks are put on CPUs. */
struct host_settling {
	struct sim_stream dice;
	uint64_t next_load; /* of the task that starts next */
	uint64_t loads[];   /* per CPU, of the tasks there */
};

/* Between host_settle_begin() and host_settle_end(): where a task that starts belongs. */
struct pcpu *host_settled_cpu(const struct host_task *task);

#endif
