/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking a co-scheduling policy: the hooks, and what becomes of their answers. */
#include "models/host/cosched_internal.h"
#include "sim/base/array.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/stride.h"

/* ---- Hooks ------------------------------------------------------------------------------- */

/* While a hook is called, operations on other CPUs than at are remote ones. */
static struct pcpu *enter(struct host_cosched *cosched, struct pcpu *at)
{
	struct pcpu *before = cosched->at;

	cosched->at = at;
	return before;
}

static bool is_vcpu(const struct host_task *task)
{
	return task->vm >= 0;
}

struct pcpu *host_cosched_place(struct host_task *task, struct pcpu *proposed)
{
	struct host_cosched *cosched = task->host->cosched;
	bool before = cosched->deciding;
	struct pcpu *chosen;

	if (!cosched->policy->place || !is_vcpu(task) || task->nr_allowed == 1)
		return proposed;
	cosched->deciding = true;
	chosen = cosched->policy->place(task, proposed);
	cosched->deciding = before;
	return chosen && host_task_allows(task, chosen->index) ? chosen : proposed;
}

bool host_cosched_may_move(const struct host_task *task, const struct pcpu *to)
{
	struct host_cosched *cosched = task->host->cosched;
	bool before = cosched->deciding;
	bool may;

	if (!cosched->policy->may_move || !is_vcpu(task))
		return true;
	cosched->deciding = true;
	may = cosched->policy->may_move(task, to);
	cosched->deciding = before;
	return may;
}

void host_cosched_tick(struct pcpu *cpu)
{
	struct host_cosched *cosched = cpu->host->cosched;
	struct pcpu *before = enter(cosched, cpu);

	if (cosched->policy->tick && cpu->curr)
		cosched->policy->tick(cpu);
	cosched->at = before;
}

void host_cosched_pause(struct host_task *vcpu)
{
	struct host_cosched *cosched = vcpu->host->cosched;
	struct pcpu *before;

	if (!cosched || !cosched->policy->pause)
		return;
	before = enter(cosched, vcpu->cpu);
	cosched->policy->pause(vcpu);
	cosched->at = before;
}

void host_cosched_ipi(const struct oversub_cosched_ipi *ipi)
{
	struct host_cosched *cosched = ipi->source->host->cosched;
	uint32_t needs = OVERSUB_NEEDS_IPI_ALL;
	struct pcpu *before;

	if (!cosched || !cosched->policy->ipi)
		return;
	if (ipi->how == OVERSUB_IPI_ICR_WRITE)
		needs |= OVERSUB_NEEDS_IPI_SOFT;
	if (!(cosched->policy->head.needs & needs))
		return;
	before = enter(cosched, ipi->source->cpu);
	cosched->policy->ipi(ipi);
	cosched->at = before;
}

static void timer_fires(struct sim_engine *engine, struct sim_event *event)
{
	struct host_cosched *cosched = container_of(event, struct host_cosched, timer);

	cosched->at = NULL;
	if (cosched->policy->timer)
		cosched->policy->timer(cosched->host);
}

/* ---- Grants ------------------------------------------------------------------------------ */

static void grant(struct pcpu *cpu, struct host_task *task, int64_t ns)
{
	cpu->cosched.granted = task;
	cpu->cosched.over = false;
	sim_schedule(cpu->host->engine, &cpu->cosched.grant_over, host_now(cpu->host) + ns);
}

static void end_grant(struct pcpu *cpu)
{
	cpu->cosched.granted = NULL;
	cpu->cosched.over = false;
	sim_cancel(cpu->host->engine, &cpu->cosched.grant_over);
}

static void grant_expires(struct sim_engine *engine, struct sim_event *event)
{
	struct pcpu *cpu = container_of(event, struct pcpu, cosched.grant_over);

	cpu->cosched.over = true;
	pcpu_interrupt(cpu, PCPU_GRANT_OVER);
}

void host_cosched_grant_over(struct pcpu *cpu)
{
	struct host_cosched *cosched = cpu->host->cosched;
	struct host_task *task = cpu->cosched.granted;
	struct pcpu *before = enter(cosched, cpu);

	/* Somebody else may have got a new one meanwhile. */
	if (task && cpu->cosched.over) {
		end_grant(cpu);
		cpu->rq.need_resched = true;
		if (cosched->policy->slice_over)
			cosched->policy->slice_over(cpu, task);
	}
	cosched->at = before;
}

/* ---- Who runs ---------------------------------------------------------------------------- */

/* task is queued on cpu and may be handed to the core as its pick. */
static bool can_run_on(const struct host_task *task, const struct pcpu *cpu)
{
	return task->cpu == cpu && eevdf_task_runnable(&task->se) && !task->cosched.stopped &&
	       (!task->on_cpu || task == cpu->curr);
}

