#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every picture can be drawn again anywhere from its script and its data, by gnuplot alone; and it
# finds the blocks of its data by names.
set -u
oversub=$(realpath "${OVERSUB:-build/oversub}")
cd "$(dirname "$0")/../.." || exit 1
if ! command -v gnuplot >/dev/null; then
	echo "SKIPPED ALOUD: gnuplot is missing, so no picture was tried"
	exit 77
fi
pictures=$(cd plots && ls ./*.gp | sed 's|^\./||; s|\.gp$||; /^style$/d')
scenarios=$PWD/scenarios
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cd "$out" || exit 1
passed=0 failed=0

check() {
	if eval "$2"; then
		passed=$((passed + 1))
	else
		echo "FAIL: $1"
		failed=$((failed + 1))
	fi
}

# results COMMAND SCENARIO ARGUMENT...: run or sweep it, briefly
results() {
	local command=$1 scenario=$2

	shift 2
	"$oversub" "$command" "$scenarios/$scenario.json" --quiet --warmup 10ms --reps 2 \
		--set run.measure=20ms "$@" >/dev/null 2>&1 || echo "FAIL: $command $scenario"
}

results run demo --out run --trace run-trace.txt && mv run-trace.txt run/trace.txt
results sweep demo --out policies --vary policies=mainline,v3 --vary vms.db.count=2,3
results sweep demo --out zoo --vary vms.db.count=2 \
	--vary policies=none,none+lag_credit,mainline,v3,v3_ranked,vee21,oracle,random_tracked
results sweep demo --out window --set yield.candidate.policy=v3 \
	--vary vm_defaults.apicv=off,ipiv --vary ipi_window_ns=100us,50ms
results sweep open --out rate --vary rate=5000,11000
results sweep demo --out metric --vary run.measure=10ms,20ms
results sweep demo --out design --design morris:2 --vary policies=mainline,v3 \
	--vary ipi_window_ns=1ms..50ms:log --vary base_slice_ns=1ms..6ms
for directory in run policies zoo window rate metric design; do
	"$oversub" plot $directory --quiet || echo "FAIL: plot $directory"
done
"$oversub" plot run --quiet --only journey

"$oversub" plot --help >help
for picture in $pictures; do
	check "help knows $picture" 'grep -q "^  $picture  *[a-z]" help'
	script=$(ls ./*/plots/"$picture.gp" 2>/dev/null | head -n 1)
	check "$picture is drawn" '[ -n "$script" ]'
	[ -n "$script" ] || continue
	mkdir -p "elsewhere/$picture"
	cp "${script%.gp}".{gp,dat} "elsewhere/$picture"
	check "$picture.gp names no place of this machine" \
		'! grep -qF -e "$scenarios" -e "${scenarios%/*}" -e "$out" "elsewhere/$picture/$picture.gp"'
	check "$picture.gp can be drawn elsewhere" \
		'(cd "elsewhere/$picture" && gnuplot "$picture.gp" >/dev/null 2>../said)'
	check "$picture.png is the same picture elsewhere" \
		'cmp -s "elsewhere/$picture/$picture.png" "${script%.gp}.png"'
done
for data in ./*/plots/*.dat; do
	check "$data has a name for each block" \
		'awk "/^\$/ { named = 0; next } /^#/ { named = 1; next } !named { exit 1 }" "$data"'
done
"$oversub" plot policies --quiet --metric switches_per_s --only generic
check "the metric that is named is drawn" 'grep -q "switches_per_s" policies/plots/generic.gp'
# What is drawn depends on no position: with the panels of the data in reverse it is the same.
awk 'BEGIN { RS = ""; ORS = "\n\n\n" } { block[NR] = $0 }
	END { for (i = NR; i > 0; i--) print block[i] }' policies/plots/throughput.dat \
	>elsewhere/throughput/throughput.dat
check "the order of blocks does not matter" \
	'(cd elsewhere/throughput && gnuplot throughput.gp 2>/dev/null) &&
	cmp -s elsewhere/throughput/throughput.png policies/plots/throughput.png'

# Whatever eight policies these are: each has a colour of its own, and mainline is always black.
colours=$(cd zoo/plots && { echo 'set print "-"'; cat throughput.gp
	echo 'do for [i = 1:NR_SERIES] { print POLICY[i]." ".color(i) }'; } | gnuplot 2>/dev/null)
check "no two policies of a picture have one colour" \
	'[ "$(cut -d" " -f2 <<<"$colours" | grep -c "^#")" = 8 ] &&
	[ -z "$(cut -d" " -f2 <<<"$colours" | sort | uniq -d)" ]'
check "mainline is black" 'grep -qx "mainline+mainline #000000" <<<"$colours"'
# So brief a run has no p99 of a wait: its row is empty, with a scale that people can read.
check "an empty row has a scale" 'grep -q "^100000 NaN\|^[0-9.]* NaN" window/plots/window.dat &&
	! (cd window/plots && { echo "set print \"-\""; cat window.gp; echo "print LOW[2], HIGH[2]"; } |
		gnuplot 2>&1) | grep -q "e+[0-9]"'

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
