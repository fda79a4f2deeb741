/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/guest/guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/guest/context.h"
#include "models/guest/guest_cpu.h"
#include "models/guest/thread_ops.h"
#include "models/guest/tlb.h"
#include "models/workload/source.h"
#include "models/workload/workload_check.h"

struct guest_arrivals {
	struct sim_event event;
	struct guest *guest;
	struct source_state *source;
};

/* ---- Traces --------------------------------------------------------------------------------- */

static void trace_request(struct program_thread *program, int request, bool begins, int64_t now,
			  int64_t latency)
{
	const struct guest_cpu *cpu = container_of(program, struct guest_thread, program)->cpu;
	const char *name = program->instance->workload->requests[request];

	if (begins)
		vcpu_trace(cpu->vcpu, request_begin, .request = name, .number = request,
			   .thread = program->index, .vcpu = cpu->index);
	else
		vcpu_trace(cpu->vcpu, request_end, .request = name, .number = request,
			   .thread = program->index, .vcpu = cpu->index, .ns = latency);
}

/* A lock may have become free while its waiter did not execute. */
static void spin_begins(struct vcpu *vcpu)
{
	struct guest_cpu *cpu = vcpu->guest;

	if (cpu->polls) {
		guest_poll_begins(cpu);
	} else if (cpu->wait.kind == GUEST_WAIT_LOCK) {
		guest_lock_spins(cpu);
		guest_sched_look(cpu);
	}
}

/* ---- What a CPU does next ------------------------------------------------------------------- */

static void halt(struct guest_action *action)
{
	*action = (struct guest_action){.kind = GUEST_HLT, .kernel = true, .interrupts = true};
}

static void next(struct vcpu *vcpu, struct guest_action *action)
{
	struct guest_cpu *cpu = vcpu->guest;

	if (cpu->nmi.step != NMI_NONE) {
		if (nmi_next(cpu, action))
			return;
		if (cpu->nmi.saved.kind != GUEST_HLT) {
			*action = cpu->nmi.saved;
			return;
		}
	} else if (cpu->frame.step != FRAME_NONE) {
		if (interrupt_next(cpu, action))
			return;
		if (guest_preempt(cpu, &cpu->frame.saved, action))
			return;
		/* Back to what was interrupted, but an idle loop looks for work again. */
		if (cpu->frame.saved.kind != GUEST_HLT) {
			*action = cpu->frame.saved;
			return;
		}
	}
	if (guest_timers_boot(cpu, action))
		return;
	while (cpu->guest->status == OVERSUB_OK)
		if (guest_context_next(cpu, action))
			break;
	if (cpu->guest->status != OVERSUB_OK)
		halt(action);
}

static struct vcpu *waits_for(const struct vcpu *vcpu)
{
	struct guest_cpu *other = guest_next_to_act(vcpu->guest);

	return other ? other->vcpu : NULL;
}

static bool answers(const struct vcpu *vcpu, const struct vcpu *other)
{
	return guest_answers(vcpu->guest, other->guest);
}

static enum vcpu_wait wait_kind(const struct vcpu *vcpu)
{
	return guest_wait_kind(vcpu->guest);
}

static bool needs(const struct vcpu *vcpu, const struct vcpu *other)
{
	return guest_needs(vcpu->guest, other->guest);
}

static void reported_preempted(struct vcpu *vcpu)
{
	struct guest_cpu *cpu = vcpu->guest;

	if (cpu->current)
		guest_thread_stops(cpu->current);
	guest_lock_preempted(cpu);
}

/* ---- Devices -------------------------------------------------------------------------------- */

static void io_done(struct sim_engine *engine, struct sim_event *event)
{
	struct guest_thread *thread = container_of(event, struct guest_thread, io_done);

	thread->io_pending = false;
	guest_device_completes(thread);
}

static void request_done(struct kvm_io_request *request, struct pcpu *cpu)
{
	struct guest_thread *thread = container_of(request, struct guest_thread, request);

	thread->io_pending = false;
	guest_device_completes_on(thread, cpu);
}

