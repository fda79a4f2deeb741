/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From an ICR write to the first instruction of a handler: delivery, kicks and wakes, injection,
 * NMIs and EOI (arch/x86/kvm/lapic.c, irq.c). What hardware sends without KVM is in virtual_ipi.c.
 *
 * TPR is left out: Linux writes it at boot and never again, so there are no TPR exits, and PPR
 * follows from what is in service alone.
 */
#include "models/kvm/vcpu.h"

#include "sim/base/bitmap.h"
#include "sim/base/container_of.h"

/* Only IPIs of priority class 15 are timed: the vectors Linux sends. */
static int64_t *icr_sent(struct vcpu *vcpu, int vector)
{
	return vector >= 0xf0 ? &vcpu->icr_sent[vector & 15] : NULL;
}

void vcpu_note_sent(struct vcpu *vcpu, uint8_t vector, int64_t time)
{
	int64_t *sent = icr_sent(vcpu, vector);

	if (sent && *sent < 0)
		*sent = time;
}

/* ---- Delivery -------------------------------------------------------------------------------- */

/*
 * KVM has made an interrupt visible to the hardware: notify a running vCPU, by posted-interrupt
 * notification or doorbell, wake a sleeping one, leave a preempted one.
 */
static void notify(struct vcpu *vcpu, struct pcpu *from)
{
	if (vcpu->phase == VCPU_IN_GUEST)
		vcpu_notify_after(vcpu, vcpu->vm->host->config.costs.ipi_flight_ns);
	else if (!vcpu_wake(vcpu, from) && vcpu->phase == VCPU_POLLING)
		vcpu_look(vcpu);
}

/* A vector was newly posted. */
static void notify_posted(struct vcpu *vcpu, struct pcpu *from)
{
	vcpu->dy.pir_not_empty = true;
	if (vcpu->dy.pid_on)
		return;
	vcpu->dy.pid_on = true;
	notify(vcpu, from);
}

/* One NMI can be latched while one is handled, and otherwise two (process_nmi). */
static void raise_nmi(struct vcpu *vcpu, struct pcpu *from)
{
	if (vcpu->nmi_pending < (vcpu->nmi_masked ? 1 : 2))
		vcpu->nmi_pending++;
	vcpu->dy.request_nmi = true;
	vcpu_kick(vcpu, from);
}

struct delivery {
	struct kvm_vm *vm;
	struct pcpu *from;
	uint8_t vector;
	int64_t sent;	     /* ns; when ICR was written, -1 if it is no IPI */
	struct vcpu *source; /* of an IPI that KVM delivers; else NULL */
	enum oversub_ipi_how how;
};

static void accepted(void *context, int index, enum lapic_raised raised)
{
	struct delivery *delivery = context;
	struct vcpu *vcpu = &delivery->vm->vcpus[index];
	enum oversub_cosched_target state = vcpu_cosched_state(vcpu);

	if (raised != LAPIC_RAISED_NMI)
		vcpu_note_sent(vcpu, delivery->vector, delivery->sent);
	if (raised == LAPIC_RAISED_NMI) {
		raise_nmi(vcpu, delivery->from);
	} else if (raised == LAPIC_RAISED_POSTED) {
		notify_posted(vcpu, delivery->from);
	} else if (raised == LAPIC_RAISED_EVENT && delivery->vm->config.apicv == KVM_APICV_AVIC) {
		notify(vcpu, delivery->from);
	} else if (raised == LAPIC_RAISED_EVENT) {
		vcpu->dy.request_event = true;
		vcpu_kick(vcpu, delivery->from);
	}
	if (delivery->source && raised != LAPIC_RAISED_NMI && vcpu->vm->host->cosched)
		host_cosched_ipi(&(struct oversub_cosched_ipi){
			.source = &delivery->source->task,
			.target = &vcpu->task,
			.vector = delivery->vector,
			.how = delivery->how,
			.state = state,
		});
}

/* Of vcpu->action, in the middle of an exit for reason, which began when it was sent. */
static struct delivery ipi_from(struct vcpu *vcpu, enum exit_reason reason)
{
	return (struct delivery){
		.vm = vcpu->vm,
		.from = vcpu->task.cpu,
		.vector = vcpu->action.icr.vector,
		.sent = vcpu_now(vcpu) - vcpu_exit_cost(vcpu, reason) / 2,
		.source = vcpu,
		.how = reason == EXIT_HYPERCALL ? OVERSUB_IPI_HYPERCALL : OVERSUB_IPI_ICR_WRITE,
	};
}

void vcpu_count_ipi(struct vcpu *vcpu, const struct lapic_result *result)
{
	struct kvm_stats *stats = &vcpu->vm->stats;

	stats->ipis_sent++;
	stats->ipis_unicast += vcpu->action.icr.shorthand == LAPIC_DEST && result->accepted == 1;
}

void vcpu_tell_of_ipi(struct vcpu *vcpu, const struct oversub_ipi *ipi, bool awaited)
{
	bitmap_set(vcpu->ipis_awaited, ipi->target->index, awaited);
	directed_yield_ipi(ipi);
}

