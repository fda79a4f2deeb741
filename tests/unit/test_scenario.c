/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "scenario_text.h"

/* ---- Good documents ----------------------------------------------------------------------- */

static struct scenario *must_load(const char *text)
{
	struct oversub_error error = {""};
	struct scenario *scenario;

	if (load_text(text, NULL, &scenario, &error))
		fail_msg("%s", error.message);
	return scenario;
}

static void a_document_becomes_the_structs_it_describes(void **state)
{
	struct scenario *s = must_load(
		"{ 'oversub_scenario': 1, 'title': 'T', 'description': 'D', // a comment\n"
		"'host': { 'cpus': 70, 'hz': 1000, 'preempt': 'full', 'hrtick': false,\n"
		"          'costs': { 'cache_refill_ns': '12us' } }, /* another */\n"
		"'yield': { 'candidate': { 'policy': 'none' }, 'sched': { 'policy': 'lag_credit',\n"
		"           'scope': 'below' } },\n"
		"'vm_defaults': { 'apicv': 'on', 'vcpus': 3, 'ple': { 'ple_window': 8192 } },\n"
		"'vms': { 'a': { 'count': 2, 'workload': 'w', 'pin': '1:1',\n"
		"                'ple': { 'ple_gap': 64 } },\n"
		"         'b': { 'vcpus': 1, 'apicv': 'off', 'cpu_weight': 50,\n"
		"                'pin': { 'pool': [1, '64-65'] } } },\n"
		"'workloads': { 'w': { 'locks': { 'l': 'queued' },\n"
		"  'arrivals': { 'in': { 'interarrival': { 'exponential': { 'mean': '1ms' } } } "
		"},\n"
		"  'threads': { 't': { 'count': 3, 'program': [\n"
		"    { 'loop': 5, 'body': [ { 'request': 'r', 'body': [ { 'take': 'in' },\n"
		"      { 'run': { 'lognormal': { 'median': '40us', 'sigma': 1.1 } },\n"
		"        'mode': 'kernel', 'probability': 0.5 },\n"
		"      { 'wait': true, 'smp_call': 2 }, { 'lock': 'l' }, { 'unlock': 'l' } ] } ] } "
		"] "
		"} } } },\n"
		"'run': { 'warmup': 0, 'measure': '1.5ms', 'replications': 3,\n"
		"         'seed': '9223372036854775807' } }");
	const struct workload_thread_class *class = &s->workloads[0].classes[0];

	assert_string_equal(s->name, "test");
	assert_string_equal(s->title, "T");
	assert_string_equal(s->description, "D");
	assert_int_equal(s->host.cpus, 70);
	assert_int_equal(host_config_hz(&s->host), 1000);
	assert_int_equal(s->host.preempt, HOST_PREEMPT_FULL);
	assert_int_equal(s->host.hrtick, 0);
	assert_int_equal(s->host.costs.cache_refill_ns, 12000);
	assert_string_equal(s->chosen[OVERSUB_CANDIDATE].policy->name, "none");
	assert_string_equal(s->chosen[OVERSUB_SCHED].policy->name, "lag_credit");

	assert_int_equal(s->nr_vms, 2);
	assert_int_equal(scenario_nr_vms(s), 3);
	assert_int_equal(scenario_nr_vcpus(s), 7);
	assert_string_equal(s->vms[0].name, "a");
	assert_int_equal(s->vms[0].size.vcpus, 3);
	assert_int_equal(s->vms[0].kvm.apicv, KVM_APICV_ON);
	assert_int_equal(s->vms[0].kvm.ple.ple_window, 8192);
	assert_int_equal(s->vms[0].kvm.ple.ple_gap, 64);
	assert_ptr_equal(s->vms[0].workload, &s->workloads[0]);
	assert_int_equal(s->vms[0].cpus[2][0], 4);
	assert_int_equal(s->vms[0].cpus[2][1], 0);
	assert_int_equal(s->vms[1].size.count, 1);
	assert_int_equal(s->vms[1].size.cpu_weight, 50);
	assert_int_equal(s->vms[1].kvm.apicv, KVM_APICV_OFF);
	assert_int_equal(s->vms[1].kvm.ple.ple_window, 8192);
	assert_null(s->vms[1].workload);
	assert_int_equal(s->vms[1].cpus[0][0], 2);
	assert_int_equal(s->vms[1].cpus[0][1], 3);

	assert_int_equal(class->count, 3);
	assert_int_equal(class->nr_ops, 9);
	assert_int_equal(class->ops[0].kind, OP_LOOP);
	assert_int_equal(class->ops[0].count, 5);
	assert_int_equal(class->ops[0].jump, 8);
	assert_int_equal(class->ops[1].kind, OP_REQUEST);
	assert_int_equal(class->ops[1].jump, 7);
	assert_int_equal(class->ops[3].duration.kind, SIM_LOGNORMAL);
	assert_int_equal(class->ops[3].duration.median_ns, 40000);
	assert_int_equal(class->ops[3].mode, OP_MODE_KERNEL);
	assert_true(class->ops[3].probability == 0.5);
	assert_int_equal(class->ops[4].kind, OP_SMP_CALL);
	assert_int_equal(class->ops[4].wait, 1);
	assert_int_equal(class->ops[4].target, OP_TARGET_CPU);
	assert_int_equal(class->ops[4].target_cpu, 2);
	assert_int_equal(class->ops[7].kind, OP_REQUEST_END);
	assert_int_equal(class->ops[7].jump, 1);
	assert_int_equal(class->ops[8].kind, OP_LOOP_END);
	assert_int_equal(class->ops[8].jump, 0);

	assert_int_equal(s->run.warmup_ns, 0);
	assert_int_equal(s->run.measure_ns, 1500000);
	assert_int_equal(s->run.replications, 3);
	assert_true(s->run.seed == INT64_MAX);
	scenario_free(s);
}

