#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Plug-ins: the shipped example, built against an installation and used in every way; and what
# oversub says of those that are broken.
#   OVERSUB=build/oversub tests/e2e/plugin.sh
set -u
build=$(dirname "$(realpath "${OVERSUB:-build/oversub}")")
cd "$(dirname "$0")/../.." || exit 1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cc=${CC:-cc}
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

# ---- The example, out of the tree -----------------------------------------------------------

check "it installs" make -s install BUILD="$build" DESTDIR="$dir" PREFIX=/opt/oversub
prefix=$dir/opt/oversub
cp -r "$prefix/share/oversub/example-plugin" "$dir/mine"
check "the example builds against installed headers" \
	make -s -C "$dir/mine" CC="$cc" CPPFLAGS="-I$prefix/include" CFLAGS="-O2 -Wall -Wextra -Werror -Wno-unused-parameter"
cd "$dir" || exit 1
unset OVERSUB_DATA
plugin=./mine/longest_waiting.so
oversub=$prefix/bin/oversub

has() { # has TEXT COMMAND...: it succeeds and prints that
	"${@:2}" >"$dir/printed" 2>&1 || { cat "$dir/printed"; return 1; }
	grep -qF -- "$1" "$dir/printed" || { cat "$dir/printed"; return 1; }
}

hasnt() {
	! has "$@"
}

check "its policy is listed" has "longest_waiting" "$oversub" list policies --plugin $plugin
check "with its parameter" has "min_wait_ns" "$oversub" list params --plugin $plugin
check "the schema knows it" has '"longest_waiting"' "$oversub" list schema --plugin $plugin
check "without --plugin it is unknown" hasnt "longest_waiting" "$oversub" list policies
cat >mine.json <<'JSON'
{ "oversub_scenario": 1,
  "host": { "cpus": 4 },
  "yield": { "candidate": { "policy": "longest_waiting", "min_wait_ns": "200us" } },
  "vms": { "vm": { "count": 3, "vcpus": 4, "workload": "w" } },
  "workloads": { "w": { "locks": { "l": "queued" }, "threads": { "t": { "count": 4, "program": [
    { "loop": "forever", "body": [ { "request": "r", "body": [
      { "run": { "exponential": { "mean": "50us" } } },
      { "lock": "l" }, { "run": "3us", "mode": "kernel" }, { "unlock": "l" },
      { "smp_call": "random_other", "wait": true } ] } ] } ] } } } },
  "run": { "warmup": "20ms", "measure": "200ms", "replications": 2 } }
JSON
check "a scenario can choose it" has "longest_waiting (min_wait_ns 200us)" \
	"$oversub" check mine.json --plugin $plugin
check "it runs" "$oversub" run mine.json --plugin $plugin --quiet
check "run.json says where it came from" grep -q "\"path\": \"$(realpath $plugin)\"" out/mine/run.json
check "and what it brought" grep -q '"yield.candidate longest_waiting"' out/mine/run.json
check "results are reproducible" "$oversub" run mine.json --plugin $plugin --quiet --out again --jobs 1
check "byte for byte" cmp out/mine/result.json again/result.json
check "a sweep varies its parameter" "$oversub" sweep mine.json --plugin $plugin --quiet --out sweep \
	--vary yield.candidate.policy=none,mainline,longest_waiting --vary min_wait_ns=0,10ms
check "every point has its results" test -e sweep/points/5/result.json -o -e sweep/points/005/result.json

# mean METRIC POLICY WAIT: over the replications of a point of the sweep
mean() {
	awk -F, -v metric="$1" -v policy="$2" -v wait="$3" \
		'
		 $1 == policy && $2 == wait && $6 == "vm.vm" && $7 == metric { sum += $9; n++ }
		 END { print n ? int(sum / n) : "none" }' sweep/sweep.csv
}
check "it gets more done than no yields" test \
	"$(mean requests_per_s longest_waiting 0)" -gt "$(mean requests_per_s none 0)"
check "it yields" test "$(mean yield.taken_per_s longest_waiting 0)" -gt 0
check "its parameter matters: nobody waits that long" test \
	"$(mean yield.taken_per_s longest_waiting 10ms)" -lt \
	"$(mean yield.taken_per_s longest_waiting 0)"
check "results of plug-ins can be compared without them" "$oversub" compare out/mine again

