#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A newcomer types all commands of README.md and scenarios/README.md, in order and in one shell, in
# a clean copy of what is in git, with an empty home. Each must succeed.
#   OVERSUB=build/oversub tests/e2e/readme.sh [quick|full] [DOCUMENT...]
#
# How commands are written there:
#   - A block is indented by four columns, or fenced as ```sh. Other fences are not looked at.
#   - If it begins with "$ ", it is a transcript: lines with "$ " are commands, others their output.
#     If not, all its lines are commands.
#   - A line that ends in \ goes on. Comments are the shell's.
#   - "# or: A, B" behind a command: it is run again with A, and with B, in place of its last word.
#   - "# exit status 2" behind a command: it shall fail so.
#   - <!-- not run: REASON --> before a block: nobody can run that here.
#   - <!-- run small only: REASON --> before a block: another test runs it as it is written.
#
# quick: the program as it is built already; `oversub run` and `sweep` simulate some milliseconds.
# full: everything as written, the build, too; and each line of a transcript's output is among those
# that the command prints, in this order. "..." stands for any, and what depends on the speed of the
# machine ("events/s") may have other digits.
# make check and its like are not run: this is a part of them, or they have a place in them.
set -u
mode=quick
case ${1:-} in quick | full) mode=$1 && shift ;; esac
build=$(dirname "$(realpath "${OVERSUB:-build/oversub}")")
cd "$(dirname "$0")/../.." || exit 1
root=$PWD
if [ $# = 0 ]; then
	set -- README.md
	[ -e scenarios/README.md ] && set -- README.md scenarios/README.md
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
copy=$dir/oversub

# ---- Reading --------------------------------------------------------------------------------

# commands DOCUMENT DIRECTORY: for each command, DIRECTORY/NNN.command, .where, and .output if it is
# shown
commands() {
	awk -v document="$1" -v directory="$2" -v mode="$mode" '
	function stem() { return sprintf("%s/%03d", directory, nr) }
	function close_command() {
		if (nr) {
			close(stem() ".command"); close(stem() ".output"); close(stem() ".where")
		}
	}
	function begin_command(text) {
		close_command()
		nr++
		print document ":" NR >(stem() ".where")
		print text >(stem() ".command")
		goes_on = text ~ /\\$/
	}
	function take(text) {
		if (skip)
			return
		if (first) {
			transcript = text ~ /^\$ /
			first = 0
		}
		if (goes_on) {
			print text >(stem() ".command")
			goes_on = text ~ /\\$/
		} else if (transcript && text ~ /^\$ /) {
			begin_command(substr(text, 3))
		} else if (transcript) {
			print text >(stem() ".output")
		} else if (text !~ /^[ \t]*(#.*)?$/) {
			begin_command(text)
		}
	}
	function begin_block(is_run) {
		block = first = 1
		goes_on = transcript = 0
		skip = not_run || !is_run
		not_run = 0
	}
	BEGIN { blank = 1 }
	fence && /^```/ { fence = block = 0; blank = 1; next }
	fence { take($0); next }
	comment { comment = !/-->/; next }
	/^```/ { fence = 1; begin_block($0 ~ /^```(sh|bash|shell)$/); next }
	/^<!--/ {
		comment = !/-->/
		block = 0
		blank = 1
		not_run = /^<!-- not run: / || /^<!-- run small only: / && mode == "full"
		next
	}
	/^[ \t]*$/ { blank = 1; next }
	/^(    |\t)/ && (block || blank) {
		if (!block)
			begin_block(1)
		sub(/^(    |\t)/, "")
		take($0)
		next
	}
	{ block = blank = not_run = 0 }' "$1"
}

# without_comment TEXT: behind a "#" that begins a word
without_comment() {
	sed -E 's/[[:space:]]+#[[:space:]].*$//' <<<"$1"
}

# ---- A clean copy ---------------------------------------------------------------------------

copy_tree() {
	mkdir -p "$copy" "$dir/home"
	if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
		git ls-files -z | tar -c --null -T - | tar -x -C "$copy"
	else
		tar -c --exclude=./build --exclude=./out . | tar -x -C "$copy"
	fi
	[ "$mode" = full ] && return
	mkdir "$copy/build"
	cp -a "$build"/{sim,models,liboversub.a,oversub,source_state.h} "$copy/build/"
}

# A script that stands for oversub in other scripts, and simulates little.
make_small_oversub() {
	cat >"$dir/small-oversub" <<-'END'
	#!/bin/bash
	program=$1
	shift
	case ${1:-} in
	run | sweep)
		set -- "$@" --reps 2 --set run.measure=20ms
		case " $* " in *" --warmup"*) ;; *) set -- "$@" --set run.warmup=5ms ;; esac
		;;
	esac
	exec "$program" "$@"
	END
	printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$dir/small-oversub" "$copy/build/oversub" \
		>"$dir/script-oversub"
	chmod +x "$dir/small-oversub" "$dir/script-oversub"
}

# ---- Typing ---------------------------------------------------------------------------------

make() {
	case ${1:-} in
	check | check-full | tsan | bench | conformance | validation | coverage | findings | \
		findings-check | format | clean)
		[ -n "$(sed -n "s/^\($1\):.*/\1/p" "$copy/Makefile")" ]
		;;
	demo | matrix)
		if [ "$mode" = full ]; then
			command make "$@"
		else
			command make all && "$copy/scenarios/$1.sh" "out/$1"
		fi
		;;
	*) command make "$@" ;;
	esac
}

small_oversub() {
	local program
	program=$(type -P oversub) || {
		echo "oversub: command not found"
		return 127
	}
	"$dir/small-oversub" "$program" "$@"
}

# type_in TEXT WHERE STATUS: as a user does; what it prints goes to $dir/printed
type_in() {
	local text=$1 where=$2 want=$3 got begin=${EPOCHREALTIME/./}
	eval "$text" >"$dir/printed" 2>&1 </dev/null
	got=$?
	if [ $got = "$want" ]; then
		printf 'ok    %5.1f s  %s  %s\n' "$(((${EPOCHREALTIME/./} - begin) / 100000))e-1" \
			"$where" "${text//$'\n'/ }"
		echo ok >>"$dir/verdicts"
		return
	fi
	printf 'FAIL: %s: exit status %d instead of %d: %s\n' "$where" $got "$want" "$text"
	tail -n 20 "$dir/printed" | sed 's/^/    /'
	echo failed >>"$dir/verdicts"
	return 1
}

# shows FILE WHERE: its lines are among those that were printed, in this order
shows() {
	awk '
	function plain(text) {
		gsub(/^[ \t]+|[ \t]+$/, "", text)
		if (text ~ /events\/s/)
			gsub(/[0-9.]+[a-zA-Z]*/, "0", text)
		return text
	}
	NR == FNR { printed[nr++] = plain($0); next }
	{ want = plain($0) }
	want == "..." || want == "" { next }
	{
		while (at < nr && printed[at] != want)
			at++
		if (at++ >= nr) {
			print "not printed, or not here: " $0
			exit 1
		}
	}' "$dir/printed" "$1" >"$dir/missing" && echo ok >>"$dir/verdicts" && return
	echo "FAIL: $2: the output is another one now"
	sed 's/^/    /' "$dir/missing"
	sed 's/^/    | /' "$dir/printed" | head -n 40
	echo failed >>"$dir/verdicts"
}

# all_of STEM: the command, with its alternatives
all_of() {
	local text where want plain word
	text=$(cat "$1.command") where=$(cat "$1.where")
	want=$(sed -nE 's/.*# .*exit status ([0-9]+).*/\1/p' <<<"$text" | tail -n 1)
	type_in "$text" "$where" "${want:-0}" || return
	if [ "$mode" = full ] && [ -e "$1.output" ]; then
		shows "$1.output" "$where"
	fi
	plain=$(without_comment "$text")
	for word in $(sed -nE 's/.*# or: (.*)/\1/p' <<<"$text" | tr -d ','); do
		type_in "${plain% *} $word" "$where" "${want:-0}"
	done
}

type_document() {
	local list stem
	list=$dir/commands-$(tr / - <<<"$1")
	mkdir "$list"
	(cd "$root" && commands "$1" "$list")
	cd "$copy" || exit 1
	for stem in "$list"/*.command; do
		[ -e "$stem" ] && all_of "${stem%.command}"
	done
}

copy_tree
make_small_oversub
: >"$dir/verdicts"
unset OVERSUB OVERSUB_DATA BUILD MAKEFLAGS MFLAGS MAKELEVEL
export HOME=$dir/home
if [ "$mode" = quick ]; then
	oversub() { small_oversub "$@"; }
	export OVERSUB=$dir/script-oversub
fi
for document; do
	type_document "$document"
done
cd "$root" || exit 1
passed=$(grep -cx ok "$dir/verdicts")
failed=$(grep -cx failed "$dir/verdicts")
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
