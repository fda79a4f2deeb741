/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256 of texts and files, as hexadecimal digits: what tells one from another, and finds damage.
 */
#ifndef SIM_OUTPUT_DIGEST_H
#define SIM_OUTPUT_DIGEST_H

#include <stddef.h>

#include <oversub/error.h>

enum { DIGEST_HEX = 65 }; /* with the NUL */

/* The digest of size bytes. */
void digest_bytes(const void *bytes, size_t size, char hex[DIGEST_HEX]);
/* The digest of what is in the file at path. OVERSUB_BAD_INPUT if it cannot be read. */
enum oversub_status digest_file(const char *path, char hex[DIGEST_HEX],
				struct oversub_error *error);

#endif
