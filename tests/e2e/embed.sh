#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Simulations inside another program: the shipped example, built against an installation, says what
# `oversub run` says, with plug-ins as well; and the library hides all names but its own.
#   OVERSUB=build/oversub tests/e2e/embed.sh
set -u
build=$(dirname "$(realpath "${OVERSUB:-build/oversub}")")
cd "$(dirname "$0")/../.." || exit 1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
prefix=$dir/opt/oversub
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

check "it installs" make -s install BUILD="$build" DESTDIR="$dir" PREFIX=/opt/oversub
cp -r "$prefix/share/oversub/example-embed" "$prefix/share/oversub/example-plugin" "$dir"
cd "$dir" || exit 1
unset OVERSUB_DATA
oversub=$prefix/bin/oversub
check "the example builds against the installation" make -s -C example-embed \
	CPPFLAGS="-I$prefix/include" LDFLAGS="-L$prefix/lib ${LDFLAGS:-}" \
	CFLAGS="-O2 -Wall -Wextra -Werror ${CFLAGS:-}"
check "and the plug-in" make -s -C example-plugin CPPFLAGS="-I$prefix/include"

cat >mine.json <<'JSON'
{ "oversub_scenario": 1,
  "host": { "cpus": 2 },
  "vms": { "vm": { "count": 2, "vcpus": 2, "workload": "w" } },
  "workloads": { "w": { "locks": { "l": "queued" }, "threads": { "t": { "count": 2, "program": [
    { "loop": "forever", "body": [ { "request": "r", "body": [
      { "run": { "exponential": { "mean": "50us" } } },
      { "lock": "l" }, { "run": "3us", "mode": "kernel" }, { "unlock": "l" } ] } ] } ] } } } },
  "run": { "warmup": "5ms", "measure": "50ms", "replications": 3 } }
JSON

# same METRIC ARGUMENT...: the example prints for 2 and 3 VMs what the program has in its result
same() {
	local metric=$1 count
	shift
	./example-embed/vary mine.json "$@" vms.vm.count vm.vm "$metric" 2 3 >printed || return
	for count in 2 3; do
		"$oversub" run mine.json "$@" --set vms.vm.count=$count --json |
			awk -v metric="$metric" -v count=$count '
			function number(key) {
				match($0, "\"" key "\": [^,]*")
				split(substr($0, RSTART, RLENGTH), pair, ": ")
				return pair[2] == "null" ? "nan" : sprintf("%.10g", pair[2])
			}
			$1 == "\"vm.vm\":" { inside = 1 }
			inside && $1 == "\"" metric "\":" {
				print "vms.vm.count=" count, "vm.vm", metric, number("mean"), "+-",
					number("ci95")
				exit
			}'
	done >wanted
	cat printed wanted
	[ "$(wc -l <wanted)" = 2 ] && cmp <(cut -d' ' -f1-6 printed) wanted
}
check "the example says what the program says" same requests_per_s
check "of percentiles, too" same lock_wait.p50
check "and with a plug-in" same requests_per_s --plugin ./example-plugin/longest_waiting.so

# fails TEXT COMMAND...: as bad input, with that
fails() {
	"${@:2}" >printed 2>&1
	[ $? = 2 ] && grep -qF -- "$1" printed && return
	cat printed
	return 1
}
check "a wrong path is told with the right one" fails "did you mean \"count\"" \
	./example-embed/vary mine.json vms.vm.coun vm.vm requests_per_s 2
check "so is a wrong metric" fails "did you mean requests_per_s" \
	./example-embed/vary mine.json vms.vm.count vm.vm requests_pr_s 2
check "a scenario that there is not is told" fails "none.json" \
	./example-embed/vary ./none.json vms.vm.count vm.vm requests_per_s 2

foreign() {
	! nm -g --defined-only "$prefix/lib/liboversub.a" | awk 'NF == 3 { print $3 }' | grep -v '^oversub_'
}
check "the library defines no foreign names" foreign
check "and all that its headers declare" test "$(
	grep -ohE '\boversub_simulation_[a-z_]+\(' "$prefix/include/oversub/simulation.h" | tr -d '(' |
		sort -u | comm -23 - <(nm -g --defined-only "$prefix/lib/liboversub.a" |
			awk 'NF == 3 { print $3 }' | sort -u))" = ""

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
