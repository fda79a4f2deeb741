#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Nothing lost, nothing mixed: sweeps that are killed at any time, changed by hand, or started twice
# in one directory end with the results of one that nobody disturbed, or say why they do not.
#   KILLS=N  how many kills of each kind; a few, or all with tests/full/journal.sh
set -u
oversub=$(realpath "${OVERSUB:-build/oversub}")
cd "$(dirname "$0")/../.." || exit 1
kills=${KILLS:-25}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0

ok() { passed=$((passed + 1)); }
bad() {
	failed=$((failed + 1))
	echo "FAIL: $*"
	sed 's/^/    /' "$dir/log" 2>/dev/null | tail -n 5
}

cat >"$dir/small.json" <<'END'
{ "oversub_scenario": 1, "host": { "cpus": 2 },
  "vms": { "db": { "count": 2, "vcpus": 2, "workload": "pairs" } },
  "workloads": { "pairs": { "threads": { "worker": { "count": 2, "program": [
    { "loop": "forever", "body": [ { "request": "unit", "body": [
      { "run": { "exponential": { "mean": "50us" } }, "mode": "user" },
      { "smp_call": "random_other", "wait": true, "probability": 0.5 } ] } ] } ] } } } },
  "run": { "warmup": "1ms", "measure": "5ms", "replications": 3, "seed": "1" } }
END
cc -O1 -o "$dir/kill_at" tests/faults/kill_at.c || exit 1
cd "$dir" || exit 1

# What a sweep is compared in: all but when and by whom it was made.
same() {
	diff -r "$1" "$2" -x run.json -x 'journal*' >difference 2>&1
}
small() {
	"$oversub" sweep small.json --vary vms.db.count=1,2 "$@" --quiet >log 2>&1
}
small --out whole || bad "a plain sweep"
# None of it is there after a kill and --resume.
temporaries() {
	find "$1" "$1.replacing" \( -name '.oversub*' -o -name '*.replac*' \) 2>/dev/null
}

# ---- Changed by hand --------------------------------------------------------------------------

# tampered WHAT: the sweep in hurt, which was changed, is resumed and then as it was
tampered() {
	small --out hurt --resume || bad "$1: --resume gives $?"
	if same whole hurt && [ -z "$(temporaries hurt)" ]; then ok; else bad "$1: results differ $(cat difference)"; fi
}
# hurt: a new copy to be changed
fresh() {
	rm -rf hurt
	cp -r whole hurt
}
fresh && sed -i 's/"mean": 1/"mean": 2/' hurt/points/001/result.json && tampered "a changed digit in result.json"
fresh && sed -i 's/"metrics": {/"metrics": {}, "others": {/' hurt/points/001/result.json && tampered "no metrics"
fresh && : >hurt/points/000/result.json && tampered "an empty result.json"
fresh && sed -i '2d' hurt/points/000/metrics.csv && tampered "a line of metrics.csv is missing"
fresh && rm -r hurt/points/000 && tampered "a point is missing"
fresh && rm hurt/points/000/*.hgrm hurt/sweep.csv hurt/sweep.json && tampered "files are missing"
fresh && cp -r hurt/points/000 hurt/points/002 && tampered "a point too many"
fresh && cp hurt/points/000/result.json hurt/points/001/result.json && tampered "a result of another point"
fresh && sed -i '5s/[0-9]\.[0-9]/7.7/' hurt/journal && tampered "a changed digit in the journal"
fresh && sed -i '4d' hurt/journal && tampered "a line of the journal is missing"
fresh && head -c 3000 whole/journal >hurt/journal && tampered "half of the journal"
fresh && sed -i '3{p;p}' hurt/journal && tampered "lines twice in the journal"
fresh && { sed -n '1,2p' whole/journal; sed -n '3,$p' whole/journal | tac; } >hurt/journal && tampered "another order"
fresh && echo 'deadbeefdeadbeef {"point": "0000000000000000", "replication": 0, "names": "0", "of": {}}' >>hurt/journal &&
	tampered "a line that somebody made up"
fresh && printf '\0\0\0\n' >>hurt/journal && tampered "bytes that are no text"
fresh && touch hurt/points/.oversub.000.abcdef hurt/.oversub.sweep.csv.abcdef && tampered "temporaries of a killed one"

# refused WHAT TEXT ARGUMENT...: --resume refuses, says TEXT, and changes nothing
refused() {
	local what=$1 text=$2
	shift 2
	rm -rf before && cp -r hurt before
	small --out hurt --resume "$@" && bad "$what is taken"
	if grep -qF -- "$text" log && same before hurt && diff before/journal* hurt/journal* >/dev/null 2>&1; then ok; else bad "$what"; fi
}
fresh && refused "another seed" "cannot be resumed" --seed 2
fresh && refused "another scenario" "cannot be resumed" --set run.measure=6ms
fresh && mv hurt/journal hurt/journal.old && refused "no journal" "no journal that says"
fresh
origin=$(sed -n '1s/^[^ ]* //;1s/"source":"[^"]*"/"source":"another"/p' hurt/journal)
check=$(printf %s "$origin" | sha256sum | cut -c1-16)
sed -i "1s/.*/$check $(printf %s "$origin" | sed 's/[\/&]/\\&/g')/" hurt/journal
refused "another program" "another program"
if small --out hurt --resume=mixed && same whole hurt; then ok; else bad "--resume=mixed insists"; fi
if ! small --out hurt --resume=sometimes && grep -q "expected --resume" log; then ok; else bad "--resume=sometimes"; fi

