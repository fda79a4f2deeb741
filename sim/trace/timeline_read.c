/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading `perf script` text: comm pid [cpu] secs.usecs: system:event: fields. */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/trace/timeline.h"

/* One line, taken apart. */
struct line {
	const char *comm; /* cut out of the text */
	int64_t time;
	int cpu;
	const char *event; /* "sched_switch", cut out */
	const char *fields;
};

static enum oversub_status no_memory(struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "out of memory for the trace");
}

/* ---- A line ------------------------------------------------------------------------------------
 */

/* "12.345678:" in ns; NULL if that is not what is there, else where it ends. */
static const char *parse_time(const char *text, int64_t *time)
{
	char *end;
	long long seconds = strtoll(text, &end, 10);
	int64_t fraction = 0, unit = 1000000000;

	if (end == text || *end != '.' || seconds < 0 || seconds > 1000000000)
		return NULL;
	for (end++; isdigit((unsigned char)*end); end++) {
		if (unit > 1) {
			fraction = fraction * 10 + (*end - '0');
			unit /= 10;
		}
	}
	*time = seconds * 1000000000 + fraction * unit;
	return *end == ':' ? end + 1 : NULL;
}

/* The task's name is all before its pid, which stands before "[cpu]". */
static bool parse_comm(char *text, char *bracket, const char **comm)
{
	char *end = bracket;

	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	while (end > text && isdigit((unsigned char)end[-1]))
		end--;
	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	while (isspace((unsigned char)*text))
		text++;
	*comm = text;
	return *text != '\0';
}

/* Cut text, which changes, into its parts. */
static bool parse_line(char *text, struct line *line)
{
	char *bracket = strchr(text, '['), *system, *event, *end;
	const char *after;
	long cpu;

	while (bracket && !isdigit((unsigned char)bracket[1]))
		bracket = strchr(bracket + 1, '[');
	if (!bracket)
		return false;
	cpu = strtol(bracket + 1, &end, 10);
	if (*end != ']' || cpu < 0 || cpu > 65535)
		return false;
	after = parse_time(end + 1, &line->time);
	if (!after)
		return false;
	system = end + 1 + (after - (end + 1));
	event = strchr(system, ':');
	end = event ? strchr(event + 1, ':') : NULL;
	if (!end)
		return false;
	*end = '\0';
	line->event = event + 1;
	line->fields = end + 1;
	line->cpu = (int)cpu;
	return parse_comm(text, bracket, &line->comm);
}

/* The number behind key in fields, else otherwise. */
static int64_t number(const struct line *line, const char *key, int base, int64_t otherwise)
{
	const char *at = strstr(line->fields, key);
	char *end;
	long long value;

	if (!at)
		return otherwise;
	value = strtoll(at + strlen(key), &end, base);
	return end == at + strlen(key) ? otherwise : value;
}

/* The word behind key in fields into buffer; false if there is none. */
static bool word(const struct line *line, const char *key, char *buffer, size_t size)
{
	const char *at = strstr(line->fields, key);

	if (!at)
		return false;
	at += strlen(key);
	snprintf(buffer, size, "%.*s", (int)strcspn(at, " \n"), at);
	return buffer[0] != '\0';
}

/* ---- Tasks
 * --------------------------------------------------------------------------------------- */

/* "db0/vcpu3" is vCPU 3 of VM db0; its place among the VMs is found when all are known. */
static int vcpu_of(const char *comm)
{
	const char *at = strstr(comm, "/vcpu");
	char *end;
	long vcpu;

	if (!at || at == comm)
		return -1;
	vcpu = strtol(at + strlen("/vcpu"), &end, 10);
	return *end == '\0' && end != at + strlen("/vcpu") && vcpu >= 0 && vcpu < 65536 ? (int)vcpu
											: -1;
}