/* The current thread's io has exited. */
static void kick(struct vcpu *vcpu)
{
	struct guest_cpu *cpu = vcpu->guest;
	struct guest_thread *thread = cpu->current;

	thread->io_pending = true;
	thread->io_handled = false;
	thread->request.service_ns = program_draw_ns(&thread->program, thread->op);
	thread->request.device_ns = thread->op->device_ns;
	kvm_io_submit(vcpu->vm->io, &thread->request, cpu->index, vcpu->task.cpu);
}

static void work_arrives(struct sim_engine *engine, struct sim_event *event)
{
	struct guest_arrivals *arrivals = container_of(event, struct guest_arrivals, event);
	struct guest *guest = arrivals->guest;
	struct exec_waiter *served;

	if (source_arrive(arrivals->source, &served, &guest->error)) {
		guest_fail(guest, OVERSUB_FAILED);
		return;
	}
	sim_schedule(engine, event, arrivals->source->next_arrival);
	if (served)
		guest_device_completes(guest_thread_of_waiter(served));
}

const struct vcpu_guest_ops guest_vcpu_ops = {
	.next = next,
	.interrupt = guest_interrupt,
	.nmi = guest_take_nmi,
	.spin_begins = spin_begins,
	.waits_for = waits_for,
	.wait_kind = wait_kind,
	.answers = answers,
	.needs = needs,
	.reported_preempted = reported_preempted,
	.hint = guest_hint,
	.kick = kick,
};

/* ---- Life ----------------------------------------------------------------------------------- */

static void init_cpu(struct guest *guest, int index)
{
	struct guest_cpu *cpu = &guest->cpus[index];
	struct vcpu *vcpu = &guest->vm->vcpus[index];

	cpu->guest = guest;
	cpu->vcpu = vcpu;
	cpu->index = index;
	cpu->context = GUEST_IDLE;
	cpu->completed = -1;
	cpu->lazy = true;
	vcpu->guest = cpu;
}

static void init_thread(struct guest_thread *thread, struct guest_cpu *cpu, int class, int number,
			uint64_t seed, uint32_t replication)
{
	struct workload_instance *instance = &cpu->guest->instance;

	snprintf(thread->name, sizeof(thread->name), "%.20s%d",
		 instance->workload->classes[class].name, number);
	thread->guest = cpu->guest;
	thread->cpu = cpu;
	if (!cpu->current)
		cpu->current = thread;
	cpu->context = GUEST_IN_THREAD;
	cpu->in_mm = true;
	cpu->lazy = false;
	thread->woken_at = -1;
	waiter_init(&thread->waiter, thread->name);
	program_thread_init(&thread->program, instance, class, number, seed, replication);
	thread->program.on_request = trace_request;
	thread->request.done = request_done;
	kvm_io_init_request(&thread->request, (uint32_t)cpu->vcpu->task.pid);
	sim_event_init(&thread->io_done, SIM_RANK_TIMER, (uint32_t)cpu->vcpu->task.pid, io_done);
}

static void init_threads(struct guest *guest, uint64_t seed, uint32_t replication)
{
	const struct workload *workload = guest->instance.workload;
	int index = 0;

	guest->instance.vcpus = guest->nr_cpus;
	for (int class = 0; class < workload->nr_classes; class ++) {
		int nr = workload_class_threads(&workload->classes[class], guest->nr_cpus);

		for (int number = 0; number < nr; number++) {
			init_thread(&guest->threads[index], &guest->cpus[index % guest->nr_cpus],
				    class, number, seed, replication);
			index++;
		}
	}
}

/* When it boots: what arrives from outside does so from then on. */
static int64_t boot_time(const struct guest *guest)
{
	int64_t now = sim_now(guest->engine), start = guest->vm->start_ns;

	return start > now ? start : now;
}

static enum oversub_status allocate(struct guest *guest, const struct workload *workload,
				    struct oversub_error *error)
{
	size_t locks = (size_t)workload->nr_locks;
	size_t sources = (size_t)workload->nr_sources;