# ---- More points, more replications -----------------------------------------------------------

fresh
"$oversub" sweep small.json --vary vms.db.count=0.5,2 --out hurt --resume >log 2>&1 && bad "half a VM"
small --out bigger --reps 5 --vary yield.candidate.policy=mainline,none
rm -rf hurt && small --out hurt --reps 2 --vary yield.candidate.policy=none
small --out hurt --resume --reps 5 --vary yield.candidate.policy=mainline,none
if same bigger hurt; then ok; else bad "grown by points and replications"; fi
"$oversub" run small.json --reps 6 --out six --quiet
"$oversub" run small.json --reps 2 --out two --quiet
"$oversub" run small.json --reps 6 --out two --resume >log 2>&1
if same six two && grep -q "2 of 6 replications are there" log; then ok; else bad "a run grown by replications"; fi

# ---- Shares -----------------------------------------------------------------------------------

sweep_shares() {
	"$oversub" sweep small.json --vary vms.db.count=1,2 --reps 5 --quiet "$@"
}
sweep_shares --out five
for shares in 1 2 3 7; do
	for ((i = 1; i <= shares; i++)); do
		sweep_shares --out shared --shard $i/$shares >log 2>&1 &
	done
	wait
	[ ! -e shared/sweep.csv ] || bad "a share makes results"
	if sweep_shares --out shared --resume >log 2>&1 && same five shared; then ok; else bad "$shares shares: $(cat difference)"; fi
	if sweep_shares --out shared --resume >log 2>&1 && same five shared; then ok; else bad "$shares shares, again"; fi
	rm -rf shared
done
# One of them is killed, and goes on.
sweep_shares --out shared --shard 1/2
sweep_shares --out shared --shard 2/2
head -n 4 shared/journal.2-of-2 >part && truncate -s -20 part && mv part shared/journal.2-of-2
sweep_shares --out shared --shard 2/2 >log 2>&1 && bad "a share is begun twice"
if sweep_shares --out shared --shard 2/2 --resume && sweep_shares --out shared --resume && same five shared; then ok; else bad "a share that was killed"; fi
rm -rf shared
# Each in a directory of its own, where machines have no file system in common.
sweep_shares --out shared --shard 1/2 && sweep_shares --out far --shard 2/2 && mv far/journal.2-of-2 shared/
if sweep_shares --out shared --resume >log 2>&1 && same five shared; then ok; else bad "shares of two machines"; fi
# Shares are alike though points are not: of 15 replications on 4, none has more than 4.
rm -rf shared
most=0
for i in 1 2 3 4; do
	"$oversub" sweep small.json --vary vms.db.count=1,2,3 --reps 5 --quiet --out shared --shard $i/4
	nr=$(grep -c '"point"' shared/journal.$i-of-4)
	[ "$nr" -gt $most ] && most=$nr
