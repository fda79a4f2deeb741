/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/trace/trace_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/array.h"

/* What pictures are made of. */
#define KIND(name) (UINT64_C(1) << TRACE_##name)
static const uint64_t kinds = KIND(sched_switch) | KIND(sched_wakeup) | KIND(kvm_exit) |
			      KIND(kvm_entry) | KIND(kvm_apic_ipi) | KIND(kvm_inj_virq) |
			      KIND(kvm_eoi) | KIND(spin_begin) | KIND(spin_end) | KIND(yield_to);

/* False without memory. Lines that are no event, or one before `from`, are left out. */
static bool take_line(struct trace *trace, const char *text, int64_t from)
{
	size_t nr = trace->nr_records;
	struct trace_record record, *end;

	if (!perf_parse(text, kinds, &trace->words, &record))
		return !trace->words.failed;
	if (record.time < from || (nr && record.time < trace->records[nr - 1].time))
		return true;
	end = array_add(trace->records, trace->nr_records);
	if (!end)
		return false;
	*end = record;
	replay_take(&trace->replay, end);
	return !trace->words.failed && !trace->replay.failed;
}

static bool is_complete(const struct trace *trace, int64_t to)
{
	return trace->nr_records && (trace->nr_records >= TRACE_MAX_RECORDS ||
				     trace->records[trace->nr_records - 1].time >= to);
}

enum oversub_status trace_read(FILE *stream, const char *name, int64_t from, int64_t to,
			       struct trace *trace, struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;
	char *text = NULL;
	size_t size = 0;

	*trace = (struct trace){.records = NULL};
	replay_init(&trace->replay, sizeof(struct replay_task));
	while (!status && !is_complete(trace, to) && getline(&text, &size, stream) > 0)
		if (!take_line(trace, text, from))
			status = oversub_fail(error, OVERSUB_FAILED, "out of memory for the trace");
	free(text);
	if (!status && ferror(stream))
		status = oversub_fail(error, OVERSUB_FAILED, "cannot read %s: %s", name,
				      strerror(errno));
	if (!status && trace->nr_records == 0)
		status =
			oversub_fail(error, OVERSUB_BAD_INPUT,
				     "%s has no event of a trace%s: it should be what `oversub run "
				     "--trace` writes",
				     name, from > 0 ? " from there on" : "");
	replay_sort_vms(&trace->replay);
	if (status)
		trace_free(trace);
	return status;
}

void trace_free(struct trace *trace)
{
	replay_free(&trace->replay);
	trace_words_free(&trace->words);
	free(trace->records);
}
