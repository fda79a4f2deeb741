/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Balance scheduling: siblings, the vCPUs of one VM, are kept on different run queues as long as
 * there is a CPU without one. Nothing is said about when they run. Whoever waits for a sibling then
 * never waits for one that is queued behind itself.
 *
 * Source: Sukwong and Kim, "Is co-scheduling too expensive for SMP VMs?", EuroSys 2011.
 */
#include "builtin.h"
#include "cpu_set.h"

enum balance_scope {
	BALANCE_LLC,  /* CPUs that share a last-level cache with the one that was proposed */
	BALANCE_NODE, /* of the same NUMA node */
	BALANCE_HOST, /* all */
};

struct balance_params {
	int64_t strict; /* bool */
	int64_t scope;	/* enum balance_scope */
};

static const char *const scopes[] = {"llc", "node", "host", NULL};

static const struct oversub_param params[] = {
	OVERSUB_BOOL(
		struct balance_params, strict, true,
		"a sibling that sleeps holds its CPU, too; off: only queued siblings count, so "
		"that a CPU may be shared with a sleeper"),
	OVERSUB_ENUM(struct balance_params, scope, scopes, BALANCE_HOST,
		     "how far from the CPU that the scheduler proposes another one is looked for"),
	OVERSUB_PARAM_END,
};

/* A CPU that sibling makes unfit for others of its VM. */
static bool holds_its_cpu(const struct host_task *sibling, bool strict)
{
	if (!oversub_cosched_started(sibling))
		return false;
	return strict || oversub_cosched_on_queue(sibling);
}

static bool may_move(const struct host_task *vcpu, const struct pcpu *to)
{
	const struct host *host = oversub_cosched_host_of(vcpu);
	const struct balance_params *p = oversub_cosched_params(host);
	int vm = oversub_cosched_vm_of(vcpu);

	for (int i = 0; i < oversub_cosched_nr_vcpus(host, vm); i++) {
		const struct host_task *sibling = oversub_cosched_vcpu(host, vm, i);

		if (sibling != vcpu && oversub_cosched_cpu_of(sibling) == to &&
		    holds_its_cpu(sibling, p->strict))
			return false;
	}
	return true;
}

static bool in_scope(const struct balance_params *p, const struct pcpu *a, const struct pcpu *b)
{
	switch (p->scope) {
	case BALANCE_LLC: return oversub_cosched_same_llc(a, b);
	case BALANCE_NODE: return oversub_cosched_same_node(a, b);
	default: return true;
	}
}

/* Add the CPUs that siblings of vcpu hold. */
static void add_held(const struct host_task *vcpu, bool strict, struct cpu_set *held)
{
	const struct host *host = oversub_cosched_host_of(vcpu);
	int vm = oversub_cosched_vm_of(vcpu);

	for (int i = 0; i < oversub_cosched_nr_vcpus(host, vm); i++) {
		const struct host_task *sibling = oversub_cosched_vcpu(host, vm, i);

		if (sibling != vcpu && holds_its_cpu(sibling, strict))
			cpu_set_add(held, oversub_cosched_cpu_of(sibling));
	}
}

/* The least loaded CPU that no sibling holds, from behind proposed around; NULL: there is none. */
static struct pcpu *least_loaded(const struct host_task *vcpu, const struct pcpu *proposed,
				 bool strict)
{
	const struct host *host = oversub_cosched_host_of(vcpu);
	const struct balance_params *p = oversub_cosched_params(host);
	int nr_cpus = oversub_cosched_nr_cpus(host);
	struct cpu_set held = {0};
	struct pcpu *best = NULL;

	add_held(vcpu, strict, &held);
	for (int i = 0; i < nr_cpus; i++) {
		struct pcpu *cpu = oversub_cosched_cpu(
			host, (oversub_cosched_cpu_index(proposed) + i) % nr_cpus);

		if (cpu_set_has(&held, cpu) || !oversub_cosched_allowed(vcpu, cpu) ||
		    !in_scope(p, proposed, cpu))
			continue;
		if (!best || oversub_cosched_nr_queued(cpu) < oversub_cosched_nr_queued(best))
			best = cpu;
	}
	return best;
}

static struct pcpu *place(struct host_task *vcpu, struct pcpu *proposed)
{
	const struct balance_params *p = oversub_cosched_params(oversub_cosched_host_of(vcpu));
	struct pcpu *cpu;

	if (may_move(vcpu, proposed))
		return proposed;
	cpu = least_loaded(vcpu, proposed, p->strict);
	/* Rather beside a sleeper than beside one that is awake. */
	if (!cpu && p->strict)
		cpu = least_loaded(vcpu, proposed, false);
	return cpu ? cpu : proposed;
}

const struct oversub_cosched_policy cosched_balance = {
	OVERSUB_COSCHED_POLICY,
	.head.name = "balance",
	.head.help = "never queue two vCPUs of a VM on one CPU while another CPU has none of them",
	.head.params = params,
	.head.params_size = sizeof(struct balance_params),
	.place = place,
	.may_move = may_move,
};