done
[ $most = 4 ] && ok || bad "the largest of 4 shares of 15 has $most"
OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=3 sweep_shares --out rank --shard auto
PMI_RANK=2 PMI_SIZE=3 sweep_shares --out rank --shard auto
SLURM_ARRAY_TASK_ID=14 SLURM_ARRAY_TASK_MIN=10 SLURM_ARRAY_TASK_STEP=4 SLURM_ARRAY_TASK_COUNT=2 sweep_shares --out rank --shard auto
[ "$(cd rank && echo journal*)" = "journal.2-of-2 journal.2-of-3 journal.3-of-3" ] && ok || bad "ranks: $(ls rank)"
sweep_shares --out rank --shard auto >log 2>&1 && bad "auto without a rank"
SLURM_PROCID=0 SLURM_NTASKS=4 sweep_shares --out rank --shard auto >log 2>&1 && bad "a batch script is no rank"
PMI_RANK=abc PMI_SIZE=2 sweep_shares --out rank --shard auto >log 2>&1 && bad "a rank that is no number"
sweep_shares --out rank --shard 3/2 >log 2>&1 && bad "share 3 of 2"
sweep_shares --shard 1/2 >log 2>&1 && bad "a share without --out"
ok

# ---- Two at a time ----------------------------------------------------------------------------

trial() {
	rm -rf both one.status two.status
	(small --out both "$@"; echo $? >one.status) &
	("$oversub" sweep small.json --vary vms.db.count=1,2 --out both --quiet "$@" >log2 2>&1; echo $? >two.status) &
	wait
	same whole both || return 1
	[ "$(cat one.status two.status | sort -n | tr -d '\n')" = 02 ] ||
		{ [ "$*" != "" ] && [ "$(cat one.status two.status | tr -d '\n')" = 00 ]; }
}
for ((i = 0; i < kills; i++)); do
	if trial; then ok; else bad "two at a time: $(cat one.status two.status log2)"; fi
	# One after the other, or one is told that the other is there.
	if trial --resume; then ok; else bad "two that resume: $(cat one.status two.status log2)"; fi
done
"$oversub" sweep small.json --vary run.measure=20ms,3600s --out busy --quiet &
job=$!
for ((i = 0; i < 100; i++)); do [ -e busy/journal ] && break; sleep 0.05; done
"$oversub" sweep small.json --vary run.measure=20ms,3600s --out busy --resume >log 2>&1 && bad "a second writer"
grep -q "busy is being written by process $job on" log && ok || bad "who writes there"
"$oversub" sweep small.json --vary vms.db.count=1 --out busy --force >log 2>&1 && bad "--force over one that runs"
grep -q "being written" log && ok || bad "--force over one that runs"
kill -9 $job
wait $job 2>/dev/null

# ---- Kills ------------------------------------------------------------------------------------

# A kill that comes before there is a journal leaves nothing to go on with.
whole_again() {
	small --out "$1" --resume || { bad "$2: --resume gives $?"; return; }
	if same whole "$1" && [ -z "$(temporaries "$1")" ]; then ok; else bad "$2: $(cat difference; temporaries "$1")"; fi
}
calls=$(./kill_at 0 "$oversub" sweep small.json --vary vms.db.count=1,2 --out counted --quiet)
if [ "${calls:-0}" -lt 100 ]; then
	echo "SKIPPED ALOUD: ptrace is forbidden here, so nothing is killed at the n-th system call"
	calls=0
fi
for ((i = 0; i < kills && calls; i++)); do
	n=$((1 + i * calls / kills))
	rm -rf killed
	./kill_at $n "$oversub" sweep small.json --vary vms.db.count=1,2 --out killed --quiet >log 2>&1
	whole_again killed "killed at system call $n of $calls"
done
# So long does one take, in ms; it is killed somewhere in there.
start=$(date +%s%N)
small --out timed
length=$((($(date +%s%N) - start) / 1000000 + 1))
for ((i = 0; i < kills; i++)); do
	rm -rf killed
	"$oversub" sweep small.json --vary vms.db.count=1,2 --out killed --quiet >log 2>&1 &
	job=$!
	sleep "$(printf '0.%03d' $((RANDOM % length)))"
	kill -9 $job 2>/dev/null
	wait $job 2>/dev/null
	whole_again killed "killed at some time"
done

# ---- --force ----------------------------------------------------------------------------------

small --out other --seed 2
force_calls=0
if [ $calls != 0 ]; then
	cp -r whole replaced
	force_calls=$(./kill_at 0 "$oversub" sweep small.json --vary vms.db.count=1,2 --seed 2 --out replaced --force --quiet)