/* Index of the task called comm; -1 without memory. Neighbouring lines name the same few. */
static int find_task(struct timeline_trace *trace, const char *comm)
{
	struct timeline_task *task;

	for (size_t i = 0; i < trace->nr_tasks; i++)
		if (!strcmp(trace->tasks[i].comm, comm))
			return (int)i;
	if (trace->nr_tasks == trace->tasks_capacity) {
		size_t capacity = trace->tasks_capacity ? 2 * trace->tasks_capacity : 64;
		struct timeline_task *larger = realloc(trace->tasks, capacity * sizeof(*larger));

		if (!larger)
			return -1;
		trace->tasks = larger;
		trace->tasks_capacity = capacity;
	}
	task = &trace->tasks[trace->nr_tasks];
	*task = (struct timeline_task){.vm = -1, .vcpu = vcpu_of(comm)};
	snprintf(task->comm, sizeof(task->comm), "%.63s", comm);
	task->idle = !strncmp(comm, "swapper", strlen("swapper"));
	return (int)trace->nr_tasks++;
}

static size_t vm_name_length(const struct timeline_task *task)
{
	return (size_t)(strstr(task->comm, "/vcpu") - task->comm);
}

/* Names in the order of people: db2 before db10. */
static int compare_names(const void *a, const void *b)
{
	return strverscmp(a, b);
}

static bool number_vms(struct timeline_trace *trace)
{
	trace->vms = calloc(trace->nr_tasks + 1, sizeof(*trace->vms));
	if (!trace->vms)
		return false;
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < trace->nr_tasks; i++) {
			struct timeline_task *task = &trace->tasks[i];
			char name[64];
			size_t vm = 0;

			if (task->vcpu < 0)
				continue;
			snprintf(name, sizeof(name), "%.*s", (int)vm_name_length(task), task->comm);
			while (vm < trace->nr_vms && strcmp(trace->vms[vm], name))
				vm++;
			if (vm == trace->nr_vms)
				strcpy(trace->vms[trace->nr_vms++], name);
			task->vm = (int)vm;
		}
		if (pass == 0)
			qsort(trace->vms, trace->nr_vms, sizeof(*trace->vms), compare_names);
	}
	return true;
}

/* ---- Events
 * -------------------------------------------------------------------------------------- */

/* The next task: "next_comm=x", or "x:pid [prio]" behind "==>". */
static bool next_comm(const struct line *line, char *comm, size_t size)
{
	const char *arrow = strstr(line->fields, "==> ");
	char *colon;

	if (word(line, "next_comm=", comm, size))
		return true;
	if (!arrow)
		return false;
	snprintf(comm, size, "%.*s", (int)strcspn(arrow + 4, " \n"), arrow + 4);
	colon = strrchr(comm, ':');
	if (colon)
		*colon = '\0';
	return comm[0] != '\0';
}

static int destination_of(const struct line *line)
{
	if (strstr(line->fields, "|all-but-self)"))
		return -1;
	if (!strstr(line->fields, "|dst)"))
		return -2;
	return (int)number(line, "dst ", 16, -2);
}

static const struct {
	const char *name;
	enum timeline_event_kind kind;
} kinds[] = {
	{"sched_switch", TIMELINE_SWITCH}, {"kvm_exit", TIMELINE_EXIT},
	{"kvm_entry", TIMELINE_ENTRY},	   {"spin_begin", TIMELINE_SPIN_BEGIN},
	{"spin_end", TIMELINE_SPIN_END},   {"yield_to", TIMELINE_YIELD},
	{"kvm_apic_ipi", TIMELINE_IPI},	   {"kvm_inj_virq", TIMELINE_INJECT},
	{"kvm_eoi", TIMELINE_EOI},	   {"sched_wakeup", TIMELINE_WAKEUP},
};

