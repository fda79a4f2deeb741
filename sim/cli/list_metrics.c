/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/list_metrics.h"

#include <string.h>

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

static const char words[] =
	"columns         of the summary of run: time.work, spin, refill, exit, steal, throttled\n"
	"                (thrott), poll with guest_poll (poll), and halt (idle); of threads, "
	"kernel\n"
	"                (exit) and sleep (idle): 100 % of their time\n"
	"entitlement     (due) weighted max-min share of the host's CPU time, capped at demand,\n"
	"                on the CPUs that affinity allows\n"
	"right target    at a pause-loop exit, the first vCPU on the true chain of waits that is\n"
	"                off its CPU but could run; none, if the chain ends in one that runs\n"
	"hint            a directed yield at a pause-loop exit. Each that is taken adds to one of\n"
	"                precision, also_needed, stale, polluted and wrong, which sum to 1; so do\n"
	"                hint.exits.* and hint.chain.*, of the exits\n"
	"also needed     further down the chain of waits than the right target, or called "
	"together\n"
	"                with it and waited for later\n"
	"stale, polluted to the receiver of a tracked IPI that is not waited for any more, or "
	"that\n"
	"                nobody ever waited for\n"
	"IF=0            interrupts off: a call waits until its receiver turns them on, perhaps\n"
	"                for a lock whose holder is off its CPU (the right target then)\n"
	"sibling         vCPU of the same VM\n"
	"censored wait   not over when the run was: counted, never dropped, with unknown length\n";

void list_metrics(FILE *out, const struct policy_registry *policies)
{
	fputs("Metrics by scope, named as in result.json and the CSV files. For --metric, write "
	      "the\n"
	      "name alone or scope:name, such as vm.db:requests_per_s. Those of the warm-up are\n"
	      "left out; rates are per simulated second.\n\n",
	      out);
	for (size_t i = 0; i < sizeof(scopes) / sizeof(*scopes); i++) {
		fprintf(out, "%s\n", scopes[i].title);
		for (int m = 0; m < metric_table_size; m++)
			if (metric_table[m].scopes & scopes[i].scope)
				print_metric(out, &metric_table[m]);
		fputc('\n', out);
	}
	fputs("Each latency has\n", out);
	for (int i = 0; i < LATENCY_PARTS; i++)
		fprintf(out, "    .%-*s  %-8s  %s\n", NAME_WIDTH - 5, latency_parts[i].suffix,
			latency_parts[i].unit, latency_parts[i].help);
	fputs("and a histogram: in result.json, and as SCOPE.NAME.hgrm. Percentiles are those of "
	      "all\n"
	      "replications' values together, with an interval over replications. One with fewer\n"
	      "than ten values beyond it is not told: \"-\", or null, also for a replication "
	      "alone\n"
	      "(p99.9 takes 10000 values). In HdrHistogram's text it is the largest of its "
	      "bucket.\n"
	      "\nWords\n",
	      out);
	fputs(words, out);
}
