#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What `make demo` does: three experiments on demo.json, then their pictures.
#   demo.sh DIRECTORY
set -eu
oversub=${OVERSUB:-oversub}
out=${1:?usage: demo.sh DIRECTORY}
scenario=$(dirname "$0")/demo.json

step() {
	printf '\n%s\n' "$*" >&2
}

step "1/4  who gets the CPU: 2, 3 and 4 VMs of 16 vCPUs on 16 CPUs, by candidate and sched policy"
"$oversub" sweep "$scenario" --force --out "$out/overcommit" \
	--set run.warmup=100ms --set run.measure=400ms --reps 10 \
	--vary vms.db.count=2,3,4 \
	--vary yield.candidate.policy=mainline,v3_strict,v3 \
	--vary yield.sched.policy=mainline,lag_credit

step "2/4  how long an IPI counts: ipi_window_ns, relaxed pass on and off, EOIs visible and not"
"$oversub" sweep "$scenario" --force --out "$out/window" \
	--set run.warmup=100ms --set run.measure=400ms --reps 10 \
	--set yield.candidate.policy=v3 \
	--vary vm_defaults.apicv=off,on \
	--vary yield.candidate.enable_relaxed_boost=true,false \
	--vary yield.candidate.ipi_window_ns=10us,100us,500us,2ms,10ms,50ms

step "3/4  one replication with a trace, for the timeline"
"$oversub" run "$scenario" --force --out "$out/timeline" --quiet \
	--set run.warmup=100ms --set run.measure=40ms --reps 1 \
	--set yield.candidate.policy=v3 --trace "$out/timeline/trace.txt"

step "4/4  pictures"
for directory in overcommit window timeline; do
	"$oversub" plot "$out/$directory"
done
"$oversub" plot "$out/timeline" --only journey
