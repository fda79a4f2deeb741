#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Tables of figures in documents: made from results, and told from those that have changed.
#   OVERSUB=build/oversub tests/e2e/findings.sh
set -u
OVERSUB=$(realpath "${OVERSUB:-build/oversub}")
export OVERSUB
cd "$(dirname "$0")/../.." || exit 1
findings=$PWD/scenarios/findings/findings.sh
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0

check() {
	if "${@:2}" >"$dir/log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $1"
		head -n 20 "$dir/log" | sed 's/^/    /'
	fi
}

has() { # has TEXT COMMAND...: it succeeds and prints that
	"${@:2}" >"$dir/printed" 2>&1 && grep -qF -- "$1" "$dir/printed" && return
	cat "$dir/printed"
	return 1
}

fails() { # fails TEXT COMMAND...: it does not succeed, and prints that
	"${@:2}" >"$dir/printed" 2>&1
	[ $? = 1 ] && grep -qF -- "$1" "$dir/printed" && return
	cat "$dir/printed"
	return 1
}

# The list and the documents that are shipped have the same tables.
check "each shipped table has its place, and each place its table" "$findings" --names

export LIST=$dir/list.sh DOCUMENTS=$dir/document.md RESULTS=$dir/results

# ---- Out of a matrix.csv, in both forms of intervals ----------------------------------------

mkdir "$dir/old" "$dir/new"
cat >"$dir/old/matrix.csv" <<'CSV'
part,conditions,policy,vms,requests_per_s,change_percent,change_half_width,drift_percent,drift_half_width,hint_precision
a,"apicv off, ""pv""","mainline",db,100,0,0,0,0,0.05
a,"apicv off, ""pv""","v3",db,107,7.46,1.14,-0.04,0.5,0.111
a,apicv on,"v3",db,107,-3,0.2,,,0.5
b,apicv on,"v3",db,107,99,9,9,9,0.9
CSV
cat >"$dir/new/matrix.csv" <<'CSV'
part,policy,conditions,change_high,change_percent,change_low
a,"v3","apicv on",12.5,7.5,4
a,"open","apicv on",,7.5,4
CSV
cat >"$LIST" <<'LIST'
script old $dir/old true
script new $dir/new true
table half --from old --cell 'db: matrix a change' --cell 'calc: matrix a drift' \
	--cell 'matrix a hint_precision as share' --row v3 \
	--column 'off=apicv off, "pv"' --column 'on=apicv on'
table skewed --from new --cell 'matrix a change'
LIST
export dir
check "half-widths" has \
	"| v3 | +7.5 ±1.1 | -3.0 ±0.2 | +0.0 ±0.5 | 0.11 | 0.50 |" "$findings" half
check "columns have their names, and those without a figure are left out" has \
	"| policy | db: off | db: on | calc: off | off | on |" "$findings" half
check "an interval that is longer to one side" has "| v3 | +7.5 [+4.0, +12.5] |" "$findings" skewed
check "an interval without an end" has "| open | +7.5 [+4.0, ∞] |" "$findings" skewed
check "a table that nobody has made" fails "no such table" "$findings" nosuch

printf '%s\n' '<!-- begin half -->' '<!-- end half -->' '<!-- begin skewed -->' '<!-- end skewed -->' \
	>"$DOCUMENTS"
check "both are written" "$findings" --write
holds() { # holds FROM TO: with TO claimed instead of FROM, which comes out
	local status
	cp "$DOCUMENTS" "$dir/before"
	sed -i "s/$1/$2/" "$DOCUMENTS"
	"$findings" --check
	status=$?
	cp "$dir/before" "$DOCUMENTS"
	return $status
}
check "up to 1.5 times both half-widths is within" holds '+7.5 ±1.1' '+4.3 ±1.1'
check "but not more" fails OTHER holds '+7.5 ±1.1' '+4.0 ±1.1'
check "an interval has its own width to each side" holds '+7.5 \[+4.0, +12.5\]' '+15.0 [+14.9, +15.1]'
check "and the other" fails OTHER holds '+7.5 \[+4.0, +12.5\]' '+1.0 [+0.9, +1.1]'
check "without an end, any is within" holds '+7.5 \[+4.0, ∞\]' '+999.0 [+998.0, +1000.0]'
check "what has no interval may be rounded otherwise" holds '0.11' '0.12'
check "but not more" fails OTHER holds '0.11' '0.13'
echo 'It gains 7 or +7.5 %, its precision is 11 %, 95 % intervals.' >>"$DOCUMENTS"
check "the text may tell of figures in the tables" "$findings" --prose
echo 'It gains 7, 8 and 9 %, or +77.' >>"$DOCUMENTS"
check "and those in none are found" fails ": 9 stands in no table" "$findings" --prose
check "with their sign" grep -q ": +77 stands in no table" "$dir/printed"

