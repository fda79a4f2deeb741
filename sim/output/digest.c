/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/output/digest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <gcrypt.h>

enum { BYTES = 32, BLOCK = 65536 };

static void to_hex(const unsigned char *bytes, char hex[DIGEST_HEX])
{
	for (int i = 0; i < BYTES; i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
}

/* libgcrypt wants to be told that nothing here is secret; to say it again does no harm. */
static void prepare(void)
{
	if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P))
		return;
	gcry_check_version(NULL);
	gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
}

void digest_bytes(const void *bytes, size_t size, char hex[DIGEST_HEX])
{
	unsigned char digest[BYTES];

	prepare();
	gcry_md_hash_buffer(GCRY_MD_SHA256, digest, bytes, size);
	to_hex(digest, hex);
}

enum oversub_status digest_file(const char *path, char hex[DIGEST_HEX], struct oversub_error *error)
{
	FILE *stream = fopen(path, "r");
	unsigned char block[BLOCK];
	enum oversub_status status = OVERSUB_OK;
	gcry_md_hd_t state;
	size_t nr;

	if (!stream)
		return oversub_fail(error, OVERSUB_BAD_INPUT, "cannot read %s: %s", path,
				    strerror(errno));
	prepare();
	if (gcry_md_open(&state, GCRY_MD_SHA256, 0)) {
		fclose(stream);
		return oversub_fail(error, OVERSUB_FAILED, "out of memory reading %s", path);
	}
	while ((nr = fread(block, 1, sizeof(block), stream)) > 0)
		gcry_md_write(state, block, nr);
	if (ferror(stream))
		status = oversub_fail(error, OVERSUB_BAD_INPUT, "cannot read %s: %s", path,
				      strerror(errno));
	else
		to_hex(gcry_md_read(state, GCRY_MD_SHA256), hex);
	gcry_md_close(state);
	fclose(stream);
	return status;
}
