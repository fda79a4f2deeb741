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

# Values of the axis yield.sched: mainline, and the lag credit by its unit.
credits='{"policy":"mainline"}'
credit_rows=()
for unit in 20us 100us 700us; do
	credits+=',{"policy":"lag_credit","credit_unit_ns":"'$unit'"}'
	credit_rows+=(--row "lag_credit, $unit"'={"policy":"lag_credit","credit_unit_ns":"'$unit'"}')
done

# ---- Whom KVM yields to ---------------------------------------------------------------------

sweep choice demo --reps 10 --set run.measure=400ms \
	--vary policies=mainline,any_preempted,random_preempted,v3_untracked,random_tracked,v3_strict,v3,recv_mask \
	--vary vm_defaults.pv=default,none --vary vms.db.count=2,3,4

table choice --from choice --cell 'change vm.db requests_per_s'

table precision --from choice --cell 'mean vm.db hint.precision as share' \
	--row={mainline,any_preempted,random_tracked,v3,recv_mask}

sweep against demo --reps 10 --set run.measure=400ms \
	--vary policies=any_preempted,random_preempted,v3,recv_mask \
	--vary vm_defaults.pv=default,none --vary vms.db.count=2,3,4

table against --from against --cell 'change vm.db requests_per_s'

sweep open open --reps 10 \
	--vary policies=mainline,any_preempted,random_preempted,random_tracked,v3,recv_mask \
	--vary vm_defaults.pv=default,none --vary rate=9000,11000

table open --from open --cell 'p50: change vm.db request.chunk.p50' \
	--cell 'p99: change vm.db request.chunk.p99'

script matrix out/matrix scenarios/matrix.sh out/matrix

table parts --from matrix --cell 'matrix details change' \
	--row={any_preempted,random_preempted,'random_preempted, in_kernel',v3_untracked,random_tracked} \
	--row={v3,'v3, enable_relaxed_boost off',v3_ranked,adaptive_window,'oracle, cross_rq swap','oracle, cross_rq pull=oracle','oracle, boost yield'} \
	--column='EOIs visible=apicv off' --column='not visible=apicv on'

table idle --from matrix --cell 'matrix idle change' \
	--row={any_preempted,random_preempted,v3,recv_mask,oracle}

table hardware --from matrix --cell 'matrix hardware change' \
	--row={any_preempted,random_preempted,v3,recv_mask,guest_wait_hint,mainline+demand_cosched,oracle}

table overcommit --from matrix --cell 'db: matrix overcommit change' --cell 'calc: matrix overcommit drift'

# ---- What the scheduler does for the target -------------------------------------------------

sweep credit demo --reps 10 --set run.measure=400ms \
	--vary yield.sched="$credits" --vary vm_defaults.pv=default,none --vary vms.db.count=2,3,4

table credit --from credit --cell 'change vm.db requests_per_s' "${credit_rows[@]}"

sweep credit-unit demo --reps 10 --set run.measure=400ms --set yield.sched.policy=lag_credit \
	--vary credit_unit_ns=20us,50us,100us,200us,400us,700us \
	--vary vm_defaults.pv=default,none --vary vms.db.count=3,4

table credit-unit --from credit-unit --cell 'mean vm.db requests_per_s'

tick='"guest":{"tick_hz":250}'

sweep hint lhp --reps 8 --set run.measure=300ms \
	--vary vm_defaults="{\"pv\":\"default\",$tick},{\"pv\":\"none\",$tick},{\"realtime_hint\":true,$tick}" \
	--vary vms.fs.count=1,2,3,4

table hint --from hint --cell 'mean vm.fs requests_per_s' \
	--row "PV locks (pv default)={\"pv\":\"default\",$tick}" \
	--row "test-and-set (pv none)={\"pv\":\"none\",$tick}" \
	--row "queued (realtime_hint)={\"realtime_hint\":true,$tick}"

sweep credit-lhp lhp --reps 8 --set run.measure=300ms \
	--vary yield.sched="$credits" --vary vm_defaults.pv=default,none --vary vms.fs.count=2,3,4

table credit-lhp --from credit-lhp --cell 'change vm.fs requests_per_s' "${credit_rows[@]}"

sweep credit-lhp-hint lhp --reps 8 --set run.measure=300ms --set realtime_hint=true \
	--vary yield.sched="$credits" --vary vms.fs.count=2,3,4

table credit-lhp-hint --from credit-lhp-hint --cell 'change vm.fs requests_per_s' "${credit_rows[@]}"

