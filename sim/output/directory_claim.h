/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A directory for results that nobody named: the usual one or, if that is there already, the first
 * of usual.2, usual.3, ... that is not. Earlier results stay, and two processes that look for a
 * place at once get two places.
 */
#ifndef SIM_OUTPUT_DIRECTORY_CLAIM_H
#define SIM_OUTPUT_DIRECTORY_CLAIM_H

#include <stdbool.h>

#include <oversub/error.h>

struct output_claim {
	char *path;	  /* an empty directory, ours; owned */
	bool is_usual;	  /* path is the usual one */
	char *parent;	  /* the directory that path is in; owned */
	bool made_parent; /* it was not there before */
};

/*
 * Make the directory usual or, if anything of that name exists, the first of usual.2, usual.3, ...
 * of whose name nothing does. Also makes the directory that it is in, but none above that.
 * OVERSUB_BAD_INPUT if it cannot be made. Free it with output_claim_free().
 */
enum oversub_status output_claim_make(struct output_claim *claim, const char *usual,
				      struct oversub_error *error);
/*
 * Give up the place if nothing is in it: then what output_claim_make() made is gone. What has been
 * written stays. Harmless on a claim that is freed or zeroed.
 */
void output_claim_free(struct output_claim *claim);

/*
 * Of usual, usual.2, ..., for free(): the one that was begun last and is unfinished, having a file
 * of name first but none of name last; without such, the complete one that was begun last. NULL if
 * there is neither.
 */
char *output_claim_find(const char *usual, const char *first, const char *last);

#endif
