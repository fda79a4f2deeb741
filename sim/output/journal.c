/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/output/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/text.h"
#include "sim/output/digest.h"
#include "sim/output/files.h"

enum { CHECK_DIGITS = 16, PREFIX = CHECK_DIGITS + 1 };

static void check_of(const char *text, size_t length, char check[DIGEST_HEX])
{
	digest_bytes(text, length, check);
	check[CHECK_DIGITS] = '\0';
}

/* Whether line, length bytes without its newline, is as it was written. */
static bool is_good(const char *line, size_t length)
{
	char check[DIGEST_HEX];

	if (length < PREFIX || line[CHECK_DIGITS] != ' ' || memchr(line, '\0', length))
		return false;
	check_of(line + PREFIX, length - PREFIX, check);
	return !memcmp(check, line, CHECK_DIGITS);
}

/* ---- Reading -------------------------------------------------------------------------------- */

enum oversub_status journal_read(const char *path, journal_visit *visit, void *context,
				 struct journal_damage *damage, struct oversub_error *error)
{
	FILE *stream = fopen(path, "r");
	enum oversub_status status = OVERSUB_OK;
	char *line = NULL;
	size_t room = 0;
	off_t offset = 0;
	ssize_t length;

	*damage = (struct journal_damage){0};
	if (!stream)
		return oversub_fail(error, OVERSUB_BAD_INPUT, "cannot read %s: %s", path,
				    strerror(errno));
	while (!status && (length = getline(&line, &room, stream)) >= 0) {
		struct journal_place place = {offset + PREFIX, (size_t)length - 1};

		offset += length;
		if (line[length - 1] != '\n') {
			damage->torn = true;
		} else if (!is_good(line, place.length)) {
			damage->nr_bad++;
		} else {
			line[length - 1] = '\0';
			place.length -= PREFIX;
			status = visit(context, line + PREFIX, place, error);
		}
	}
	if (!status && ferror(stream))
		status = oversub_fail(error, OVERSUB_BAD_INPUT, "cannot read %s: %s", path,
				      strerror(errno));
	free(line);
	fclose(stream);
	return status;
}

char *journal_line(const char *path, struct journal_place place)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = place.length + PREFIX;
	char *line = malloc(length + 1);
	ssize_t nr = -1;

	if (fd >= 0 && line)
		nr = pread(fd, line, length, place.offset - PREFIX);
	if (fd >= 0)
		close(fd);
	if (nr != (ssize_t)length || !is_good(line, length)) {
		free(line);
		return NULL;
	}
	line[length] = '\0';
	memmove(line, line + PREFIX, place.length + 1);
	return line;
}

/* ---- Writing -------------------------------------------------------------------------------- */

/* An open file description's lock ends with the program, and is seen by other machines. */
static bool lock(int fd)
{
	struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	return !fcntl(fd, F_OFD_SETLK, &all);
}

bool journal_is_name(const char *name)
{
	size_t length = strlen(OUTPUT_JOURNAL);
	int shard, shards, end = 0;

	if (strncmp(name, OUTPUT_JOURNAL, length))
		return false;
	name += length;
	return !*name || (sscanf(name, ".%d-of-%d%n", &shard, &shards, &end) == 2 && !name[end]);
}

bool journal_is_locked(const char *path)
{
	struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool locked = fd >= 0 && !fcntl(fd, F_OFD_GETLK, &all) && all.l_type != F_UNLCK;

	if (fd >= 0)
		close(fd);
	return locked;
}

/* Where the last complete line of fd ends, -1 if it cannot be read. */
static off_t end_of_lines(int fd)
{
	off_t end = lseek(fd, 0, SEEK_END);
	char block[4096];

	while (end > 0) {
		size_t size = end < (off_t)sizeof(block) ? (size_t)end : sizeof(block);
		const char *newline;

		if (pread(fd, block, size, end - (off_t)size) != (ssize_t)size)
			return -1;
		newline = memrchr(block, '\n', size);
		end -= (off_t)size;
		if (newline)
			return end + (newline - block) + 1;
	}
	return end;
}

