/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The trace that pictures of single events are made from. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/output/files.h"
#include "sim/plot/plot_pictures.h"

static const char file_name[] = "trace.txt";

bool plot_has_trace(const struct plot_data *data, const struct plot_options *options)
{
	return !data->is_sweep && output_exists(data->directory, file_name);
}

enum oversub_status plot_read_trace(const struct plot_data *data, int64_t from, int64_t to,
				    struct trace *trace, struct oversub_error *error)
{
	char *path = output_path(data->directory, file_name);
	FILE *stream = path ? fopen(path, "r") : NULL;
	enum oversub_status status;

	if (stream) {
		status = trace_read(stream, path, from, to, trace, error);
		fclose(stream);
	} else {
		status = oversub_fail(error, OVERSUB_BAD_INPUT, "cannot read the trace %s: %s",
				      path ? path : file_name, strerror(errno));
	}
	free(path);
	return status;
}

const char *plot_task_name(const struct trace *trace, const struct replay_task *task, char *buffer,
			   size_t size)
{
	if (!task)
		snprintf(buffer, size, "nobody");
	else if (task->vm < 0)
		snprintf(buffer, size, "%s", task->comm);
	else
		snprintf(buffer, size, "%s/%d", trace->replay.vms[task->vm]->name, task->vcpu);
	return buffer;
}

void plot_trace_block(struct plot_script *script, const char *text)
{
	plot_block(script, "%s", text);
	plot_row(script, "NaN NaN NaN NaN 1");
}

void plot_trace_head(struct plot_script *script, const struct plot_data *data,
		     const struct trace *trace)
{
	size_t nr = (size_t)trace->replay.nr_vms;

	plot_number(script, "NR_SERIES", (double)nr);
	/* gnuplot looks at the first element even if there is none to draw. */
	plot_array(script, "LABEL", nr + 1);
	plot_array(script, "POLICY", nr + 1);
	for (size_t i = 0; i <= nr; i++) {
		plot_element(script, "LABEL", i, "%s", i < nr ? trace->replay.vms[i]->name : "");
		plot_element(script, "POLICY", i, "%s", "");
	}
	plot_text(script, "CAPTION", "replication 0, seed %s", data->first->file.info.seed);
}
