/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is written beside axes and curves. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/plot/plot_data.h"
#include "sim/scenario/units.h"

const char *plot_format_ns(double ns, char *buffer, size_t size)
{
	static const struct {
		double ns;
		const char *unit;
	} units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}, {1, "ns"}};
	size_t i = 0;

	while (i < 3 && fabs(ns) < units[i].ns)
		i++;
	if (ns == 0)
		snprintf(buffer, size, "0");
	else
		snprintf(buffer, size, "%.4g %s", ns / units[i].ns, units[i].unit);
	return buffer;
}

double plot_value_number(const char *value)
{
	int64_t ns;
	double number;
	char *end;

	if (units_parse_duration(value, &ns))
		return (double)ns;
	if (units_parse_rate(value, &number))
		return number;
	number = strtod(value, &end);
	return end != value && !*end ? number : NAN;
}

double plot_value_rate(const char *value)
{
	double number = plot_value_number(value);
	int64_t ns;

	return units_parse_duration(value, &ns) ? 1e9 / number : number;
}

const char *plot_source_of(const char *path, char *buffer, size_t size)
{
	const char *arrivals = strstr(path, "arrivals."), *name = arrivals;

	if (name)
		name += strlen("arrivals.");
	snprintf(buffer, size, "%.*s", name ? (int)strcspn(name, ".") : 0, name ? name : "");
	return buffer;
}

static const char *last_part(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot ? dot + 1 : path;
}

static bool is_time(const char *path)
{
	size_t length = strlen(path);

	return length > 3 && !strcmp(path + length - 3, "_ns");
}

static bool is_on(const char *value)
{
	return !strcmp(value, "true") || !strcmp(value, "on") || !strcmp(value, "1");
}

/*
 * With paravirtual EOI, and with interrupt hardware of any kind (apicv on, ipiv or avic), KVM does
 * not see when an interrupt is done with.
 */
static void eoi_label(const char *name, const char *value, char *buffer, size_t size)
{
	bool is_off = !strcmp(value, "false") || !strcmp(value, "off") || !strcmp(value, "0");

	snprintf(buffer, size, "%s (%s %s)", is_off ? "EOIs visible" : "EOIs not visible", name,
		 is_on(value) ? "on"
		 : is_off     ? "off"
			      : value);
}

/* "4545/s", "12.5k/s" */
static void format_rate(double rate, char *buffer, size_t size)
{
	bool thousands = rate >= 9999.5;

	snprintf(buffer, size, "%.4g%s/s", thousands ? rate / 1e3 : rate, thousands ? "k" : "");
}

const char *plot_value_label(const struct plot_data *data, size_t axis, const char *value,
			     char *buffer, size_t size)
{
	const char *name = last_part(data->grid.axes[axis].path);
	double number = plot_value_number(value);
	int64_t ns;

	switch (data->roles[axis]) {
	case PLOT_ROLE_CANDIDATE:
	case PLOT_ROLE_SCHED: snprintf(buffer, size, "%s", value); return buffer;
	case PLOT_ROLE_RELAXED:
		snprintf(buffer, size, "relaxed pass %s", is_on(value) ? "on" : "off");
		return buffer;
	case PLOT_ROLE_EOI: eoi_label(name, value, buffer, size); return buffer;
	case PLOT_ROLE_RATE:
		if (isnan(number))
			snprintf(buffer, size, "%s", value);
		else
			format_rate(plot_value_rate(value), buffer, size);
		return buffer;
	default: break;
	}
	if (sweep_value_words(value, buffer, size))
		return buffer;
	if (!isnan(number) && (is_time(name) || units_parse_duration(value, &ns)))
		return plot_format_ns(number, buffer, size);
	snprintf(buffer, size, "%s", value);
	return buffer;
}

/* "db" from "vms.db.count". */
static const char *parent(const char *path, char *buffer, size_t size)
{
	const char *end = strrchr(path, '.'), *start = end;

	if (!end)
		return "";
	while (start > path && start[-1] != '.')
		start--;
	snprintf(buffer, size, "%.*s", (int)(end - start), start);
	return buffer;
}

const char *plot_axis_label(const struct plot_data *data, size_t axis, char *buffer, size_t size)
{
	const char *path = data->grid.axes[axis].path;
	char name[64];

	switch (data->roles[axis]) {
	case PLOT_ROLE_COUNT:
		snprintf(buffer, size, "VMs %s", parent(path, name, sizeof(name)));
		break;
	case PLOT_ROLE_WINDOW: snprintf(buffer, size, "ipi_window_ns"); break;
	case PLOT_ROLE_RATE:
		snprintf(buffer, size, "arrivals at source %s, of each VM",
			 plot_source_of(path, name, sizeof(name)));
		if (strstr(path, "host_workload"))
			strcpy(strrchr(buffer, ','), "");
		break;
	case PLOT_ROLE_CANDIDATE: snprintf(buffer, size, "candidate policy"); break;
	case PLOT_ROLE_SCHED: snprintf(buffer, size, "sched policy"); break;
	case PLOT_ROLE_POLICIES: snprintf(buffer, size, "policies"); break;
	default: snprintf(buffer, size, "%s", path);
	}
	return buffer;
}

const char *plot_scope_label(const char *scope)
{
	if (!strncmp(scope, "vm.", 3))
		return scope + 3;
	return !strcmp(scope, "host_threads") ? "host threads" : scope;
}

static const char *scope_in(const struct plot_point *point, const char *name, bool vms)
{
	const struct aggregate *aggregate = &point->file.aggregate;

	for (size_t i = 0; i < aggregate->nr_metrics; i++) {
		const struct aggregate_metric *metric = &aggregate->metrics[i];

		if (!strcmp(metric->name, name) && metric->interval.n &&
		    vms == !strncmp(metric->scope, "vm.", 3))
			return metric->scope;
	}
	return NULL;
}

const char *plot_scope_with(const struct plot_data *data, const char *name)
{
	for (int vms = 1; vms >= 0; vms--)
		for (size_t i = 0; i < data->nr_points; i++) {
			const char *scope = data->points[i].present
						    ? scope_in(&data->points[i], name, vms)
						    : NULL;

			if (scope)
				return scope;
		}
	return NULL;
}

const char *plot_title(const struct plot_data *data)
{
	const struct result_info *info = &data->first->file.info;

	return *info->title ? info->title : info->name;
}

void plot_caption(const struct plot_data *data, char *buffer, size_t size)
{
	const struct result_file *file = &data->first->file;
	size_t nr = file->aggregate.nr_replications;
	char measured[32];

	snprintf(buffer, size, "%zu replication%s × %s, seed %s", nr, nr == 1 ? "" : "s",
		 plot_format_ns((double)file->info.measure_ns, measured, sizeof(measured)),
		 file->info.seed);
}
