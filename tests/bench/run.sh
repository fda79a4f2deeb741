#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Speed, one key=value line per case. Compare figures of one run only: nanoseconds depend on the
# machine and on what else it does; the ratio to the heap in the same run much less.
set -eu
cd "$(dirname "$0")/../.."
BUILD=${BUILD:-build}
EVENTS=${EVENTS:-2000000}

for n in 64 1024 16384; do
	for model in hold churn; do
		"$BUILD/bench/engine" $model $n "$EVENTS"
	done
done
"$BUILD/bench/engine" mm1 "$EVENTS"

"$BUILD/bench/shipped" demo tlb lhp ipi fairness undercommit host-only
OVERSUB="$BUILD/oversub" bash tests/bench/sweep.sh