	guest->cpus = calloc((size_t)guest->nr_cpus, sizeof(*guest->cpus));
	guest->threads = calloc((size_t)guest->nr_threads + 1, sizeof(*guest->threads));
	guest->irqsave = calloc(locks + 1, sizeof(*guest->irqsave));
	guest->arrivals = calloc(sources + 1, sizeof(*guest->arrivals));
	if (!guest->cpus || !guest->threads || !guest->irqsave || !guest->arrivals)
		return oversub_fail(error, OVERSUB_FAILED, "vm %s: no memory for a guest",
				    guest->vm->name);
	return call_function_init(guest, error);
}

static void release(struct guest *guest)
{
	guest_sched_fini(guest);
	call_function_fini(guest);
	free(guest->arrivals);
	free(guest->irqsave);
	free(guest->threads);
	free(guest->cpus);
	guest->cpus = NULL;
}

/* A guest that shares CPUs out cannot do without a tick. */
static int guest_hz(const struct guest *guest)
{
	static const int values[] = {0, 100, 250, 300, 1000};
	int hz = values[guest->config.tick_hz];

	return !hz && guest_needs_sched(guest) ? 250 : hz;
}

/* A guest that polls itself asks the host not to (MSR_KVM_POLL_CONTROL). */
static void forbid_host_polling(struct guest *guest)
{
	if (guest->config.haltpoll.haltpoll)
		guest->vm->config.halt_poll.halt_poll_ns = 0;
}

enum oversub_status guest_init(struct guest *guest, struct kvm_vm *vm,
			       const struct workload *workload, const struct guest_config *config,
			       uint64_t seed, uint32_t replication, struct oversub_error *error)
{
	enum oversub_status status;

	memset(guest, 0, sizeof(*guest));
	guest->vm = vm;
	guest->engine = vm->host->engine;
	guest->config = *config;
	guest->nr_cpus = vm->nr_vcpus;
	guest->nr_threads = workload_nr_threads(workload, guest->nr_cpus);
	guest->hz = guest_hz(guest);
	guest->tick_ns = guest->hz ? 1000 * 1000 * 1000 / guest->hz : 0;
	forbid_host_polling(guest);
	status = workload_check(workload, WORKLOAD_OF_VM, error);
	if (status == OVERSUB_OK)
		status = guest_workload_check(workload, &vm->config, guest->nr_cpus, error);
	if (status)
		return status;
	status = allocate(guest, workload, error);
	if (status == OVERSUB_OK)
		status = workload_instance_init(&guest->instance, workload, vm->name,
						boot_time(guest), seed, replication, error);
	if (status) {
		release(guest);
		return status;
	}
	guest_init_locks(guest);
	vm->guest = guest;
	guest->completed = -1;
	for (int i = 0; i < guest->nr_cpus; i++)
		init_cpu(guest, i);
	init_threads(guest, seed, replication);
	guest_timers_init(guest, seed, replication);
	guest_reset_stats(guest);
	status = guest_sched_init(guest, error);
	if (status)
		guest_fini(guest);
	return status;
}

void guest_fini(struct guest *guest)
{
	if (!guest->cpus)
		return;
	for (int i = 0; i < guest->nr_threads; i++) {
		sim_cancel(guest->engine, &guest->threads[i].io_done);
		kvm_io_cancel(guest->engine, &guest->threads[i].request);
	}
	for (int i = 0; i < guest->instance.workload->nr_sources; i++)
		if (guest->arrivals[i].guest)
			sim_cancel(guest->engine, &guest->arrivals[i].event);
	workload_instance_fini(&guest->instance);
	release(guest);
}

void guest_start(struct guest *guest)
{
	uint32_t owner = (uint32_t)guest->vm->vcpus[0].task.pid;

	for (int i = 0; i < guest->instance.workload->nr_sources; i++) {
		struct guest_arrivals *arrivals = &guest->arrivals[i];

		arrivals->guest = guest;
		arrivals->source = &guest->instance.sources[i];
		sim_event_init(&arrivals->event, SIM_RANK_TIMER, owner, work_arrives);
		sim_schedule(guest->engine, &arrivals->event, arrivals->source->next_arrival);
	}
}

void guest_reset_stats(struct guest *guest)
{
	memset(&guest->stats, 0, sizeof(guest->stats));
	workload_instance_reset_stats(&guest->instance);
}