/* The policy hears of what KVM itself has delivered, if anybody accepted it. */
static void tell_of_delivery(struct vcpu *vcpu, const struct lapic_message *message,
			     const struct lapic_result *result, enum oversub_ipi_how how)
{
	if (result->accepted <= 0)
		return;
	vcpu_tell_of_ipi(vcpu,
			 &(struct oversub_ipi){
				 .source = &vcpu->dy,
				 .target = &vcpu->vm->vcpus[result->target].dy,
				 .accepted = result->accepted,
				 .vector = message->vector,
				 .fixed = result->fixed,
				 .shorthand = message->shorthand != LAPIC_DEST,
				 .how = how,
			 },
			 vcpu->action.awaited);
}

void vcpu_send_ipi(struct vcpu *vcpu)
{
	struct kvm_vm *vm = vcpu->vm;
	struct lapic_message *icr = &vcpu->action.icr;
	struct delivery delivery = ipi_from(vcpu, EXIT_ICR_WRITE);
	struct lapic_result result;

	icr->source = vcpu->index;
	icr->asserted = true;
	vcpu_trace(vcpu, kvm_apic_ipi, .dest = icr->dest,
		   .icr = trace_icr(icr->vector, icr->delivery, icr->shorthand));
	result = lapic_send(&vm->map, icr, accepted, &delivery);
	vcpu_count_ipi(vcpu, &result);
	tell_of_delivery(vcpu, icr, &result, OVERSUB_IPI_ICR_WRITE);
}

void vcpu_send_ipi_mask(struct vcpu *vcpu)
{
	struct kvm_vm *vm = vcpu->vm;
	const struct guest_action *call = &vcpu->action;
	struct delivery delivery = ipi_from(vcpu, EXIT_HYPERCALL);

	for (uint32_t i = 0; i < HYPERCALL_SEND_IPI_IDS; i++) {
		struct lapic_message message =
			lapic_unicast(vcpu->index, call->icr.dest + i, call->icr.vector);
		struct lapic_result result;

		if (!bitmap_test(call->mask, (int)i))
			continue;
		vm->stats.ipis_sent++;
		result = lapic_send(&vm->map, &message, accepted, &delivery);
		tell_of_delivery(vcpu, &message, &result, OVERSUB_IPI_HYPERCALL);
	}
}

/* All vCPUs of vm, as far as one message can address them: the first cluster. */
static uint32_t first_cluster(const struct kvm_vm *vm)
{
	return vm->nr_vcpus < 16 ? (UINT32_C(1) << vm->nr_vcpus) - 1 : 0xffff;
}

void vcpu_device_interrupt(struct vcpu *vcpu, uint8_t vector, struct pcpu *from)
{
	struct delivery delivery = {.vm = vcpu->vm, .from = from, .vector = vector, .sent = -1};
	struct lapic_message message = lapic_unicast(-1, vcpu->lapic.id, vector);
	const struct kvm_config *config = &vcpu->vm->config;

	message.level_triggered = config->device_trigger == KVM_DEVICE_LEVEL;
	if (config->device_delivery == KVM_DEVICE_LOWEST) {
		message.delivery = LAPIC_LOWEST;
		message.logical = true;
		message.dest = first_cluster(vcpu->vm);
	}
	lapic_send(&vcpu->vm->map, &message, accepted, &delivery);
}

/* ---- Injection ------------------------------------------------------------------------------- */

bool vcpu_interrupt_deliverable(const struct vcpu *vcpu)
{
	return vcpu->action.interrupts && lapic_deliverable(&vcpu->lapic) >= 0;
}

/* The guest's action has been set aside. */
static void begin_handler(struct vcpu *vcpu)
{
	const struct kvm_config *config = &vcpu->vm->config;
	int64_t ns = config->costs.guest_interrupt_ns;

	if (config->apicv == KVM_APICV_OFF)
		ns += config->costs.software_injection_ns;
	vcpu->action = (struct guest_action){.kind = GUEST_RUN, .ns = ns, .kernel = true};
}

/* An interrupt ends an HLT that did not exit: after its handler the guest goes on behind it. */
static void end_halt(struct vcpu *vcpu)
{
	if (vcpu->action.kind == GUEST_HLT)
		vcpu_complete_action(vcpu);
}

void vcpu_inject(struct vcpu *vcpu)
{
	struct kvm_vm *vm = vcpu->vm;
	int vector = lapic_inject(&vcpu->lapic);
	int64_t *sent = icr_sent(vcpu, vector);

	end_halt(vcpu);
	vm->stats.interrupts_injected++;
	if (sent) {
		vcpu->taken_icr_sent = *sent;
		*sent = -1;
	}
	vcpu_trace(vcpu, kvm_inj_virq, .vector = vector);
	vm->guest_ops->interrupt(vcpu, (uint8_t)vector);
	begin_handler(vcpu);
}

static void inject_nmi(struct vcpu *vcpu)
{
	end_halt(vcpu);
	vcpu->nmi_pending--;
	vcpu->nmi_masked = true;
	vcpu->vm->stats.nmis++;
	vcpu_trace(vcpu, kvm_inj_virq, .vector = TRACE_NMI);
	vcpu->vm->guest_ops->nmi(vcpu);
	begin_handler(vcpu);
}