static void locks_have_kinds_and_an_rwsem_is_taken_in_a_mode(void **state)
{
	struct scenario *s = must_load(
		"{ 'oversub_scenario': 1,\n"
		"'vm_defaults': { 'pv_unhalt': true, 'steal_time': true, 'vcpus': 1 },\n"
		"'vms': { 'a': { 'workload': 'w' } },\n"
		"'workloads': { 'w': { 'locks': { 'p': 'pv', 'm': 'mutex', 's': 'rwsem' },\n"
		"  'threads': { 't': { 'program': [ { 'lock': 's' }, { 'unlock': 's' },\n"
		"    { 'lock': 's', 'mode': 'read' } ] } } } } }");
	const struct workload *workload = &s->workloads[0];

	assert_int_equal(s->vms[0].kvm.pv_unhalt, 1);
	assert_int_equal(s->vms[0].kvm.steal_time, 1);
	assert_int_equal(s->vms[0].kvm.pv_tlb_flush, 0);
	assert_int_equal(workload->locks[0].kind, LOCK_PV);
	assert_int_equal(workload->locks[1].kind, LOCK_MUTEX);
	assert_int_equal(workload->locks[2].kind, LOCK_RWSEM);
	assert_int_equal(workload->classes[0].ops[0].lock_mode, LOCK_WRITE);
	assert_int_equal(workload->classes[0].ops[2].lock_mode, LOCK_READ);
	scenario_free(s);
}

static void locks_that_chance_may_set_right_are_left_to_the_run(void **state)
{
	static const char *const programs[] = {
		"{ 'lock': 'l', 'probability': 0.5 }, { 'unlock': 'l' }",
		"{ 'lock': 'l', 'probability': 0.5 }, { 'lock': 'l' }",
		"{ 'unlock': 'l', 'probability': 0 }",
		"{ 'loop': 'forever', 'body': [ { 'run': 1 } ] }, { 'unlock': 'l' }",
		"{ 'lock': 'l' }, { 'loop': 2, 'body': [ { 'unlock': 'l' }, { 'lock': 'l' } ] }",
		"{ 'loop': 1, 'body': [ { 'lock': 'l' } ] }, { 'unlock': 'l' }",
	};
	char text[512];

	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		snprintf(text, sizeof(text),
			 "{ 'oversub_scenario': 1, 'host_workload': { 'locks': { 'l': {} },"
			 " 'threads': { 't': { 'program': [ %s ] } } } }",
			 programs[i]);
		scenario_free(must_load(text));
	}
}

