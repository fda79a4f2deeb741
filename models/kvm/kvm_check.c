/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/kvm/kvm_check.h"

#include <inttypes.h>

#include "models/host/host_check.h"
#include "models/kvm/io_thread.h"
#include "models/kvm/vcpu.h"

static enum oversub_status broken(const struct vcpu *vcpu, const char *what,
				  struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "%s: %s", vcpu->task.comm, what);
}

/* ---- The thread ----------------------------------------------------------------------------- */

/* It owns its CPU: the switch to it is over. */
static bool owns_cpu(const struct vcpu *vcpu)
{
	const struct pcpu *cpu = vcpu->task.cpu;

	return cpu->curr == &vcpu->task && cpu->state == PCPU_BUSY;
}

static enum oversub_status check_phase(const struct vcpu *vcpu, struct oversub_error *error)
{
	bool completes = sim_event_pending(&vcpu->completion);

	if (owns_cpu(vcpu) != (vcpu->phase != VCPU_OFF_CPU))
		return broken(vcpu, "owns a CPU or has a phase of one that does, but not both",
			      error);
	if (vcpu->task.executing && vcpu->phase != VCPU_IN_GUEST && vcpu->phase != VCPU_POLLING)
		return broken(vcpu, "executes outside guest mode and poll loop", error);
	switch (vcpu->phase) {
	case VCPU_EXITING:
	case VCPU_ENTERING:
	case VCPU_BLOCKING:
		return completes ? OVERSUB_OK : broken(vcpu, "is in an exit without end", error);
	case VCPU_OFF_CPU:
		return completes ? broken(vcpu, "completes something without a CPU", error)
				 : OVERSUB_OK;
	default: return OVERSUB_OK;
	}
}

/* ---- Flags of directed yield ----------------------------------------------------------------- */

static enum oversub_status check_flags(const struct vcpu *vcpu, struct oversub_error *error)
{
	const struct oversub_vcpu *dy = &vcpu->dy;

	if (dy->preempted && !dy->ready)
		return broken(vcpu, "is preempted, but not ready", error);
	if (vcpu->phase != VCPU_OFF_CPU && (dy->ready || dy->preempted))
		return broken(vcpu, "is ready or preempted, and runs", error);
	if (dy->blocking && vcpu->resume != RESUME_BLOCK)
		return broken(vcpu, "is blocking, but not in the block loop", error);
	if (dy->in_spin_loop && (vcpu->phase != VCPU_OFF_CPU || vcpu->resume != RESUME_YIELD))
		return broken(vcpu, "is in on_spin, but did not lose its CPU there", error);
	if (dy->dy_eligible && !dy->in_spin_loop)
		return broken(vcpu, "has been seen by a scan while not in on_spin", error);
	return OVERSUB_OK;
}

/* ---- Interrupts ----------------------------------------------------------------------------- */

static enum oversub_status check_lapic(const struct vcpu *vcpu, struct oversub_error *error)
{
	const struct lapic *lapic = &vcpu->lapic;
	int in_service = lapic_vectors_highest(&lapic->isr);
	int class = in_service >= 0 ? in_service & 0xf0 : 0;
	int ppr = (lapic->tpr & 0xf0) >= class ? lapic->tpr : class;
	bool posted = lapic_vectors_highest(&lapic->pir) >= 0;

	if (lapic->ppr != ppr)
		return oversub_fail(error, OVERSUB_FAILED,
				    "%s: PPR is 0x%x, but TPR and ISR make it 0x%x",
				    vcpu->task.comm, lapic->ppr, (unsigned int)ppr);
	if (posted != vcpu->dy.pir_not_empty)
		return broken(vcpu, "its PIR is not empty or says so, but not both", error);
	if (vcpu->dy.pid_on && !posted)
		return broken(vcpu, "ON is set, and nothing is posted", error);
	return OVERSUB_OK;
}

/* Something is pending that the guest, as it is now, would take at once. */
static bool interrupt_waits(const struct vcpu *vcpu)
{
	struct lapic synced = vcpu->lapic;

	lapic_sync_posted(&synced);
	return vcpu->action.interrupts && lapic_deliverable(&synced) >= 0;
}

/*
 * Hardware has made an interrupt visible to a sleeping vCPU and is about to have it woken: the
 * wake-up vector is in flight, or AVIC has exited on the sender, which KVM has yet to handle.
 */
static bool being_woken(const struct vcpu *vcpu)
{
	const struct kvm_vm *vm = vcpu->vm;

	if (sim_event_pending(&vcpu->notification))
		return true;
	for (int i = 0; i < vm->nr_vcpus; i++)
		if (vm->vcpus[i].phase == VCPU_EXITING &&
		    vm->vcpus[i].exit_reason == EXIT_INCOMPLETE_IPI)
			return true;
	return false;
}

static bool nmi_waits(const struct vcpu *vcpu)
{
	return vcpu->nmi_pending && !vcpu->nmi_masked;
}

/* No interrupt is forgotten: whoever could take one now is about to. */
static enum oversub_status check_delivery(const struct vcpu *vcpu, struct oversub_error *error)
{
	bool asleep = vcpu->task.state == TASK_SLEEPING && vcpu->dy.blocking;

	if (asleep && (nmi_waits(vcpu) || vcpu->lapic_timer_pending || vcpu->dy.pv_unhalted ||
		       (interrupt_waits(vcpu) && !being_woken(vcpu))))
		return broken(vcpu, "sleeps, and has a reason not to", error);
	if (vcpu->phase == VCPU_IN_GUEST && (nmi_waits(vcpu) || interrupt_waits(vcpu)) &&
	    !vcpu->kicked && !sim_event_pending(&vcpu->notification))
		return broken(vcpu, "runs, and nothing tells it of an interrupt", error);
	return OVERSUB_OK;
}

/* ---- Time ----------------------------------------------------------------------------------- */

static enum oversub_status check_time(const struct vcpu *vcpu, int64_t elapsed,
				      struct oversub_error *error)
{
	int64_t total =
		vcpu_now(vcpu) - (vcpu_executing(vcpu) ? vcpu->segment_start : vcpu->time_since);

	for (int i = 0; i < VCPU_TIMES; i++)
		total += vcpu->stats.time_in[i];
	if (total == elapsed)
		return OVERSUB_OK;
	return oversub_fail(error, OVERSUB_FAILED,
			    "%s: its states sum to %" PRId64 " ns of %" PRId64, vcpu->task.comm,
			    total, elapsed);
}

static enum oversub_status check_vcpu(const struct vcpu *vcpu, int64_t elapsed,
				      struct oversub_error *error)
{
	enum oversub_status status = host_check_task(&vcpu->task, error);

	if (status == OVERSUB_OK)
		status = check_phase(vcpu, error);
	if (status == OVERSUB_OK)
		status = check_flags(vcpu, error);
	if (status == OVERSUB_OK)
		status = check_lapic(vcpu, error);
	if (status == OVERSUB_OK)
		status = check_delivery(vcpu, error);
	if (status == OVERSUB_OK)
		status = check_time(vcpu, elapsed, error);
	return status;
}

enum oversub_status kvm_vm_check(const struct kvm_vm *vm, int64_t elapsed,
				 struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;

	for (int i = 0; status == OVERSUB_OK && i < vm->nr_vcpus; i++)
		status = check_vcpu(&vm->vcpus[i], elapsed, error);
	for (int i = 0; status == OVERSUB_OK && vm->io && i < kvm_io_threads(vm->io)->nr_threads;
	     i++)
		status = host_check_task(&kvm_io_threads(vm->io)->threads[i].task, error);
	return status;
}