# ---- Out of a sweep, and into a document ----------------------------------------------------

cat >"$dir/small.json" <<'JSON'
{ "oversub_scenario": 1, "host": { "cpus": 2 },
  "vms": { "db": { "count": 2, "vcpus": 2, "workload": "pairs" } },
  "workloads": { "pairs": { "threads": { "worker": { "count": 2, "program": [
    { "loop": "forever", "body": [ { "request": "unit", "body": [
      { "run": { "exponential": { "mean": "50us" } } },
      { "smp_call": "random_other", "wait": true, "probability": 0.5 } ] } ] } ] } } } },
  "run": { "warmup": "5ms", "measure": "50ms", "replications": 4, "seed": "1" } }
JSON
cat >"$LIST" <<'LIST'
sweep small $dir/small.json --vary policies=none,mainline --vary vms.db.count=3,4
table small --from small --cell 'mean: mean vm.db time.work as share' \
	--cell 'change: change vm.db requests_per_s' \
	--row=mainline --column={'three=count 3','four=count 4'}
LIST
printf '%s\n' before '<!-- begin small -->' '<!-- end small -->' after >"$DOCUMENTS"
check "it is written" "$findings" --write
cp "$DOCUMENTS" "$dir/written"
check "with the command" grep -qF -- "--vary policies=none,mainline" "$DOCUMENTS"
check "between the lines that are there" grep -qx after "$DOCUMENTS"
value=$(awk -F, '$1 == "mainline" && $2 == 4 && $6 == "vm.db" && $7 == "time.work" { sum += $9; n++ }
	END { printf "%.2f", sum / n }' "$RESULTS/small/sweep.csv")
check "the mean is that of the replications" grep -qE "^\| mainline \| [^|]*\| $value ±" "$DOCUMENTS"
check "again, it is the same" "$findings" --write
check "byte for byte" cmp "$DOCUMENTS" "$dir/written"
check "and holds" has "1 passed, 0 failed" "$findings" --check --reuse

# changed TEXT SED-SCRIPT: the document changed so does not hold
changed() {
	sed -E "$2" "$dir/written" >"$DOCUMENTS"
	! cmp -s "$DOCUMENTS" "$dir/written" && fails "$1" "$findings" --check --reuse
}

cell='^(\| mainline \| [^|]*\| [^|]*\| )[^|]* '
check "a figure that is far from it does not" changed "OTHER   mainline, change: three" \
	"s/$cell/\1+99999.0 ±1.0 /"
check "nor does one without an interval for another" changed "OTHER   mainline, change: three" \
	"s/$cell/\1- /"
check "nor does another command" changed "OTHER   claimed:     oversub sweep" "s/policies=none/policies=v3/"
check "nor another row" changed "OTHER   claimed: | v3 |" "s/^\| mainline \|/| v3 |/"
check "nor a row too many" changed "now:     (nothing)" "s/^<!-- end/| x | 1 |\n&/"
sed -E "s/$cell/\1+9.9 ±99.0 /" "$dir/written" >"$DOCUMENTS"
check "one that is within the intervals does" has "within  mainline, change: three" \
	"$findings" --check --reuse
check "other seeds have results of their own" has "1 passed, 0 failed" "$findings" --check --seed 2
check "beside the first" test -e "$RESULTS/small.seed-2/sweep.csv"

sed 's/small -->/other -->/' "$dir/written" >"$DOCUMENTS"
check "a table without a place is said" fails "no line <!-- begin small -->" "$findings" --names
printf '<!-- begin x -->\n<!-- end x -->\n' | cat "$dir/written" - >"$DOCUMENTS"
check "a place without a table is said" fails "no table x in the list" "$findings" --names

echo "$passed passed, $failed failed"
[ $failed = 0 ]
