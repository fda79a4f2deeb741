#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What `make demo` does: four experiments on demo.json, then their pictures. Guests with KVM's
# paravirtual features and without stand side by side, and so do the controls that know nothing of
# the target, as the answer depends on the one and means little without the other.
#   demo.sh DIRECTORY
set -eu
oversub=${OVERSUB:-oversub}
out=${1:?usage: demo.sh DIRECTORY}
scenario=$(dirname "$0")/demo.json

step() {
	printf '\n%s\n' "$*" >&2
}

step "1/5  whom KVM yields to: 2, 3 and 4 VMs of 16 vCPUs on 16 CPUs, by candidate policy and guest"
"$oversub" sweep "$scenario" --force --out "$out/overcommit" --reps 10 --set run.measure=400ms \
	--vary yield.candidate.policy=mainline,any_preempted,random_preempted,v3,recv_mask \
	--vary vms.db.count=2,3,4 --vary vm_defaults.pv=none,default

step "2/5  what the scheduler adds: the lag credit by its unit"
"$oversub" sweep "$scenario" --force --out "$out/credit" --reps 10 --set run.measure=400ms \
	--vary 'yield.sched={"policy":"mainline"},{"policy":"lag_credit","credit_unit_ns":"20us"},{"policy":"lag_credit","credit_unit_ns":"100us"},{"policy":"lag_credit","credit_unit_ns":"700us"}' \
	--vary vms.db.count=2,3,4 --vary vm_defaults.pv=none,default

step "3/5  how long an IPI counts: ipi_window_ns, EOIs visible and not"
"$oversub" sweep "$scenario" --force --out "$out/window" --reps 10 --set run.measure=400ms \
	--set yield.candidate.policy=v3 --set pv=none \
	--vary vm_defaults.apicv=off,on \
	--vary yield.candidate.ipi_window_ns=10us,100us,500us,2ms,10ms,50ms

step "4/5  one replication with a trace, for the timeline"
"$oversub" run "$scenario" --force --out "$out/timeline" --quiet --reps 1 \
	--set run.measure=40ms --set pv=none \
	--set yield.candidate.policy=v3 --trace "$out/timeline/trace.txt"

step "5/5  pictures"
for directory in overcommit credit window timeline; do
	"$oversub" plot "$out/$directory"
done
"$oversub" plot "$out/overcommit" --only matrix
"$oversub" plot "$out/credit" --only matrix
"$oversub" plot "$out/timeline" --only journey
