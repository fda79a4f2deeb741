/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/trace/perf_script.h"

#include <assert.h>
#include <string.h>

#include "sim/base/container_of.h"
#include "sim/trace/trace_text.h"

enum { NSEC_PER_SEC = 1000000000, NSEC_PER_USEC = 1000 };

/* A line in progress. A trace is written by one thread: the stream needs no lock for each word. */
struct line {
	FILE *stream;
	int cpu; /* of the record */
};

static void put_bytes(struct line *line, const char *bytes, size_t nr)
{
	fwrite_unlocked(bytes, 1, nr, line->stream);
}

static void put_number(struct line *line, uint64_t value, unsigned int base, char fill, int width)
{
	char digits[32];
	int at = sizeof(digits), first = at - width;

	do {
		digits[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (at > first)
		digits[--at] = fill;
	put_bytes(line, digits + at, sizeof(digits) - (size_t)at);
}

/* ---- Formats of fields ---------------------------------------------------------------------- */

static void put_word(struct line *line, const char *word)
{
	put_bytes(line, word, strlen(word));
}

static void put_decimal(struct line *line, int64_t value)
{
	if (value < 0)
		put_word(line, "-");
	put_number(line, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, ' ', 0);
}

static void put_flag(struct line *line, bool flag)
{
	put_word(line, flag ? "1" : "0");
}

static void put_hex(struct line *line, int64_t value)
{
	put_number(line, (uint64_t)value, 16, ' ', 0);
}

static void put_cpu(struct line *line, int cpu)
{
	put_number(line, (uint64_t)cpu, 10, '0', 3);
}

/* Each CPU has an idle task of its own, which the kernel calls swapper/CPU. */
static void put_comm(struct line *line, const char *comm)
{
	put_word(line, comm);
	if (!strcmp(comm, TRACE_IDLE_COMM)) {
		put_word(line, "/");
		put_decimal(line, line->cpu);
	}
}

static void put_state(struct line *line, enum trace_state state)
{
	put_word(line, trace_state_names[state]);
}

static void put_exit(struct line *line, struct trace_exit exit)
{
	put_word(line, trace_exit_names[exit.svm][exit.reason]);
}

static void put_icr(struct line *line, uint32_t icr)
{
	put_decimal(line, trace_icr_vector(icr));
	for (int i = 0; i < TRACE_ICR_PARTS; i++) {
		const struct trace_icr_part *part = &trace_icr_parts[i];

		put_word(line, part->before);
		put_word(line, part->names[icr >> part->shift & part->mask]);
	}
	put_word(line, ")");
}

/* ---- Events --------------------------------------------------------------------------------- */

#define EVENT(system, name, fields)                                                                \
	static void put_event_##name(struct line *line, const struct trace_record *record)         \
	{                                                                                          \
		const __typeof__(record->name) *event = &record->name;                             \
                                                                                                   \
		(void)event;                                                                       \
		fields                                                                             \
	}
#define FIELD(type, member, format, before)                                                        \
	put_word(line, before);                                                                    \
	put_##format(line, event->member);
#define SHOWN(value, format, before)                                                               \
	put_word(line, before);                                                                    \
	put_##format(line, value);
#define TEXT(text) put_word(line, text);
#include "sim/trace/trace_events.h"

static void (*const put_event[TRACE_KINDS])(struct line *, const struct trace_record *) = {
#define EVENT(system, name, fields) put_event_##name,
#include "sim/trace/trace_events.h"
};

static void put_head(struct line *line, const struct trace_record *record)
{
	static const char blanks[] = "                ";
	size_t length = strlen(record->comm);

	if (length < strlen(blanks))
		put_word(line, blanks + length);
	put_word(line, record->comm);
	put_word(line, " ");
	put_number(line, (uint64_t)record->pid, 10, ' ', 5);
	put_word(line, " [");
	put_cpu(line, record->cpu);
	put_word(line, "] ");
	put_number(line, (uint64_t)record->time / NSEC_PER_SEC, 10, ' ', 5);
	put_word(line, ".");
	put_number(line, (uint64_t)record->time % NSEC_PER_SEC / NSEC_PER_USEC, 10, '0', 6);
	put_word(line, ": ");
	put_word(line, trace_events[record->kind].system);
	put_word(line, ":");
	put_word(line, trace_events[record->kind].name);
	put_word(line, ": ");
}

static void write_record(struct trace_sink *sink, const struct trace_record *record)
{
	struct line line = {.stream = container_of(sink, struct perf_script, sink)->stream,
			    .cpu = record->cpu};

	assert(record->kind < TRACE_KINDS);
	put_head(&line, record);
	put_event[record->kind](&line, record);
	put_word(&line, "\n");
}

void perf_script_start(struct perf_script *script, FILE *stream)
{
	script->sink.write = write_record;
	script->stream = stream;
}