void host_cosched_detach(struct host_task *task)
{
	eevdf_detach(&task->cpu->rq, &task->se, (uint64_t)host_now(task->host));
	host_link_remove(&task->link);
	task->cosched.detached = true;
}

void host_cosched_attach(struct host_task *task)
{
	task->cosched.detached = false;
	host_link_to_front(&task->cpu->tasks, &task->link);
	eevdf_attach(&task->cpu->rq, &task->se, (uint64_t)host_now(task->host));
}

void host_cosched_remove_current(struct pcpu *cpu)
{
	struct host_task *task = cpu->curr;
	uint64_t now = (uint64_t)host_now(cpu->host);

	if (!task || !(task->cosched.stopped || task->cosched.move_to))
		return;
	if (!eevdf_task_runnable(&task->se)) {
		/* It goes by itself. */
		task->cosched.move_to = NULL;
		return;
	}
	eevdf_schedule_end(&cpu->rq, NULL);
	host_cosched_detach(task);
	eevdf_schedule_begin(&cpu->rq, EEVDF_STAY, now);
}

/* The core may have queued a task that is stopped: when it gets time again, say. */
static struct eevdf_entity *skip_stopped(struct pcpu *cpu, struct eevdf_entity *entity)
{
	while (entity && host_task_of(entity)->cosched.stopped) {
		host_cosched_detach(host_task_of(entity));
		entity = eevdf_pick(&cpu->rq);
	}
	return entity;
}

/* The first of those that run out of turn and still can; NULL: nobody. */
static struct host_task *take_next(struct pcpu *cpu)
{
	struct host_task *task;

	while ((task = cpu->cosched.first)) {
		cpu->cosched.first = task->cosched.next;
		task->cosched.turn_on = NULL;
		if (can_run_on(task, cpu) && task != cpu->curr)
			return task;
	}
	return NULL;
}

static bool asks_to_keep(struct pcpu *cpu, const struct host_task *proposed)
{
	const struct host_cosched *cosched = cpu->host->cosched;

	return cosched->policy->preempt && is_vcpu(cpu->curr) && !cpu->cosched.offered &&
	       (cpu->cosched.first || proposed != cpu->curr);
}

/* The running task, if it was granted more time or is now. */
static struct host_task *keep(struct pcpu *cpu, const struct host_task *proposed)
{
	struct host_task *curr = cpu->curr;
	int64_t ns = 0;

	if (cpu->cosched.granted == curr && !cpu->cosched.over && !cpu->cosched.offered)
		return curr;
	if (asks_to_keep(cpu, proposed))
		ns = cpu->host->cosched->policy->preempt(cpu, curr);
	if (ns <= 0)
		return NULL;
	grant(cpu, curr, ns);
	cpu->host->stats.cosched[COSCHED_EXTENSIONS]++;
	return curr;
}

/* What the policy makes of it. */
static struct host_task *ask(struct pcpu *cpu, struct host_task *proposed, int64_t *slice_ns)
{
	const struct oversub_cosched_policy *policy = cpu->host->cosched->policy;
	struct host_task *chosen;

	if (!policy->pick)
		return proposed;
	chosen = policy->pick(cpu, proposed, slice_ns);
	return !chosen || can_run_on(chosen, cpu) ? chosen : proposed;
}

static struct host_task *choose(struct pcpu *cpu, struct host_task *proposed, bool may_keep)
{
	int64_t slice_ns = 0;
	struct host_task *chosen = may_keep ? keep(cpu, proposed) : NULL;

	if (chosen)
		return chosen;
	if (cpu->cosched.granted)
		end_grant(cpu);
	chosen = take_next(cpu);
	if (chosen) {
		slice_ns = chosen->cosched.slice_ns;
		cpu->host->stats.cosched[COSCHED_URGENT]++;
	} else {
		chosen = proposed;
	}
	chosen = ask(cpu, chosen, &slice_ns);
	if (chosen && slice_ns > 0)
		grant(cpu, chosen, slice_ns);
	return chosen;
}

struct eevdf_entity *host_cosched_pick(struct pcpu *cpu, struct eevdf_entity *proposed,
				       bool may_keep)
{
	struct host_task *task, *chosen;
	struct pcpu *before = enter(cpu->host->cosched, cpu);

	proposed = skip_stopped(cpu, proposed);
	task = proposed ? host_task_of(proposed) : NULL;
	may_keep = may_keep && cpu->curr && can_run_on(cpu->curr, cpu);
	cpu->host->cosched->deciding = true;
	chosen = choose(cpu, task, may_keep);
	cpu->host->cosched->deciding = false;
	cpu->cosched.offered = false;
	cpu->host->cosched->at = before;
	return chosen ? &chosen->se : NULL;
}

