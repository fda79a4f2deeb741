#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# All C files are as `make format` leaves them. Where there is no clang-format, or another one than
# that which the files were formatted with, nobody can tell.
cd "$(dirname "$0")/../.." || exit 1
version=14
if ! clang-format --version 2>/dev/null | grep -q "version $version\."; then
	echo "SKIPPED ALOUD: clang-format $version is not installed"
	exit 77
fi
find sim models include tests examples -name '*.[ch]' -print0 |
	xargs -0 -P "$(nproc)" -n 50 clang-format --dry-run -Werror 2>&1 | grep 'error:' | sed 's/:.*//' |
	sort -u | grep . && echo "FAIL: make format changes these" && exit 1
echo "1 passed, 0 failed"
