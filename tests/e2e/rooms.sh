#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How the source is divided: which folder may use which, that files of a folder do not call each
# other in circles, that each file's name is unique, and that comments cite what a reader can find.
#   BUILD=build tests/e2e/rooms.sh
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-$(dirname "${OVERSUB:-build/oversub}")}

if [ ! -e "$BUILD/sim/cli/main.o" ]; then
	echo "FAIL: no objects in $BUILD; make first"
	exit 1
fi

# From the ground up: a folder includes headers of itself and of those before it, and the public
# ones in include/oversub.
rooms=(
	sim/base sim/stats sim/engine sim/trace
	models/sched models/workload models/host models/kvm models/guest
	sim/scenario sim/run sim/output sim/report sim/plot sim/explain sim/cli
)
passed=0 failed=0
# verdict CLAIM COMPLAINTS: it holds if there are none
verdict() {
	if [ -z "$2" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAIL: %s\n%s\n' "$1" "$2"
	fi
}

sources() {
	find sim models include tests -name '*.[ch]'
}

# ---- Folders ----------------------------------------------------------------------------------

unordered() {
	find sim models -mindepth 2 -maxdepth 2 -name '*.[ch]' -printf '%h\n' | sort -u |
		grep -vxF -e models/policies -f <(printf '%s\n' "${rooms[@]}")
}
verdict "each folder has its place in the order" "$(unordered)"

includes_upwards() {
	awk -v order="${rooms[*]}" '
	BEGIN {
		n = split(order, room, " ")
		for (i = 1; i <= n; i++)
			height[room[i]] = i
	}
	/^#include "[^"]*\// {
		split($2, part, "\"")
		from = FILENAME
		to = part[2]
		sub(/\/[^\/]*$/, "", from)
		sub(/\/[^\/]*$/, "", to)
		if (!height[to] || height[to] > height[from])
			print FILENAME " " part[2]
	}' $(find "${rooms[@]}" -name '*.[ch]')
}
verdict "a folder includes from below alone" "$(includes_upwards)"

policies_inward() {
	grep -H '^#include "' models/policies/*.[ch] include/oversub/*.h | sed 's/"$//; s/"/ /' |
		while read -r file header; do
			[ -e "models/policies/${header#models/policies/}" ] || echo "$file $header"
		done
}
verdict "policies and public headers see public headers and their own alone" "$(policies_inward)"

# ---- Files ------------------------------------------------------------------------------------

# Of each file of a folder: which others of it it needs, at whatever remove. Those that need
# themselves so are in a circle.
circles_of() {
	# Objects of files that are gone may still lie there.
	printf '%s\n' "$1"/*.c | sed "s|.*|$BUILD/&|; s|c$|o|" | xargs nm | awk -v folder="$1" '
	/^[^ ]*\.o:$/ { file = $1; sub(/.*\//, "", file); sub(/\.o:/, "", file); files[n++] = file; next }
	NF == 3 && $2 ~ /^[A-TV-Z]$/ { home[$3] = file }
	NF == 2 && $1 == "U" { wants[file, ++nr_wants[file]] = $2 }
	END {
		for (i in files)
			for (k = 1; k <= nr_wants[files[i]]; k++)
				if (wants[files[i], k] in home)
					needs[files[i], home[wants[files[i], k]]] = 1
		for (m in files)
			for (i in files)
				if ((files[i], files[m]) in needs)
					for (k in files)
						if ((files[m], files[k]) in needs)
							needs[files[i], files[k]] = 1
		for (i in files)
			if ((files[i], files[i]) in needs)
				print folder, files[i]
	}'
}
all_circles() {
	for room in "${rooms[@]}" models/policies; do
		circles_of "$room"
	done
}
verdict "files of a folder do not call each other in circles" "$(all_circles)"

verdict "each file has a name of its own" "$(sources | sed 's/.*\///' | sort | uniq -d)"
verdict "comments cite what is in the tree, or published" \
	"$(grep -nE '\b(host-scheduler|kvm|policies|peers|design)\.md\b' $(sources))"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
