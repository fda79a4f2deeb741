/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/trace/perf_script.h"

#include <inttypes.h>
#include <string.h>

#include "sim/base/container_of.h"

enum { NSEC_PER_SEC = 1000000000, NSEC_PER_USEC = 1000 };

/* Fields of an ICR, as kvm_apic_ipi spells them. */
static const char *const delivery_modes[8] = {"Fixed", "LowPrio", "SMI",  "Res3",
					      "NMI",   "INIT",	  "SIPI", "ExtINT"};
static const char *const shorthands[4] = {"dst", "self", "all", "all-but-self"};

static const char *text_of(const struct trace_record *record)
{
	return record->text ? record->text : "";
}

enum { IDLE_COMM_SIZE = 32 };

static const char *state_letter(int64_t state)
{
	switch (state) {
	case TRACE_STATE_RUNNING: return "R";
	case TRACE_STATE_INTERRUPTIBLE: return "S";
	default: return "D";
	}
}

/* Each CPU has an idle thread of its own, which the kernel calls swapper/CPU. */
static const char *idle_or(const char *comm, int64_t pid, int cpu, char buffer[IDLE_COMM_SIZE])
{
	if (pid || strchr(comm, '/'))
		return comm;
	snprintf(buffer, IDLE_COMM_SIZE, "%.16s/%d", comm, cpu);
	return buffer;
}

static void write_sched(FILE *stream, const struct trace_record *record)
{
	const int64_t *arg = record->arg;
	char prev[IDLE_COMM_SIZE], next[IDLE_COMM_SIZE];

	switch (record->kind) {
	case TRACE_SCHED_SWITCH:
		fprintf(stream,
			"prev_comm=%s prev_pid=%d prev_prio=%" PRId64 " prev_state=%s ==> "
			"next_comm=%s next_pid=%" PRId64 " next_prio=%" PRId64,
			idle_or(record->comm, record->pid, record->cpu, prev), record->pid, arg[0],
			state_letter(arg[1]), idle_or(text_of(record), arg[2], record->cpu, next),
			arg[2], arg[3]);
		break;
	case TRACE_SCHED_WAKEUP:
		fprintf(stream, "comm=%s pid=%" PRId64 " prio=%" PRId64 " target_cpu=%03" PRId64,
			text_of(record), arg[0], arg[1], arg[2]);
		break;
	default:
		fprintf(stream,
			"comm=%s pid=%" PRId64 " prio=%" PRId64 " orig_cpu=%" PRId64
			" dest_cpu=%" PRId64,
			text_of(record), arg[0], arg[1], arg[2], arg[3]);
	}
}

static void write_apic_ipi(FILE *stream, uint32_t icr, uint32_t destination)
{
	fprintf(stream, "dst %x vec %u (%s|%s|%s|%s|%s)", destination, icr & 0xff,
		delivery_modes[icr >> 8 & 7], icr & 1 << 11 ? "logical" : "physical",
		icr & 1 << 14 ? "assert" : "de-assert", icr & 1 << 15 ? "level" : "edge",
		shorthands[icr >> 18 & 3]);
}

static void write_kvm(FILE *stream, const struct trace_record *record)
{
	const int64_t *arg = record->arg;

	switch (record->kind) {
	case TRACE_KVM_EXIT:
		fprintf(stream,
			"vcpu %" PRId64 " reason %s rip 0x%" PRIx64 " info1 0x%016" PRIx64
			" info2 0x%016" PRIx64 " intr_info 0x%08x error_code 0x%08x",
			arg[0], text_of(record), (uint64_t)arg[3], (uint64_t)arg[4],
			(uint64_t)arg[5], 0, 0);
		break;
	case TRACE_KVM_ENTRY:
		fprintf(stream, "vcpu %" PRId64 ", rip 0x%" PRIx64, arg[0], (uint64_t)arg[1]);
		break;
	case TRACE_KVM_APIC_IPI: write_apic_ipi(stream, (uint32_t)arg[0], (uint32_t)arg[1]); break;
	case TRACE_KVM_EOI:
		fprintf(stream, "apicid %" PRIx64 " vector %" PRId64, (uint64_t)arg[0], arg[1]);
		break;
	case TRACE_KVM_INJ_VIRQ:
		fprintf(stream, "%s 0x%" PRIx64 "%s", arg[1] ? "Soft/INTn" : "IRQ",
			(uint64_t)arg[0], arg[2] ? " [reinjected]" : "");
		break;
	default:
		fprintf(stream, "vcpu %" PRId64 " old %" PRId64 " new %" PRId64 " (%s)", arg[0],
			arg[2], arg[1], arg[2] < arg[1] ? "growed" : "shrinked");
	}
}