static void each_name_of_a_target_means_that_target(void **state)
{
	struct scenario *s = must_load(
		"{ 'oversub_scenario': 1, 'vms': { 'a': { 'vcpus': 2, 'workload': 'w' } },\n"
		"  'workloads': { 'w': { 'threads': { 't': { 'program': [\n"
		"    { 'smp_call': 'random_other' }, { 'smp_call': 'next' }, { 'smp_call': "
		"'others' },\n"
		"    { 'irq_work': 'self' }, { 'irq_work': 1 } ] } } } } }");
	const struct op *ops = s->workloads[0].classes[0].ops;

	assert_int_equal(ops[0].target, OP_TARGET_RANDOM_OTHER);
	assert_int_equal(ops[1].target, OP_TARGET_NEXT);
	assert_int_equal(ops[2].target, OP_TARGET_OTHERS);
	assert_int_equal(ops[3].target, OP_TARGET_SELF);
	assert_int_equal(ops[4].target, OP_TARGET_CPU);
	assert_int_equal(ops[4].target_cpu, 1);
	scenario_free(s);
}

static void a_set_of_pv_features_gives_way_to_single_ones(void **state)
{
	struct scenario *s = must_load("{ 'oversub_scenario': 1,\n"
				       "'vm_defaults': { 'pv': 'default', 'pv_eoi': false },\n"
				       "'vms': { 'most': {}, 'kick': { 'pv': 'pv_kick' },\n"
				       "  'none': { 'pv': 'none', 'steal_time': true },\n"
				       "  'own': { 'pv_tlb_flush': false, 'pv_eoi': true } } }");
	const struct kvm_config *most = &s->vms[0].kvm, *kick = &s->vms[1].kvm;
	const struct kvm_config *none = &s->vms[2].kvm, *own = &s->vms[3].kvm;

	assert_true(most->pv_unhalt && most->steal_time && most->pv_tlb_flush &&
		    most->pv_send_ipi && most->pv_sched_yield);
	assert_false(most->pv_eoi || most->realtime_hint);
	assert_true(kick->pv_unhalt);
	assert_false(kick->steal_time || kick->pv_tlb_flush || kick->pv_send_ipi ||
		     kick->pv_sched_yield || kick->pv_eoi);
	assert_true(none->steal_time);
	assert_false(none->pv_unhalt || none->pv_tlb_flush || none->pv_send_ipi);
	assert_true(own->pv_eoi && own->pv_send_ipi);
	assert_false(own->pv_tlb_flush);
	scenario_free(s);
}

static void what_a_document_leaves_out_has_its_default(void **state)
{
	struct scenario *s = must_load("{ 'oversub_scenario': 1, 'vms': { 'vm': {} } }");

	assert_string_equal(s->title, "");
	assert_int_equal(host_config_hz(&s->host), 250);
	assert_string_equal(s->chosen[OVERSUB_CANDIDATE].policy->name, "mainline");
	assert_string_equal(s->chosen[OVERSUB_SCHED].policy->name, "mainline");
	assert_int_equal(s->vms[0].size.count, 1);
	assert_int_equal(s->vms[0].kvm.ple.ple_window, 4096);
	assert_null(s->vms[0].cpus);
	assert_int_equal(s->run.watchdog_ns, 10000000000);
	assert_null(s->host_workload);
	scenario_free(s);
}

static void host_threads_have_scheduling_attributes(void **state)
{
	struct scenario *s = must_load(
		"{ 'oversub_scenario': 1, 'host': { 'cpus': 4 }, 'host_workload': {\n"
		"  'costs': { 'syscall_ns': 100 },\n"
		"  'threads': { 'hog': { 'count': 2, 'nice': -5, 'slice': '3ms', 'cpu_weight': "
		"200,\n"
		"    'cpus': [0, '2-3'], 'program': [ { 'run': 5 }, { 'yield': true } ] } } } }");
	const struct workload_thread_class *class = &s->host_workload->classes[0];

	assert_int_equal(s->nr_vms, 0);
	assert_int_equal(s->host_threads.syscall_ns, 100);
	assert_int_equal(class->nice, -5);
	assert_int_equal(class->slice_ns, 3000000);
	assert_int_equal(class->cpu_weight, 200);
	assert_int_equal(class->cpus, 13);
	scenario_free(s);
}

