/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/vector_text.h"

enum oversub_status replay_vector_text(vector_replay_fn *replay, const char *text,
				       struct conformance_result *result,
				       struct oversub_error *error)
{
	char path[] = P_tmpdir "/oversub-vector-XXXXXX";
	int fd = mkstemp(path);
	enum oversub_status status;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	status = replay(path, result, error);
	unlink(path);
	return status;
}
