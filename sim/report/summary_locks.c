/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The line of a summary that says what the spinlocks of the guests are: no other choice of a
 * scenario decides as much about lock waits, and most scenarios leave it to the guest.
 */
#include <string.h>

#include "models/guest/guest.h"
#include "sim/report/summary_locks.h"

static bool is_spinlock(const struct workload_lock *lock)
{
	return lock->kind != LOCK_MUTEX && lock->kind != LOCK_RWSEM;
}

static bool has_spinlocks(const struct scenario_vm *vm)
{
	for (int i = 0; vm->workload && i < vm->workload->nr_locks; i++)
		if (is_spinlock(&vm->workload->locks[i]))
			return true;
	return false;
}

static struct guest_spinlocks spinlocks_of(const struct scenario_vm *vm)
{
	return guest_spinlocks(&vm->kvm, vm->size.vcpus);
}

/* Whatever is said of the locks of a holds for those of b. */
static bool same_locks(const struct scenario_vm *a, const struct scenario_vm *b)
{
	return a->workload == b->workload &&
	       !strcmp(spinlocks_of(a).reason, spinlocks_of(b).reason);
}

/* An earlier VM had the same to say. */
static bool is_repetition(const struct scenario *scenario, int vm)
{
	for (int i = 0; i < vm; i++)
		if (same_locks(&scenario->vms[i], &scenario->vms[vm]))
			return true;
	return false;
}

/* How many VMs have something to say that no other has said. */
static int nr_told(const struct scenario *scenario)
{
	int nr = 0;

	for (int i = 0; i < scenario->nr_vms; i++)
		nr += has_spinlocks(&scenario->vms[i]) && !is_repetition(scenario, i);
	return nr;
}

static const char *kind_text(enum lock_kind kind)
{
	return kind == LOCK_TAS ? "test-and-set" : lock_kind_names[kind];
}

/* What is written next, in pieces that no line end breaks. */
struct line {
	struct wrap *wrap;
	const char *separator; /* before the next piece */
	const char *prefix;    /* in that piece, the VM; "" if there is no need to say */
};

static void write_piece(struct line *line, const char *name, const char *text)
{
	bool has_prefix = *line->prefix;

	wrap_piece(line->wrap, line->separator, "%s%s%s%s%s", line->prefix, has_prefix ? ": " : "",
		   name, text ? " " : "", text ? text : "");
	line->separator = text ? "; " : ", ";
	line->prefix = "";
}

/* The names of the locks of one kind, and behind the last one what is true of all. */
static void write_group(struct line *line, const struct workload *workload, enum lock_kind kind,
			const char *text)
{
	const char *last = NULL;

	for (int i = 0; i < workload->nr_locks; i++) {
		if (workload->locks[i].kind != kind)
			continue;
		if (last)
			write_piece(line, last, NULL);
		last = workload->locks[i].name;
	}
	if (last)
		write_piece(line, last, text);
}

static void write_vm(struct line *line, const struct scenario_vm *vm)
{
	static const enum lock_kind insisted[] = {LOCK_TAS, LOCK_QUEUED, LOCK_PV};
	struct guest_spinlocks derived = spinlocks_of(vm);
	char text[128];

	snprintf(text, sizeof(text), "%s (%s)", kind_text(derived.kind), derived.reason);
	write_group(line, vm->workload, LOCK_SPINLOCK, text);
	for (size_t i = 0; i < sizeof(insisted) / sizeof(*insisted); i++) {
		const char *needs = guest_spinlock_needs(insisted[i], &vm->kvm, vm->size.vcpus);

		snprintf(text, sizeof(text), "%s%s%s", kind_text(insisted[i]),
			 needs ? ", as a guest would have only " : "", needs ? needs : "");
		write_group(line, vm->workload, insisted[i], text);
	}
}

void summary_write_locks(struct wrap *wrap, const struct scenario *scenario)
{
	struct line line = {.wrap = wrap, .separator = "  ", .prefix = ""};
	int nr = nr_told(scenario);

	if (!nr)
		return;
	wrap_piece(wrap, "", "locks ");
	for (int i = 0; i < scenario->nr_vms; i++) {
		const struct scenario_vm *vm = &scenario->vms[i];

		if (!has_spinlocks(vm) || is_repetition(scenario, i))
			continue;
		line.prefix = nr > 1 ? vm->name : "";
		write_vm(&line, vm);
	}
	wrap_end(wrap);
}
