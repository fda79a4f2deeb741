/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file to which lines are added and from which none can be lost unnoticed: each line begins with
 * 16 digits of the SHA-256 of what follows the blank behind them. A line counts once it is synced.
 * One program writes a journal at a time; the lock goes with the program, however that ends.
 */
#ifndef SIM_OUTPUT_JOURNAL_H
#define SIM_OUTPUT_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <oversub/error.h>

struct journal {
	int fd;	      /* -1: not open */
	char *path;   /* owned */
	off_t end;    /* where the next line goes */
	bool changed; /* lines were added since the last sync */
	bool named;   /* its directory has been synced, too */
};

#define JOURNAL_CLOSED ((struct journal){.fd = -1})

/* Where a line is in its file; without checksum and newline. */
struct journal_place {
	off_t offset;
	size_t length;
};

/* What was wrong with a journal. */
struct journal_damage {
	size_t nr_bad; /* complete lines whose checksum does not agree */
	bool torn;     /* the last line has no end: whoever wrote it was stopped */
};

/*
 * Open the journal at path to add to it, and make it if it is missing. A torn line at its end goes.
 * OVERSUB_BAD_INPUT: it cannot be written, or *busy is set, as another program does.
 */
enum oversub_status journal_open(struct journal *journal, const char *path, bool *busy,
				 struct oversub_error *error);

/* Takes a line, a text that ends with a NUL; anything but OVERSUB_OK ends the reading with that. */
typedef enum oversub_status journal_visit(void *context, const char *text,
					  struct journal_place place, struct oversub_error *error);

/*
 * Read all good lines of the journal at path, in order. What is damaged is counted in *damage and
 * left out. OVERSUB_BAD_INPUT if it cannot be read.
 */
enum oversub_status journal_read(const char *path, journal_visit *visit, void *context,
				 struct journal_damage *damage, struct oversub_error *error);

/* Whether name is that of a journal: OUTPUT_JOURNAL or one with .I-of-N behind it. */
bool journal_is_name(const char *name);

/* Whether some program writes the journal at path now. */
bool journal_is_locked(const char *path);

/* The line at a place that a reading gave, for free(). NULL: it cannot be read, or has changed. */
char *journal_line(const char *path, struct journal_place place);

/*
 * Add text, which has no newline, as a line; *place becomes where it is. OVERSUB_FAILED: it was not
 * written as a whole.
 */
enum oversub_status journal_add(struct journal *journal, const char *text,
				struct journal_place *place, struct oversub_error *error);
/* See to it that a power cut cannot take what was added. */
enum oversub_status journal_sync(struct journal *journal, struct oversub_error *error);
/* Close it and give the lock back; harmless if it is closed. */
void journal_close(struct journal *journal);

#endif