/* Whether path is still the file that fd is: whoever had it before may have removed it. */
static bool is_at(const char *path, int fd)
{
	struct stat there, here;

	return !stat(path, &there) && !fstat(fd, &here) && there.st_dev == here.st_dev &&
	       there.st_ino == here.st_ino;
}

/* A file at path that is locked; -1 with errno, and *busy if somebody else has the lock. */
static int open_locked(const char *path, bool *busy)
{
	for (;;) {
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

		if (fd < 0)
			return -1;
		if (!lock(fd)) {
			int failure = errno;

			close(fd);
			*busy = failure == EAGAIN || failure == EACCES;
			errno = failure;
			return -1;
		}
		if (is_at(path, fd))
			return fd;
		close(fd);
	}
}

enum oversub_status journal_open(struct journal *journal, const char *path, bool *busy,
				 struct oversub_error *error)
{
	*busy = false;
	*journal = (struct journal){.fd = open_locked(path, busy), .path = strdup(path)};
	if (*busy)
		oversub_fail(error, OVERSUB_BAD_INPUT, "%s is being written by another program",
			     path);
	else if (journal->fd < 0 || !journal->path ||
		 (journal->end = end_of_lines(journal->fd)) < 0 ||
		 ftruncate(journal->fd, journal->end))
		oversub_fail(error, OVERSUB_BAD_INPUT, "cannot write %s: %s", path,
			     strerror(errno));
	else
		return OVERSUB_OK;
	journal_close(journal);
	return OVERSUB_BAD_INPUT;
}

static bool write_all(int fd, const char *bytes, size_t size, off_t offset)
{
	while (size) {
		ssize_t nr = pwrite(fd, bytes, size, offset);

		if (nr < 0 && errno == EINTR)
			continue;
		if (nr <= 0)
			return false;
		bytes += nr;
		offset += nr;
		size -= (size_t)nr;
	}
	return true;
}

enum oversub_status journal_add(struct journal *journal, const char *text,
				struct journal_place *place, struct oversub_error *error)
{
	char check[DIGEST_HEX];
	struct text line = {0};

	check_of(text, strlen(text), check);
	text_add(&line, "%s %s\n", check, text);
	errno = ENOMEM;
	if (line.cut || !write_all(journal->fd, line.at, line.used, journal->end)) {
		oversub_fail(error, OVERSUB_FAILED, "cannot write %s: %s", journal->path,
			     strerror(errno));
		free(line.at);
		return OVERSUB_FAILED;
	}
	*place = (struct journal_place){journal->end + PREFIX, strlen(text)};
	journal->end += (off_t)line.used;
	journal->changed = true;
	free(line.at);
	return OVERSUB_OK;
}

/* A file that a power cut takes with its name is no use, however well it was synced. */
static void sync_name(const char *path)
{
	char *copy = strdup(path), *slash = copy ? strrchr(copy, '/') : NULL;
	int fd;

	if (slash)
		slash[slash == copy] = '\0';
	fd = open(slash ? copy : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(copy);
}

enum oversub_status journal_sync(struct journal *journal, struct oversub_error *error)
{
	if (!journal->changed)
		return OVERSUB_OK;
	/* Some file systems have nothing to sync with; there is no more that one could do. */
	if (fdatasync(journal->fd) && errno != EINVAL && errno != EROFS)
		return oversub_fail(error, OVERSUB_FAILED, "cannot write %s: %s", journal->path,
				    strerror(errno));
	journal->changed = false;
	if (!journal->named)
		sync_name(journal->path);
	journal->named = true;
	return OVERSUB_OK;
}

void journal_close(struct journal *journal)
{
	if (journal->fd >= 0)
		close(journal->fd);
	free(journal->path);
	*journal = JOURNAL_CLOSED;
}
