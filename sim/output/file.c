/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/base/text.h"
#include "sim/output/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *output_path(const char *directory, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path;
}

char *output_temporary(const char *path)
{
	char *parent = output_parent(path), *template = NULL;
	const char *slash = strrchr(path, '/');

	if (parent && asprintf(&template, "%s/" OUTPUT_TEMPORARY "%s.XXXXXX", parent,
			       slash ? slash + 1 : path) < 0)
		template = NULL;
	free(parent);
	return template;
}

char *output_parent(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return strdup(".");
	return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

bool output_exists(const char *directory, const char *name)
{
	char *path = output_path(directory, name);
	bool exists = path && !access(path, F_OK);

	free(path);
	return exists;
}

/* Reading stops here: no result is that long. */
#define MAX_BYTES ((size_t)1 << 30)

char *output_read(const char *path)
{
	FILE *stream = fopen(path, "r");
	struct text text = {0};
	int failure;

	if (!stream)
		return NULL;
	text_read(&text, stream, MAX_BYTES);
	failure = ferror(stream) ? errno : text.cut ? ENOMEM : text.used > MAX_BYTES ? EFBIG : 0;
	fclose(stream);
	if (!failure)
		return text_take(&text);
	free(text.at);
	errno = failure;
	return NULL;
}

static void forget(struct output_file *file)
{
	free(file->path);
	free(file->temporary);
	*file = (struct output_file){0};
}

/* Create a file from the template; its mode is that of any new file, not mkstemp's 0600. */
static FILE *open_temporary(char *template)
{
	int fd = mkstemp(template);
	mode_t mask = umask(0);
	FILE *stream;

	umask(mask);
	if (fd < 0)
		return NULL;
	stream = fchmod(fd, 0666 & ~mask) ? NULL : fdopen(fd, "w");
	if (!stream) {
		close(fd);
		unlink(template);
	}
	return stream;
}

enum oversub_status output_file_open(struct output_file *file, const char *path,
				     struct oversub_error *error)
{
	struct stat info;

	*file = (struct output_file){.path = strdup(path)};
	if (!file->path)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	if (!stat(path, &info) && !S_ISREG(info.st_mode)) {
		file->stream = fopen(path, "w");
	} else {
		file->temporary = output_temporary(path);
		errno = ENOMEM;
		if (file->temporary)
			file->stream = open_temporary(file->temporary);
	}
	if (file->stream)
		return OVERSUB_OK;
	oversub_fail(error, OVERSUB_BAD_INPUT, "cannot write %s: %s", path, strerror(errno));
	forget(file);
	return OVERSUB_BAD_INPUT;
}

enum oversub_status output_file_close(struct output_file *file, struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;
	bool bad = ferror(file->stream);

	errno = 0;
	if (fclose(file->stream) || bad)
		status = oversub_fail(error, OVERSUB_FAILED, "cannot write %s: %s", file->path,
				      errno ? strerror(errno) : "disk full or device error");
	else if (file->temporary && rename(file->temporary, file->path))
		status = oversub_fail(error, OVERSUB_FAILED, "cannot write %s: %s", file->path,
				      strerror(errno));
	if (status && file->temporary)
		unlink(file->temporary);
	forget(file);
	return status;
}

void output_file_abandon(struct output_file *file)
{
	if (file->stream)
		fclose(file->stream);
	if (file->temporary)
		unlink(file->temporary);
	forget(file);
}

enum oversub_status output_file_write(const char *directory, const char *name,
				      void (*write)(FILE *stream, const void *context),
				      const void *context, struct oversub_error *error)
{
	char *path = output_path(directory, name);
	struct output_file file;
	enum oversub_status status;

	if (!path)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	status = output_file_open(&file, path, error) ? OVERSUB_FAILED : OVERSUB_OK;
	if (!status) {
		write(file.stream, context);
		status = output_file_close(&file, error);
	}
	free(path);
	return status;
}
