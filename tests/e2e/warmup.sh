#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --warmup auto chooses by scenario and seed alone, and its result can be repeated without it.
set -u
oversub=${OVERSUB:-build/oversub}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
passed=0 failed=0

check() {
	if eval "$2"; then
		echo "ok: $1"
		passed=$((passed + 1))
	else
		echo "FAIL: $1"
		failed=$((failed + 1))
	fi
}

# Five threads come one after the other: the work is all there after 50 of 250 ms.
cat >"$out/late.json" <<'JSON'
{ "oversub_scenario": 1, "host": { "cpus": 8 },
  "host_workload": { "threads": {
    "a": { "program": [ { "loop": "forever", "body": [ { "request": "r", "body": [
      { "run": { "exponential": { "mean": "5us" } } } ] } ] } ] },
    "b": { "count": 4, "program": [ { "sleep": "50ms" }, { "loop": "forever", "body": [
      { "request": "r", "body": [ { "run": { "exponential": { "mean": "5us" } } } ] } ] } ] } } },
  "run": { "warmup": "10ms", "measure": "240ms", "replications": 4, "seed": 1 } }
JSON

"$oversub" run "$out/late.json" --out "$out/short" >"$out/short.txt" 2>&1
check "a warm-up that is too short is said" "grep -q '^! warm-up: host_threads' '$out/short.txt'"

"$oversub" run "$out/late.json" --warmup auto --jobs 1 --out "$out/one" >"$out/one.txt" 2>&1
"$oversub" run "$out/late.json" --warmup auto --jobs 2 --quiet --out "$out/two"
check "the choice does not depend on the jobs" "cmp -s '$out/one/result.json' '$out/two/result.json'"
chosen=$(grep -o '"warmup_ns": [0-9]*' "$out/one/result.json" | grep -o '[0-9]*$')
check "it is what the work needs ($chosen ns)" "[ $chosen -ge 48000000 ] && [ $chosen -lt 110000000 ]"
check "nothing is said any more" "! grep -q '^! warm-up' '$out/one.txt'"

"$oversub" run "$out/one/scenario.json" --quiet --out "$out/again"
check "the scenario that it writes repeats the result" \
	"diff <(grep -v '\"name\"' '$out/one/result.json') <(grep -v '\"name\"' '$out/again/result.json')"

"$oversub" run "$out/late.json" --warmup 60ms --quiet --out "$out/given"
check "a time is taken as it is" "grep -q '\"warmup_ns\": 60000000' '$out/given/result.json'"

"$oversub" sweep "$out/late.json" --vary cpus=8,4 --warmup auto --quiet --out "$out/sweep"
check "a sweep has one warm-up" \
	"[ \$(grep -h '\"warmup_ns\"' '$out'/sweep/points/*/result.json | sort -u | wc -l) = 1 ]"

for bad in soon -5ms 10; do
	"$oversub" run "$out/late.json" --warmup "$bad" --out "$out/bad" 2>"$out/bad.txt"
	check "--warmup $bad is refused" "[ $? = 2 ] && grep -q -- '--warmup' '$out/bad.txt'"
done
"$oversub" sweep "$out/late.json" --vary run.warmup=1ms,2ms --warmup auto 2>"$out/bad.txt"
check "--warmup auto and a varied warm-up are refused" "[ $? = 2 ] && grep -q 'run.warmup' '$out/bad.txt'"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
