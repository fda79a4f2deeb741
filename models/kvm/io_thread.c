/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "models/kvm/io_thread.h"

#include <stdio.h>
#include <stdlib.h>

#include "models/kvm/kvm.h"
#include "sim/base/container_of.h"

/* Of one thread: what it has not begun yet, and what it is at. */
struct io_queue {
	struct kvm_io *io;
	struct host_thread *thread;
	struct kvm_io_request *first, **end;
	struct kvm_io_request *present;
};

enum { PROGRAM_OPS = 3 };

struct kvm_io {
	struct kvm_vm *vm;
	struct op program[PROGRAM_OPS]; /* serve for ever */
	struct workload_thread_class class;
	struct workload workload;
	struct host_threads threads;
	struct io_queue *queues; /* by thread */
	struct kvm_io_stats stats;
};

/* ---- What a thread does --------------------------------------------------------------------- */

static struct io_queue *queue_of(struct host_thread *thread)
{
	struct kvm_io *io = container_of(thread->all, struct kvm_io, threads);

	return &io->queues[thread - thread->all->threads];
}

static bool has_work(struct host_thread *thread)
{
	return queue_of(thread)->first;
}

static int64_t begin(struct host_thread *thread)
{
	struct io_queue *queue = queue_of(thread);
	struct kvm_io_request *request = queue->first;

	queue->first = request->next;
	if (!queue->first)
		queue->end = &queue->first;
	queue->present = request;
	if (request->completes)
		return queue->io->vm->config.costs.io_complete_ns;
	sim_histogram_record(&queue->io->stats.wait, host_thread_now(thread) - request->submitted);
	return request->service_ns;
}

static void end(struct host_thread *thread)
{
	struct io_queue *queue = queue_of(thread);
	struct kvm_io_request *request = queue->present;

	queue->present = NULL;
	if (request->device_ns && !request->completes) {
		sim_schedule(thread->all->host->engine, &request->device,
			     host_thread_now(thread) + request->device_ns);
		return;
	}
	queue->io->stats.requests++;
	request->done(request, thread->task.cpu);
}

static const struct host_service service = {.has_work = has_work, .begin = begin, .end = end};

/* ---- Requests ------------------------------------------------------------------------------- */

/* What runs on from has work for the thread of queue; NULL: an interrupt has. */
static void append(struct io_queue *queue, struct kvm_io_request *request, struct pcpu *from)
{
	request->next = NULL;
	*queue->end = request;
	queue->end = &request->next;
	if (queue->thread->task.state == TASK_SLEEPING)
		host_thread_wake(queue->thread, from);
}

static void device_is_done(struct sim_engine *engine, struct sim_event *event)
{
	struct kvm_io_request *request = container_of(event, struct kvm_io_request, device);

	request->completes = true;
	append(request->queue, request, NULL);
}

void kvm_io_init_request(struct kvm_io_request *request, uint32_t owner)
{
	sim_event_init(&request->device, SIM_RANK_TIMER, owner, device_is_done);
}

void kvm_io_submit(struct kvm_io *io, struct kvm_io_request *request, int vcpu, struct pcpu *from)
{
	request->queue = &io->queues[vcpu % io->threads.nr_threads];
	request->submitted = sim_now(io->vm->host->engine);
	request->completes = false;
	append(request->queue, request, from);
}

void kvm_io_cancel(struct sim_engine *engine, struct kvm_io_request *request)
{
	sim_cancel(engine, &request->device);
}

/* ---- The threads ---------------------------------------------------------------------------- */

/*
 * A vhost worker joins the cgroup of the thread that opened its device, which is QEMU's main one
 * (vhost_attach_cgroups()); to an iothread libvirt gives a group of its own beside the vCPUs'.
 */
static struct eevdf_group *group_of(void *context, int vm_class, int number)
{
	struct kvm_io *io = context;
	struct kvm_vm *vm = io->vm;

	if (vm->config.io_thread == KVM_IO_VHOST ||
	    vm->host->config.cgroup_layout != HOST_LAYOUT_LIBVIRT)
		return vm->emulator;
	return host_group(vm->host, vm->emulator->parent, KVM_INNER_CPU_WEIGHT);
}

static int64_t start_of(void *context, int vm_class, int number)
{
	return 0; /* kvm_io_start() */
}

/* A worker is in the kernel all the time. */
static void make_program(struct kvm_io *io, int nr)
{
	int64_t mode = io->vm->config.io_thread == KVM_IO_VHOST ? OP_MODE_KERNEL : OP_MODE_USER;

	io->program[0] = (struct op){
		.kind = OP_LOOP, .object = -1, .probability = 1, .count = -1, .jump = 2};
	io->program[1] =
		(struct op){.kind = OP_SERVE, .object = -1, .probability = 1, .mode = mode};
	io->program[2] =
		(struct op){.kind = OP_LOOP_END, .object = -1, .probability = 1, .jump = 0};
	io->class.count = nr;
	io->class.ops = io->program;
	io->class.nr_ops = PROGRAM_OPS;
	io->class.emulator_of = 1;
	io->workload.name = io->class.name;
	io->workload.classes = &io->class;
	io->workload.nr_classes = 1;
}

static enum oversub_status init(struct kvm_io *io, struct kvm_vm *vm, int nr,
				struct oversub_error *error)
{
	const struct host_emulators place = {group_of, start_of, io};
	struct thread_config config;
	enum oversub_status status;

	oversub_param_defaults(thread_params, &config);
	io->vm = vm;
	io->queues = calloc((size_t)nr, sizeof(*io->queues));
	if (asprintf(&io->class.name, "%s/%s", vm->name,
		     vm->config.io_thread == KVM_IO_VHOST ? "vhost" : "iothread") < 0)
		io->class.name = NULL;
	if (!io->queues || !io->class.name)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for I/O threads");
	make_program(io, nr);
	status = host_threads_init(&io->threads, vm->host, &config, &io->workload, &place,
				   vm->host->seed, vm->host->replication, error);
	if (status)
		return status;
	io->threads.service = &service;
	for (int i = 0; i < nr; i++) {
		struct io_queue *queue = &io->queues[i];

		*queue = (struct io_queue){.io = io, .thread = &io->threads.threads[i]};
		queue->end = &queue->first;
	}
	return OVERSUB_OK;
}

enum oversub_status kvm_io_new(struct kvm_io **io, struct kvm_vm *vm, int nr,
			       struct oversub_error *error)
{
	enum oversub_status status;

	*io = calloc(1, sizeof(**io));
	if (!*io)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for I/O threads");
	status = init(*io, vm, nr, error);
	if (status) {
		kvm_io_free(*io);
		*io = NULL;
	}
	return status;
}

void kvm_io_free(struct kvm_io *io)
{
	if (!io)
		return;
	host_threads_fini(&io->threads);
	free(io->queues);
	free(io->class.name);
	free(io);
}

void kvm_io_start(struct kvm_io *io)
{
	if (io)
		host_threads_start(&io->threads);
}

void kvm_io_account(struct kvm_io *io)
{
	if (io)
		host_threads_account(&io->threads);
}

void kvm_io_reset_stats(struct kvm_io *io)
{
	if (!io)
		return;
	host_threads_reset_stats(&io->threads);
	io->stats = (struct kvm_io_stats){0};
}

struct host_threads *kvm_io_threads(struct kvm_io *io)
{
	return &io->threads;
}

const struct kvm_io_stats *kvm_io_stats(const struct kvm_io *io)
{
	return &io->stats;
}