table credit-calc --from matrix --cell 'matrix credit drift' \
	--row={"mainline + lag_credit, credit_unit_ns "{20,100,700}us,"v3 + lag_credit, credit_unit_ns 700us"}

table apart --from matrix --cell 'matrix placement change' \
	--row={mainline+lag_credit,mainline+balance,mainline+lag_credit+balance}

table layout --from matrix --cell 'matrix layout change' \
	--row={"lag_credit, credit_unit_ns "{20,100,700}us,debooster_v2,hforfeit,lag_transfer,pull_yield}

# ---- Thought experiments --------------------------------------------------------------------

starved='{"policy":"mainline"}'
starved_rows=(--row 'mainline={"policy":"mainline"}')
for unit in 20us 100us 700us; do
	for scope in full below; do
		starved+=',{"policy":"lag_credit","credit_unit_ns":"'$unit'","scope":"'$scope'"}'
		starved_rows+=(--row "lag_credit, $unit, scope $scope"'={"policy":"lag_credit","credit_unit_ns":"'$unit'","scope":"'$scope'"}')
	done
done
starved+=',{"policy":"debooster_v2"},{"policy":"hforfeit"}'
starved_rows+=(--row 'debooster_v2={"policy":"debooster_v2"}' --row 'hforfeit={"policy":"hforfeit"}')

sweep starved-vm starved-vm --reps 10 --set run.measure=500ms \
	--vary yield.sched="$starved" --vary host.cgroup_layout=vm,vcpu

table starved-vm --from starved-vm --cell 'mean vm.compute time.work as share' "${starved_rows[@]}"

sweep starved-siblings starved-siblings --reps 10 --set run.measure=500ms \
	--vary yield.sched="$starved" --vary host.cgroup_layout=vm,vcpu

table starved-siblings --from starved-siblings --cell 'mean vm.a request.sibling.count_per_s' \
	"${starved_rows[@]}"

sweep boot boot --vary host.start=boot,settled --vary run.warmup=200ms,1s,4s

table boot --from boot --cell 'one: mean vm.one requests_per_s' \
	--cell 'two: mean vm.two requests_per_s' --cell 'three: mean vm.three requests_per_s'

# ---- What was published and does not come out -----------------------------------------------

# v3_strict without tracking: whom it yields to are the preempted, and the woken if it accepts them.
woken='{"policy":"v3_strict","ipi_tracking_enabled":false}'
woken+=',{"policy":"v3_strict","ipi_tracking_enabled":false,"accept_woken":true}'

sweep woken tlb --reps 4 --set run.measure=300ms --set pv_tlb_flush=false \
	--vary yield.candidate="$woken" --vary mmap_lock=mutex,rwsem,spinlock --vary vms.db.count=2,3

table woken --from woken --cell 'change vm.db requests_per_s' \
	--row 'accept_woken={"policy":"v3_strict","ipi_tracking_enabled":false,"accept_woken":true}'

sweep flush-alone tlb --reps 4 --set run.measure=300ms \
	--vary pv_tlb_flush=false,true --vary report_yielded=false,true --vary apicv=off,on \
	--vary vms.db.count=2,3

table flush-alone --from flush-alone --cell 'change vm.db requests_per_s' --row 'PV TLB flush=true'

sweep flush-shared tlb --reps 4 --set run.measure=300ms --set 'body[1].mode=read' \
	--vary pv_tlb_flush=false,true --vary report_yielded=false,true --vary apicv=off,on \
	--vary vms.db.count=1,2,3

table flush-shared --from flush-shared --cell 'change vm.db requests_per_s' --row 'PV TLB flush=true'

sweep flush-policy tlb --reps 4 --set run.measure=300ms --set 'body[1].mode=read' --set apicv=on \
	--vary pv_tlb_flush=false,true --vary yield.candidate.policy=mainline,v3,any_preempted,none \
	--vary vms.db.count=2,3

table flush-policy --from flush-policy --cell 'change vm.db requests_per_s' --row 'PV TLB flush=true'

sweep fifo lhp --reps 4 --set run.measure=200ms --set vm_defaults.realtime_hint=true \
	--vary ple_window_shrink=0,1 --vary yield.candidate.policy=mainline,none --vary vms.fs.count=2,3

table fifo --from fifo --cell 'switches: mean host switches_per_s' \
	--cell 'requests: mean vm.fs requests_per_s' --row 'window reset=0' --row 'window kept=1'
