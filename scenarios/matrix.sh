#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What `make matrix` does: policies against overcommit, interrupt hardware, cgroup layout, placement
# and their own details, then a table and a picture of each.
#   matrix.sh DIRECTORY
# The oracle exchanges the vCPUs of two CPUs where others move or nominate one: of its variants that
# is the best bound here, see the last part.
set -eu
oversub=${OVERSUB:-oversub}
out=${1:?usage: matrix.sh DIRECTORY}
scenario=$(dirname "$0")/matrix.json

step() {
	printf '\n%s\n' "$*" >&2
}

# part NAME OPTION...: a sweep, its table and its picture
part() {
	local name=$1
	shift
	"$oversub" sweep "$scenario" --force --quiet --out "$out/$name" "$@"
	"$oversub" plot "$out/$name" --only matrix --force
}

# list WORD...: the words with commas
list() {
	local IFS=,
	echo "$*"
}

step "1/5  policies by overcommit: 2, 3 and 4 VMs of 16 vCPUs, and one of 8, on 16 CPUs"
part overcommit --set yield.candidate.cross_rq=swap \
	--vary policies="$(list mainline none sched_yield v3_strict v3 v3_ranked vee21+vee_deboost \
		recv_mask two_hop guest_wait_hint mainline+lag_credit v3+lag_credit \
		mainline+debooster_v2 mainline+hforfeit mainline+lag_transfer mainline+honest_yield \
		mainline+pull_yield v3+pull_yield recv_mask+pull_yield mainline+adaptive_ple \
		mainline+balance mainline+relaxed_cosched mainline+gang mainline+demand_cosched \
		mainline+usliced mainline+ecs oracle)" \
	--vary vms.db.count=2,3,4

step "2/5  policies by interrupt hardware and paravirtual features, 3 VMs"
part hardware --set yield.candidate.cross_rq=swap \
	--vary policies="$(list mainline v3 v3+lag_credit v3+pull_yield recv_mask \
		recv_mask+pull_yield guest_wait_hint mainline+demand_cosched oracle)" \
	--vary vm_defaults="$(list '{"apicv":"off"}' '{"apicv":"off","pv_eoi":true}' \
		'{"apicv":"off","pv":"default"}' '{"apicv":"on"}' '{"apicv":"on","pv":"default"}' \
		'{"apicv":"ipiv"}' '{"apicv":"ipiv","pv":"default"}' \
		'{"apicv":"avic"}' '{"apicv":"avic","pv":"default"}')"

step "3/5  sched policies by cgroup layout, 3 VMs"
part layout --set yield.candidate.cross_rq=swap \
	--vary policies="$(list mainline none v3 v3+lag_credit v3+debooster_v2 v3+hforfeit \
		v3+lag_transfer v3+pull_yield oracle)" \
	--vary host.cgroup_layout=none,vm,vcpu

step "4/5  sched policies by placement, 2 VMs: anywhere, on half of the CPUs, vCPU i on CPU i"
part placement --set yield.candidate.cross_rq=swap --set vms.db.count=2 \
	--vary policies="$(list mainline mainline+lag_credit mainline+debooster_v2 \
		mainline+lag_transfer mainline+pull_yield v3 mainline+balance \
		mainline+lag_credit+balance oracle)" \
	--vary vms.db.pin='{"pool":["0-15"]},{"pool":["0-7"]},1:1'

step "5/5  what the parts of v3 and of the oracle do, with EOIs visible and not, 3 VMs"
part details \
	--vary yield.candidate="$(list '{"policy":"mainline"}' '{"policy":"v3"}' \
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
for name in overcommit hardware layout placement details; do
	{
		printf '==== %s\n\n' "$name"
		cat "$out/$name/plots/matrix.txt"
		echo
	} >>"$out/matrix.txt"
	awk -v part="$name" 'NR > 1 { print part "," $0 } NR == 1 && part == "overcommit" { print "part," $0 }' \
		"$out/$name/plots/matrix.csv" >>"$out/matrix.csv"
done
printf '%s\n' "$out/matrix.txt" "$out/matrix.csv"