/* A task that left to go elsewhere arrives there. */
static void finish_move(struct host_task *task, struct pcpu *by)
{
	struct pcpu *to = task->cosched.move_to;

	task->cosched.move_to = NULL;
	host_move_task(task, to, by);
	if (task->cosched.stopped)
		return;
	host_cosched_attach(task);
	pcpu_after_operation(task->cpu, task->cpu != by);
}

void host_cosched_switched(struct pcpu *cpu, struct host_task *prev)
{
	struct host_cosched *cosched = cpu->host->cosched;
	struct pcpu *before = enter(cosched, cpu);

	if (prev && prev->cosched.detached && prev->cosched.move_to)
		finish_move(prev, cpu);
	if (cosched->policy->switched)
		cosched->policy->switched(cpu, prev, cpu->curr);
	cosched->at = before;
}

void host_cosched_woken(struct host_task *task, struct pcpu *by)
{
	struct host_cosched *cosched = task->host->cosched;
	struct pcpu *before = enter(cosched, by);

	if (is_vcpu(task) && cosched->policy->wake)
		cosched->policy->wake(task);
	cosched->at = before;
	if (task->cosched.stopped && eevdf_task_runnable(&task->se))
		host_cosched_detach(task);
}

/* ---- Set-up ------------------------------------------------------------------------------ */

static bool has_hooks(const struct oversub_cosched_policy *policy)
{
	return policy->start || policy->place || policy->may_move || policy->pick ||
	       policy->preempt || policy->switched || policy->wake || policy->tick || policy->ipi ||
	       policy->pause;
}

void host_cosched_init_cpu(struct pcpu *cpu)
{
	sim_event_init(&cpu->cosched.grant_over, SIM_RANK_TIMER, (uint32_t)cpu->index,
		       grant_expires);
}

enum oversub_status host_cosched_init(struct host *host,
				      const struct oversub_cosched_policy *policy,
				      const void *params, struct oversub_error *error)
{
	size_t cpu_bytes = stride_of(policy->cpu_private_size);
	struct host_cosched *cosched;

	if (!has_hooks(policy))
		return OVERSUB_OK;
	cosched = calloc(1, sizeof(*cosched));
	if (!cosched)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	host->cosched = cosched;
	*cosched = (struct host_cosched){.policy = policy, .params = params, .host = host};
	sim_event_init(&cosched->timer, SIM_RANK_TIMER, (uint32_t)host->nr_cpus, timer_fires);
	cosched->policy_private = calloc(1, stride_of(policy->host_private_size) + 1);
	cosched->cpu_memory = calloc((size_t)host->nr_cpus, cpu_bytes + 1);
	if (!cosched->policy_private || !cosched->cpu_memory)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for policy %s",
				    policy->head.name);
	for (int i = 0; i < host->nr_cpus; i++)
		host->cpus[i].cosched.policy_private =
			cpu_bytes ? (char *)cosched->cpu_memory + cpu_bytes * (size_t)i : NULL;
	return OVERSUB_OK;
}

void host_cosched_fini(struct host *host)
{
	struct host_cosched *cosched = host->cosched;

	if (!cosched)
		return;
	for (int i = 0; i < cosched->nr_vms; i++) {
		free(cosched->vms[i].vcpus);
		free(cosched->vms[i].policy_private);
	}
	free(cosched->vms);
	free(cosched->cpu_memory);
	free(cosched->policy_private);
	free(cosched);
	host->cosched = NULL;
}

/* The private bytes of a VM and, behind them, of its vCPUs. */
static bool add_vm(struct host_cosched *cosched, int nr_vcpus)
{
	size_t vm_bytes = stride_of(cosched->policy->vm_private_size);
	size_t vcpu_bytes = stride_of(cosched->policy->vcpu_private_size);
	struct host_cosched_vm *vm = array_add(cosched->vms, cosched->nr_vms);

	if (!vm)
		return false;
	vm->vcpus = calloc((size_t)nr_vcpus, sizeof(*vm->vcpus));
	vm->policy_private = calloc(1, vm_bytes + vcpu_bytes * (size_t)nr_vcpus + 1);
	return vm->vcpus && vm->policy_private;
}

bool host_cosched_add(struct host *host, struct host_task *task, int index, int nr_vcpus)
{
	struct host_cosched *cosched = host->cosched;
	struct host_cosched_vm *vm;

	if (!cosched)
		return true;
	if (task->vm >= cosched->nr_vms && !add_vm(cosched, nr_vcpus))
		return false;
	vm = &cosched->vms[task->vm];
	vm->vcpus[index] = task;
	vm->nr_vcpus++;
	task->cosched.index = index;
	if (cosched->policy->vcpu_private_size)
		task->cosched.policy_private =
			(char *)vm->policy_private + stride_of(cosched->policy->vm_private_size) +
			stride_of(cosched->policy->vcpu_private_size) * (size_t)index;
	return true;
}

void host_cosched_start(struct host *host)
{
	if (host->cosched && host->cosched->policy->start)
		host->cosched->policy->start(host);
}
