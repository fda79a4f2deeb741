/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/trace/perf_parse.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sim/trace/trace_text.h"

_Static_assert(TRACE_KINDS <= 64, "kinds are bits");

enum { NSEC_PER_SEC = 1000000000, MAX_SECONDS = 1000000000, MAX_CPU = 65535 };

/* ---- Words ---------------------------------------------------------------------------------- */

struct trace_word {
	struct trace_word *next;
	char text[];
};

static const char *find_word(struct trace_words *words, const char *text, size_t length)
{
	struct trace_word **list, *word;
	unsigned int hash = 0;

	for (size_t i = 0; i < length; i++)
		hash = hash * 31 + (unsigned char)text[i];
	list = &words->lists[hash % (sizeof(words->lists) / sizeof(*words->lists))];
	for (word = *list; word; word = word->next)
		if (!strncmp(word->text, text, length) && !word->text[length])
			return word->text;
	word = calloc(1, sizeof(*word) + length + 1);
	if (!word) {
		words->failed = true;
		return "";
	}
	memcpy(word->text, text, length);
	word->next = *list;
	*list = word;
	return word->text;
}

void trace_words_free(struct trace_words *words)
{
	for (size_t i = 0; i < sizeof(words->lists) / sizeof(*words->lists); i++) {
		while (words->lists[i]) {
			struct trace_word *next = words->lists[i]->next;

			free(words->lists[i]);
			words->lists[i] = next;
		}
	}
}

/* ---- Formats of fields ---------------------------------------------------------------------- */

/* What stands behind the name of the event. */
struct line {
	const char *fields;
	struct trace_words *words;
};

/* What follows the first `before`; NULL if that is not there. */
static const char *find(const struct line *line, const char *before)
{
	const char *at = strstr(line->fields, before);

	return at ? at + strlen(before) : NULL;
}

static int64_t number(const char *text, int base)
{
	char *end;
	long long value;

	if (!text)
		return -1;
	value = strtoll(text, &end, base);
	return end == text ? -1 : value;
}

static int64_t get_decimal(const struct line *line, const char *before)
{
	return number(find(line, before), 10);
}

static bool get_flag(const struct line *line, const char *before)
{
	return number(find(line, before), 10) == 1;
}

static int get_cpu(const struct line *line, const char *before)
{
	return (int)number(find(line, before), 10);
}

static int64_t get_hex(const struct line *line, const char *before)
{
	const char *text = find(line, before);

	/* Addresses have all 64 bits. */
	return text && isxdigit((unsigned char)*text) ? (int64_t)strtoull(text, NULL, 16) : -1;
}

static const char *get_word(const struct line *line, const char *before)
{
	const char *text = find(line, before);

	return text ? find_word(line->words, text, strcspn(text, " \n")) : "";
}

static const char *get_comm(const struct line *line, const char *before)
{
	return get_word(line, before);
}

/* Which of the names text begins with; 0 if it is none. */
static int index_of(const char *text, const char *const *names, int nr)
{
	for (int i = 0; text && i < nr && names[i]; i++) {
		size_t length = strlen(names[i]);

		if (!strncmp(text, names[i], length) && !isalnum((unsigned char)text[length]) &&
		    text[length] != '_' && text[length] != '-')
			return i;
	}
	return 0;
}

static enum trace_state get_state(const struct line *line, const char *before)
{
	return index_of(find(line, before), trace_state_names, TRACE_STATES);
}

static struct trace_exit get_exit(const struct line *line, const char *before)
{
	const char *text = find(line, before);
	struct trace_exit exit = {.reason = TRACE_EXIT_UNKNOWN};

	for (int svm = 0; svm < 2 && exit.reason == TRACE_EXIT_UNKNOWN; svm++) {
		exit.reason = index_of(text, trace_exit_names[svm], TRACE_EXIT_REASONS);
		exit.svm = svm;
	}
	return exit;
}

static uint32_t get_icr(const struct line *line, const char *before)
{
	const char *at = find(line, before);
	uint32_t icr = (uint32_t)number(at, 10) & 0xff;

	for (int i = 0; at && i < TRACE_ICR_PARTS; i++) {
		const struct trace_icr_part *part = &trace_icr_parts[i];

		at = strstr(at, part->before);
		if (!at)
			break;
		at += strlen(part->before);
		icr |= (uint32_t)index_of(at, part->names, (int)part->mask + 1) << part->shift;
	}
	return icr;
}

