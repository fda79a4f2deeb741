#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Unit tests, the vectors and a short run of each shipped scenario under valgrind.
set -u
BUILD=${BUILD:-build}
if ! command -v valgrind >/dev/null 2>&1; then
	echo "SKIPPED ALOUD: valgrind is not installed"
	exit 77
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
passed=0 failed=0

check() {
	local name=$1
	shift
	if valgrind -q --error-exitcode=99 --leak-check=full "$@" >"$out/log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $name"
		tail -n 40 "$out/log"
	fi
}

for program in "$BUILD"/tests/test_*; do
	case $program in *.d) continue ;; esac
	check "$program" "$program"
done
check conformance "$BUILD/conformance/conformance" tests/conformance/*/*.jsonl
for scenario in scenarios/*.json; do
	check "$scenario" "$BUILD/oversub" run "$scenario" --check-invariants --set run.warmup=2ms --set run.measure=8ms \
		--reps 2 --jobs 2 --quiet --out "$out/$(basename "$scenario" .json)"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
