#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# All unit tests, the vectors and short runs under AddressSanitizer and UndefinedBehaviorSanitizer.
set -eu
BUILD=${BUILD:-build}
san=$BUILD/sanitized
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

make -s -j2 BUILD="$san" OPT=-O1 WERROR= CFLAGS="-fsanitize=address,undefined -fno-omit-frame-pointer" \
	build-tests >"$out/build.log" 2>&1 || { tail -n 20 "$out/build.log"; exit 1; }
# one PROGRAM: run it; what it says is shown if it fails
one() {
	"$1" >"$2/$(basename "$1").log" 2>&1 || { cat "$2/$(basename "$1").log"; echo "FAIL: $1"; return 255; }
}
export -f one
# xargs stops at the first failure, as it is 255.
find "$san/tests" -maxdepth 1 -name 'test_*' ! -name '*.d' -print0 | sort -z |
	xargs -0 -P "$(nproc)" -I '{}' bash -c 'one "{}" "'"$out"'"'
passed=$(find "$san/tests" -maxdepth 1 -name 'test_*' ! -name '*.d' | wc -l)
"$san/conformance/conformance" tests/conformance/*/*.jsonl >"$out/log" 2>&1 ||
	{ tail -n 60 "$out/log"; echo "FAIL: conformance"; exit 1; }
passed=$((passed + 1))
for scenario in scenarios/*.json; do
	"$san/oversub" run "$scenario" --check-invariants --set run.warmup=5ms --set run.measure=30ms --reps 2 \
		--jobs 2 --quiet --out "$out/$(basename "$scenario")" >"$out/log" 2>&1 ||
		{ tail -n 60 "$out/log"; echo "FAIL: $scenario"; exit 1; }
	passed=$((passed + 1))
done
echo "$passed passed, 0 failed"
