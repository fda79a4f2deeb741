#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The tables of figures in the documents: made by commands, and checked by running these again.
#   findings.sh [NAME...]          run the experiments and print the tables
#   findings.sh --write [NAME...]  put them into the documents
#   findings.sh --check [NAME...]  compare the documents with them, cell by cell
#   findings.sh --names            whether list and documents have the same tables; runs nothing
#   findings.sh --prose            figures in the text that stand in no table of their section
# With --reuse, experiments whose results are there are not run again. With --seed N, sweeps have
# that seed: what is claimed should hold for any.
#
# A document has the lines <!-- begin NAME --> and <!-- end NAME -->; what is between them is ours.
# list.sh beside this file says which tables there are; nothing here or there knows a figure.
#
# OVERSUB is the program, DOCUMENTS the documents, LIST the list of tables, RESULTS where to put
# results.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
oversub=$(type -P "${OVERSUB:-build/oversub}") || {
	echo "findings: no program ${OVERSUB:-build/oversub}: make, or say OVERSUB=" >&2
	exit 1
}
oversub=$(realpath "$oversub")
cd "$here/../.."
documents=${DOCUMENTS:-README.md scenarios/README.md}
results=${RESULTS:-out/findings}
export OVERSUB=$oversub OVERSUB_DATA=$PWD
action=print reuse='' seed=''
while [ $# != 0 ]; do
	case $1 in
	--write | --check | --names) action=${1#--} ;;
	--prose)
		# shellcheck disable=SC2086 # documents are words
		exec awk -f "$here/prose.awk" $documents
		;;
	--reuse) reuse=yes ;;
	--seed) seed=${2:?--seed needs a number} && shift ;;
	-*) sed -n '3,10s/^# *//p' "$0" >&2 && exit 2 ;;
	*) break ;;
	esac
	shift
done
wanted=" $* " names=' ' failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

die() {
	echo "findings: $*" >&2
	exit 1
}

# ---- Experiments: what list.sh calls --------------------------------------------------------

declare -A directory_of=() command_of=() is_sweep=() is_done=() first_table=()

# sweep NAME SCENARIO OPTION...: what `oversub sweep` makes
sweep() {
	directory_of[$1]=$results/$1${seed:+.seed-$seed}
	is_sweep[$1]=yes
	command_of[$1]=$(printf '%q ' oversub sweep "${@:2}" --out "$results/$1")
}

# script NAME DIRECTORY COMMAND...: what a command makes in a directory
script() {
	directory_of[$1]=$2
	command_of[$1]=$(printf '%q ' "${@:3}")
}

# perform NAME: run an experiment, once
perform() {
	local directory=${directory_of[$1]:-}
	local -a words
	[ -n "$directory" ] || die "no experiment $1 in the list"
	[ -z "${is_done[$1]:-}" ] || return 0
	is_done[$1]=yes
	if [ -n "$reuse" ] && [ -e "$directory/${is_sweep[$1]:+sweep.csv}" ]; then
		return
	fi
	printf '%s  %s\n' "$(date +%H:%M:%S)" "$1" >&2
	eval "words=(${command_of[$1]})"
	if [ -n "${is_sweep[$1]:-}" ]; then
		"$oversub" "${words[@]:1}" ${seed:+--seed "$seed"} --out "$directory" --force --quiet
	else
		"${words[@]}" >"$work/log" 2>&1 || {
			cat "$work/log" >&2
			die "$1 failed"
		}
	fi
}

# ---- Tables ---------------------------------------------------------------------------------

# format_of CELL: as it says, or as is usual for its kind
format_of() {
	case $1 in
	*" as "*) echo "${1##* as }" ;;
	mean*) echo number ;;
	*) echo change ;;
	esac
}

