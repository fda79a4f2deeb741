/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/axis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/scenario/override_paths.h"
#include "sim/scenario/policy_bundle.h"
#include "sim/scenario/policy_registry.h"
#include "sim/scenario/units.h"

/* ---- Roles ----------------------------------------------------------------------------------- */

/* "arrivals.NAME.rate", "arrivals.NAME.interarrival", constant or the mean of a distribution. */
static bool is_rate(const char *path)
{
	const char *last = path_last(path);
	bool is_mean = !strcmp(last, "mean") && strstr(path, ".interarrival.");

	return strstr(path, "arrivals.") &&
	       (!strcmp(last, "rate") || !strcmp(last, "interarrival") || is_mean);
}

/* What path selects policies of, if it selects any; AXIS_OTHER if not. */
static enum axis_role policy_role(const char *path)
{
	static const enum axis_role roles[OVERSUB_POLICY_KINDS] = {
		[OVERSUB_CANDIDATE] = AXIS_CANDIDATE,
		[OVERSUB_SCHED] = AXIS_SCHED,
		[OVERSUB_WINDOW] = AXIS_POLICIES,
		[OVERSUB_COSCHED] = AXIS_POLICIES,
	};
	char selection[64];

	if (!strcmp(path, POLICY_BUNDLE_PATH))
		return AXIS_POLICIES;
	for (int i = 0; i < OVERSUB_POLICY_KINDS; i++) {
		const char *section = policy_kinds[i].path;

		snprintf(selection, sizeof(selection), "%s.policy", section);
		/* Not "policy" alone. */
		if (strchr(path, '.') && path_ends_with(selection, path))
			return roles[i];
		if (!strcmp(path, section) || !strcmp(path, "yield"))
			return AXIS_POLICIES;
	}
	return AXIS_OTHER;
}

enum axis_role axis_role_of(const char *path)
{
	static const struct {
		const char *last; /* of the path */
		enum axis_role role;
	} others[] = {
		{"count", AXIS_COUNT},
		{"ipi_window_ns", AXIS_WINDOW},
		{"enable_relaxed_boost", AXIS_RELAXED},
		{"apicv", AXIS_EOI},
		{"pv_eoi", AXIS_EOI},
	};

	if (is_rate(path))
		return AXIS_RATE;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		/* Threads have a count too. */
		if (!strcmp(path_last(path), others[i].last) &&
		    !(others[i].role == AXIS_COUNT && strstr(path, "threads.")))
			return others[i].role;
	return policy_role(path);
}

enum axis_role axis_role(const struct sweep_grid *grid, size_t axis)
{
	return axis_role_of(grid->axes[axis].path);
}

int axis_with(const struct sweep_grid *grid, enum axis_role role)
{
	for (size_t i = 0; i < grid->nr_axes; i++)
		if (axis_role(grid, i) == role)
			return (int)i;
	return -1;
}

bool axis_is_policy(const struct sweep_grid *grid, size_t axis)
{
	enum axis_role role = axis_role(grid, axis);

	return role == AXIS_CANDIDATE || role == AXIS_SCHED || role == AXIS_POLICIES;
}

bool axis_any_policy(const struct sweep_grid *grid)
{
	for (size_t i = 0; i < grid->nr_axes; i++)
		if (axis_is_policy(grid, i))
			return true;
	return false;
}

size_t axis_combinations(const struct sweep_grid *grid, bool policies)
{
	size_t nr = 1;

	for (size_t i = 0; i < grid->nr_axes; i++)
		if (axis_is_policy(grid, i) == policies)
			nr *= grid->axes[i].nr_values;
	return nr;
}

/* ---- Values ---------------------------------------------------------------------------------- */

bool axis_is_on(const char *value)
{
	return !strcmp(value, "true") || !strcmp(value, "on") || !strcmp(value, "1");
}

double axis_number(enum axis_role role, const char *value)
{
	int64_t ns;
	double number;
	char *end;

	if (units_parse_duration(value, &ns))
		return role == AXIS_RATE ? 1e9 / (double)ns : (double)ns;
	if (units_parse_rate(value, &number))
		return number;
	number = strtod(value, &end);
	return end != value && !*end ? number : NAN;
}

