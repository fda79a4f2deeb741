/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a function says that it could not do what it was asked.
 *
 * Every function that can fail for a reason outside the program returns an oversub_status and
 * takes a struct oversub_error to fill. The values are the exit statuses of the program, so that
 * a subcommand can return what it got.
 */
#ifndef OVERSUB_ERROR_H
#define OVERSUB_ERROR_H

enum oversub_status {
	OVERSUB_OK = 0,
	OVERSUB_FAILED = 1, /* the run or the machine failed: out of memory, disk full, deadlock */
	OVERSUB_BAD_INPUT = 2, /* the user can mend it: scenario, option, path */
};

/* One sentence for a person: what was wrong, where (file, JSON path), what would be right. */
struct oversub_error {
	char message[1024];
};

/*
 * Fill *error from a printf format and return status, so that a failing function can end with
 * `return oversub_fail(error, OVERSUB_BAD_INPUT, ...)`. A message that is too long is cut.
 * error may be NULL: then only the status is returned.
 */
enum oversub_status oversub_fail(struct oversub_error *error, enum oversub_status status,
				 const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