fi
for ((i = 0; i < kills && force_calls; i++)); do
	n=$((1 + i * force_calls / kills))
	rm -rf replaced*
	cp -r whole replaced
	mkdir replaced/mine && echo mine >replaced/mine/file
	./kill_at $n "$oversub" sweep small.json --vary vms.db.count=1,2 --seed 2 --out replaced --force --quiet >log 2>&1
	[ "$(cat replaced/mine/file)" = mine ] || bad "killed at $n: a file of somebody else's is lost"
	rm -r replaced/mine
	rm -rf replaced/.oversub*
	if same whole replaced || same other replaced; then ok; else bad "killed at $n of $force_calls: neither old nor new: $(cat difference)"; fi
	small --seed 2 --out replaced --force
	if same other replaced && [ -z "$(temporaries replaced)" ] && [ ! -e replaced.replacing ]; then
		ok
	else
		bad "killed at $n, and again: $(cat difference; temporaries replaced)"
	fi
done
# What a link leads to is replaced, not the link; a share that runs is not. So is where one stands.
cp -r whole linked && ln -s linked link
small --seed 2 --out link --force && [ -L link ] && same other linked && ok || bad "--force on a link"
echo mine >linked/mine
(cd linked && "$oversub" sweep ../small.json --vary vms.db.count=1,2 --out . --force --quiet >../log 2>&1 && grep -q mine mine) &&
	rm linked/mine && same whole linked && [ ! -e linked.replacing ] && ok || bad "--force where one stands: $(cat difference)"
"$oversub" run small.json --set run.measure=3600s --out share --shard 1/2 --quiet 2>/dev/null &
job=$!
for ((i = 0; i < 100; i++)); do [ -e share/journal.1-of-2 ] && break; sleep 0.05; done
"$oversub" run small.json --out share --force --quiet >log 2>&1 && bad "--force over a share that runs"
grep -q "being written" log && [ -e share/journal.1-of-2 ] && ok || bad "--force over a share that runs: $(cat log)"
kill -9 $job
wait $job 2>/dev/null
# Interrupted, and gone on with.
rm -rf replaced* && cp -r whole replaced
"$oversub" sweep small.json --vary run.measure=5ms,3600s --jobs 1 --out replaced --force >log 2>&1 &
job=$!
for ((i = 0; i < 100; i++)); do [ -e replaced.replacing/points/000 ] && break; sleep 0.05; done
kill -TERM $job
wait $job
[ $? = 143 ] && grep -q "3 of 6 replications.*--out replaced --force --resume" log && same whole replaced && ok ||
	bad "--force interrupted"

# ---- Full disks ---------------------------------------------------------------------------------

# Room for the journal but not for all results, or not even for that; then there is room again.
mkdir disk
for size in 8k 24k 64k 128k 256k; do
	if ! mount -t tmpfs -o size=$size none disk 2>/dev/null; then
		echo "SKIPPED ALOUD: no small disk can be mounted here"
		break
	fi
	if small --out disk/full; then
		same whole disk/full && ok || bad "a disk of $size is full and nobody says so"
	else
		[ $? = 1 ] && grep -qiE "no space|disk full|cannot (write|create)" log && ok || bad "a disk of $size: $(cat log)"
	fi
	mount -o remount,size=16m disk
	whole_again disk/full "after a full disk of $size"
	umount disk
done

# ---- Signals ----------------------------------------------------------------------------------

# signalled NAME STATUS: a run that would take hours ends so, within a second
signalled() {
	local before after
	rm -rf out
	("$oversub" run small.json --set run.measure=36000s --out out/x "${@:3}" >log 2>&1; echo $? >status) &
	for ((i = 0; i < 100; i++)); do [ -e out/x/journal ] && break; sleep 0.05; done
	before=$(date +%s%N)
	pkill -"$1" -f "run.measure=36000s --out out/x"
	wait
	after=$(date +%s%N)
	[ "$(cat status)" = "$2" ] && [ $(((after - before) / 1000000)) -lt 3000 ] && [ ! -e out ] && ok ||
		bad "SIG$1: status $(cat status), $(((after - before) / 1000000)) ms, $(ls -A out 2>&1)"
}
signalled TERM 143
signalled HUP 129
# As under nohup: what is ignored stays ignored.
rm -rf out
(trap '' HUP; exec "$oversub" run small.json --out out/x --set run.measure=300ms >log 2>&1) &
job=$!
for ((i = 0; i < 100; i++)); do [ -e out/x/journal ] && break; sleep 0.01; done
kill -HUP $job
wait $job && [ -e out/x/result.json ] && ok || bad "an ignored SIGHUP ends the run"

echo "$passed passed, $failed failed"
[ $failed = 0 ]