const char *axis_source(const char *path, char *buffer, size_t size)
{
	static const char sources[] = "arrivals.";
	const char *name = strstr(path, sources);

	name = name ? name + strlen(sources) : "";
	snprintf(buffer, size, "%.*s", (int)strcspn(name, "."), name);
	return buffer;
}

/* ---- Labels ---------------------------------------------------------------------------------- */

const char *axis_format_ns(double ns, char *buffer, size_t size)
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

/* "4545/s", "12.5k/s" */
static void rate_label(double rate, char *buffer, size_t size)
{
	bool thousands = rate >= 9999.5;

	snprintf(buffer, size, "%.4g%s/s", thousands ? rate / 1e3 : rate, thousands ? "k" : "");
}

/*
 * With paravirtual EOI, and with interrupt hardware of any kind (apicv on, ipiv or avic), KVM does
 * not see when an interrupt is done with.
 */
static void eoi_label(const char *name, const char *value, char *buffer, size_t size)
{
	bool is_off = !strcmp(value, "false") || !strcmp(value, "off") || !strcmp(value, "0");

	snprintf(buffer, size, "EOIs %svisible (%s %s)", is_off ? "" : "not ", name,
		 axis_is_on(value) ? "on"
		 : is_off	   ? "off"
				   : value);
}

static bool is_time(const char *path)
{
	size_t length = strlen(path);

	return length > 3 && !strcmp(path + length - 3, "_ns");
}

const char *axis_value_label(const struct sweep_grid *grid, size_t axis, size_t index, char *buffer,
			     size_t size)
{
	const char *path = grid->axes[axis].path, *value = grid->axes[axis].values[index];
	enum axis_role role = axis_role(grid, axis);
	double number = axis_number(role, value);
	int64_t ns;

	if (role == AXIS_RELAXED)
		snprintf(buffer, size, "relaxed pass %s", axis_is_on(value) ? "on" : "off");
	else if (role == AXIS_EOI)
		eoi_label(path_last(path), value, buffer, size);
	else if (role == AXIS_RATE && !isnan(number))
		rate_label(number, buffer, size);
	else if (!isnan(number) && (is_time(path) || units_parse_duration(value, &ns)))
		axis_format_ns(number, buffer, size);
	else if (!sweep_value_words(value, buffer, size))
		snprintf(buffer, size, "%s", value);
	return buffer;
}

const char *axis_setting(const struct sweep_grid *grid, size_t axis, size_t value, char *buffer,
			 size_t size)
{
	enum axis_role role = axis_role(grid, axis);
	bool says_all = axis_is_policy(grid, axis) || role == AXIS_RELAXED || role == AXIS_EOI ||
			strchr("{[", *grid->axes[axis].values[value]);
	char label[160], name[160];

	axis_value_label(grid, axis, value, label, sizeof(label));
	if (role == AXIS_COUNT)
		snprintf(buffer, size, "%s %s", label, axis_label(grid, axis, name, sizeof(name)));
	else
		snprintf(buffer, size, "%s%s%s", says_all ? "" : sweep_grid_name(grid, axis),
			 says_all ? "" : " ", label);
	return buffer;
}

const char *axis_label(const struct sweep_grid *grid, size_t axis, char *buffer, size_t size)
{
	const char *path = grid->axes[axis].path;
	struct text text = text_in(buffer, size);
	char name[64];

	switch (axis_role(grid, axis)) {
	case AXIS_COUNT:
		path_parent(path, name, sizeof(name));
		text_add(&text, "VMs %s", path_last(name));
		break;
	case AXIS_RATE:
		text_add(&text, "arrivals at source %s%s", axis_source(path, name, sizeof(name)),
			 strstr(path, "host_workload") ? "" : ", of each VM");
		break;
	case AXIS_WINDOW: text_add(&text, "ipi_window_ns"); break;
	case AXIS_CANDIDATE: text_add(&text, "candidate policy"); break;
	case AXIS_SCHED: text_add(&text, "sched policy"); break;
	case AXIS_POLICIES: text_add(&text, "policies"); break;
	default: text_add(&text, "%s", path);
	}
	return buffer;
}