/* ---- Bad documents ------------------------------------------------------------------------ */

/* Documents around a place where something is wrong. */
#define TOP(inside_)	  "{ 'oversub_scenario': 1, " inside_ " }"
#define HOST(inside_)	  TOP("'vms': { 'v': {} }, 'host': { " inside_ " }")
#define VM(inside_)	  TOP("'host': { 'cpus': 8 }, 'vms': { 'v': { " inside_ " } }")
#define RUN(inside_)	  TOP("'vms': { 'v': {} }, 'run': { " inside_ " }")
#define WORKLOAD(inside_) TOP("'vms': { 'v': {} }, 'workloads': { 'w': { " inside_ " } }")
#define PROGRAM(inside_)                                                                           \
	WORKLOAD("'locks': { 'mmap': 'tas' }, 'threads': { 't': { 'program': [ " inside_ " ] } }")
#define HOST_CLASS(inside_) TOP("'host_workload': { 'threads': { 't': { " inside_ " } } }")
#define HOST_LOCK(kind_)                                                                           \
	TOP("'host_workload': { 'locks': { 'l': '" kind_                                           \
	    "' }, 'threads': { 't': { 'program': [ { 'lock': 'l' } ] } } }")
#define AT_PROGRAM "workloads.w.threads.t.program[0]"

