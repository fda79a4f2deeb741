#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What `make demo` does: experiments on demo.json, then their pictures. Guests with KVM's paravirtual
# features and without are told apart, and controls that know nothing of the target stand beside the
# policies that do: what a policy is worth depends on the one, and means little without the other.
#   demo.sh DIRECTORY
set -eu
oversub=${OVERSUB:-oversub}
out=${1:?usage: demo.sh DIRECTORY}
scenario=$(dirname "$0")/demo.json

step() {
	printf '\n%s\n' "$*" >&2
}

# credits UNIT...: values of the axis yield.sched, mainline first
credits() {
	printf '{"policy":"mainline"}'
	for unit in "$@"; do
		printf ',{"policy":"lag_credit","credit_unit_ns":"%s"}' "$unit"
	done
}

for pv in default none; do
	step "whom KVM yields to: 2, 3 and 4 VMs of 16 vCPUs on 16 CPUs, guests with pv $pv"
	"$oversub" sweep "$scenario" --force --out "$out/overcommit-pv-$pv" \
		--set pv=$pv --set run.measure=400ms --reps 10 \
		--vary yield.candidate.policy=mainline,any_preempted,random_preempted,v3,recv_mask \
		--vary vms.db.count=2,3,4

	step "what the lag credit adds, by its unit, guests with pv $pv"
	"$oversub" sweep "$scenario" --force --out "$out/credit-pv-$pv" \
		--set pv=$pv --set run.measure=400ms --reps 10 \
		--vary yield.sched="$(credits 20us 100us 700us)" --vary vms.db.count=2,3,4
done

step "how long an IPI counts: ipi_window_ns, EOIs visible and not"
"$oversub" sweep "$scenario" --force --out "$out/window" \
	--set pv=none --set run.measure=400ms --reps 10 --set yield.candidate.policy=v3 \
	--vary vm_defaults.apicv=off,on \
	--vary yield.candidate.ipi_window_ns=10us,100us,500us,2ms,10ms,50ms

step "one replication with a trace, for the timeline"
"$oversub" run "$scenario" --force --out "$out/timeline" --quiet --reps 1 \
	--set pv=none --set run.measure=40ms \
	--set yield.candidate.policy=v3 --trace "$out/timeline/trace.txt"

step "pictures"
for directory in overcommit-pv-default overcommit-pv-none credit-pv-default credit-pv-none \
	window timeline; do
	"$oversub" plot "$out/$directory" --force
done
"$oversub" plot "$out/timeline" --only journey --force
