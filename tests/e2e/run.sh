#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The program from outside: exit statuses, messages, what is written and what is not.
#   OVERSUB=build/oversub tests/e2e/run.sh
set -u
oversub=$(realpath "${OVERSUB:-build/oversub}")
cd "$(dirname "$0")/../.." || exit 1
export OVERSUB_DATA=$PWD
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
passed=0 failed=0

ok() {
	passed=$((passed + 1))
}

bad() {
	failed=$((failed + 1))
	echo "FAIL: $*"
}

# gives STATUS ARGUMENT...: run it; standard output and error stay in $dir/stdout and stderr
gives() {
	local want=$1 got
	shift
	"$oversub" "$@" >"$dir/stdout" 2>"$dir/stderr" </dev/null
	got=$?
	if [ $got = "$want" ]; then
		ok
	else
		bad "oversub $*: exit status $got instead of $want"
		sed 's/^/    /' "$dir/stderr"
	fi
}

# says FILE TEXT: it is somewhere in what the last command printed
says() {
	if grep -qF -- "$2" "$dir/$1"; then
		ok
	else
		bad "no \"$2\" in $1:"
		head -n 20 "$dir/$1" | sed 's/^/    /'
	fi
}

silent() {
	if [ -s "$dir/$1" ]; then
		bad "$1 should be empty: $(head -n 3 "$dir/$1")"
	else
		ok
	fi
}

exists() {
	if [ -e "$1" ]; then ok; else bad "$1 is missing"; fi
}

absent() {
	if [ -e "$1" ]; then bad "$1 should not be there"; else ok; fi
}

same() {
	if cmp -s "$1" "$2"; then ok; else bad "$1 and $2 differ"; fi
}

# narrow FILE: no line is wider than 100 columns
narrow() {
	local wide
	wide=$(awk 'length($0) > 100' "$dir/$1")
	if [ -z "$wide" ]; then ok; else bad "wider than 100 columns: $wide"; fi
}

# Nothing was left but what the tests themselves made.
clean() {
	local rest
	rest=$(find "$dir" -mindepth 1 ! -name stdout ! -name stderr ! -path "$dir/keep*" | head -n 3)
	if [ -z "$rest" ]; then ok; else bad "left behind: $rest"; fi
}

# A small world that takes some milliseconds.
mkdir keep
cat >keep/small.json <<'END'
{ "oversub_scenario": 1, "title": "two small VMs",
  "host": { "cpus": 2 },
  "vms": { "db": { "count": 2, "vcpus": 2, "workload": "pairs" } },
  "workloads": { "pairs": { "threads": { "worker": { "count": 2, "program": [
    { "loop": "forever", "body": [ { "request": "unit", "body": [
      { "run": { "exponential": { "mean": "50us" } }, "mode": "user" },
      { "smp_call": "random_other", "wait": true, "probability": 0.5 } ] } ] } ] } } } },
  "run": { "warmup": "5ms", "measure": "50ms", "replications": 3, "seed": "1" } }
END
small=keep/small.json

# ---- Command line ---------------------------------------------------------------------------

gives 2
says stderr "usage: oversub COMMAND"
gives 0 --version
says stdout "oversub 0."
gives 0 --help
says stdout "compare"
for command in run sweep tune compare sensitivity status explain plot check list help; do
	gives 0 help $command
	says stdout "usage: oversub $command"
	gives 0 $command --help
	says stdout "exit status:"
done
gives 0 help man
says stdout ".SH SYNOPSIS"
says stdout "ipi_window_ns"
says stdout "cpu_over_entitlement"
"$oversub" help scenario | sed -n '/^{/,/^}/p' >keep/example.json
gives 0 run keep/example.json --json
gives 2 rnu
says stderr "did you mean run?"
gives 2 help swep
says stderr "did you mean sweep?"
gives 2 run
says stderr "oversub run SCENARIO"
gives 2 run $small --sed 3
says stderr "unknown option --sed; did you mean --set?"
gives 2 run $small --frobnicate
says stderr "unknown option --frobnicate"
gives 2 run $small -x
says stderr "unknown option -x"
gives 2 run $small --seed
says stderr "--seed needs a value"
gives 2 run $small --force=yes
says stderr "--force takes no value"
gives 2 run $small extra
says stderr "unexpected argument extra"
for value in x -1 1.5 '' 9223372036854775808; do
	gives 2 run $small --seed "$value"
	says stderr "expected a number from 0 to 9223372036854775807"
done
gives 2 run $small --reps 0
gives 2 run $small --jobs 0
gives 2 run $small --set
gives 2 run $small --set nonsense
says stderr "expected PATH=VALUE"
gives 2 list
gives 2 list polices
says stderr "did you mean policies?"
for list in policies ops params metrics scenarios schema; do
	gives 0 list $list
	silent stderr
done
clean

# ---- Bad scenarios --------------------------------------------------------------------------