static const struct {
	const char *text;
	const char *message; /* "test.json:" and this is how the message goes on */
} bad[] = {
	/* Syntax */
	{"", "1:1: the document ends before it is complete"},
	{"{ 'oversub_scenario': 1", "1:24: the document ends before it is complete"},
	{"{ 'a': 1,\n  'b': }", "2:8: not JSON: unexpected '}'"},
	{"{ 'a': 1,\n }", "2:2: a comma before a closing bracket"},
	{"{ 'a': [1, ] }", "1:12: a comma before a closing bracket"},
	{"{ 'a': 1 'b': 2 }", "1:10: a comma or a colon is missing before this string"},
	{"{ a: 1 }", "1:3: expected a key in double quotes"},
	{"{ } x", "1:5: something follows the end of the document"},
	{"{ 'a': 'text\n' }", "1:8: a string that does not end on its line"},
	{"{ 'a\\u0000b': 1 }", "1:5: a NUL in a string"},
	{"{ /* never ends", "1:3: a comment that does not end"},
	{"{ 'a': tru }", "1:8: not JSON: unexpected 't'"},
	{"{ // 'x'\n 'a': ! }", "2:7: not JSON: unexpected '!'"},
	{"{ 'a': '\t' }", "1:9: a control character in a string"},
	{"{ '\xc3\xa4': '\xff' }", "1:9: not UTF-8"},
	/* Anywhere */
	{"[]", " expected an object { ... }, not an array"},
	{"{}", " not a scenario: it has no \"oversub_scenario\": 1"},
	{"{ 'oversub_scenario': 2 }", " oversub_scenario: version 2, but this program reads "},
	{"{ 'oversub_scenario': '1x' }", " oversub_scenario: expected a whole number, not "},
	{TOP("'host': {}"), " nothing to simulate"},
	{TOP("'vms': {}"), " nothing to simulate"},
	{TOP("'hosts': {}"), " hosts: unknown key; did you mean \"host\"?"},
	{TOP("'title': 5"), " title: expected a string, not 5"},
	{HOST("'cpus': 1, 'cpus': 2"), " host.cpus: the key is there twice"},
	/* Parameters */
	{HOST("'cpus': 1e999"), " host.cpus: the number is too large"},
	{HOST("'cpus': 0"), " host.cpus: 0 is out of range 1..4096"},
	{HOST("'cpus': 2.5"), " host.cpus: expected a whole number, not 2.5"},
	{HOST("'cpus': '2'x"), "1:67: not JSON: unexpected 'x'"},
	{HOST("'cpus': 'two'"), " host.cpus: expected a whole number, not \"two\""},
	{HOST("'cpus': null"), " host.cpus: expected a whole number, not null"},
	{HOST("'CPUs': 2"), " host.CPUs: unknown key; known: "},
	{HOST("'hz': 200"), " host.hz: 200 is not a choice; known: 100, 250, 300, 1000"},
	{HOST("'hrtick': 1"), " host.hrtick: expected true or false, not 1"},
	{HOST("'costs': 5"), " host.costs: expected an object { ... }, not 5"},
	{HOST("'costs': { 'ipi_fligth_ns': 1 }"),
	 " host.costs.ipi_fligth_ns: unknown key; did you mean \"ipi_flight_ns\"?"},
	{HOST("'costs': { 'ipi_flight_ns': '5 m' }"),
	 " host.costs.ipi_flight_ns: expected a duration"},
	{RUN("'seed': 9007199254740994"), " run.seed: 9007199254740994 is not below 2^53"},
	{RUN("'seed': -1"), " run.seed: -1 is out of range: it must be 0 or more"},
	{RUN("'measure': 0"), " run.measure: 0 is out of range 1us..3600000s"},
	{TOP("'vms': { 'v': {} }, 'yield': { 'candidate': { 'policy': 'v33' } }"),
	 " yield.candidate.policy: no policy has the name \"v33\"; did you mean \"v3\"?"},
	{TOP("'vms': { 'v': {} }, 'yield': { 'candidate': { 'ipi_window_ns': 1 } }"),
	 " yield.candidate.ipi_window_ns: unknown key"},
	{TOP("'vms': { 'v': {} }, 'yield': { 'sched': 'mainline' }"),
	 " yield.sched: expected an object"},
	/* VMs */
	{VM("'vcpus': 0"), " vms.v.vcpus: 0 is out of range 1..1024"},
	{VM("'workload': 'x'"), " vms.v.workload: no workload has the name \"x\"; there are none"},
	{VM("'count': 65, 'vcpus': 1024"), " vms: 66560 vCPUs in all VMs together are more than "},
	{VM("'pin': '2:1'"), " vms.v.pin: expected \"1:1\", "},
	{VM("'pin': { 'pool': [8] }"), " vms.v.pin.pool[0]: CPU 8 is out of range 0..7"},
	{VM("'pin': { 'pool': [] }"), " vms.v.pin.pool: the list of CPUs is empty"},
	{VM("'pin': { 'pol': [1] }"), " vms.v.pin.pol: unknown key; did you mean \"pool\"?"},
	{VM("'pin': [ [0], [1] ]"), " vms.v.pin: 2 lists of CPUs for 1 vcpus"},
	{VM("'pin': [ ['3-1'] ]"), " vms.v.pin[0][0]: expected a CPU number or a range"},
	{TOP("'vms': { 'a.b': {} }"), " vms.a.b: \"a.b\" is not a name"},
	{TOP("'vm_defaults': { 'vcpus': -1 }, 'vms': { 'v': {} }"),
	 " vm_defaults.vcpus: -1 is out of range"},
	{TOP("'vm_defaults': { 'workload': 'x' }, 'vms': { 'v': {} }"),
	 " vm_defaults.workload: no workload has the name \"x\""},
	{TOP("'vms': { 'v': { 'workload': 'w' } }, 'workloads': { 'w': { 'threads': "
	     "{ 't': { 'program': [ { 'smp_call': 1 } ] } } } }"),
	 " vms.v: class \"t\" of workload \"w\" calls CPU 1, but the VM has 1 vcpus"},
	{TOP("'vms': { 'v': { 'workload': 'w' } }, 'workloads': { 'w': { 'locks': { 'l': 'pv' }, "
	     "'threads': { 't': { 'program': [ { 'sleep': 1 } ] } } } }"),
	 " vms.v: lock \"l\" of workload \"w\" is of kind pv, but the VM has no pv_unhalt"},
	/* Workloads */
	{WORKLOAD(""), " workloads.w: it has no threads"},
	{WORKLOAD("'locks': { 'l': 'futex' }"), " workloads.w.locks.l: \"futex\" is not a choice"},
	{WORKLOAD("'events': ['e', 'e']"), " workloads.w.events[1]: \"e\" is there twice"},
	{WORKLOAD("'events': 'e'"), " workloads.w.events: expected an array"},
	{WORKLOAD("'barriers': { 'b': 0 }"), " workloads.w.barriers.b: 0 is out of range"},
	{WORKLOAD("'arrivals': { 'a': {} }"),
	 " workloads.w.arrivals.a: \"interarrival\" or \"rate\" is missing"},
	{WORKLOAD("'arrivals': { 'a': { 'interarrival': '1ms', 'rate': 1000 } }"),
	 " workloads.w.arrivals.a: workloads.w.arrivals.a.interarrival and "
	 "workloads.w.arrivals.a.rate both say"},
	{WORKLOAD("'arrivals': { 'a': { 'rate': '1ms' } }"),
	 " workloads.w.arrivals.a.rate: expected a number per second"},
	{WORKLOAD("'arrivals': { 'a': { 'rate': 0 } }"),
	 " workloads.w.arrivals.a.rate: 0 is out of range 0.001..1e+09 per second"},
	{WORKLOAD("'arrivals': { 'a': { 'interarrival': 0 } }"),
	 " workloads.w.arrivals.a.interarrival: its mean is below 1 ns"},
	{WORKLOAD("'threads': { 't': {} }"),
	 " workloads.w.threads.t: \"program\": [ ops ] is missing"},
	{WORKLOAD("'threads': { 't': { 'slice': 1 } }"),
	 " workloads.w.threads.t.slice: unknown key"},
	{PROGRAM("{ 'smp_call': 'self' }"), " " AT_PROGRAM ": only an irq_work can be for self"},
	{PROGRAM("{ 'irq_work': 'others' }"), " " AT_PROGRAM ": an irq_work is for one CPU"},
	{PROGRAM(""), " workloads.w.threads.t.program: it has no ops"},
	{PROGRAM("5"), " " AT_PROGRAM ": expected an object"},
	{PROGRAM("{ 'rum': 1 }"), " " AT_PROGRAM ": no key of this object is an op; did you mean "
				  "\"run\"?"},
	{PROGRAM("{ 'run': 1, 'mod': 'user' }"),
	 " " AT_PROGRAM ".mod: unknown key; did you mean \"mode\"?"},
	{PROGRAM("{ 'lock': 'map' }"),
	 " " AT_PROGRAM ".lock: the workload has no lock \"map\"; did you mean \"mmap\"?"},
	{PROGRAM("{ 'lock': 'xyz' }"),
	 " " AT_PROGRAM ".lock: the workload has no lock \"xyz\"; known: mmap"},
	{PROGRAM("{ 'take': 'x' }"), " " AT_PROGRAM ".take: the workload has no arrival source"},
	{PROGRAM("{ 'loop': 0, 'body': [ { 'run': 1 } ] }"), " " AT_PROGRAM ".loop: 0 is out of"},
	{PROGRAM("{ 'loop': 2 }"), " " AT_PROGRAM ": \"body\": [ ops ] is missing"},
	{PROGRAM("{ 'loop': 2, 'body': [] }"), " " AT_PROGRAM ".body: it has no ops"},
	{PROGRAM("{ 'yield': 1 }"), " " AT_PROGRAM ".yield: expected true"},
	{PROGRAM("{ 'smp_call': 'other' }"), " " AT_PROGRAM ".smp_call: \"other\" is not a choice"},
	{PROGRAM("{ 'run': 1, 'interrupts': false }"), " " AT_PROGRAM ": only \"mode\""},
	{PROGRAM("{ 'run': 1, 'probability': 1.5 }"),
	 " " AT_PROGRAM ".probability: 1.5 is out of range 0..1"},
	{PROGRAM("{ 'run': {} }"), " " AT_PROGRAM ".run: expected one key"},
	{PROGRAM("{ 'run': { 'normal': {} } }"),
	 " " AT_PROGRAM ".run.normal: unknown distribution; did you mean \"lognormal\"?"},
	{PROGRAM("{ 'run': { 'exponential': {} } }"),
	 " " AT_PROGRAM ".run.exponential: \"mean\" is missing"},
	{PROGRAM("{ 'run': { 'uniform': { 'min': 2, 'max': 1 } } }"),
	 " " AT_PROGRAM ".run.uniform: max is below min"},
	{HOST_CLASS("'program': [ { 'io': 1 } ]"),
	 " host_workload.threads.t.program[0]: threads of the host have no op \"io\""},
	/* Locks that go wrong whenever a thread gets there */
	{PROGRAM("{ 'unlock': 'mmap' }"),
	 " " AT_PROGRAM ": a thread unlocks mmap, which it does not hold; lock it first"},
	{PROGRAM("{ 'lock': 'mmap' }, { 'unlock': 'mmap' }, { 'unlock': 'mmap' }"),
	 " workloads.w.threads.t.program[2]: a thread unlocks mmap, which it does not hold"},
	{PROGRAM("{ 'loop': 2, 'body': [ { 'run': 1 }, { 'lock': 'mmap' } ] }"),
	 " " AT_PROGRAM ".body[1]: a thread locks mmap, which it holds already; unlock it first"},
	{PROGRAM("{ 'lock': 'mmap' }, { 'loop': 2, 'body': [ { 'unlock': 'mmap' } ] }"),
	 " workloads.w.threads.t.program[1].body[0]: a thread unlocks mmap, which it does not"},
	{PROGRAM("{ 'lock': 'mmap' }, { 'request': 'r', 'probability': 0.5, 'body': [ { 'run': 1 } "
		 "] }, { 'lock': 'mmap' }"),
	 " workloads.w.threads.t.program[2]: a thread locks mmap, which it holds already"},
	{HOST_CLASS("'program': [ { 'run': 1, 'mode': 'kernel', 'interrupts': false } ]"),
	 " host_workload.threads.t.program[0].interrupts: it has no effect here: only threads of a "
	 "VM have it"},
	{HOST_CLASS("'program': [ { 'lock': 'l', 'irqsave': true } ]"),
	 " host_workload.threads.t.program[0].irqsave: it has no effect here: only threads of a "
	 "VM "},
	{PROGRAM("{ 'lock': 'mmap', 'yield_after': 9 }"),
	 " " AT_PROGRAM ".yield_after: it has no effect here: only threads of the host have it"},
	{HOST_LOCK("mutex"), " host_workload.locks.l: host threads have no locks of kind mutex; "},
	{HOST_LOCK("rwsem"), " host_workload.locks.l: host threads have no locks of kind rwsem; "},
	{HOST_LOCK("pv"), " host_workload.locks.l: host threads have no locks of kind pv; use "
			  "spinlock, tas or queued"},
	{HOST_CLASS("'nice': 20, 'program': [ { 'run': 1 } ]"),
	 " host_workload.threads.t.nice: 20 is out of range -20..19"},
	{HOST_CLASS("'cpus': [99], 'program': [ { 'run': 1 } ]"),
	 " host_workload.threads.t.cpus[0]: CPU 99 is out of range"},
};

