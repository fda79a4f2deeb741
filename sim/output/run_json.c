/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/output/run_json.h"

#include <math.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "sim/output/json_writer.h"
#include "source_state.h" /* made by make: OVERSUB_SOURCE */

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "unknown"
#endif

void run_info_add(struct run_info *info, const struct run_info *part)
{
	info->wall_s += part->wall_s;
	info->busy_s += part->busy_s;
	info->events += part->events;
	info->simulated_ns += part->simulated_ns;
}

const char *run_source_state(void)
{
	return OVERSUB_SOURCE;
}

/* The state of the work tree around the current directory, where scenarios usually live. */
static void write_git(struct json_writer *writer)
{
	FILE *git = popen("exec git --no-optional-locks describe --always --dirty --abbrev=40 "
			  "2>/dev/null",
			  "re");
	char text[256] = "";
	bool good = git && fgets(text, sizeof(text), git);

	good = git && !pclose(git) && good;
	text[strcspn(text, "\n")] = '\0';
	json_string(writer, "git", good ? text : NULL);
}

static void write_host(struct json_writer *writer)
{
	struct utsname name;

	json_object(writer, "host", false);
	if (!uname(&name)) {
		json_string(writer, "name", name.nodename);
		json_string(writer, "system", name.sysname);
		json_string(writer, "release", name.release);
		json_string(writer, "machine", name.machine);
	}
	json_integer(writer, "cpus_online", sysconf(_SC_NPROCESSORS_ONLN));
	json_end(writer);
}

static void write_start(struct json_writer *writer, time_t started)
{
	struct tm utc;
	char text[32];

	if (gmtime_r(&started, &utc) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc))
		json_string(writer, "started", text);
}

static void write_plugins(struct json_writer *writer, const struct policy_registry *policies)
{
	json_array(writer, "plugins", false);
	for (size_t i = 0; i < policies->nr_plugins; i++) {
		const struct oversub_plugin *plugin = policies->plugins[i].plugin;
		char name[128];

		json_object(writer, NULL, true);
		json_string(writer, "path", policies->plugins[i].path);
		json_array(writer, "policies", true);
		for (size_t k = 0; plugin->policies[k]; k++) {
			snprintf(name, sizeof(name), "%s %s",
				 policy_kinds[plugin->policies[k]->kind].path,
				 plugin->policies[k]->name);
			json_string(writer, NULL, name);
		}
		json_end(writer);
		json_end(writer);
	}
	json_end(writer);
}

static double per_second(double amount, double seconds)
{
	return seconds > 0 ? amount / seconds : NAN;
}

void run_json_write(FILE *stream, const struct run_info *info)
{
	struct json_writer writer;

	json_start(&writer, stream);
	json_object(&writer, NULL, false);
	json_string(&writer, "oversub", OVERSUB_VERSION);
	json_string(&writer, "source", run_source_state());
	json_string(&writer, "compiler", COMPILER);
	write_git(&writer);
	json_array(&writer, "command", true);
	json_string(&writer, NULL, "oversub");
	for (int i = 0; i < info->argc; i++)
		json_string(&writer, NULL, info->argv[i]);
	json_end(&writer);
	write_start(&writer, info->started);
	write_host(&writer);
	if (info->policies && info->policies->nr_plugins)
		write_plugins(&writer, info->policies);
	json_integer(&writer, "jobs", info->jobs);
	json_number(&writer, "wall_s", info->wall_s);
	json_number(&writer, "busy_s", info->busy_s);
	json_integer(&writer, "events", (int64_t)info->events);
	json_number(&writer, "simulated_s", (double)info->simulated_ns / 1e9);
	json_number(&writer, "events_per_s", per_second((double)info->events, info->wall_s));
	json_number(&writer, "events_per_core_s", per_second((double)info->events, info->busy_s));
	json_number(&writer, "real_time_factor",
		    per_second((double)info->simulated_ns / 1e9, info->wall_s));
	json_end(&writer);
	json_finish(&writer);
}