# ---- One list, policies of all kinds ----------------------------------------------------------

cat >all.c <<'C'
#include <oversub/policy.h>
/* A preempted vCPU at random, in so many attempts. */
struct params { int64_t tries; };
static const struct oversub_param params[] = {
	OVERSUB_INT(struct params, tries, "attempts", 4, 1, 64, "Draws before giving up."),
	OVERSUB_PARAM_END,
};
static struct oversub_vcpu *on_spin(struct oversub_vcpu *me, bool want_kernel)
{
	struct oversub_vm *vm = oversub_vcpu_vm(me);
	const struct params *p = oversub_vm_params(vm);
	for (int64_t i = 0; i < p->tries; i++) {
		struct oversub_vcpu *drawn = oversub_vm_vcpu(
			vm, (int)oversub_vm_random_below(vm, (uint64_t)oversub_vm_nr_vcpus(vm)));
		oversub_account_scan(me, 1);
		if (drawn != me && oversub_vcpu_preempted(drawn) && oversub_yield_to(me, drawn) > 0)
			return drawn;
	}
	return NULL;
}
static bool yield_to(const struct oversub_yield *yield)
{
	oversub_eevdf_nominate(yield->target);
	return true;
}
static uint32_t next_window(const struct oversub_vcpu *vcpu, enum oversub_window_event event,
			    uint32_t window, const struct oversub_window_limits *limits, uint64_t now,
			    const void *p, void *state)
{
	return limits->base;
}
static const struct oversub_candidate_policy draw = { OVERSUB_CANDIDATE_POLICY, .head.name = "draw",
	.head.help = "Draws.", .head.needs = OVERSUB_NEEDS_FLAGS, .head.params = params,
	.head.params_size = sizeof(struct params), .wants_ple_exits = true, .on_spin = on_spin };
static const struct oversub_sched_policy keep = { OVERSUB_SCHED_POLICY, .head.name = "keep",
	.head.help = "Nominates, and forfeits nothing.", .yield_to = yield_to };
static const struct oversub_window_policy fixed = { OVERSUB_WINDOW_POLICY, .head.name = "fixed",
	.head.help = "Always the base.", .next_window = next_window };
static const struct oversub_cosched_policy idle = { OVERSUB_COSCHED_POLICY, .head.name = "idle",
	.head.help = "Does nothing." };
const struct oversub_plugin oversub_plugin = { OVERSUB_POLICY_VERSION, sizeof(oversub_plugin),
	(const struct oversub_policy *const[]){ &keep.head, &draw.head, &idle.head, &fixed.head, NULL } };
C
check "a plug-in of all kinds is made" "$cc" -I"$prefix/include" -std=gnu11 -fPIC -shared -o all.so all.c
for kind in yield.candidate:draw yield.sched:keep yield.window:fixed host.cosched:idle; do
	check "${kind#*:} is listed" has "  ${kind#*:} " "$oversub" list policies --plugin ./all.so
	sets="${sets-} --set ${kind%:*}.policy=${kind#*:}"
done
# shellcheck disable=SC2086
check "one run has them all" "$oversub" run mine.json --plugin $plugin --plugin ./all.so $sets --quiet --out all
for name in candidate:draw sched:keep window:fixed cosched:idle; do
	check "the result names ${name#*:}" grep -qF "\"${name%:*}\": \"${name#*:}\"" all/result.json
done
check "a bundle finds each of its kind" "$oversub" sweep mine.json --plugin $plugin --plugin ./all.so --quiet --out bundle \
	--vary policies=mainline,draw+idle+fixed+keep --vary vms.vm.count=1,2
check "run.json says which kind each is of" grep -q '"host.cosched idle"' all/run.json

