#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A result is a function of scenario and seed: byte for byte the same for -O0 and -O2, gcc and
# clang, one worker and two.
set -eu
BUILD=${BUILD:-build}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
passed=0 failed=0

# simulate NAME PROGRAM JOBS: result of a short run of the demo's scenario
simulate() {
	"$2" run scenarios/demo.json --set run.warmup=20ms --set run.measure=60ms --reps 2 \
		--jobs "$3" --quiet --out "$out/$1"
}

same() {
	if cmp "$out/reference/result.json" "$out/$1/result.json"; then
		echo "ok: $2"
		passed=$((passed + 1))
	else
		echo "FAIL: $2: result.json differs"
		failed=$((failed + 1))
	fi
}

# build DIR CC OPT
build() {
	make -s -j2 BUILD="$1" CC="$2" OPT="$3" WERROR= "$1/oversub" >"$out/build.log" 2>&1 ||
		{ tail -n 20 "$out/build.log"; exit 1; }
}

simulate reference "$BUILD/oversub" 1
simulate two-jobs "$BUILD/oversub" 2
same two-jobs "one worker and two"

build "$BUILD/gcc-O0" gcc -O0
simulate gcc-O0 "$BUILD/gcc-O0/oversub" 2
same gcc-O0 "gcc -O0"

if command -v clang >/dev/null 2>&1; then
	build "$BUILD/clang-O2" clang -O2
	simulate clang-O2 "$BUILD/clang-O2/oversub" 2
	same clang-O2 "clang -O2"
	echo "$passed passed, $failed failed, 0 skipped"
else
	echo "SKIPPED ALOUD: clang is not installed, so gcc and clang were not compared"
	echo "$passed passed, $failed failed, 1 skipped"
fi
[ "$failed" = 0 ]