bad_scenario() {
	local text=$1 message=$2
	printf '%s' "$text" >keep/bad.json
	for command in check run; do
		gives 2 $command keep/bad.json
		says stderr "$message"
		silent stdout
	done
}

bad_scenario '{ "oversub_scenario": 1, "host": { "cpus": 2, } }' "keep/bad.json:1:"
bad_scenario '{ "oversub_scenario": 1, "hots": { "cpus": 2 } }' "hots"
bad_scenario '{ "oversub_scenario": 1, "host": { "cpus": 0 } }' "host.cpus"
bad_scenario '{ "oversub_scenario": 1, "vms": { "a": { "workload": "b" } } }' "vms.a"
bad_scenario '{ "oversub_scenario": 1, "host_workload": { "locks": { "l": "mutex" },
	"threads": { "t": { "program": [ { "lock": "l" }, { "unlock": "l" } ] } } } }' \
	"host_workload.locks.l: host threads have no locks of kind mutex"
bad_scenario '{ "oversub_scenario": 1, "host_workload": { "locks": { "l": "tas" },
	"threads": { "t": { "program": [ { "lock": "l", "irqsave": true }, { "unlock": "l" } ] } } } }' \
	"program[0].irqsave: it has no effect here: only threads of a VM have it"
bad_scenario '' "keep/bad.json"
gives 2 run nosuch
says stderr "nosuch"
gives 2 run dmeo
says stderr "did you mean demo?"
cp $small near.json
gives 2 run near
says stderr "did you mean near.json?"
rm near.json
gives 2 run $small --set run.seed=9007199254740993.0
says stderr "not below 2^53"
gives 0 check $small --set run.seed=9007199254740993
says stdout "seed 9007199254740993"
gives 2 run keep
gives 2 run $small --set no.such.key=1
says stderr "no.such.key"
gives 2 run $small --set host.cpus=0
says stderr "host.cpus"
gives 2 sweep $small
says stderr "needs at least one --vary"
gives 2 sweep $small --vary host.cpus
gives 2 sweep $small --vary host.cpus=1,
gives 2 sweep $small --vary host.cpus=1,2 --vary cpus=3,4
says stderr "given twice"
gives 2 sweep $small --vary host.cpus=2,0
says stderr "point 1 (cpus=0)"
for option in --vary --set; do
	gives 2 sweep $small --vary host.cpus=2,4 $option ipi_window_ns=1ms
	says stderr "$option ipi_window_ns has no effect at any point"
	says stderr 'policy "mainline" does not have it; those that do: v3, v3_strict'
done
gives 2 run $small --set ipi_window=1ms
says stderr 'did you mean "yield.candidate.ipi_window_ns"?'
clean

# ---- run ------------------------------------------------------------------------------------

gives 0 check $small
says stdout "2 CPU"
gives 0 run $small
silent stderr
says stdout "out/small/result.json"
says stdout "db x2"
for file in result.json run.json metrics.csv scenario.json vm.db.request.unit.hgrm; do
	exists out/small/$file
done
grep -q '"command": \["oversub", "run", "keep/small.json"\]' out/small/run.json && ok ||
	bad "run.json does not have the command as it was typed"
# Earlier results stay: those of the next run go beside them, and it says so.
cp -r out/small keep/first
gives 0 run $small --seed 2
says stderr "note: out/small is there already: results go to out/small.2"
says stdout "out/small.2/result.json   next: oversub plot out/small.2"
gives 0 run $small --seed 3 --quiet
silent stdout
says stderr "results go to out/small.3"
for number in 2 3; do
	grep -q "\"seed\": \"$number\"" out/small.$number/result.json && ok ||
		bad "out/small.$number does not have the result of seed $number"
done
same out/small/result.json keep/first/result.json
rm -r keep/first out/small.2
mkdir out/small.2
touch out/small.4
gives 0 run $small --quiet # a directory that is empty, or a file, may be somebody's, too
exists out/small.5/result.json
rmdir out/small.2
gives 2 run $small --out out/small
says stderr "output directory out/small is not empty: name another one with --out"
touch out/small/notes.txt out/small/stale.hgrm
gives 0 run $small --force --quiet
silent stdout
silent stderr
exists out/small/notes.txt
absent out/small/stale.hgrm
absent out/small.2
# What scripts write below the usual directory is no reason to refuse either.
mkdir -p out/host-only/part
gives 0 run host-only --reps 1 --quiet
exists out/host-only.2/result.json
rm -r out/small.* out/host-only*
# Who looks for a place at once gets one each.
mkdir race
for number in 1 2 3 4 5 6; do
	(cd race && exec "$oversub" run "../$small" --quiet --seed $number 2>/dev/null) &
done
wait
cat race/out/small*/result.json | grep -o '"seed": "[0-9]*"' | sort -u | wc -l >stdout
says stdout 6
[ "$(ls race/out | tr '\n' ' ')" = "small small.2 small.3 small.4 small.5 small.6 " ] && ok ||
	bad "six runs at once went to: $(ls race/out | tr '\n' ' ')"
rm -r race