void vcpu_handler_begins(struct vcpu *vcpu)
{
	if (vcpu->taken_icr_sent >= 0)
		sim_histogram_record(&vcpu->vm->stats.ipi_delivery,
				     vcpu_now(vcpu) - vcpu->taken_icr_sent);
	vcpu->taken_icr_sent = -1;
}

void vcpu_sync_posted(struct vcpu *vcpu)
{
	if (!vcpu->dy.pir_not_empty)
		return;
	vcpu->dy.pid_on = false;
	vcpu->dy.pir_not_empty = false;
	lapic_sync_posted(&vcpu->lapic);
}

/* What is in service is level-triggered: the I/O APIC has to hear of its EOI. */
static bool eoi_awaited(const struct vcpu *vcpu)
{
	int vector = lapic_vectors_highest(&vcpu->lapic.isr);

	return vector >= 0 && lapic_vectors_test(&vcpu->lapic.tmr, (uint8_t)vector);
}

/* Nothing requested and one vector in service: the guest may skip the EOI write. */
static bool pv_eoi_possible(const struct vcpu *vcpu)
{
	int in_service = 0;

	if (!vcpu->vm->config.pv_eoi || lapic_vectors_highest(&vcpu->lapic.irr) >= 0 ||
	    eoi_awaited(vcpu))
		return false;
	for (int i = 0; i < 4; i++)
		in_service += __builtin_popcountll(vcpu->lapic.isr.word[i]);
	return in_service == 1;
}

void vcpu_inject_pending(struct vcpu *vcpu)
{
	vcpu_inject_timer(vcpu);
	vcpu_sync_posted(vcpu);
	vcpu->dy.request_event = false;
	vcpu->dy.request_nmi = false;
	/* Entering the guest, AVIC hardware looks at IRR by itself. */
	if (vcpu->vm->config.apicv == KVM_APICV_AVIC)
		sim_cancel(vcpu->vm->host->engine, &vcpu->notification);
	if (vcpu->nmi_pending && !vcpu->nmi_masked)
		inject_nmi(vcpu);
	vcpu->nmi_window = vcpu->nmi_pending > 0;
	if (vcpu->vm->config.apicv != KVM_APICV_OFF || lapic_deliverable(&vcpu->lapic) < 0)
		return;
	if (vcpu->action.interrupts)
		vcpu_inject(vcpu);
	/* What could not be injected now, or is next in line, needs an exit as soon as IF is set.
	 */
	vcpu->irq_window = lapic_deliverable(&vcpu->lapic) >= 0;
	if (!vcpu->irq_window)
		vcpu->pv_eoi_armed = pv_eoi_possible(vcpu);
}

/* ---- EOI ------------------------------------------------------------------------------------- */

static void retire(struct vcpu *vcpu, bool pv)
{
	int vector = lapic_eoi(&vcpu->lapic);

	vcpu->vm->stats.eois++;
	if (vector >= 0)
		vcpu->dy.request_event = true;
	vcpu_trace(vcpu, kvm_eoi, .apicid = (uint32_t)vcpu->index, .vector = vector);
	directed_yield_eoi(&vcpu->dy, vector, pv);
}

void vcpu_write_eoi(struct vcpu *vcpu)
{
	retire(vcpu, false);
}

bool vcpu_virtual_eoi(struct vcpu *vcpu)
{
	if (eoi_awaited(vcpu))
		return false;
	/* The hardware retires the vector; KVM, and so the policy, never hears of it. */
	lapic_eoi(&vcpu->lapic);
	vcpu->vm->stats.eois++;
	return true;
}

void vcpu_sync_pv_eoi(struct vcpu *vcpu)
{
	vcpu->pv_eoi_armed = false;
	if (!vcpu->pv_eoi_done)
		return;
	vcpu->pv_eoi_done = false;
	retire(vcpu, true);
}

/* ---- NMI ------------------------------------------------------------------------------------- */

void vcpu_nmi_done(struct vcpu *vcpu)
{
	vcpu->nmi_masked = false;
}

/* ---- Life ------------------------------------------------------------------------------------ */

static void forget_ipis(struct vcpu *vcpu)
{
	for (int i = 0; i < 16; i++)
		vcpu->icr_sent[i] = -1;
	vcpu->taken_icr_sent = -1;
}

void vcpu_reset_interrupts(struct vcpu *vcpu)
{
	vcpu_disarm_timer(vcpu);
	vcpu->nmi_pending = 0;
	vcpu->nmi_masked = false;
	vcpu->nmi_window = false;
	vcpu->dy.request_nmi = false;
	vcpu->dy.pid_on = false;
	vcpu->dy.pir_not_empty = false;
	vcpu->dy.request_event = true;
	vcpu->irq_window = false;
	vcpu->pv_eoi_armed = false;
	vcpu->pv_eoi_done = false;
	forget_ipis(vcpu);
}

void vcpu_init_interrupts(struct vcpu *vcpu)
{
	vcpu_init_timer(vcpu);
	forget_ipis(vcpu);
}
