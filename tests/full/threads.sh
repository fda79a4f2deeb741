#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Workers are threads: runs, sweeps, traces and what embeds them, under ThreadSanitizer.
set -u
BUILD=${BUILD:-build}
tsan=$BUILD/tsan
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export TSAN_OPTIONS=halt_on_error=1:exitcode=99
passed=0 failed=0

make -s -j2 BUILD="$tsan" OPT=-O1 CFLAGS=-fsanitize=thread \
	"$tsan/oversub" "$tsan"/tests/test_{experiment,simulation} >"$out/build.log" 2>&1 ||
	{ tail -n 20 "$out/build.log"; exit 1; }

# Its shadow memory wants addresses that a kernel with much randomness may give to others.
plainly=()
if setarch -R true 2>/dev/null; then
	plainly=(setarch -R)
fi
check() {
	if "${plainly[@]}" "$@" >"$out/log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $*"
		tail -n 40 "$out/log"
	fi
}

short=(--set run.measure=10ms --warmup 2ms --quiet --jobs 4)
check "$tsan/tests/test_experiment"
check "$tsan/tests/test_simulation"
for scenario in scenarios/*.json; do
	check "$tsan/oversub" run "$scenario" "${short[@]}" --reps 4 --out "$out/$(basename "$scenario" .json)"
done
check "$tsan/oversub" run scenarios/demo.json "${short[@]}" --reps 4 --out "$out/traced" --trace "$out/trace"
check "$tsan/oversub" sweep scenarios/demo.json "${short[@]}" --reps 2 --out "$out/sweep" \
	--vary policies=mainline,v3,oracle --vary vms.db.count=2,3
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