# cells EXPERIMENT ROW-AXIS KIND ARGUMENT...: lines "row TAB column TAB estimate TAB low TAB high"
cells() {
	local experiment=$1 directory=${directory_of[$1]} axis=$2 kind=$3
	shift 3
	case $kind in
	mean)
		awk -f "$here/cells.awk" -v kind=mean -v axis="$axis" -v scope="$1" -v metric="$2" \
			"$directory/sweep.json" "$directory"/points/*/result.json
		;;
	change)
		"$oversub" compare "$directory" --metric "$1:$2" --json --quiet >"$work/compare"
		awk -f "$here/cells.awk" -v kind=change -v axis="$axis" -v scope="$1" -v metric="$2" \
			"$directory/sweep.json" "$work/compare"
		;;
	matrix)
		if [ -n "${is_sweep[$experiment]:-}" ]; then
			"$oversub" plot "$directory" --only matrix --force --quiet
			awk -f "$here/cells.awk" -v kind=matrix -v field="$1" "$directory/plots/matrix.csv"
		else
			awk -f "$here/cells.awk" -v kind=matrix -v part="$1" -v field="$2" \
				"$directory/matrix.csv"
		fi
		;;
	*) die "unknown kind of cell $kind" ;;
	esac
}

# show_command WORD...: as one would type it, in lines of 100 columns
show_command() {
	local word line='    ' piece=
	local -a pieces=()
	for word; do
		[[ $word =~ ^[A-Za-z0-9_./:=,+@%-]+$ ]] || word="'$word'"
		if [[ $word == --* && -n $piece ]]; then
			pieces+=("$piece")
			piece=$word
		else
			piece=${piece:+$piece }$word
		fi
	done
	pieces+=("$piece")
	for piece in "${pieces[@]}"; do
		if [ $((${#line} + ${#piece})) -gt 96 ] && [ "$line" != '    ' ]; then
			printf '%s \\\n' "$line"
			line="        "
		elif [[ $line =~ [^\ ]$ ]]; then
			line+=' '
		fi
		line+=$piece
	done
	printf '%s\n' "$line"
}

# heading NAME EXPERIMENT CELL...: the commands that make the table and print its figures
heading() {
	local name=$1 experiment=$2 directory=${directory_of[$2]%.seed-*} cell kind scope metric
	local -a words
	eval "words=(${command_of[$experiment]})"
	# An experiment of several tables is shown at the first of them in the list.
	if [ "${first_table[$experiment]}" = "$name" ]; then
		printf '<!-- run small only: scenarios/findings/findings.sh %s does it as written -->\n\n' \
			"$name"
		show_command "${words[@]}"
	elif [ -n "${is_sweep[$experiment]:-}" ]; then
		printf 'From the same sweep:\n\n'
	else
		# shellcheck disable=SC2016 # the backticks are for the document
		printf 'From the results of `%s`.\n' "${words[*]}"
	fi
	for cell in "${@:3}"; do
		cell=${cell#*: }
		read -r kind scope metric <<<"${cell% as *}"
		case $kind in
		change | mean)
			show_command oversub compare "$directory" --metric "$scope:$metric"
			;;
		matrix)
			[ -n "${is_sweep[$experiment]:-}" ] &&
				show_command oversub plot "$directory" --only matrix
			;;
		esac
	done | awk '!seen[$0]++' || :
	echo
}

# table NAME --from EXPERIMENT [--rows AXIS] --cell '[LABEL: ]KIND ARGUMENT...'...
#       [--row [TEXT=]VALUE]... [--column [TEXT=]VALUE]...
# Also --row=VALUE, and so on. See list.sh.
table() {
	local name=$1 experiment='' axis='' option cell label
	local -a cell_list=() rows=() columns=()
	[ "${2:-}" = --from ] || die "table $name: --from EXPERIMENT comes first"
	: "${first_table[${3:-}]:=$name}"
	shift
	[ "$wanted" = "  " ] || [[ $wanted == *" $name "* ]] || return 0
	while [ $# != 0 ]; do
		option=$1
		case $option in
		--*=*) set -- "${option%%=*}" "${option#*=}" "${@:2}" ;;
		esac
		case $1 in
		--from) experiment=$2 ;;
		--rows) axis=$2 ;;
		--cell) cell_list+=("$2") ;;
		--row) rows+=("$2") ;;
		--column) columns+=("$2") ;;
		*) die "table $name: unknown $1" ;;
		esac
		shift 2
	done
	names+="$name "
	[ $action = names ] && return
	perform "$experiment"
	: >"$work/cells"
	for cell in "${cell_list[@]}"; do
		label=
		[[ $cell == *": "* ]] && label=${cell%%: *}
		cell=${cell#*: }
		# shellcheck disable=SC2086 # a cell is words
		cells "$experiment" "$axis" ${cell% as *} | sed "s/^/$label\t$(format_of "$cell")\t/" \
			>>"$work/cells"
	done
	[ -s "$work/cells" ] || die "table $name: no such cells in ${directory_of[$experiment]}"
	{
		heading "$name" "$experiment" "${cell_list[@]}"
		awk -f "$here/table.awk" -v corner="${axis:-policy}" \
			<(printf '%s\n' "${rows[@]+"${rows[@]}"}") \
			<(printf '%s\n' "${columns[@]+"${columns[@]}"}") "$work/cells"
	} >"$work/new" || die "table $name cannot be made"
	$action "$name"
}

# ---- What becomes of a table ----------------------------------------------------------------

# document_of NAME: which one has its lines
document_of() {
	# shellcheck disable=SC2086 # documents are words
	grep -lxF -- "<!-- begin $1 -->" $documents 2>/dev/null | head -n 1 | grep . ||
		die "no line <!-- begin $1 --> in $documents"
}

print() {
	printf '%s\n' "$1"
	cat "$work/new"
	echo
}

write() {
	local document
	document=$(document_of "$1")
	grep -qxF -- "<!-- end $1 -->" "$document" || die "no line <!-- end $1 --> in $document"
	awk -v name="$1" -v new="$work/new" '
		$0 == "<!-- end " name " -->" { inside = 0 }
		!inside { print }
		$0 == "<!-- begin " name " -->" {
			inside = 1
			while ((getline line <new) > 0)
				print line
		}' "$document" >"$work/document"
	cat "$work/document" >"$document"
	echo "$document: $1"
}

check() {
	local document
	document=$(document_of "$1")
	awk -v name="$1" '
		$0 == "<!-- end " name " -->" { inside = 0 }
		inside { print }
		$0 == "<!-- begin " name " -->" { inside = 1 }' "$document" >"$work/old"
	printf '%s: %s\n' "$document" "$1"
	awk -f "$here/check.awk" "$work/old" "$work/new" || failed=$((failed + 1))
}

# compare_names: each table of the list has its place, and each place its table
compare_names() {
	local name
	for name in $names; do
		document_of "$name" >/dev/null
	done
	# shellcheck disable=SC2086 # documents are words
	for name in $(cat $documents 2>/dev/null | sed -n 's/^<!-- begin \(.*\) -->$/\1/p'); do
		[[ $names == *" $name "* ]] || die "no table $name in the list"
	done
}

# shellcheck source=list.sh
. "${LIST:-$here/list.sh}"
[ "$names" != ' ' ] || die "no such table: $*"
if [ "$wanted" = "  " ] && [ $action != print ]; then
	compare_names
fi
nr=$(wc -w <<<"$names")
if [ $action = check ]; then
	echo "$((nr - failed)) passed, $failed failed"
fi
[ $failed = 0 ]
