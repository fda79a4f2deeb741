#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A sweep as a Slurm array: each task runs its share of all replications into the common directory.
# The last command, with the same sweep and --resume, makes the results once all tasks have ended.
#	sbatch --array=1-16 scenarios/slurm.sh out/mine demo --vary policies=mainline,v3 --vary vms.db.count=2,3,4
#	sbatch --dependency=singleton --job-name=oversub-sweep scenarios/slurm.sh out/mine demo ...
# Without an array it is that last command.
#SBATCH --job-name=oversub-sweep
#SBATCH --cpus-per-task=2
#SBATCH --time=01:00:00
set -eu
out=${1:?usage: slurm.sh DIRECTORY SCENARIO --vary PATH=V1,V2,... [OPTION]...}
shift
if [ -n "${SLURM_ARRAY_TASK_ID:-}" ]; then
	# A task that Slurm has started again goes on where it was.
	exec "${OVERSUB:-oversub}" sweep "$@" --out "$out" --shard auto --quiet \
		${SLURM_RESTART_COUNT:+--resume} --jobs "${SLURM_CPUS_PER_TASK:-1}"
fi
exec "${OVERSUB:-oversub}" sweep "$@" --out "$out" --resume --jobs "${SLURM_CPUS_PER_TASK:-1}"
