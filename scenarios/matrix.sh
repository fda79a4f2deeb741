#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What `make matrix` does: policies against overcommit, guests, interrupt hardware, cgroup layout,
# placement and their own details, then a table and a picture of each. Controls that know nothing of
# the target stand in every part where somebody claims to.
#   matrix.sh DIRECTORY
# The oracle exchanges the vCPUs of two CPUs where others move or nominate one: of its variants that
# is the best bound here, see the last part.
set -eu
oversub=${OVERSUB:-oversub}
out=${1:?usage: matrix.sh DIRECTORY}
scenario=$(dirname "$0")/matrix.json
parts=()

# part NAME TITLE OPTION...: a sweep, its table and its picture
part() {
	local name=$1
	printf '\n%s\n' "$2" >&2
	parts+=("$name")
	"$oversub" sweep "$scenario" --force --quiet --out "$out/$name" "${@:3}"
	"$oversub" plot "$out/$name" --only matrix --force
}

# list WORD...: the words with commas
list() {
	local IFS=,
	echo "$*"
}

# The best of the oracles, wherever only one is shown.
swap=(--set yield.candidate.cross_rq=swap)
# Where the VM that computes is spread from the start, or nearly so.
soon=(--set run.warmup=500ms)

part overcommit "policies by overcommit: 2, 3 and 4 VMs of 16 vCPUs, and one of 8, on 16 CPUs" "${swap[@]}" \
	--vary policies="$(list mainline none sched_yield any_preempted random_preempted \
		v3_untracked tracked_only random_tracked v3_strict v3 v3_ranked vee21+vee_deboost \
		recv_mask two_hop guest_wait_hint mainline+lag_credit v3+lag_credit \
		mainline+debooster_v2 mainline+hforfeit mainline+lag_transfer mainline+honest_yield \
		mainline+pull_yield any_preempted+pull_yield v3+pull_yield recv_mask+pull_yield \
		mainline+adaptive_ple mainline+balance mainline+relaxed_cosched mainline+gang \
		mainline+demand_cosched mainline+usliced mainline+ecs oracle)" \
	--vary vms.db.count=2,3,4

part no-pv "those that choose the target, guests without paravirtual features" "${swap[@]}" --set pv=none \
	--vary policies="$(list mainline none any_preempted random_preempted v3_untracked \
		tracked_only random_tracked v3_strict v3 recv_mask guest_wait_hint \
		any_preempted+pull_yield recv_mask+pull_yield oracle)" \
	--vary vms.db.count=2,3,4

part hardware "by interrupt hardware and paravirtual features, 3 VMs" "${swap[@]}" "${soon[@]}" \
	--vary policies="$(list mainline any_preempted random_preempted v3 recv_mask \
		recv_mask+pull_yield guest_wait_hint mainline+demand_cosched oracle)" \
	--vary vm_defaults.apicv=off,on,ipiv,avic --vary vm_defaults.pv=default,none

part idle "by how long guests wait for input and output, 3 VMs" "${swap[@]}" "${soon[@]}" \
	--vary policies="$(list mainline any_preempted random_preempted v3 recv_mask oracle)" \
	--vary vm_defaults.pv=default,none --vary io.exponential.mean=1us,500us,2ms

credits='{"policy":"mainline"}'
for unit in 20us 100us 700us; do
	credits+=',{"policy":"lag_credit","credit_unit_ns":"'$unit'"}'
done

part credit "the lag credit by its unit, guest, overcommit and candidate policy" \
	--vary yield.candidate.policy=mainline,v3 --vary yield.sched="$credits" \
	--vary vm_defaults.pv=default,none --vary vms.db.count=2,3,4

part layout "sched policies by cgroup layout, 3 VMs" "${soon[@]}" \
	--vary yield.sched="$credits,"'{"policy":"debooster_v2"},{"policy":"hforfeit"},{"policy":"lag_transfer"},{"policy":"pull_yield"}' \
	--vary host.cgroup_layout=none,vm,vcpu,libvirt

part placement "sched policies by placement, 2 VMs: anywhere, on half of the CPUs, vCPU i on CPU i" "${swap[@]}" \
	--set vms.db.count=2 \
	--vary policies="$(list mainline mainline+lag_credit mainline+debooster_v2 \
		mainline+lag_transfer mainline+pull_yield any_preempted v3 mainline+balance \
		mainline+lag_credit+balance oracle)" \
	--vary vms.db.pin='{"pool":["0-15"]},{"pool":["0-7"]},1:1'

part details "what the parts of v3, of a control and of the oracle do, EOIs visible and not, 3 VMs" \
	"${soon[@]}" --set pv=none \
	--vary yield.candidate="$(list '{"policy":"mainline"}' '{"policy":"any_preempted"}' \
		'{"policy":"random_preempted"}' '{"policy":"random_preempted","in_kernel":true}' \
		'{"policy":"v3_untracked"}' '{"policy":"random_tracked"}' '{"policy":"v3"}' \
		'{"policy":"v3","enable_relaxed_boost":false}' \
		'{"policy":"v3","shared_vector":false}' '{"policy":"v3","accept_woken":true}' \
		'{"policy":"v3","ipi_window_ns":"1ms"}' '{"policy":"v3","ipi_window_ns":"5ms"}' \
		'{"policy":"v3_fixed"}' '{"policy":"v3_ranked"}' '{"policy":"adaptive_window"}' \
		'{"policy":"oracle"}' '{"policy":"oracle","cross_rq":"swap"}' \
		'{"policy":"oracle","cross_rq":"swap","cost":"zero"}' \
		'{"policy":"oracle","cross_rq":"swap","trigger":"instant"}' \
		'{"policy":"oracle","cross_rq":"swap","trigger":"instant","cost":"zero"}' \
		'{"policy":"oracle","boost":"yield"}')" \
	--vary vm_defaults.apicv=off,on

# All tables in one.
: >"$out/matrix.txt"
: >"$out/matrix.csv"
for name in "${parts[@]}"; do
	{
		printf '==== %s\n\n' "$name"
		cat "$out/$name/plots/matrix.txt"
		echo
	} >>"$out/matrix.txt"
	awk -v part="$name" -v first="${parts[0]}" 'NR > 1 { print part "," $0 }
		NR == 1 && part == first { print "part," $0 }' \
		"$out/$name/plots/matrix.csv" >>"$out/matrix.csv"
done
printf '%s\n' "$out/matrix.txt" "$out/matrix.csv"
