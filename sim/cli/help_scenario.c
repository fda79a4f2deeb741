/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How to write a scenario: `oversub help scenario`. The tests run the example in it. */
#include "sim/cli/help.h"

static const char before[] = "A scenario is a JSON file, with // comments if you like. All keys "
			     "but \"oversub_scenario\"\n"
			     "and what is to run (\"vms\", \"host_workload\" or both) have "
			     "defaults. Durations are strings\n"
			     "with a unit (ns, us, ms, s) or whole ns.\n";

static const char example[] =
	"{\n"
	"  \"oversub_scenario\": 1,\n"
	"  \"title\": \"two database VMs on four CPUs\",\n"
	"  \"host\": { \"cpus\": 4 },\n"
	"  \"yield\": { \"candidate\": { \"policy\": \"v3\", \"ipi_window_ns\": \"5ms\" } },\n"
	"  \"vms\": { \"db\": { \"count\": 2, \"vcpus\": 4, \"workload\": \"queries\" } },\n"
	"  \"workloads\": {\n"
	"    \"queries\": {\n"
	"      // What the threads share; each kind may be left out.\n"
	"      \"locks\": { \"table\": {} },\n"
	"      \"events\": [ \"flushed\" ],\n"
	"      \"barriers\": { \"checkpoint\": 3 },\n"
	"      \"arrivals\": { \"clients\": { \"rate\": \"5000/s\" } },\n"
	"      // Classes of threads; thread i of a VM runs on its vCPU i, idle vCPUs halt.\n"
	"      \"threads\": {\n"
	"        \"server\": { \"count\": 3, \"program\": [\n"
	"          { \"loop\": \"forever\", \"body\": [\n"
	"            { \"request\": \"query\", \"body\": [\n"
	"              { \"take\": \"clients\" },\n"
	"              { \"run\": { \"lognormal\": { \"median\": \"150us\", \"sigma\": 1 } } },\n"
	"              { \"lock\": \"table\" },\n"
	"              { \"run\": \"2us\", \"mode\": \"kernel\" },\n"
	"              { \"unlock\": \"table\" },\n"
	"              { \"wake\": \"flushed\", \"probability\": 0.1 },\n"
	"              { \"tlb_flush\": \"others\", \"probability\": 0.05 } ] },\n"
	"            { \"barrier\": \"checkpoint\", \"probability\": 0.01 } ] } ] },\n"
	"        \"cleaner\": { \"program\": [\n"
	"          { \"loop\": \"forever\", \"body\": [\n"
	"            { \"wait\": \"flushed\" },\n"
	"            { \"run\": \"20us\", \"mode\": \"kernel\" },\n"
	"            { \"smp_call\": \"random_other\", \"wait\": true } ] } ] }\n"
	"      }\n"
	"    }\n"
	"  },\n"
	"  \"run\": { \"warmup\": \"20ms\", \"measure\": \"200ms\", \"replications\": 3, \"seed\": "
	"1 }\n"
	"}\n";

static const char after[] =
	"Plain threads of the host, beside VMs or without any, are in \"host_workload\", which is\n"
	"like one of \"workloads\". Where names, units, defaults and ranges are:\n"
	"\n"
	"  oversub list ops         what a program can do, distributions, kinds of locks\n"
	"  oversub list params      all other keys\n"
	"  oversub list policies    what can be put into \"yield\"\n"
	"  oversub list scenarios   scenarios to begin with\n"
	"  oversub list schema      a JSON Schema, for editors\n"
	"  oversub check FILE       says what is wrong with a scenario\n";

void help_scenario(FILE *out)
{
	fprintf(out, "%s\n%s\n%s", before, example, after);
}