gives 0 run $small --jobs 1 --out out/one --quiet
gives 0 run $small --jobs 2 --out out/two --quiet
same out/one/result.json out/two/result.json
same out/one/metrics.csv out/two/metrics.csv
same out/one/result.json out/small/result.json
gives 0 run $small --check-invariants --out out/checked --quiet
same out/one/result.json out/checked/result.json
gives 0 run $small --seed 2 --out out/seed --quiet
if cmp -s out/one/result.json out/seed/result.json; then bad "the seed has no effect"; else ok; fi
# A resolved scenario gives the result again.
gives 0 run out/seed/scenario.json --json
python3 - stdout out/seed/result.json <<'END'
import json, sys
a, b = (json.load(open(name)) for name in sys.argv[1:3])
assert a["metrics"] == b["metrics"] and a["histograms"] == b["histograms"]
assert a["seed"] == "2" and a["replications"] == 3
END
case $? in
0) ok ;;
127) echo "SKIPPED ALOUD: python3 is not installed, so JSON was not read by another reader" ;;
*) bad "a resolved scenario does not give its result again" ;;
esac

rm -rf out
for scenario in "$OVERSUB_DATA"/scenarios/*.json; do
	gives 0 run "$scenario" --set run.warmup=5ms --set run.measure=15ms --reps 2 --out out/any --force
	says stdout "req/s"
	narrow stdout
done
gives 0 sweep fairness --vary yield.candidate.policy=mainline,v3_strict \
	--vary yield.sched.policy=mainline,lag_credit --set run.warmup=1ms --set run.measure=2ms \
	--reps 2 --out out/any --force
narrow stdout
rm -rf out
gives 0 run $small --json
silent stderr
absent out
gives 0 run $small --json --out out/json
same stdout out/json/result.json
gives 0 run $small --out deep/er/dir --quiet
exists deep/er/dir/result.json
touch file
gives 2 run $small --out file
says stderr "it is a file"
gives 2 run $small --out ''
gives 2 run $small --out /proc/nowhere/results
says stderr "cannot write results into directory /proc"
gives 2 sweep $small --vary host.cpus=1,2 --out /proc/nowhere/results
gives 2 run $small --trace -
says stderr "/dev/stdout"
mkdir empty
(cd empty && "$oversub" run "../$small" --quiet --out . && "$oversub" run "../$small" --quiet \
	--out ../empty/ --force) 2>stderr || bad "cannot write into an empty directory"
exists empty/result.json
if ls -A empty | grep -q '^\.'; then bad "something hidden is left"; else ok; fi
rm -r empty
gives 0 run $small --out out/traced --trace out/traced/trace.txt --quiet
exists out/traced/trace.txt
exists out/traced/result.json
if grep -qE '^ +[^ ]+ +[0-9]+ \[[0-9]{3}\] +[0-9]+\.[0-9]{6}: sched:sched_switch: prev_comm=' \
	out/traced/trace.txt; then ok; else bad "no sched_switch in the trace"; fi
gives 0 run $small --out out/untraced --quiet
same out/traced/result.json out/untraced/result.json
if [ -w /dev/full ]; then
	gives 1 run $small --out out/full --trace /dev/full
	says stderr "/dev/full"
	"$oversub" run $small --json >/dev/full 2>stderr
	[ $? = 1 ] && ok || bad "a full standard output is not noticed"
	says stderr "standard output"
fi
rm -rf out deep file

# ---- Runs that cannot go on -----------------------------------------------------------------

# stuck MESSAGE THREADS: a run of two vCPUs with these threads fails and leaves nothing
stuck() {
	printf '{ "oversub_scenario": 1, "host": { "cpus": 2, "start": "boot" },
	  "vms": { "a": { "vcpus": 2, "workload": "w" } },
	  "workloads": { "w": { "locks": { "l": "tas", "k": "queued" }, "threads": { %s } } },
	  "run": { "warmup": "5ms", "measure": "50ms", "replications": 2 } }' "$2" >keep/stuck.json
	gives 0 check keep/stuck.json
	gives 1 run keep/stuck.json
	says stderr "$1"
	says stderr "VM a0"
	silent stdout
	gives 1 sweep keep/stuck.json --vary host.cpus=1,2
	says stderr "$1"
	absent out
}

stuck "lock k held by y0" '"x": { "program": [ { "lock": "l" }, { "run": "1ms" }, { "lock": "k" } ] },
	"y": { "program": [ { "lock": "k" }, { "run": "1ms" }, { "lock": "l" } ] }'
stuck "zero-time loop" '"x": { "program": [ { "loop": "forever", "body": [ { "run": "0ns" } ] } ] }'
stuck "unlocks l, which nobody holds" \
	'"x": { "program": [ { "lock": "l", "probability": 1e-9 }, { "unlock": "l" } ] }'

# ---- VMs that are not there ------------------------------------------------------------------

gives 0 sweep fairness --vary vms.compute.count=0,1 --vary yield.candidate.policy=mainline,v3 --reps 2 \
	--warmup 5ms --set run.measure=20ms --out out/absent
says stdout "compute"
gives 0 compare out/absent
gives 0 compare out/absent/points/000 out/absent/points/002
gives 0 explain out/absent/points/000
gives 0 run fairness --set vms.compute.count=0 --set vms.spinner.count=0 --reps 1 --warmup 5ms --set run.measure=20ms \
	--out out/nobody
says stdout "= 0 vCPU"

# ---- sweep and compare ----------------------------------------------------------------------

gives 0 sweep $small --vary vms.db.count=1,2 --vary yield.candidate.policy=mainline,none
says stdout "out/small-sweep/sweep.csv"
exists out/small-sweep/points/003/result.json
absent out/small-sweep/points/004
head -n 1 out/small-sweep/sweep.csv >stdout
says stdout "vms.db.count,yield.candidate.policy,candidate,sched,replication,scope,metric,unit,value"
gives 0 sweep $small --vary vms.db.count=1,2 --reps 2
says stderr "out/small-sweep is there already: results go to out/small-sweep.2"
says stdout "out/small-sweep.2/sweep.csv   next: oversub plot out/small-sweep.2"
exists out/small-sweep.2/points/001/result.json
absent out/small-sweep.2/points/002
gives 2 sweep $small --vary vms.db.count=1,2 --out out/small-sweep
says stderr "not empty"
rm -r out/small-sweep.2
# The last line of the journal is torn, and the point of the one before it lost.
cp -r out/small-sweep out/resumed
rm -r out/resumed/points/002 out/resumed/sweep.csv
truncate -s -9 out/resumed/journal
gives 0 sweep $small --vary vms.db.count=1,2 --vary yield.candidate.policy=mainline,none \
	--resume --out out/resumed
says stderr "11 of 12 replications are there already"
same out/resumed/sweep.csv out/small-sweep/sweep.csv
same out/resumed/points/002/result.json out/small-sweep/points/002/result.json
gives 2 sweep $small --vary vms.db.count=1,2 --vary yield.candidate.policy=mainline,none \
	--resume --out out/resumed --seed 5
says stderr "cannot be resumed"
# --resume alone means the sweep that is unfinished; if there is none, the one begun last.
cp -r out/resumed out/small-sweep.2
cp -r out/resumed out/small-sweep.3
rm -r out/small-sweep.2/points/001 out/small-sweep.2/sweep.csv
touch out/small-sweep.3/sweep.json
gives 0 sweep $small --vary vms.db.count=1,2 --vary yield.candidate.policy=mainline,none --resume
says stderr "note: resuming out/small-sweep.2"
says stderr "12 of 12 replications are there already"
same out/small-sweep.2/sweep.csv out/small-sweep/sweep.csv
touch -d '2001-01-01' out/small-sweep.2/sweep.json
gives 0 sweep $small --vary vms.db.count=1,2 --vary yield.candidate.policy=mainline,none --resume
says stderr "note: resuming out/small-sweep.3"
rm -r out/small-sweep.[23]
gives 0 sweep $small --vary vms.db.count=1,2 --vary yield.candidate.policy=mainline,none --resume
says stderr "12 of 12 replications are there already"
absent out/small-sweep.2
(mkdir new && cd new && "$oversub" sweep "../$small" --vary vms.db.count=1 --resume --quiet) || bad "nothing to resume"
exists new/out/small-sweep/sweep.csv
rm -r new
gives 0 sweep $small --vary vms.db.count=1,2 --force --out out/resumed --quiet --jobs 1
absent out/resumed/points/002
same out/resumed/points/000/metrics.csv out/small-sweep/points/000/metrics.csv

gives 0 sweep $small --vary yield.candidate.policy=mainline,v3 --vary ipi_window_ns=1ms,5ms \
	--out out/some
says stderr 'left out: policy "mainline" does not have it'

# What can change nothing is said.
gives 0 check $small --set 'workloads.pairs.locks={"typo":"tas"}'
says stderr 'lock "typo" is not used by any program'
says stderr '--set workloads.pairs.locks={"typo":"tas"} changes nothing'
gives 0 check $small --set vms.db.vcpus=2 --set run.seed=1 --set yield.candidate.policy=mainline
silent stderr
gives 0 sweep $small --vary vm_defaults.vcpus=1,3 --out out/idle
says stderr "--vary vm_defaults.vcpus changes nothing"
says stdout "! vm_defaults.vcpus changed no metric in any replication"
gives 0 sweep $small --vary vms.db.count=1,2 --out out/not-idle
grep -q 'changed no metric' stdout && bad "the number of VMs changed something" || ok
gives 0 check $small --set vms.db.vcpus=1
says stdout "guest scheduler on: 2 threads on 1 vCPUs"

# An open system: 5000/s is more than two vCPUs of 600 us an item can do.
cat >keep/open.json <<'END'
{ "oversub_scenario": 1, "title": "a desk with two clerks", "host": { "cpus": 2 },
  "vms": { "desk": { "vcpus": 2, "workload": "clerks" } },
  "workloads": { "clerks": { "arrivals": { "in": { "rate": "1000/s" } },
    "threads": { "clerk": { "count": 2, "program": [ { "loop": "forever", "body": [
      { "request": "case", "body": [ { "take": "in" }, { "run": "600us" } ] } ] } ] } } } },
  "run": { "warmup": "20ms", "measure": "200ms", "replications": 3, "seed": "1" } }
END
gives 0 run keep/open.json --out out/open
grep -q outrun stdout && bad "1000/s outruns 3300/s" || ok
gives 0 run keep/open.json --set rate=5000/s --out out/open-full
says stdout "! arrivals outrun service at source.in of desk"
says stdout ">="
narrow stdout
gives 0 compare out/open out/open-full
says stderr "out/open-full: arrivals outrun service at source.in of vm.desk"
gives 2 check keep/open.json --set workloads.clerks.arrivals.in.interarrival=1ms
says stderr "workloads.clerks.arrivals.in.interarrival and workloads.clerks.arrivals.in.rate both"
gives 0 sweep keep/open.json --vary rate=500/s,1000/s,5000/s --out out/open-sweep
says stdout "! arrivals outrun service, and latencies (>=) are lower bounds, at point 2 (source.in"
if command -v gnuplot >/dev/null; then
	gives 0 plot out/open-sweep
	exists out/open-sweep/plots/load.png
	# Twice the mark of the last of three rates, for p50 and for p99; and nothing below 0.
	[ "$(grep -c ' NaN$' out/open-sweep/plots/load.dat)" = 4 ] && ok || bad "marks in load.dat"
	grep -q -- '-' <(grep -v '^#' out/open-sweep/plots/load.dat) && bad "below 0" || ok
	gives 0 plot out/some --only accuracy
	exists out/some/plots/accuracy.png
	gives 2 plot out/small-sweep --only accuracy
	says stderr "it needs a sweep over ipi_window_ns"
	gives 0 sweep $small --reps 2 --out out/pairs --vary policies=mainline,v3+lag_credit,oracle \
		--vary 'vm_defaults={"apicv":"off","pv_eoi":true},{"apicv":"on"}'
	says stdout "regret: throughput lost against candidate oracle"
	gives 0 plot out/pairs
	exists out/pairs/plots/matrix.png
	exists out/pairs/plots/throughput.png
	grep -q '^"apicv off, pv_eoi","v3+lag_credit",db,' out/pairs/plots/matrix.csv && ok ||
		bad "no row of v3+lag_credit in matrix.csv"
	cp out/pairs/plots/matrix.txt stdout
	says stdout "regret: throughput lost against the block's best oracle"
	# Changes are from mainline with the same pv: the ratio of the means of points 3 and 1.
	gives 0 sweep $small --reps 2 --out out/pv --vary policies=mainline,v3 \
		--vary vms.db.count=2 --vary vm_defaults.pv=none,default
	gives 0 plot out/pv --only throughput
	label='change in % from mainline, pv default: v3, pv default'
	drawn=$(grep -A 1 "$label" out/pv/plots/throughput.dat | awk '!/#/ { print $2 }')
	mean() { awk -F, '$4 == "vm.db" && $5 == "requests_per_s" { sum += $7 } END { print sum }' \
		"out/pv/points/$1/metrics.csv"; }
	awk -v drawn="$drawn" -v base="$(mean 001)" -v other="$(mean 003)" 'BEGIN {
		d = drawn - 100 * (other / base - 1); exit !(drawn != "" && d * d < 1e-8) }' && ok ||
		bad "$drawn % is not the change from $(mean 001) to $(mean 003)"
	gives 2 plot out/resumed --metric 'requ*'
	says stderr "a picture shows one metric"
	gives 2 plot out/resumed/points/000 --metric requests_per_s
	says stderr "is one run"
	gives 2 plot out/resumed --only matrix
	says stderr "it needs a sweep over policies and something else"
else
	echo "SKIPPED ALOUD: gnuplot is missing, so no picture was tried"
fi
gives 0 sweep $small --vary 'yield.candidate={"policy":"v3"},{"policy":"none"}' --out out/objects
grep -Eq '^ +0  v3 .* 1' stdout && ! grep -q '{' stdout && ok || bad "an object is not in words"
# Long labels that differ only at their ends stay apart, and leave room for the rest of the row.
credits='{"policy":"lag_credit","credit_unit_ns":"20us"},{"policy":"lag_credit","credit_unit_ns":"50us"}'
gives 0 sweep fairness --set run.warmup=1ms --set run.measure=2ms --reps 2 --out out/wide \
	--vary yield.candidate.policy=mainline,oracle --vary "yield.sched=$credits"
says stdout "regret: throughput lost"
for unit in 20us 50us; do
	[ "$(grep -c "^ .*  lag_credit,.*$unit  " stdout)" = 4 ] && ok || bad "no rows of $unit"
done
narrow stdout

points=out/small-sweep/points
gives 0 compare $points/000 $points/001
says stdout "3 pairs of replications"
says stdout "vm.db:requests_per_s"
says stdout "yield.candidate.policy: mainline -> none"
gives 0 compare out/small-sweep --all
says stdout "points/003 against"
says stdout "   policy none"
gives 0 compare out/small-sweep
says stdout "change against count 1 in %"
says stdout "vm.db:requests_per_s"
says stdout "policy none"
says stdout "geometric mean"
narrow stdout
[ "$(awk '{ if (length > 80) print }' stdout | wc -l)" = 0 ] && ok || bad "compare is wider than 80 columns"
gives 0 compare out/small-sweep --metric 'vm.db:time.*' --metric jain --format csv
says stdout '"vm.db","time.spin","fraction","policy mainline"'
says stdout '"host","jain"'
gives 0 compare out/small-sweep --format md
says stdout '| vm.db:requests_per_s |'
gives 0 compare out/small-sweep --format latex
says stdout 'requests\_per\_s'
gives 2 compare out/small-sweep --format word
says stderr "expected text, md, csv or latex"
cp -r out/small-sweep out/partly
rm -r out/partly/points/003
gives 0 compare out/partly
says stderr "1 of the 4 points of out/partly are missing"
gives 0 plot out/partly
says stderr "1 of the 4 points of out/partly are missing"
rm -r out/partly
gives 0 compare $points/000 $points/001 $points/002 --metric requests_per_s
says stdout "p Holm"
gives 0 compare $points/000 $points/002 $points/003 --metric requests_per_s
says stdout "p < 0.05 after Holm's correction over all 2 differences shown"
gives 0 compare $points/000 $points/001 --json
says stdout '"relative_low": '
says stdout '"tests": '
gives 0 sweep $small --vary yield.candidate.policy=mainline,oracle --out out/regret
says stdout "regret: throughput lost against candidate oracle"
gives 0 compare out/regret --all
says stdout "regret of out/regret/points/000 against the oracle, out/regret/points/001"
narrow stdout
gives 0 compare out/regret --json
says stdout '"regret": {'
gives 2 compare $points/000
gives 2 compare $points/000 out
says stderr "has no result.json"
gives 2 compare $points/000 $points/001 --metric nosuch
gives 0 run $small --seed 2 --out out/seed --quiet
gives 2 compare $points/000 out/seed
says stderr "same --seed"
gives 0 run host-only --reps 2 --out out/host --quiet
gives 0 compare $points/000 out/host
says stderr "are not in out/host and are left out"
says stdout "host.hrtick: (default) -> false"
narrow stdout
gives 0 run $small --reps 2 --set vms.db.count=1 --out out/short --quiet
gives 0 compare $points/000 out/short
says stderr "only the first 2 are compared"

gives 0 explain $points/001 --top 2
says stdout "metrics are those of the result"
says stdout "what kept them waiting"
narrow stdout
gives 0 explain out/small-sweep --point 2 --replication 2 --json
says stdout '"check": "all '
says stdout '"causes_ns"'
gives 0 explain $small --measure 10ms --set vms.db.count=1
says stdout "there is no result to compare with"
gives 2 explain out/small-sweep
says stderr "is a sweep: choose one of its 4 points"
gives 2 explain out/small-sweep --point 4
says stderr "has the points 0 to 3"
gives 2 explain $points/001 --point 1
says stderr "--point is for sweeps"
gives 2 explain $points/001 --replication 4
says stderr "there are 3, numbered from 1"
gives 2 explain out
says stderr "has no result.json"
gives 2 explain out/nosuch
gives 2 explain
sed -i 's/"values": \[[0-9.]*,/"values": [12345.5,/' out/short/result.json
gives 0 explain out/short
says stdout "metrics are NOT those of the result"
says stderr "was made by another oversub"

echo '{"format": 99}' >out/short/result.json
gives 2 explain out/short
gives 2 compare $points/000 out/short
says stderr "format 99"
gives 2 plot out/nosuch
rm -rf out

# ---- Terminals ------------------------------------------------------------------------------

# What users of a terminal see, by way of a pseudo-terminal: progress while it runs, nothing of it
# in files, and an interrupt from the keyboard.
if script -qec true tty.txt </dev/null >/dev/null 2>&1; then
	script -qec "'$oversub' run '$small' --set run.measure=60s --out out/tty" tty.txt >stdout </dev/null
	says stdout "of 3 replications"
	says stdout " left"
	says stdout "req/s"
	exists out/tty/result.json
	script -qec "'$oversub' run '$small' --set run.measure=60s --quiet --out out/quiet" tty.txt \
		>stdout </dev/null
	silent stdout
	script -qec "stty cols 72; '$oversub' list params" tty.txt </dev/null | tr -d '\r' >stdout
	wide=$(awk 'length($0) > 72' stdout)
	if [ -z "$wide" ]; then ok; else bad "wider than the terminal: $wide"; fi
	rm -rf out tty.txt
else
	echo "SKIPPED ALOUD: script(1) or a pseudo-terminal is missing, so no terminal was tried"
fi

# ---- Ranges and designs ---------------------------------------------------------------------

gives 0 sweep $small --vary vms.db.count=1..3:3 --set run.measure=5ms --reps 2 --out out/range
says stdout "    2  3      db"
gives 0 sweep $small --design sobol:4 --vary policies=mainline,v3 --vary ipi_window_ns=1ms..9ms \
	--vary host.base_slice_ns=1ms..4ms:log --set run.measure=5ms --reps 2 --out out/design
says stdout "next: oversub sensitivity out/design"
head -n 1 out/design/sweep.csv >stdout
says stdout "policies,design,yield.candidate.ipi_window_ns,host.base_slice_ns,candidate,sched,replication,scope,metric,unit,value,window,cosched,scenario,seed"
gives 0 sensitivity out/design
says stdout "v3 against mainline: change in %"
says stdout "first order"
says stdout "yield.candidate.ipi_window_ns"
gives 0 sensitivity out/design --json --metric vm.db:time.spin
says stdout '"metric": "time.spin"'
gives 0 compare out/design --metric requests_per_s
# What mainline has no parameter for is run once: 8 rows with its own slices, 16 of v3.
[ "$(grep -c '"point"' out/design/journal)" -lt 64 ] && ok || bad "the same points are run twice"
rm -r out/design/points/003
gives 2 sensitivity out/design
says stderr "1 of the 32 points"
gives 2 sensitivity out/range
says stderr "no sweep with a --design"
gives 2 sweep $small --design sobol:4 --vary vms.db.count=1,2
says stderr "give 1 to 20 ranges"
gives 2 sweep $small --design cube:4 --vary vms.db.count=1..2
says stderr "expected lhs:N"
gives 2 sweep $small --set yield.candidate.policy=v3 --vary ipi_window_ns=1ms..5ms \
	--vary yield.candidate.ipi_window_ns=6ms..9ms --design lhs:3 --out out/twice
says stderr "yield.candidate.ipi_window_ns is given twice"
gives 2 sweep $small --vary vms.db.count=1..2
says stderr "how many values of 1..2"
rm -r out

# ---- As many replications as it takes --------------------------------------------------------

gives 0 sweep $small --vary yield.candidate.policy=mainline,v3 --set run.measure=20ms \
	--until gain:20% --reps 40 --out out/until
says stderr "corrected for repeated looks"
gives 0 sweep $small --vary yield.candidate.policy=mainline,v3 --set run.measure=20ms \
	--until gain:20% --reps 40 --out out/until.2 --jobs 1 --quiet
same out/until/sweep.csv out/until.2/sweep.csv
gives 0 sweep $small --vary yield.candidate.policy=mainline,v3 --set run.measure=20ms \
	--until gain:20% --reps 40 --out out/until --resume
says stderr "20 of 20 replications are there already"
same out/until/sweep.csv out/until.2/sweep.csv
gives 0 run $small --set run.measure=2ms --until 1% --reps 12 --out out/short
says stderr "1 point is not known within 1 % after 12 replications, the cap"
says stdout "12 reps"
gives 2 run $small --until 1
says stderr "expected a share of the mean such as 1%"
gives 2 run $small --until 1% --metric nothing --out out/nothing
says stderr "no metric is called nothing"
absent out/nothing
gives 2 run $small --until gain:5% --out out/nothing
says stderr "nothing that a gain could be against"
gives 2 run $small --until 1% --shard 1/2 --out out/nothing
says stderr "leave one of them out"
rm -r out

# ---- How far, and how long --------------------------------------------------------------------

gives 0 sweep $small --vary vms.db.count=1,2 --vary ipi_window_ns=1ms,5ms \
	--set yield.candidate.policy=v3 --dry-run
says stdout "    3  count=2 ipi_window_ns=5ms"
says stdout "4 points, 4 of them different, 12 replications"
absent out
gives 0 sweep $small --vary policies=mainline,v3 --vary ipi_window_ns=1ms,5ms --reps 2 \
	--set run.measure=5ms --progress json --out out/far
says stdout "3 of them differ in what they simulate, and were run"
same out/far/points/000/result.json out/far/points/001/result.json
gives 0 status out/far
says stdout "out/far: 6 of 6 replications, 4 of 4 points complete"
says stdout "nobody writes there"
gives 0 status out/far --json
says stdout '"of_replications": 6'
gives 2 status out
says stderr "has no journal"
gives 1 sweep $small --vary run.measure=5ms,36000s --jobs 1 --max-time 300ms --out out/late
says stderr "the time of --max-time is over"
says stderr "3 of 6 replications are complete"
gives 0 status out/late
says stdout "3 of 6 replications, 1 of 2 points complete"
gives 2 run $small --max-memory 5M --out out/large
says stderr "MiB even with one job"
gives 2 run demo --set vms.db.count=40 --jobs 8 --max-memory 60M --out out/large
says stderr "MiB with 8 jobs, and --max-memory allows 60: --jobs 2 would do"
absent out/large
gives 2 run $small --max-memory much
says stderr "expected a size such as 500M or 4G"
gives 2 run $small --progress sometimes
says stderr "expected auto, always, never or json"
rm -r out

# ---- Sweep files, and tuning ------------------------------------------------------------------

cat >sweep.json <<END
// as a command line, and longer
{ "oversub_sweep": 1, "scenario": "./$small", "set": { "run.measure": "5ms" }, "reps": 2,
  "vary": { "policies": ["mainline", "v3"], "vms.db.count": "1..3:3" } }
END
gives 0 sweep ./sweep.json --out out/file
gives 0 sweep $small --set run.measure=5ms --reps 2 --vary policies=mainline,v3 --vary vms.db.count=1,2,3 \
	--out out/line
same out/file/sweep.csv out/line/sweep.csv
gives 0 sweep ./sweep.json --reps 3 --dry-run
says stdout "18 replications"
sed -i 's/"vary"/"varry"/' sweep.json
gives 2 sweep ./sweep.json
says stderr 'did you mean "vary"?'
rm sweep.json
tune="$small --set yield.candidate.policy=v3 --vary ipi_window_ns=100us..50ms:log --set run.measure=10ms"
gives 0 tune $tune --maximise vm.db:requests_per_s --subject-to 'vm.db:time.steal<=0.9' --design lhs:8 \
	--reps 4 --out out/tune
says stdout "8 candidates x 2 replications"
says stdout "4 candidates x 4 replications"
says stdout "on a fresh seed, 8 replications"
says stdout "kept"
exists out/tune/tune.json
gives 0 tune $tune --maximise vm.db:requests_per_s --subject-to 'vm.db:time.steal<=0.9' --design lhs:8 \
	--reps 4 --out out/again --jobs 1 --quiet
same out/tune/tune.json out/again/tune.json
gives 0 tune $tune --maximise vm.db:requests_per_s --subject-to 'vm.db:time.steal<=0.9' --design lhs:8 \
	--reps 4 --out out/tune --resume --quiet
same out/tune/tune.json out/again/tune.json
gives 2 tune $tune
says stderr "give either --maximise or --minimise"
gives 2 tune $tune --maximise vm.db:nothing --out out/nothing
says stderr "--maximise: no metric is called vm.db:nothing"
gives 2 tune $tune --maximise vm.db:requests_per_s --subject-to 'vm.db:nothing>=1' --out out/nothing
says stderr "--subject-to: no metric"
gives 2 tune $tune --maximise vm.db:requests_per_s --warmup auto --out out/nothing
says stderr "tune takes no --warmup auto"
gives 2 tune $small --maximise vm.db:requests_per_s
says stderr "tune needs at least one --vary"
absent out/nothing
# What the plain scenario has no parameter for is left out there, and the largest seed has a fresh one.
gives 0 tune $small --vary yield.candidate.policy=v3,v3_strict --set ipi_window_ns=1ms --set run.measure=5ms \
	--seed 9223372036854775807 --maximise vm.db:requests_per_s --reps 2 --out out/lists --quiet
gives 2 tune $tune --maximise requests_per_s
says stderr "name scope and metric"
gives 2 tune $tune --minimise vm.db:requests_per_s --subject-to 'vm.db:jain=1'
says stderr "expected SCOPE:NAME>=X"
rm -r out

# ---- Interruption ---------------------------------------------------------------------------

# A background job of a shell that is not interactive ignores SIGINT: TERM is the same to us.
# The place that it took is given back.
mkdir -p out/small
"$oversub" run $small --set run.measure=3600s >stdout 2>stderr &
job=$!
sleep 0.5
kill -TERM $job
wait $job
status=$?
[ $status = 143 ] && ok || bad "an interrupted run gives $status instead of 143"
says stderr "interrupted"
says stderr "results go to out/small.2"
absent out/small.2
if [ -z "$(find out -type f 2>/dev/null)" ]; then ok; else bad "an interrupted run wrote something"; fi
rm -rf out

# The first point is short; the second never ends.
"$oversub" sweep $small --vary run.measure=20ms,3600s --jobs 1 >stdout 2>stderr &
job=$!
for i in $(seq 100); do
	[ -e out/small-sweep/points/000 ] && break
	sleep 0.1
done
kill -TERM $job
wait $job
status=$?
[ $status = 143 ] && ok || bad "an interrupted sweep gives $status instead of 143"
silent stdout
says stderr "3 of 6 replications are complete in out/small-sweep; to go on: oversub sweep $small --vary run.measure=20ms,3600s --jobs 1 --out out/small-sweep --resume"
exists out/small-sweep/points/000/result.json
absent out/small-sweep/points/001
absent out/small-sweep/sweep.csv
gives 2 compare out/small-sweep
says stderr "is not complete"
rm -rf out
clean

echo "$passed passed, $failed failed"
[ $failed = 0 ]
