/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/measure.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct aggregate_metric *find(const struct aggregate *aggregate, const char *scope,
					   const char *format, va_list arguments)
{
	char name[MEASURE_NAME_MAX + 16];

	vsnprintf(name, sizeof(name), format, arguments);
	return aggregate_find(aggregate, scope, name);
}

const struct aggregate_metric *measure_find(const struct aggregate *aggregate, const char *scope,
					    const char *format, ...)
{
	const struct aggregate_metric *metric;
	va_list arguments;

	va_start(arguments, format);
	metric = find(aggregate, scope, format, arguments);
	va_end(arguments);
	return metric;
}

struct sim_interval measure_interval(const struct aggregate *aggregate, const char *scope,
				     const char *format, ...)
{
	const struct aggregate_metric *metric;
	va_list arguments;

	va_start(arguments, format);
	metric = find(aggregate, scope, format, arguments);
	va_end(arguments);
	return metric ? metric->interval : sim_interval_of(NULL, 0);
}

static bool has_scope(const struct aggregate *aggregate, const char *scope)
{
	for (size_t i = 0; i < aggregate->nr_metrics; i++)
		if (!strcmp(aggregate->metrics[i].scope, scope))
			return true;
	return false;
}

bool measure_next_class(const struct scenario *scenario, const struct aggregate *aggregate,
			int *position, struct measure_class *class)
{
	int i = (*position)++;
	const struct scenario_vm *vm = &scenario->vms[i];

	if (i > scenario->nr_vms ||
	    (i == scenario->nr_vms && !has_scope(aggregate, MEASURE_HOST_THREADS)))
		return false;
	if (i == scenario->nr_vms) {
		*class = (struct measure_class){
			.scope = MEASURE_HOST_THREADS, .label = "host", .name = "host threads"};
		return true;
	}
	class->name = vm->name;
	snprintf(class->scope, sizeof(class->scope), "vm.%s", vm->name);
	if (vm->size.count > 1)
		snprintf(class->label, sizeof(class->label), "%s x%" PRId64, vm->name,
			 vm->size.count);
	else
		snprintf(class->label, sizeof(class->label), "%s", vm->name);
	return true;
}

const char *measure_scope_name(const char *scope)
{
	return strncmp(scope, "vm.", 3) ? scope : scope + 3;
}

bool measure_next_request(const struct aggregate *aggregate, const char *scope, size_t *position,
			  char buffer[MEASURE_NAME_MAX])
{
	static const char begin[] = MEASURE_REQUEST, end[] = ".p50";

	while (*position < aggregate->nr_metrics) {
		const struct aggregate_metric *metric = &aggregate->metrics[(*position)++];
		size_t length = strlen(metric->name);

		if (strcmp(metric->scope, scope) || length <= strlen(end) ||
		    strncmp(metric->name, begin, strlen(begin)) ||
		    strcmp(metric->name + length - strlen(end), end))
			continue;
		snprintf(buffer, MEASURE_NAME_MAX, "%.*s", (int)(length - strlen(end)),
			 metric->name);
		return true;
	}
	return false;
}
