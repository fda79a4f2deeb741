/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/kvm/truth.h"

#include "models/kvm/vcpu.h"

const char *const vcpu_wait_names[VCPU_WAITS] = {
	[VCPU_WAIT_OTHER] = "other",
	[VCPU_WAIT_CSD] = "csd",
	[VCPU_WAIT_TLB] = "tlb",
	[VCPU_WAIT_LOCK_HOLDER] = "lock_holder",
	[VCPU_WAIT_LOCK_QUEUE] = "lock_queue",
	[VCPU_WAIT_SLEEPING_LOCK] = "sleeping_lock",
};

const char *const chain_end_names[CHAIN_ENDS] = {
	[CHAIN_FIRST] = "first",     [CHAIN_SECOND] = "second", [CHAIN_DEEPER] = "deeper",
	[CHAIN_RUNNING] = "running", [CHAIN_HALTED] = "halted", [CHAIN_NOBODY] = "nobody",
};

static enum vcpu_wait wait_of(const struct vcpu *vcpu)
{
	const struct vcpu_guest_ops *ops = vcpu->vm->guest_ops;

	return ops->wait_kind ? ops->wait_kind(vcpu) : VCPU_WAIT_OTHER;
}

/* The next vCPU on the chain after vcpu, NULL at its end. */
static struct vcpu *next_hop(const struct vcpu *vcpu)
{
	return vcpu->vm->guest_ops->waits_for(vcpu);
}

static bool is_call(enum vcpu_wait wait)
{
	return wait == VCPU_WAIT_CSD || wait == VCPU_WAIT_TLB;
}

/* vcpu waits for receiver, and its chain goes no further than that. */
static bool answers(const struct vcpu *vcpu, const struct vcpu *receiver)
{
	const struct vcpu_guest_ops *ops = vcpu->vm->guest_ops;

	if (!receiver->action.interrupts)
		return false;
	return ops->answers ? ops->answers(vcpu, receiver) : is_call(wait_of(vcpu));
}

static enum chain_end end_at_right(int hops)
{
	return hops == 1 ? CHAIN_FIRST : hops == 2 ? CHAIN_SECOND : CHAIN_DEEPER;
}

static enum chain_end end_without(const struct vcpu *last)
{
	return last->task.on_cpu ? CHAIN_RUNNING : CHAIN_HALTED;
}

struct wait_chain vcpu_wait_chain(const struct vcpu *vcpu)
{
	struct wait_chain chain = {.wait = wait_of(vcpu), .end = CHAIN_NOBODY};
	const struct vcpu *last = vcpu;
	bool irqs_off = false;

	/* A chain longer than the VM is a circle: nobody could help. */
	for (int hops = 1; hops <= vcpu->vm->nr_vcpus; hops++) {
		struct vcpu *next = next_hop(last);

		if (!next) {
			chain.end = hops > 1 ? end_without(last) : CHAIN_NOBODY;
			return chain;
		}
		if (vcpu_could_run(next)) {
			chain.right = next;
			chain.hops = hops;
			chain.end = end_at_right(hops);
			chain.irqs_off = irqs_off;
			return chain;
		}
		if (answers(last, next)) {
			chain.end = end_without(next);
			return chain;
		}
		irqs_off |= next->task.on_cpu && !next->action.interrupts && is_call(wait_of(last));
		last = next;
	}
	return chain;
}

static bool needs(const struct vcpu *vcpu, const struct vcpu *target)
{
	const struct vcpu_guest_ops *ops = vcpu->vm->guest_ops;

	return ops->needs && ops->needs(vcpu, target);
}

void hint_count_exit(struct hint_stats *stats, const struct wait_chain *chain)
{
	struct hint_counts *of_wait = &stats->by_wait[chain->wait];
	bool had_right = chain->right != NULL;

	stats->all.exits++;
	stats->all.had_right += had_right;
	of_wait->exits++;
	of_wait->had_right += had_right;
	stats->ends[chain->end]++;
	stats->hops += (uint64_t)chain->hops;
	stats->irqs_off += chain->irqs_off;
}

void hint_count_taken(struct hint_stats *stats, const struct wait_chain *chain,
		      const struct vcpu *vcpu, const struct vcpu *target, bool ipi, bool awaited)
{
	struct hint_counts *of_wait = &stats->by_wait[chain->wait];
	enum hint_verdict verdict = HINT_WRONG;

	if (target == chain->right)
		verdict = HINT_RIGHT;
	else if (needs(vcpu, target))
		verdict = HINT_ALSO_NEEDED;
	else if (ipi)
		verdict = awaited ? HINT_STALE : HINT_POLLUTED;
	stats->verdicts[verdict]++;
	stats->all.taken++;
	stats->all.right += verdict == HINT_RIGHT;
	of_wait->taken++;
	of_wait->right += verdict == HINT_RIGHT;
}