/* Fill event but for its tasks; *other gets the name of the other task, or "". False: no event. */
static bool parse_event(const struct line *line, struct timeline_event *event, char *other,
			size_t size)
{
	char state[8];
	size_t i = 0;

	*event = (struct timeline_event){.time = line->time, .cpu = line->cpu, .other = -1};
	other[0] = '\0';
	while (i < sizeof(kinds) / sizeof(*kinds) && strcmp(kinds[i].name, line->event))
		i++;
	if (i == sizeof(kinds) / sizeof(*kinds))
		return false;
	event->kind = kinds[i].kind;
	switch (event->kind) {
	case TIMELINE_SWITCH:
		event->preempted =
			(word(line, "prev_state=", state, sizeof(state)) && state[0] == 'R') ||
			strstr(line->fields, "] R");
		return next_comm(line, other, size);
	case TIMELINE_YIELD:
		event->cpu2 = (int)number(line, "target_cpu=", 10, -1);
		event->taken = number(line, "ret=", 10, 0) == 1;
		event->right =
			number(line, "right_vcpu=", 10, -1) == number(line, "target_vcpu=", 10, -2);
		return word(line, "target_comm=", other, size) && event->cpu2 >= 0;
	case TIMELINE_IPI:
		event->vector = (int)number(line, "vec ", 10, -1);
		event->destination = destination_of(line);
		break;
	case TIMELINE_INJECT: event->vector = (int)number(line, "IRQ ", 0, -2); break;
	case TIMELINE_EOI: event->vector = (int)number(line, "vector ", 10, -2); break;
	case TIMELINE_SPIN_BEGIN: event->waits_for = (int)number(line, "waits_for=", 10, -1); break;
	case TIMELINE_WAKEUP: return word(line, "comm=", other, size);
	default: break;
	}
	return true;
}

static bool append_event(struct timeline_trace *trace, const struct timeline_event *event)
{
	if (trace->nr_events == trace->events_capacity) {
		size_t capacity = trace->events_capacity ? 2 * trace->events_capacity : 4096;
		struct timeline_event *larger = realloc(trace->events, capacity * sizeof(*larger));

		if (!larger)
			return false;
		trace->events = larger;
		trace->events_capacity = capacity;
	}
	trace->events[trace->nr_events++] = *event;
	if (event->cpu >= trace->nr_cpus)
		trace->nr_cpus = event->cpu + 1;
	return true;
}

/* False without memory. Lines that are no event, or one before `from`, are left out. */
static bool read_line(struct timeline_trace *trace, char *text, int64_t from)
{
	struct timeline_event event;
	struct line line;
	char other[64];

	if (text[0] == '#' || !parse_line(text, &line) ||
	    !parse_event(&line, &event, other, sizeof(other)))
		return true;
	if (event.time < from)
		return true;
	if (trace->nr_events && event.time < trace->events[trace->nr_events - 1].time)
		return true;
	event.task = find_task(trace, line.comm);
	if (other[0])
		event.other = find_task(trace, other);
	return event.task >= 0 && (!other[0] || event.other >= 0) && append_event(trace, &event);
}

static bool is_complete(const struct timeline_trace *trace, int64_t to)
{
	return trace->nr_events && (trace->nr_events >= TIMELINE_MAX_EVENTS ||
				    trace->events[trace->nr_events - 1].time >= to);
}

enum oversub_status timeline_read(FILE *stream, const char *name, int64_t from, int64_t to,
				  struct timeline_trace *trace, struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;
	char *text = NULL;
	size_t size = 0;

	*trace = (struct timeline_trace){0};
	while (!status && !is_complete(trace, to) && getline(&text, &size, stream) > 0)
		if (!read_line(trace, text, from))
			status = no_memory(error);
	free(text);
	if (!status && ferror(stream))
		status = oversub_fail(error, OVERSUB_FAILED, "cannot read %s: %s", name,
				      strerror(errno));
	if (!status && trace->nr_events == 0)
		status =
			oversub_fail(error, OVERSUB_BAD_INPUT,
				     "%s has no event of a trace%s: it should be what `oversub run "
				     "--trace` writes",
				     name, from > 0 ? " from there on" : "");
	if (!status && !number_vms(trace))
		status = no_memory(error);
	if (status)
		timeline_trace_free(trace);
	return status;
}

int timeline_find_vcpu(const struct timeline_trace *trace, int vm, int vcpu)
{
	for (size_t i = 0; i < trace->nr_tasks; i++)
		if (trace->tasks[i].vm == vm && trace->tasks[i].vcpu == vcpu)
			return (int)i;
	return -1;
}

void timeline_trace_free(struct timeline_trace *trace)
{
	free(trace->events);
	free(trace->tasks);
	free(trace->vms);
	*trace = (struct timeline_trace){0};
}