static void a_bad_document_gets_one_message_that_says_where(void **state)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct oversub_error error = {""};
		struct scenario *scenario;
		char start[256];

		assert_int_equal(load_text(bad[i].text, NULL, &scenario, &error),
				 OVERSUB_BAD_INPUT);
		assert_null(scenario);
		snprintf(start, sizeof(start), "test.json:%s", bad[i].message);
		if (strncmp(error.message, start, strlen(start)) != 0)
			fail_msg("%s\n  gave     %s\n  expected %s", bad[i].text, error.message,
				 start);
		assert_null(strchr(error.message, '\n'));
	}
}

static void nesting_is_limited(void **state)
{
	struct oversub_error error = {""};
	struct scenario *scenario;
	char text[4 * SCENARIO_MAX_DEPTH];

	memset(text, '[', sizeof(text));
	assert_int_equal(load_bytes(text, sizeof(text), &scenario, &error), OVERSUB_BAD_INPUT);
	assert_string_equal(error.message, "test.json:1:65: nested too deeply");
}

static void a_nul_byte_is_no_end_of_text(void **state)
{
	static const char text[] = "{ \"oversub_scenario\": 1, \"vms\": { \"v\": {} } }\n\0junk";
	struct oversub_error error = {""};
	struct scenario *scenario;

	assert_int_equal(load_bytes(text, sizeof(text) - 1, &scenario, &error), OVERSUB_BAD_INPUT);
	assert_string_equal(error.message, "test.json:2:1: a NUL byte; a scenario is UTF-8 text");
}

