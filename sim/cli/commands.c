/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of subcommands. */
#include <stddef.h>
#include <string.h>

#include "sim/cli/command.h"

#define TAKES(option) (1u << CLI_##option)

/* What all commands that simulate take. */
#define SIMULATION_OPTIONS                                                                         \
	(TAKES(SET) | TAKES(PLUGIN) | TAKES(SEED) | TAKES(REPS) | TAKES(WARMUP) | TAKES(JOBS) |    \
	 TAKES(OUT) | TAKES(FORCE) | TAKES(CHECK_INVARIANTS) | TAKES(JSON) | TAKES(QUIET) |        \
	 TAKES(HELP))

#define RESULT_FILES                                                                               \
	"result.json    metrics with intervals and histograms; a function of scenario\n"           \
	"               and seed alone, byte for byte\n"                                           \
	"metrics.csv    a row for each replication and metric\n"                                   \
	"*.hgrm         percentiles of each histogram, as HdrHistogram writes them\n"              \
	"scenario.json  the scenario with all changes applied\n"                                   \
	"run.json       when, where, by what and how fast it was made\n"

const struct command commands[] = {
	{
		.name = "run",
		.synopsis = "SCENARIO [OPTION]...",
		.help = "simulate one scenario and show what came out",
		.description =
			"Runs all replications of SCENARIO, a JSON file or the name of one of\n"
			"`oversub list scenarios`, prints a summary, and writes the results to\n"
			"out/NAME, to out/NAME.2 and so on if that is there already, or where\n"
			"--out says. All is checked before anything is run, and files appear\n"
			"complete or not at all.\n"
			"\n"
			"In the summary, +-1.1% is the half-width of the 95 % interval of the "
			"mean\n"
			"over replications, or of the percentile that it stands below or beside; "
			"a\n"
			"percentile with fewer than ten values beyond it is \"-\", +-? an interval "
			"with\n"
			"no upper end, +->99% one wider than its value; work, spin and so on are "
			"shares\n"
			"of the vCPUs' time;\n"
			"cpu/due is CPU time over entitlement, the weighted max-min share.\n",
		.examples = "oversub run demo\n"
			    "oversub run demo --set yield.candidate.policy=none --out out/none\n"
			    "oversub run my.json --set vms.db.count=4 --reps 20 --seed 7\n"
			    "oversub run demo --warmup auto\n"
			    "oversub run demo --json --quiet | jq '.metrics[\"host\"]'\n"
			    "oversub run demo --reps 1 --out out/t --trace out/t/trace.txt\n"
			    "oversub run demo --plugin ./mine.so --set candidate.policy=mine\n",
		.files = RESULT_FILES,
		.options = SIMULATION_OPTIONS | TAKES(TRACE),
		.run = cmd_run,
	},
	{
		.name = "sweep",
		.synopsis = "SCENARIO --vary PATH=V1,V2,... [OPTION]...",
		.help = "simulate a grid of variants of a scenario",
		.description =
			"Runs SCENARIO with every combination of the values that the --vary "
			"options\n"
			"give. All points meet the same random numbers, so that they can be "
			"compared\n"
			"replication by replication. Results go to out/NAME-sweep, to "
			"out/NAME-sweep.2\n"
			"and so on if that is there already, or where --out says; a point that "
			"is\n"
			"complete stays, whatever happens to the others, and --resume runs what "
			"is\n"
			"missing.\n"
			"\n"
			"PATH is that of a parameter, or \"policies\": its values are candidate "
			"policies,\n"
			"each with policies of other axes behind a '+', as in v3+lag_credit and\n"
			"mainline+balance. `oversub list policies` has the names.\n"
			"\n"
			"A parameter that the policy of a point does not have is left out there; "
			"one\n"
			"that no point has is an error.\n",
		.examples = "oversub sweep demo --vary vms.db.count=2,3,4 --reps 3\n"
			    "oversub sweep demo --set yield.candidate.policy=v3 \\\n"
			    "        --vary ipi_window_ns=1ms,5ms,50ms\n"
			    "oversub sweep demo --vary yield.candidate.policy=mainline,v3 \\\n"
			    "        --vary vms.db.count=2,3,4 --reps 20\n"
			    "oversub sweep demo --vary policies=mainline,v3,v3+lag_credit \\\n"
			    "        --vary vms.db.count=2,4\n"
			    "oversub sweep demo --vary 'host={\"cpus\":8},{\"cpus\":16}'\n",
		.files = "sweep.json     the axes, and where the points are\n"
			 "sweep.csv      a row for each point, replication and metric\n"
			 "run.json       when, where, by what and how fast it was made\n"
			 "points/NNN/    what `oversub run` writes for a scenario\n",
		.options = SIMULATION_OPTIONS | TAKES(VARY) | TAKES(RESUME),
		.run = cmd_sweep,
	},
	{
		.name = "compare",
		.synopsis = "BASE OTHER... | SWEEP [OPTION]...",
		.help = "paired differences between results, with intervals",
		.description =
			"Compares the results in the directories OTHER with that in BASE, "
			"replication\n"
			"by replication, and shows the mean differences with their 95 % "
			"intervals. Both\n"
			"must have been run with one seed; replications that only one has "
			"are left out.\n"
			"Of a sweep, the points with the first value of its first --vary "
			"are the bases,\n"
			"and those with its other values are compared with them.\n"
			"\n"
			"Differences are in per cent of the base's mean, which is uncertain, too: "
			"the\n"
			"interval (Fieller's) knows that, so it need not be symmetric, and has "
			"\"...\" for a\n"
			"bound where the base may well be 0. It is that of one difference alone.\n"
			"\n"
			"* marks differences with p < 0.05, after Holm's correction over all rows "
			"that\n"
			"are shown, of all results: if nothing differs in truth, there is a * in "
			"at most\n"
			"one output of twenty. requests_per_s decides: its rows share one half of "
			"that\n"
			"risk, and all others the other, so that looking at those costs little. "
			"--metric\n"
			"asks for fewer rows. Rows in which nothing differs are no tests. A "
			"percentile\n"
			"is never known better than to a bucket of its histogram, 1/64.\n"
			"Percentiles here are means over replications, which can be paired; "
			"run and\n"
			"sweep show those of all replications' values together.\n"
			"\n"
			"var- is by how much pairing reduced the variance of the difference.\n"
			"\n"
			"If the candidate policy of one of the results is oracle, the regret "
			"of each of\n"
			"the others follows: the throughput that it lost, and by how much its "
			"waits are\n"
			"longer, relative to the oracle.\n",
		.examples = "oversub compare out/mainline out/v3 out/oracle\n"
			    "oversub compare out/demo-sweep/points/000 out/demo-sweep/points/001\n"
			    "oversub compare out/demo-sweep --metric 'vm.*:request.*.p99'\n",
		.options = TAKES(METRIC) | TAKES(ALL) | TAKES(JSON) | TAKES(QUIET) | TAKES(HELP),
		.run = cmd_compare,
	},
	{
		.name = "explain",
		.synopsis = "RUN [OPTION]...",
		.help = "say where the time of a run went, and why",
		.description =
			"Simulates one replication of RUN again, follows every wait inside the "
			"guests,\n"
			"and says what those who were waited for did meanwhile: ran what was "
			"needed,\n"
			"were preempted, and by whom, had yielded, were halted, and so on, ns by "
			"ns.\n"
			"Then what directed yields did in these waits, and the longest waits step "
			"by\n"
			"step. A result is a function of scenario and seed, so the run is the same "
			"again;\n"
			"that is checked.\n"
			"\n"
			"RUN is a result directory, that of a sweep (with --point), or a "
			"scenario.\n"
			"\n"
			"A wait is one for a lock, from when it is found taken until the waiter "
			"has "
			"it,\n"
			"or one for a call (tlb_flush, smp_call), while the caller spins. If who "
			"is "
			"waited\n"
			"for cannot go on before somebody else does something, the chain goes on "
			"there,\n"
			"and the time is attributed to why its last one does not run. When the "
			"wait "
			"is\n"
			"over, what keeps the waiter from going on is attributed to the waiter "
			"itself.\n",
		.examples = "oversub explain out/demo\n"
			    "oversub explain out/demo-sweep --point 3 --top 1\n"
			    "oversub explain demo --set yield.candidate.policy=v3 --measure 100ms\n"
			    "oversub explain out/demo --json | jq .causes_ns.awaited\n",
		.options = TAKES(SET) | TAKES(PLUGIN) | TAKES(SEED) | TAKES(TOP) |
			   TAKES(REPLICATION) | TAKES(POINT) | TAKES(MEASURE) | TAKES(JSON) |
			   TAKES(HELP),
		.run = cmd_explain,
	},
	{
		.name = "plot",
		.synopsis = "DIR [OPTION]...",
		.help = "draw pictures of what is in a result directory",
		.description =
			"Draws what the results in DIR, of a run or a sweep, allow: gnuplot makes\n"
			"pictures in DIR/plots from the templates in plots/. The data behind a\n"
			"picture and its script stay beside it.\n"
			"\n"
			"  latency_cdf  latencies of requests and waits, of any result\n"
			"  timeline     who ran, spun and was preempted, and where yields went: of "
			"a\n"
			"               run with its trace in DIR/trace.txt\n"
			"  journey      one IPI of the trace from send to EOI, with --only "
			"journey\n"
			"  throughput   of a sweep over policies\n"
			"  load         of a sweep over the rate of arrivals: latency against it\n"
			"  window       of a sweep over ipi_window_ns\n"
			"  accuracy     of the same: how often hints were right, by kind of wait\n"
			"  matrix       of a sweep over policies and something else: what each "
			"changes,\n"
			"               in colours, and as matrix.txt and matrix.csv in DIR/plots\n"
			"  generic      of any other sweep, and what --metric names\n",
		.examples = "oversub plot out/demo\n"
			    "oversub plot out/demo-sweep --format svg --force\n"
			    "oversub plot out/demo-sweep --metric vm.db:request.chunk.p99\n",
		.files = "DIR/plots/     pictures, their data and their scripts\n",
		.options = TAKES(FORCE) | TAKES(FORMAT) | TAKES(ONLY) | TAKES(METRIC) |
			   TAKES(FROM) | TAKES(LENGTH) | TAKES(QUIET) | TAKES(HELP),
		.run = cmd_plot,
	},
	{
		.name = "check",
		.synopsis = "SCENARIO... [OPTION]...",
		.help = "say what is wrong with a scenario, and run nothing",
		.description =
			"Reads and checks each SCENARIO with all changes applied and says what is "
			"wrong,\n"
			"with file and JSON path, or in two lines what would be simulated.\n",
		.examples = "oversub check my.json\n"
			    "oversub check demo --set vms.db.count=400\n",
		.options = TAKES(SET) | TAKES(PLUGIN) | TAKES(SEED) | TAKES(REPS) | TAKES(QUIET) |
			   TAKES(HELP),
		.run = cmd_check,
	},
	{
		.name = "list",
		.synopsis = "policies|ops|params|metrics|scenarios|schema [OPTION]...",
		.help = "show what there is to choose from",
		.description =
			"Shows the policies of all axes, the ops of programs, all parameters "
			"with\n"
			"their units, defaults and ranges, what a run measures and what it means,\n"
			"the scenarios that are found by name, or the JSON Schema of a scenario "
			"for\n"
			"editors.\n",
		.examples = "oversub list params | grep ple\n"
			    "oversub list metrics | grep yield\n"
			    "oversub list schema > scenario.schema.json\n",
		.options = TAKES(PLUGIN) | TAKES(HELP),
		.run = cmd_list,
	},
	{
		.name = "help",
		.synopsis = "[COMMAND | scenario | man]",
		.help = "say all about a command, or how to write a scenario",
		.description = "Shows help; with `scenario`, how to write one; with `man`, the man "
			       "page\n"
			       "oversub(1) as roff.\n",
		.examples = "oversub help sweep\n"
			    "oversub help scenario\n"
			    "oversub help man | man -l -\n",
		.options = TAKES(HELP),
		.run = cmd_help,
	},
	{.name = NULL},
};

const struct command *command_find(const char *name)
{
	for (const struct command *command = commands; command->name; command++)
		if (!strcmp(command->name, name))
			return command;
	return NULL;
}
