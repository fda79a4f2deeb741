#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# No two places of the product share more than so many tokens in a row, whatever the names in them:
# that is logic which was written twice. Tables look alike by nature, so the bound is high; with a
# lower one, such as 80, it is a list of places to look at:
#   tests/e2e/duplicates.sh 80
cd "$(dirname "$0")/../.." || exit 1
tokens=${1:-200}
if ! command -v sim_c >/dev/null; then
	echo "SKIPPED ALOUD: similarity-tester is not installed"
	exit 77
fi
if find sim models include -name '*.[ch]' -print0 | xargs -0 sim_c -r "$tokens" -n | grep '\[[0-9]*\]$'; then
	echo "FAIL: these are alike in $tokens tokens or more"
	exit 1
fi
echo "1 passed, 0 failed"
