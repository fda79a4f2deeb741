/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/list_metrics.h"

#include <string.h>

#include "sim/cli/help_text.h"
#include "sim/run/metric.h"

enum { NAME_WIDTH = 38 };

static const struct {
	unsigned int scope;
	const char *title;
} scopes[] = {
	{METRIC_OF_VMS, "vm.NAME: all VMs of an entry of \"vms\" together"},
	{METRIC_OF_THREADS, "host_threads: all threads of \"host_workload\" together"},
	{METRIC_OF_HOST, "host"},
	{METRIC_OF_CGROUPS, "cgroup.PATH: all that is in a node of \"host.cgroups\""},
};

static void print_members(FILE *out, const struct metric *metric)
{
	for (int i = 0; i < metric->nr_members; i++) {
		char name[64];

		fprintf(out, "    %-*s  %-8s  %s\n", NAME_WIDTH - 4,
			metric_name(metric->name, metric->members[i], name, sizeof(name)),
			metric->unit, metric->member_help[i]);
	}
}

/* A '*' without members is a name; the members of other families have lines of their own. */
static void print_metric(FILE *out, const struct metric *metric)
{
	bool latency = metric->kind == METRIC_LATENCY;
	char name[64], full[72];

	if (metric->nr_members) {
		fprintf(out, "  %-*s  %s:\n", NAME_WIDTH + 8, metric->name, metric->help);
		print_members(out, metric);
		return;
	}
	snprintf(full, sizeof(full), "%s%s", metric_name(metric->name, "NAME", name, sizeof(name)),
		 latency ? ".*" : "");
	fprintf(out, "  %-*s  %-8s  %s\n", NAME_WIDTH - 2, full, latency ? "latency" : metric->unit,
		metric->help);
}

static void print_scopes(FILE *out)
{
	for (size_t i = 0; i < sizeof(scopes) / sizeof(*scopes); i++) {
		fprintf(out, "%s\n", scopes[i].title);
		for (const struct metric *metric = metric_table; metric->name; metric++)
			if (metric->scopes & scopes[i].scope)
				print_metric(out, metric);
		fputc('\n', out);
	}
}

static void print_latencies(FILE *out)
{
	for (int i = 0; i < LATENCY_PARTS; i++)
		fprintf(out, "    .%-*s  %-8s  %s\n", NAME_WIDTH - 5, latency_parts[i].suffix,
			latency_parts[i].unit, latency_parts[i].help);
}

/* The page of help, with what the tables say in the place of its two lines that begin with '@'. */
void list_metrics(FILE *out, const struct policy_registry *policies)
{
	for (const char *line = help_text("metrics"), *next; *line; line = next) {
		next = line + strcspn(line, "\n") + 1;
		if (!strncmp(line, "@scopes\n", 8))
			print_scopes(out);
		else if (!strncmp(line, "@latencies\n", 11))
			print_latencies(out);
		else
			fprintf(out, "%.*s", (int)(next - line), line);
	}
}
