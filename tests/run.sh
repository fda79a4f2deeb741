#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Run all tests: `run.sh quick` what `make check` promises, `run.sh full` the slow ones as well.
# Every test program prints its own account; the last line counts them together.
set -u
cd "$(dirname "$0")/.."
BUILD=${BUILD:-build}
mode=${1:-quick}
log_dir=$BUILD/test-logs
mkdir -p "$log_dir"
passed=0 failed=0 skipped=0

# one NAME COMMAND...: run it, keep its output, show that of a failure
one() {
	local name=$1 begin=$SECONDS status
	shift
	"$@" >"$log_dir/$name.log" 2>&1 </dev/null
	status=$?
	case $status in
	0)
		passed=$((passed + 1))
		printf '  ok    %-28s %3ds  %s\n' "$name" $((SECONDS - begin)) \
			"$(grep -ahoE '[0-9]+ test\(s\) run|[0-9]+ passed, .*|vectors [0-9]+, .*' "$log_dir/$name.log" | tail -n 1)"
		;;
	77)
		skipped=$((skipped + 1))
		printf '  SKIP  %-28s %s\n' "$name" "$(tail -n 1 "$log_dir/$name.log")"
		;;
	*)
		failed=$((failed + 1))
		printf '  FAIL  %-28s exit status %d\n' "$name" $status
		grep -avE '^\[ +(OK|RUN) ' "$log_dir/$name.log" | tail -n 60 | sed 's/^/        /'
		;;
	esac
}

for program in "$BUILD"/tests/test_*; do
	case $program in *.d) continue ;; esac
	one "$(basename "$program")" "$program"
done
one conformance "$BUILD/conformance/conformance" tests/conformance/*/*.jsonl
for script in tests/e2e/*.sh; do
	one "e2e-$(basename "$script" .sh)" env OVERSUB="$BUILD/oversub" bash "$script"
done
if [ "$mode" = full ]; then
	for script in tests/full/*.sh; do
		one "full-$(basename "$script" .sh)" env OVERSUB="$BUILD/oversub" bash "$script"
	done
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
