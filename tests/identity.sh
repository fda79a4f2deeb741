#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Whether two builds say the same of everything shipped, byte for byte: for changes that should
# change no result. Each shipped scenario runs with two seeds and is explained, one sweep of each
# kind of axis runs, everything is drawn; then the files of both are compared.
#   identity.sh OLD NEW [SCENARIO...]
# OLD and NEW are programs, each in the tree that it was built from (pictures need templates).
# Compared: result.json, sweep.csv, metrics.csv, .hgrm, the trace, explain --json, the data of
# pictures; not run.json and journals, which say when and by what process they were written. What the
# terminal shows is compared as well, but a difference there is only told.
# KEEP=DIRECTORY keeps what both wrote.
set -u
cd "$(dirname "$0")/.." || exit 1
old=$(realpath "${1:?usage: identity.sh OLD NEW [SCENARIO...]}")
new=$(realpath "${2:?usage: identity.sh OLD NEW [SCENARIO...]}")
shift 2
here=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
scenarios=("$@")
[ $# -gt 0 ] || scenarios=("$here"/scenarios/*.json)
short=(--warmup 10ms --set run.measure=20ms --reps 2)

# one PROGRAM SCENARIO SEED: run, trace, explain and draw it
one() {
	local out=$(basename "$2" .json)-$3

	"$1" run "$2" "${short[@]}" --seed "$3" --out "$out" --trace "$out.trace" --jobs 1 \
		>"$out.terminal" 2>&1 || echo "status $?" >>"$out.terminal"
	[ -d "$out" ] || return
	mv "$out.trace" "$out/trace.txt"
	"$1" explain "$out" --json >"$out.explain.json" 2>&1
	"$1" explain "$out" >"$out.explain.terminal" 2>&1
	"$1" plot "$out" >"$out.plot.terminal" 2>&1
	if grep -q apic_ipi "$out/trace.txt"; then
		"$1" plot "$out" --only journey --force >>"$out.plot.terminal" 2>&1
	fi
}

# sweep PROGRAM NAME SCENARIO ARGUMENT...: run and draw it, and compare it with itself
sweep() {
	local program=$1 out=sweep-$2 scenario=$here/scenarios/$3.json

	shift 3
	"$program" sweep "$scenario" "${short[@]}" --out "$out" --jobs 1 "$@" >"$out.terminal" 2>&1 ||
		echo "status $?" >>"$out.terminal"
	"$program" plot "$out" >"$out.plot.terminal" 2>&1
	"$program" compare "$out" >"$out.compare.terminal" 2>&1
}

# everything PROGRAM DIRECTORY
everything() {
	local program=$1 scenario seed

	mkdir -p "$2" && cd "$2" || exit 1
	for scenario in "${scenarios[@]}"; do
		for seed in 1 2; do
			one "$program" "$scenario" $seed
		done
	done
	sweep "$program" policies demo --vary policies=mainline,v3+lag_credit,any_preempted+balance
	sweep "$program" two-axes demo --vary policies=mainline,v3,oracle --vary vms.db.count=2,3
	sweep "$program" candidate demo --vary yield.candidate.policy=mainline,v3,recv_mask
	sweep "$program" window demo --set yield.candidate.policy=v3 \
		--vary vm_defaults.apicv=off,ipiv --vary ipi_window_ns=100us,1ms,50ms
	sweep "$program" sched demo \
		--vary 'yield.sched={"policy":"mainline"},{"policy":"lag_credit","credit_unit_ns":"20us"}' \
		--vary vms.db.count=2,3
	sweep "$program" cosched demo --vary host.cosched.policy=none,gang,balance --vary vms.db.count=2,3
	sweep "$program" layout demo --vary host.cgroup_layout=none,vm,vcpu,libvirt
	sweep "$program" object demo --vary 'vms.db.pin={"pool":["0-15"]},{"pool":["0-7"]},1:1'
	sweep "$program" rate open --vary policies=mainline,v3 --vary rate=5000,9000,11000
	sweep "$program" duration demo --vary run.measure=10ms,20ms
	sweep "$program" start boot --vary host.start=boot,settled
	sweep "$program" adaptive demo --set yield.window.policy=adaptive_ple --vary ple_window=1024,4096
	# How long it took is no matter here.
	sed -i -E 's/[0-9.]+[kM]? events\/s, .*real time, [0-9.]+[mun]?s/events/; s/, [0-9.]+[mun]?s +out/ out/' ./*.terminal
}

everything "$old" "$work/old"
everything "$new" "$work/new"
cd "$work" || exit 1
if [ -n "${KEEP:-}" ]; then
	mkdir -p "$KEEP" && cp -r old new "$KEEP"
fi
# Comments in the data of pictures name the blocks.
find old new -name '*.dat' -exec sed -i '/^#/d' {} +
# Machine, time and source are not a function of the scenario; pictures follow from data and script.
different=$(diff -rq -x run.json -x 'journal*' -x '*.png' -x '*.gp' -x '*.terminal' old new)
told=$(diff -rq -x run.json -x 'journal*' -x '*.png' -x '*.gp' old new | grep -c terminal)
compared=$(find old -type f ! -name run.json ! -name 'journal*' ! -name '*.png' ! -name '*.gp' ! -name '*.terminal' | wc -l)
[ -z "$different" ] || echo "$different"
echo "$compared files compared, $(echo -n "$different" | grep -c '') differ; of what the terminal shows, $told differ"
[ -z "$different" ]