/* ---- Files -------------------------------------------------------------------------------- */

static void must_not_load(const char *path_or_name, const char *message)
{
	struct oversub_error error = {""};
	struct scenario *scenario;

	assert_int_equal(scenario_load(path_or_name, NULL, &scenario, &error), OVERSUB_BAD_INPUT);
	assert_null(scenario);
	if (!strstr(error.message, message))
		fail_msg("%s: %s", path_or_name, error.message);
}

static void what_is_not_a_file_is_refused(void **state)
{
	must_not_load("/nonexistent/x.json", "/nonexistent/x.json: no such file");
	must_not_load("/", "/: a directory, but a scenario is a JSON file");
	must_not_load("no-such-scenario", "no scenario \"no-such-scenario\": looked for");
	must_not_load("", "no scenario");
}

static void a_file_of_more_than_16_mib_is_refused(void **state)
{
	char path[] = "/tmp/oversub-test-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, SCENARIO_MAX_BYTES + 1), 0);
	must_not_load(path, "larger than 16 MiB, the limit for a scenario");
	close(fd);
	unlink(path);
}

static void a_name_is_looked_up_in_the_data_directory(void **state)
{
	char directory[] = "/tmp/oversub-test-XXXXXX";
	char command[256];
	struct oversub_error error = {""};
	struct scenario *scenario;
	char *text = double_quoted(small_scenario);
	FILE *file;

	assert_non_null(mkdtemp(directory));
	snprintf(command, sizeof(command), "mkdir %s/scenarios", directory);
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof(command), "%s/scenarios/some-name.json", directory);
	file = fopen(command, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	free(text);
	setenv("OVERSUB_DATA", directory, 1);
	assert_int_equal(scenario_load("some-name", NULL, &scenario, &error), OVERSUB_OK);
	unsetenv("OVERSUB_DATA");
	assert_string_equal(scenario->name, "some-name");
	assert_string_equal(scenario->file, command);
	scenario_free(scenario);
	snprintf(command, sizeof(command), "rm -r %s", directory);
	assert_int_equal(system(command), 0);
}

