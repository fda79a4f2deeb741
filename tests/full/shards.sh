#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A sweep in shares that mpirun and Slurm start gives what one program gives, byte for byte. Slurm
# and munge run here, for this test alone.
set -u
cd "$(dirname "$0")/../.." || exit 1
oversub=$(realpath "${OVERSUB:-build/oversub}")
./tests/setup.sh openmpi-bin slurmctld slurmd slurm-client munge >&2 || exit 77
if [ "$(id -u)" != 0 ]; then
	echo "slurmd wants to be root"
	exit 77
fi
dir=$(mktemp -d)
passed=0 failed=0
daemons=()
stop() {
	[ ${#daemons[@]} = 0 ] || kill "${daemons[@]}" 2>/dev/null
	wait 2>/dev/null
	rm -rf "$dir"
}
trap stop EXIT
sweep=(scenarios/demo.json --vary vms.db.count=1,2 --vary policies=mainline,v3
	--warmup 5ms --set run.measure=20ms --reps 3)

# verdict NAME: the shares in $dir/NAME, with --resume, are $dir/one
verdict() {
	if "$oversub" sweep "${sweep[@]}" --out "$dir/$1" --resume --quiet &&
		diff -r "$dir/one" "$dir/$1" -x run.json -x 'journal*'; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $1"
	fi
}
"$oversub" sweep "${sweep[@]}" --out "$dir/one" --quiet

mpirun --allow-run-as-root --oversubscribe -n 4 \
	"$oversub" sweep "${sweep[@]}" --out "$dir/mpi" --shard auto --quiet --jobs 1 </dev/null
[ "$(ls "$dir/mpi" | grep -c 'journal\..*-of-4')" = 4 ] || echo "mpirun started no 4 ranks"
verdict mpi

# ---- Slurm ------------------------------------------------------------------------------------

host=$(hostname -s)
chmod 755 "$dir"
mkdir -p "$dir"/{state,spool,log} /run/munge
chown munge: /run/munge 2>/dev/null
if ! munge -n >/dev/null 2>&1; then
	[ -s /etc/munge/munge.key ] || { dd if=/dev/urandom of=/etc/munge/munge.key bs=1 count=1024 status=none
		chown munge: /etc/munge/munge.key; chmod 400 /etc/munge/munge.key; }
	setpriv --reuid=munge --regid=munge --clear-groups munged --foreground 2>"$dir/log/munged" &
	daemons+=($!)
	for ((i = 0; i < 50; i++)); do munge -n >/dev/null 2>&1 && break; sleep 0.1; done
fi
cat >"$dir/slurm.conf" <<END
ClusterName=oversub
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/log/slurmctld
SlurmdLogFile=$dir/log/slurmd
SlurmctldPort=16817
SlurmdPort=16818
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
# slurmd wants to see cgroups of some kind, though nothing here is put into them.
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
	printf 'CgroupPlugin=cgroup/v2\nIgnoreSystemd=yes\n'
else
	printf 'CgroupPlugin=cgroup/v1\n'
fi >"$dir/cgroup.conf"
export SLURM_CONF=$dir/slurm.conf OVERSUB=$oversub
slurmctld -D -f "$dir/slurm.conf" >"$dir/log/ctld.out" 2>&1 &
daemons+=($!)
slurmd -D -f "$dir/slurm.conf" >"$dir/log/slurmd.out" 2>&1 &
daemons+=($!)
for ((i = 0; i < 100; i++)); do
	sinfo -h -o %T 2>/dev/null | grep -q idle && break
	sleep 0.2
done
if sbatch --wait --array=1-3 --cpus-per-task=1 --output="$dir/log/task-%a" scenarios/slurm.sh "$dir/slurm" "${sweep[@]}"; then
	[ "$(ls "$dir/slurm" | grep -c 'journal\..*-of-3')" = 3 ] || echo "Slurm started no 3 tasks"
	verdict slurm
else
	failed=$((failed + 1))
	echo "FAIL: Slurm runs no array"
	tail -n 5 "$dir"/log/* 2>/dev/null
fi

echo "$passed passed, $failed failed"
[ $failed = 0 ]