# all_exported: every function that the installed headers declare
all_exported() {
	local name missing=0
	nm -D --defined-only "$oversub" | awk '{ print $3 }' >"$dir/exported"
	for name in $(grep -hoE '\b(oversub|eevdf|cosched)_[a-z0-9_]+\(' "$prefix"/include/oversub/*.h |
		tr -d '(' | sort -u); do
		grep -qx "$name" "$dir/exported" || { echo "$name"; missing=1; }
	done
	[ $missing = 0 ] && [ "$(wc -l <"$dir/exported")" -gt 50 ]
}
check "what the headers declare can be called" all_exported

# ---- What is wrong with others --------------------------------------------------------------

# refused TEXT PLUGIN: exit status 2, and that message
refused() {
	local got
	"$oversub" list policies --plugin "$2" >"$dir/printed" 2>&1
	got=$?
	cat "$dir/printed"
	[ $got = 2 ] && grep -qF -- "$1" "$dir/printed"
}

# made NAME TEXT: the shared object NAME.so from C
made() {
	printf '#include <oversub/policy.h>\n%s\n' "$2" >"$1.c"
	"$cc" -I"$prefix/include" -std=gnu11 -w -fPIC -shared -o "$1.so" "$1.c"
}

policy='static struct oversub_vcpu *spin(struct oversub_vcpu *me, bool k) { return 0; }
static const struct oversub_candidate_policy mine = { OVERSUB_CANDIDATE_POLICY,
	.head.name = NAME, .head.help = "h", .on_spin = spin, .wants_ple_exits = true };'
plugin='const struct oversub_plugin oversub_plugin = { .version = OVERSUB_POLICY_VERSION,
	.size = sizeof(oversub_plugin),
	.policies = (const struct oversub_policy *const[]){ &mine.head, 0 } };'

check "no such file" refused "plug-in ./none.so: No such file or directory" ./none.so
check "a directory" refused "plug-in . is not a file" .
echo "no object" >text.so
check "not a shared object" refused "text.so cannot be loaded as a plug-in" ./text.so
made nosymbol 'int other;'
check "no oversub_plugin" refused "nosymbol.so has no symbol oversub_plugin" ./nosymbol.so
made undefined "void oversub_nothing(void); void *use(void) { return oversub_nothing; }"
check "a function that is not there" refused "undefined symbol: oversub_nothing" ./undefined.so
made version '#define NAME "x"
'"$policy"' const struct oversub_plugin oversub_plugin = { .version = 1, .size = sizeof(oversub_plugin) };'
check "another version" refused \
	"made for version 1 of the policy interface, and this oversub has version" ./version.so
# As plug-ins for version 2 were: no common head, and a list for each kind of policy.
cat >old.c <<'C'
#include <stddef.h>
#include <stdint.h>
static const struct { uint32_t version, size; const char *name, *help; uint32_t needs; }
	mine = { 2, sizeof(mine), "mine", "h", 1 };
static const void *const candidates[] = { &mine, NULL };
const struct { uint32_t version, size; const void *candidates, *scheds, *windows, *coscheds; }
	oversub_plugin = { 2, sizeof(oversub_plugin), candidates };
C
check "a plug-in for version 2 is made" "$cc" -w -fPIC -shared -o old.so old.c
check "and refused, with what to do" refused \
	"made for version 2 of the policy interface, and this oversub has version 3: compile it again" ./old.so
made kind '#define NAME "x"
'"${policy/.head.name/.head.kind = 9, .head.name}$plugin"
check "a kind that nobody knows" refused "it is of kind 9, which nobody knows" ./kind.so
made size '#define NAME "x"
'"$policy"' const struct oversub_plugin oversub_plugin = { .version = OVERSUB_POLICY_VERSION, .size = 8 };'
check "another size" refused "its size is 8" ./size.so
made builtin '#define NAME "mainline"
'"$policy$plugin"
check "a built-in name" refused \
	"yield.candidate policy mainline: oversub itself has a policy of that name already" ./builtin.so
made one '#define NAME "twin"
'"$policy$plugin"
made two '#define NAME "twin"
'"$policy$plugin"
check "two plug-ins at once" has longest_waiting "$oversub" list policies --plugin ./one.so \
	--plugin mine/longest_waiting.so
check "a name that another plug-in has" hasnt "twin" "$oversub" list policies --plugin one.so --plugin two.so
check "said with that plug-in" grep -qF "$(realpath one.so) has a policy of that name already" "$dir/printed"
check "one plug-in twice" hasnt "" "$oversub" list policies --plugin one.so --plugin ./one.so
check "said so" grep -qF "plug-in ./one.so is given twice" "$dir/printed"
check "nothing runs with a broken plug-in" hasnt "" "$oversub" run mine.json --plugin ./none.so --out never
check "or is written" test ! -e never

echo "$passed passed, $failed failed"
[ $failed = 0 ]
