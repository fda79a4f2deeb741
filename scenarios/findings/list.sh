# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# The tables of figures in the documents, read by findings.sh.
#
#   sweep NAME SCENARIO OPTION...        an experiment: oversub sweep, with --out out/findings/NAME
#   script NAME DIRECTORY COMMAND...     another one, that a command makes in DIRECTORY
#   table NAME --from EXPERIMENT --cell CELL... [--rows AXIS] [--row ROW]... [--column COLUMN]...
#
# A table has a row for each value of the axis --rows (the first; of a matrix: each policy), and
# for each cell a column for each combination of the other axes. --row and --column choose and order
# them, by value or as TEXT=VALUE, where TEXT is shown instead. A column is called by the last part
# of each path and the value ("count 2", "cgroup_layout vm"), or as matrix.csv calls it ("2 VMs db").
# --row={a,b} is the shell's short form of two. If several values have one TEXT, each cell shows
# those that it has.
#
# CELL is "[LABEL: ]KIND ARGUMENT... [as FORMAT]", where KIND is
#   mean SCOPE METRIC      mean over replications                     as number, share, percent
#   change SCOPE METRIC    paired change in per cent against the first value of the first axis
#   matrix [PART] FIELD    a column of matrix.csv: change, drift, regret (per cent, as change),
#                          hint_precision, cpu_over_entitlement (say: as share; these have no
#                          interval there, so rather take their mean); PART of a script's

sweep starved-vm starved-vm --reps 5 --set run.measure=500ms \
	--vary 'yield.sched={"policy":"mainline"},{"policy":"lag_credit","scope":"full"},{"policy":"lag_credit","scope":"below"},{"policy":"debooster_v2"},{"policy":"hforfeit"}' \
	--vary host.cgroup_layout=vm,vcpu

table starved-vm --from starved-vm --cell 'mean vm.compute time.work as share' \
	--row 'mainline={"policy":"mainline"}' \
	--row 'lag_credit, scope full={"policy":"lag_credit","scope":"full"}' \
	--row 'lag_credit, scope below={"policy":"lag_credit","scope":"below"}' \
	--row 'debooster_v2={"policy":"debooster_v2"}' \
	--row 'hforfeit={"policy":"hforfeit"}' \
	--column 'layout vm=cgroup_layout vm' --column 'layout vcpu=cgroup_layout vcpu'

sweep lag-credit-lhp lhp --reps 4 --set run.measure=200ms \
	--vary policies=mainline,mainline+lag_credit,v3 --vary vms.fs.count=2,4

table lag-credit-lhp --from lag-credit-lhp \
	--cell 'requests: change vm.fs requests_per_s' \
	--cell 'yields: change vm.fs yield.tried_per_s' \
	--column '2 VMs=count 2' --column '4 VMs=count 4'

sweep matrix-small matrix --reps 4 --set run.measure=200ms --set yield.candidate.cross_rq=swap \
	--vary policies=mainline,v3,recv_mask,oracle --vary vms.db.count=2,3

table matrix-small --from matrix-small \
	--cell 'db: matrix change' --cell 'calc: matrix drift' \
	--cell 'precision: mean vm.db hint.precision as share' \
	--row={v3,recv_mask,oracle} \
	--column={'2 VMs=2 VMs db','3 VMs=3 VMs db','2 VMs=count 2','3 VMs=count 3'}
