/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What <oversub/cosched.h> lets a policy ask and do. */
#include "models/host/cosched_internal.h"

/* ---- What a policy may ask --------------------------------------------------------------- */

const void *oversub_cosched_params(const struct host *host)
{
	return host->cosched->params;
}

void *oversub_cosched_host_private(const struct host *host)
{
	const struct host_cosched *cosched = host->cosched;

	return cosched->policy->host_private_size ? cosched->policy_private : NULL;
}

void *oversub_cosched_cpu_private(const struct pcpu *cpu)
{
	return cpu->cosched.policy_private;
}

void *oversub_cosched_vm_private(const struct host *host, int vm)
{
	const struct host_cosched *cosched = host->cosched;

	return cosched->policy->vm_private_size ? cosched->vms[vm].policy_private : NULL;
}

void *oversub_cosched_vcpu_private(const struct host_task *vcpu)
{
	return vcpu->cosched.policy_private;
}

int64_t oversub_cosched_now(const struct host *host)
{
	return host_now(host);
}

int64_t oversub_cosched_base_slice(const struct host *host)
{
	return (int64_t)host->eevdf.base_slice_ns;
}

int oversub_cosched_nr_cpus(const struct host *host)
{
	return host->nr_cpus;
}

struct pcpu *oversub_cosched_cpu(const struct host *host, int index)
{
	return &host->cpus[index];
}

int oversub_cosched_nr_vms(const struct host *host)
{
	return host->cosched->nr_vms;
}

int oversub_cosched_nr_vcpus(const struct host *host, int vm)
{
	return host->cosched->vms[vm].nr_vcpus;
}

struct host_task *oversub_cosched_vcpu(const struct host *host, int vm, int index)
{
	return host->cosched->vms[vm].vcpus[index];
}

struct host *oversub_cosched_host_of_cpu(const struct pcpu *cpu)
{
	return cpu->host;
}

int oversub_cosched_cpu_index(const struct pcpu *cpu)
{
	return cpu->index;
}

struct host_task *oversub_cosched_current(const struct pcpu *cpu)
{
	return cpu->curr;
}

unsigned int oversub_cosched_nr_queued(const struct pcpu *cpu)
{
	return cpu->rq.nr_running;
}

bool oversub_cosched_idle(const struct pcpu *cpu)
{
	return host_cpu_idle(cpu);
}

bool oversub_cosched_same_llc(const struct pcpu *a, const struct pcpu *b)
{
	return a->llc == b->llc;
}

bool oversub_cosched_same_node(const struct pcpu *a, const struct pcpu *b)
{
	int span = a->host->topology.pkg;

	return a->index / span == b->index / span;
}

struct host *oversub_cosched_host_of(const struct host_task *task)
{
	return task->host;
}

int oversub_cosched_vm_of(const struct host_task *task)
{
	return task->vm;
}

int oversub_cosched_index_of(const struct host_task *task)
{
	return task->cosched.index;
}

struct pcpu *oversub_cosched_cpu_of(const struct host_task *task)
{
	return task->cpu;
}

bool oversub_cosched_on_cpu(const struct host_task *task)
{
	return task->on_cpu;
}

bool oversub_cosched_runnable(const struct host_task *task)
{
	return task->state == TASK_RUNNING;
}

bool oversub_cosched_on_queue(const struct host_task *task)
{
	return task->state == TASK_RUNNING || task->se.on_rq;
}

bool oversub_cosched_started(const struct host_task *task)
{
	return task->state != TASK_NEW;
}

bool oversub_cosched_stopped(const struct host_task *task)
{
	return task->cosched.stopped;
}

bool oversub_cosched_allowed(const struct host_task *task, const struct pcpu *cpu)
{
	return host_task_allows(task, cpu->index);
}

int64_t oversub_cosched_waited(const struct host_task *task)
{
	int64_t waited = task->cosched.waited_ns;

	if (task->state == TASK_RUNNING && !task->on_cpu)
		waited += host_now(task->host) - task->runnable_since;
	return waited;
}

unsigned int oversub_cosched_published_critical(const struct host_task *vcpu)
{
	if (!(vcpu->host->cosched->policy->head.needs & OVERSUB_NEEDS_GUEST_HINT) ||
	    !vcpu->ops->published_critical)
		return 0;
	return vcpu->ops->published_critical(vcpu);
}

bool oversub_cosched_critical(const struct host_task *vcpu)
{
	return (vcpu->host->cosched->policy->head.needs & OVERSUB_NEEDS_GUEST_CODE) &&
	       vcpu->ops->in_critical_code && vcpu->ops->in_critical_code(vcpu);
}

/* ---- What a policy may do ---------------------------------------------------------------- */

/* The policy must not do anything now, or not to task. */
static bool is_out_of_bounds(const struct host *host, const struct host_task *task)
{
	return host->cosched->deciding || (task && task->vm < 0);
}

static void after_operation(struct pcpu *cpu)
{
	pcpu_after_operation(cpu, cpu != cpu->host->cosched->at);
}

