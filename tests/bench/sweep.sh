#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How well a sweep uses two CPUs: one job against two, and against two shares with a job each, in
# turn; the median of the ratios. efficiency = time of one / (2 x time of two).
set -eu
oversub=$(realpath "${OVERSUB:-${BUILD:-build}/oversub}")
rounds=${ROUNDS:-5}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# Points of which one takes twice as long as another.
measure=${MEASURE:-500ms}
sweep() {
	"$oversub" sweep demo --vary policies=mainline,v3,any_preempted --vary vms.db.count=2,3,4 --warmup 100ms \
		--set run.measure="$measure" --reps 10 --quiet "$@"
}
now() { date +%s%N; }
timed() {
	local start
	start=$(now)
	"$@"
	echo $((($(now) - start) / 1000000))
}
shares() {
	sweep --out "$dir/s" --shard 1/2 --jobs 1 &
	sweep --out "$dir/s" --shard 2/2 --jobs 1
	wait
	sweep --out "$dir/s" --resume --jobs 1
}
median() { sort -n | sed -n "$(((rounds + 1) / 2))p"; }

for ((i = 0; i < rounds; i++)); do
	rm -rf "${dir:?}"/*
	one=$(timed sweep --out "$dir/1" --jobs 1)
	two=$(timed sweep --out "$dir/2" --jobs 2)
	ranks=$(timed shares)
	awk -v a="$one" -v b="$two" 'BEGIN { printf "%.3f\n", a / b / 2 }' >>"$dir.jobs"
	awk -v a="$one" -v b="$ranks" 'BEGIN { printf "%.3f\n", a / b / 2 }' >>"$dir.ranks"
done
echo "case=sweep rounds=$rounds ms_one_job=$one efficiency_2_jobs=$(median <"$dir.jobs") efficiency_2_shares=$(median <"$dir.ranks")"
rm -f "$dir.jobs" "$dir.ranks"
