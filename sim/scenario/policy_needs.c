/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/policy_needs.h"

#include <stdio.h>
#include <string.h>

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

static void append(char *buffer, size_t size, const char *text)
{
	size_t used = strlen(buffer);

	snprintf(buffer + used, size - used, "%s%s", used ? ", " : "", text);
}

const char *policy_needs_text(uint32_t needs, char buffer[POLICY_NEEDS_TEXT_MAX])
{
	*buffer = '\0';
	for (size_t i = 0; i < sizeof(needs_texts) / sizeof(*needs_texts); i++)
		if (needs & needs_texts[i].need)
			append(buffer, POLICY_NEEDS_TEXT_MAX, needs_texts[i].text);
	return buffer;
}

/* No IPI to a single vCPU makes kvm's VM exit (models/kvm/README.md, Interrupts). */
static bool hides_ipis(const struct kvm_config *kvm, bool even_incomplete)
{
	if (kvm->apicv == KVM_APICV_AVIC)
		return even_incomplete;
	return kvm->apicv == KVM_APICV_IPIV && kvm->x2apic == KVM_X2APIC_PHYSICAL;
}

static const char *apicv_name(const struct kvm_config *kvm)
{
	return param_find(kvm_params, "apicv")->choices[kvm->apicv];
}

/* What policy needs and vm never shows, to text; "" if nothing. */
static void hidden(uint32_t needs, const struct kvm_config *kvm, char *text, size_t size)
{
	char part[100];

	*text = '\0';
	/* With AVIC, KVM hears of IPIs to vCPUs that do not run, but does not send them. */
	if ((needs & (OVERSUB_NEEDS_IPI_SOFT | OVERSUB_NEEDS_IPI_ALL)) &&
	    hides_ipis(kvm, !(needs & OVERSUB_NEEDS_IPI_ALL))) {
		snprintf(part, sizeof(part), "IPIs to one vCPU (apicv %s delivers them itself)",
			 apicv_name(kvm));
		append(text, size, part);
	}
	if ((needs & OVERSUB_NEEDS_EOI) && kvm->apicv != KVM_APICV_OFF &&
	    kvm->device_trigger != KVM_DEVICE_LEVEL) {
		snprintf(part, sizeof(part), "EOIs (apicv %s carries them out itself)",
			 apicv_name(kvm));
		append(text, size, part);
	}
	if ((needs & OVERSUB_NEEDS_GUEST_HINT) && !kvm->guest_hint)
		append(text, size, "what its guest waits for (guest_hint is false)");
}

static enum oversub_status note(struct scenario *scenario, const char *axis, const char *policy,
				uint32_t needs, struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;

	for (int i = 0; i < scenario->nr_vms && !status; i++) {
		const struct scenario_vm *vm = &scenario->vms[i];
		char text[256];

		hidden(needs, &vm->kvm, text, sizeof(text));
		if (*text && vm->size.vcpus > 1)
			status = scenario_note(scenario, error,
					       "%s policy \"%s\" goes without what VM \"%s\" "
					       "never shows: %s",
					       axis, policy, vm->name, text);
	}
	return status;
}

enum oversub_status scenario_note_needs(struct scenario *scenario, struct oversub_error *error)
{
	enum oversub_status status =
		note(scenario, "yield.candidate", scenario->candidate->head.name,
		     scenario->candidate->head.needs, error);

	if (status)
		return status;
	return note(scenario, "host.cosched", scenario->cosched->head.name,
		    scenario->cosched->head.needs, error);
}