static void resched(struct pcpu *cpu)
{
	cpu->rq.need_resched = true;
	after_operation(cpu);
}

void oversub_cosched_resched(struct pcpu *cpu)
{
	if (!is_out_of_bounds(cpu->host, NULL))
		resched(cpu);
}

static void attach(struct host_task *task)
{
	host_cosched_attach(task);
	after_operation(task->cpu);
}

static void detach(struct host_task *task)
{
	host_cosched_detach(task);
	after_operation(task->cpu);
}

static void trace_stop(const struct host_task *vcpu, bool stopped)
{
	host_trace(vcpu->cpu, vcpu->cpu->curr, co_stop, .comm = vcpu->comm, .pid = vcpu->pid,
		   .stopped = stopped);
}

void oversub_cosched_stop(struct host_task *vcpu)
{
	if (vcpu->cosched.stopped || is_out_of_bounds(vcpu->host, vcpu))
		return;
	vcpu->cosched.stopped = true;
	vcpu->host->stats.cosched[COSCHED_STOPS]++;
	trace_stop(vcpu, true);
	if (vcpu->on_cpu)
		resched(vcpu->cpu);
	else if (eevdf_task_runnable(&vcpu->se))
		detach(vcpu);
}

void oversub_cosched_start(struct host_task *vcpu)
{
	if (!vcpu->cosched.stopped || is_out_of_bounds(vcpu->host, vcpu))
		return;
	vcpu->cosched.stopped = false;
	trace_stop(vcpu, false);
	/* One that is still on its CPU, on its way out, attaches when it is off. */
	if (vcpu->cosched.detached && !vcpu->cosched.move_to)
		attach(vcpu);
}

/* It is to run out of turn on a CPU that it has left since. */
static void leave_list(struct host_task *task)
{
	struct pcpu_cosched *list = &task->cosched.turn_on->cosched;
	struct host_task **link = &list->first;
	struct host_task *before = NULL;

	while (*link != task) {
		before = *link;
		link = &before->cosched.next;
	}
	*link = task->cosched.next;
	if (list->last == task)
		list->last = before;
}

bool oversub_cosched_run_next(struct host_task *vcpu, int64_t slice_ns)
{
	struct pcpu_cosched *list = &vcpu->cpu->cosched;

	if (is_out_of_bounds(vcpu->host, vcpu) || vcpu->on_cpu || vcpu->state != TASK_RUNNING ||
	    vcpu->cosched.stopped || slice_ns <= 0)
		return false;
	if (vcpu->cosched.turn_on == vcpu->cpu)
		return true;
	if (vcpu->cosched.turn_on)
		leave_list(vcpu);
	vcpu->cosched.turn_on = vcpu->cpu;
	vcpu->cosched.slice_ns = slice_ns;
	vcpu->cosched.next = NULL;
	if (list->first)
		list->last->cosched.next = vcpu;
	else
		list->first = vcpu;
	list->last = vcpu;
	resched(vcpu->cpu);
	return true;
}

void oversub_cosched_prefer(struct host_task *vcpu)
{
	if (is_out_of_bounds(vcpu->host, vcpu) || vcpu->on_cpu || !eevdf_task_runnable(&vcpu->se))
		return;
	oversub_eevdf_nominate(&vcpu->se);
	resched(vcpu->cpu);
}

/* A queued one that has no CPU. */
static void move_queued(struct host_task *vcpu, struct pcpu *cpu)
{
	detach(vcpu);
	host_move_task(vcpu, cpu, vcpu->cpu);
	attach(vcpu);
}

bool oversub_cosched_migrate(struct host_task *vcpu, struct pcpu *cpu)
{
	if (is_out_of_bounds(vcpu->host, vcpu) || vcpu->state != TASK_RUNNING ||
	    !host_task_allows(vcpu, cpu->index))
		return false;
	vcpu->cosched.move_to = NULL;
	if (vcpu->cpu == cpu)
		return true;
	/* On its way to a queue, or parked for want of time. */
	if (!vcpu->on_cpu && !vcpu->cosched.detached && !eevdf_task_runnable(&vcpu->se))
		return false;
	vcpu->host->stats.cosched[COSCHED_MOVES]++;
	if (vcpu->on_cpu) {
		vcpu->cosched.move_to = cpu;
		resched(vcpu->cpu);
	} else if (vcpu->cosched.detached) {
		host_move_task(vcpu, cpu, vcpu->cpu);
	} else {
		move_queued(vcpu, cpu);
	}
	return true;
}

void oversub_cosched_add_refill(struct host_task *vcpu, int64_t ns)
{
	if (!is_out_of_bounds(vcpu->host, vcpu) && ns > 0)
		vcpu->refill_ns += ns;
}

void oversub_cosched_set_timer(struct host *host, int64_t time)
{
	int64_t now = host_now(host);

	if (!is_out_of_bounds(host, NULL))
		sim_schedule(host->engine, &host->cosched->timer, time > now ? time : now);
}
