/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/policy_needs.h"

#include "sim/base/text.h"
#include "sim/scenario/scenario_internal.h"
#include "sim/scenario/grammar.h"
#include "sim/scenario/policy_registry.h"

static const struct {
	uint32_t need;
	const char *text;
} needs_texts[] = {
	{OVERSUB_NEEDS_FLAGS, "preemption flags"},
	{OVERSUB_NEEDS_IPI_SOFT, "IPIs that KVM sends"},
	{OVERSUB_NEEDS_IPI_ALL, "all IPIs that KVM hears of"},
	{OVERSUB_NEEDS_EOI, "EOIs that KVM sees"},
	{OVERSUB_NEEDS_GUEST_HINT, "what guests publish (guest_hint)"},
	{OVERSUB_NEEDS_GUEST_CODE, "a table of the guest kernel's functions"},
	{OVERSUB_NEEDS_ORACLE, "the truth, which no host knows"},
};

const char *policy_needs_text(uint32_t needs, char buffer[POLICY_NEEDS_TEXT_MAX])
{
	struct text text = text_in(buffer, POLICY_NEEDS_TEXT_MAX);

	for (size_t i = 0; i < sizeof(needs_texts) / sizeof(*needs_texts); i++)
		if (needs & needs_texts[i].need)
			text_join(&text, ", ", "%s", needs_texts[i].text);
	return buffer;
}

/* No IPI to a single vCPU makes kvm's VM exit (models/kvm/README.md, Interrupts). */
static bool hides_ipis(const struct kvm_config *kvm, bool even_incomplete)
{
	if (kvm->apicv == KVM_APICV_AVIC)
		return even_incomplete;
	return kvm->apicv == KVM_APICV_IPIV &&
	       (kvm->x2apic == KVM_X2APIC_PHYSICAL || kvm->x2apic == KVM_XAPIC_PHYSICAL);
}

static const char *apicv_name(const struct kvm_config *kvm)
{
	return param_find(kvm_params, "apicv")->choices[kvm->apicv];
}

/* What policy needs and vm never shows, to buffer; "" if nothing. */
static void hidden(uint32_t needs, const struct kvm_config *kvm, char *buffer, size_t size)
{
	struct text text = text_in(buffer, size);

	/* With AVIC, KVM hears of IPIs to vCPUs that do not run, but does not send them. */
	if ((needs & (OVERSUB_NEEDS_IPI_SOFT | OVERSUB_NEEDS_IPI_ALL)) &&
	    hides_ipis(kvm, !(needs & OVERSUB_NEEDS_IPI_ALL)))
		text_join(&text, ", ", "IPIs to one vCPU (apicv %s delivers them itself)",
			  apicv_name(kvm));
	if ((needs & OVERSUB_NEEDS_EOI) && kvm->apicv != KVM_APICV_OFF &&
	    kvm->device_trigger != KVM_DEVICE_LEVEL)
		text_join(&text, ", ", "EOIs (apicv %s carries them out itself)", apicv_name(kvm));
	if ((needs & OVERSUB_NEEDS_GUEST_HINT) && !kvm->guest_hint)
		text_join(&text, ", ", "what its guest waits for (guest_hint is false)");
}

static enum oversub_status note(struct scenario *scenario, const struct oversub_policy *policy,
				struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;

	for (int i = 0; i < scenario->nr_vms && !status; i++) {
		const struct scenario_vm *vm = &scenario->vms[i];
		char text[256];

		hidden(policy->needs, &vm->kvm, text, sizeof(text));
		if (*text && vm->size.vcpus > 1)
			status = scenario_note(scenario, error,
					       "%s policy \"%s\" goes without what VM \"%s\" "
					       "never shows: %s",
					       policy_kinds[policy->kind].path, policy->name,
					       vm->name, text);
	}
	return status;
}

enum oversub_status scenario_note_needs(struct scenario *scenario, struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;

	for (int i = 0; i < OVERSUB_POLICY_KINDS && !status; i++)
		status = note(scenario, scenario->chosen[i].policy, error);
	return status;
}