/* ---- Events --------------------------------------------------------------------------------- */

#define EVENT(system, name, fields)                                                                \
	static void get_event_##name(const struct line *line, struct trace_record *record)         \
	{                                                                                          \
		__typeof__(record->name) *event = &record->name;                                   \
                                                                                                   \
		fields                                                                             \
	}
#define FIELD(type, member, format, before) event->member = get_##format(line, before);
#define HIDDEN(type, member)		    event->member = 0;
#include "sim/trace/trace_events.h"

static void (*const get_event[TRACE_KINDS])(const struct line *, struct trace_record *) = {
#define EVENT(system, name, fields) get_event_##name,
#include "sim/trace/trace_events.h"
};

/* A sched_switch as perf's plug-in shows it: "prev:pid [prio] R ==> next:pid [prio]". */
static void get_plugin_switch(const struct line *line, struct trace_record *record)
{
	const char *state = find(line, "] "), *next = find(line, "==> "), *colon;
	size_t length = next ? strcspn(next, " \n") : 0;

	colon = next ? memrchr(next, ':', length) : NULL;
	if (!state || !colon)
		return;
	record->sched_switch.prev_state = index_of(state, trace_state_names, TRACE_STATES);
	record->sched_switch.next_comm = find_word(line->words, next, (size_t)(colon - next));
	record->sched_switch.next_pid = (int)number(colon + 1, 10);
}

/* ---- A line --------------------------------------------------------------------------------- */

/* Time, CPU and kind from "[cpu] secs.fraction: system:event:"; what follows, NULL if it is none of
 * the kinds. */
static const char *parse_event(const char *bracket, uint64_t kinds, struct trace_record *record)
{
	const char *name, *after;
	char *end;
	long cpu = strtol(bracket + 1, &end, 10), seconds;

	if (end == bracket + 1 || *end != ']' || cpu < 0 || cpu > MAX_CPU)
		return NULL;
	seconds = strtol(end + 1, &end, 10);
	if (*end != '.' || seconds < 0 || seconds > MAX_SECONDS)
		return NULL;
	record->cpu = (int)cpu;
	record->time = seconds * NSEC_PER_SEC;
	for (int64_t unit = NSEC_PER_SEC / 10; isdigit((unsigned char)*++end); unit /= 10)
		record->time += (*end - '0') * unit;
	name = *end == ':' ? strchr(end + 1, ':') : NULL;
	after = name ? strchr(++name, ':') : NULL;
	for (int kind = 0; after && kind < TRACE_KINDS; kind++) {
		size_t length = (size_t)(after - name);

		record->kind = (enum trace_kind)kind;
		if (kinds >> kind & 1 && !strncmp(trace_events[kind].name, name, length) &&
		    !trace_events[kind].name[length])
			return after + 1;
	}
	return NULL;
}

/* The task's pid stands before "[cpu]", and its name is all before that. */
static bool parse_task(const char *text, const char *bracket, struct trace_words *words,
		       struct trace_record *record)
{
	const char *end = bracket;

	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	while (end > text && isdigit((unsigned char)end[-1]))
		end--;
	record->pid = (int)number(end, 10);
	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	text += strspn(text, " \t");
	if (text >= end || record->pid < 0)
		return false;
	record->comm = find_word(words, text, (size_t)(end - text));
	return true;
}

bool perf_parse(const char *text, uint64_t kinds, struct trace_words *words,
		struct trace_record *record)
{
	const char *bracket = text[0] == '#' ? NULL : strchr(text, '[');
	struct line line = {.words = words};

	/* A name may have brackets, too. */
	while (bracket && !(line.fields = parse_event(bracket, kinds, record)))
		bracket = strchr(bracket + 1, '[');
	if (!line.fields || !parse_task(text, bracket, words, record))
		return false;
	get_event[record->kind](&line, record);
	if (record->kind != TRACE_sched_switch)
		return true;
	if (record->sched_switch.next_pid < 0)
		get_plugin_switch(&line, record);
	return record->sched_switch.next_pid >= 0;
}