static struct sim_distribution arrivals_of(const char *source)
{
	struct scenario *scenario;
	struct sim_distribution interarrival;
	char text[512];

	snprintf(
		text, sizeof(text),
		"{'oversub_scenario':1,'host_workload':{'arrivals':{'a':{%s}},'threads':{'t':{"
		"'program':[{'loop':'forever','body':[{'request':'r','body':[{'take':'a'}]}]}]}}}}",
		source);
	assert_int_equal(load_text(text, NULL, &scenario, NULL), OVERSUB_OK);
	interarrival = scenario->host_workload->sources[0].interarrival;
	scenario_free(scenario);
	return interarrival;
}

static void a_rate_of_arrivals_stands_for_exponential_intervals(void **state)
{
	static const char *const same[] = {"'rate':2500", "'rate':'2500/s'", "'rate':'2500.0 /s'",
					   "'interarrival':{'exponential':{'mean':'400us'}}"};

	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		struct sim_distribution interarrival = arrivals_of(same[i]);

		assert_int_equal(interarrival.kind, SIM_EXPONENTIAL);
		assert_int_equal(interarrival.mean_ns, 400000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_becomes_the_structs_it_describes),
		cmocka_unit_test(locks_have_kinds_and_an_rwsem_is_taken_in_a_mode),
		cmocka_unit_test(locks_that_chance_may_set_right_are_left_to_the_run),
		cmocka_unit_test(each_name_of_a_target_means_that_target),
		cmocka_unit_test(a_set_of_pv_features_gives_way_to_single_ones),
		cmocka_unit_test(what_a_document_leaves_out_has_its_default),
		cmocka_unit_test(host_threads_have_scheduling_attributes),
		cmocka_unit_test(a_bad_document_gets_one_message_that_says_where),
		cmocka_unit_test(a_rate_of_arrivals_stands_for_exponential_intervals),
		cmocka_unit_test(nesting_is_limited),
		cmocka_unit_test(a_nul_byte_is_no_end_of_text),
		cmocka_unit_test(what_is_not_a_file_is_refused),
		cmocka_unit_test(a_file_of_more_than_16_mib_is_refused),
		cmocka_unit_test(a_name_is_looked_up_in_the_data_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