/* What happens inside a guest, and what becomes of yields. */
static void write_wait(FILE *stream, const struct trace_record *record)
{
	const int64_t *arg = record->arg;

	switch (record->kind) {
	case TRACE_YIELD_RESOLVED:
		fprintf(stream,
			"nominee_comm=%s nominee_pid=%" PRId64 " honoured=%" PRId64
			" next_pid=%" PRId64,
			text_of(record), arg[0], arg[1], arg[2]);
		break;
	case TRACE_UNTHROTTLE:
		fprintf(stream, "comm=%s pid=%" PRId64 " target_cpu=%03" PRId64, text_of(record),
			arg[0], arg[1]);
		break;
	case TRACE_CO_STOP:
		fprintf(stream, "comm=%s pid=%" PRId64 " stopped=%" PRId64, text_of(record), arg[0],
			arg[1]);
		break;
	case TRACE_LOCK_WAIT_BEGIN:
	case TRACE_LOCK_WAIT_END:
		fprintf(stream,
			"vcpu=%" PRId64 " thread=%" PRId64 " lock=%s id=0x%" PRIx64 " %s=%" PRId64,
			arg[0], arg[1], text_of(record), (uint64_t)arg[2],
			record->kind == TRACE_LOCK_WAIT_BEGIN ? "interrupts" : "ns", arg[3]);
		break;
	case TRACE_LOCK_OWNER:
		fprintf(stream,
			"lock=%s id=0x%" PRIx64 " owner_vcpu=%" PRId64 " owner_thread=%" PRId64
			" heir_vcpu=%" PRId64 " heir_thread=%" PRId64 " readers=%" PRId64,
			text_of(record), (uint64_t)arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
		break;
	case TRACE_GUEST_SWITCH:
		fprintf(stream, "vcpu=%" PRId64 " next_thread=%" PRId64, arg[0], arg[1]);
		break;
	case TRACE_CSD_ENTRY:
	case TRACE_CSD_UNLOCK:
		fprintf(stream, "vcpu=%" PRId64 " id=0x%" PRIx64 " op=%s caller=%" PRId64, arg[0],
			(uint64_t)arg[1], text_of(record), arg[2]);
		break;
	default: fprintf(stream, "vcpu=%" PRId64 " vector=%" PRId64, arg[0], arg[1]);
	}
}

static void write_oversub(FILE *stream, const struct trace_record *record)
{
	const int64_t *arg = record->arg;

	switch (record->kind) {
	case TRACE_SPIN_BEGIN:
		fprintf(stream, "vcpu=%" PRId64 " on=%s id=0x%" PRIx64 " waits_for=%" PRId64,
			arg[0], text_of(record), (uint64_t)arg[2], arg[1]);
		break;
	case TRACE_SPIN_END:
		fprintf(stream, "vcpu=%" PRId64 " on=%s id=0x%" PRIx64 " ns=%" PRId64, arg[0],
			text_of(record), (uint64_t)arg[2], arg[1]);
		break;
	case TRACE_YIELD_TO:
		fprintf(stream,
			"vcpu=%" PRId64 " target_vcpu=%" PRId64
			" target_comm=%s target_pid=%" PRId64 " target_cpu=%" PRId64 " ret=%" PRId64
			" right_vcpu=%" PRId64,
			arg[0], arg[1], text_of(record), arg[2], arg[5], arg[3], arg[4]);
		break;
	case TRACE_REQUEST_BEGIN:
		fprintf(stream, "request=%s number=%" PRId64 " thread=%" PRId64 " vcpu=%" PRId64,
			text_of(record), arg[0], arg[1], arg[2]);
		break;
	default:
		fprintf(stream,
			"request=%s number=%" PRId64 " thread=%" PRId64 " vcpu=%" PRId64
			" ns=%" PRId64,
			text_of(record), arg[0], arg[1], arg[2], arg[3]);
	}
}

static void write_record(struct trace_sink *sink, const struct trace_record *record)
{
	FILE *stream = container_of(sink, struct perf_script, sink)->stream;

	fprintf(stream, "%16s %5d [%03d] %5" PRId64 ".%06" PRId64 ": %s:%s: ", record->comm,
		record->pid, record->cpu, record->time / NSEC_PER_SEC,
		record->time % NSEC_PER_SEC / NSEC_PER_USEC, trace_kind_system(record->kind),
		trace_kind_name(record->kind));
	switch (record->kind) {
	case TRACE_SCHED_SWITCH:
	case TRACE_SCHED_WAKEUP:
	case TRACE_SCHED_MIGRATE: write_sched(stream, record); break;
	case TRACE_KVM_EXIT:
	case TRACE_KVM_ENTRY:
	case TRACE_KVM_APIC_IPI:
	case TRACE_KVM_EOI:
	case TRACE_KVM_INJ_VIRQ:
	case TRACE_KVM_PLE_WINDOW: write_kvm(stream, record); break;
	case TRACE_SPIN_BEGIN:
	case TRACE_SPIN_END:
	case TRACE_YIELD_TO:
	case TRACE_REQUEST_BEGIN:
	case TRACE_REQUEST_END: write_oversub(stream, record); break;
	default: write_wait(stream, record);
	}
	fputc('\n', stream);
}

void perf_script_start(struct perf_script *script, FILE *stream)
{
	script->sink.write = write_record;
	script->stream = stream;
}
