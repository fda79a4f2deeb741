/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Interrupt hardware as a VM may have it: how long an IPI takes, what exits, what KVM and so a
 * policy hears of it, and what a target that does not run gets (models/kvm/README.md, Interrupts
 * and Costs).
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/report/summary.h"
#include "tests/unit/scenario_text.h"
#include "tests/unit/vcpu_world.h"

enum { ALL_HARDWARE = KVM_APICV_AVIC + 1 };

/* vCPU 0 works until START_NS + 100 us, sends something, and goes on; vCPU 1 works. */
#define SENT_AT (START_NS + 100 * US)

static struct vcpu_world *open_sender(int64_t apicv, struct guest_action send)
{
	struct vcpu_world *w = vcpu_world_open(2, 2);

	w->kvm_config.apicv = apicv;
	SCRIPT(w, 0, WORK(100 * US), send, WORK(10 * MS));
	SCRIPT(w, 1, WORK(10 * MS));
	return w;
}

static struct vcpu_script *script_of(struct vcpu_world *w, int vcpu)
{
	return &w->scripts[vcpu];
}

static bool irr_has(struct vcpu_world *w, int vcpu, uint8_t vector)
{
	return lapic_vectors_test(&vcpu_of_world(w, vcpu)->lapic.irr, vector);
}

/* ---- How long it takes ---------------------------------------------------------------------- */

/* From the ICR write to the handler on vCPU to. */
static int64_t delivery_ns(int64_t apicv, struct guest_action send, int to)
{
	struct vcpu_world *w = open_sender(apicv, send);
	int64_t ns;

	vcpu_world_start(w);
	vcpu_world_run(w, 1 * MS);
	assert_int_equal(script_of(w, 0)->began[1], SENT_AT);
	assert_int_equal(script_of(w, to)->nr_taken, 1);
	ns = script_of(w, to)->taken[0].begun - SENT_AT;
	assert_int_equal(w->vm.stats.ipi_delivery.max, ns);
	vcpu_world_close(w);
	return ns;
}

static void an_ipi_between_running_vcpus_takes_what_was_measured(void **state)
{
	struct guest_action send = SEND_IPI(1, 0xfb);

	assert_int_equal(delivery_ns(KVM_APICV_ON, send, 1), 2240);
	assert_int_equal(delivery_ns(KVM_APICV_IPIV, send, 1), 1800);
	assert_int_equal(delivery_ns(KVM_APICV_AVIC, send, 1), 1800);
	assert_int_equal(delivery_ns(KVM_APICV_OFF, send, 1), 3400);
}

static void a_self_ipi_takes_70_ns_with_any_apicv(void **state)
{
	for (int apicv = KVM_APICV_ON; apicv < ALL_HARDWARE; apicv++)
		assert_int_equal(delivery_ns(apicv, SEND_TO_SELF(0xf6), 0), 70);
	/* An exit, and injection on the way back. */
	assert_int_equal(delivery_ns(KVM_APICV_OFF, SEND_TO_SELF(0xf6), 0), 600 + 450 + 1040);
}

static void a_self_ipi_waits_while_interrupts_are_off(void **state)
{
	struct guest_action send = SEND_TO_SELF(0xf6);
	struct vcpu_world *w;

	send.interrupts = false;
	w = open_sender(KVM_APICV_ON, send);
	SCRIPT(w, 0, WORK(100 * US), send, IRQS_OFF(50 * US), WORK(10 * MS));
	vcpu_world_start(w);
	vcpu_world_run(w, 1 * MS);

	assert_int_equal(script_of(w, 0)->taken[0].injected, SENT_AT + 70 + 50 * US);
	vcpu_world_close(w);
}

/* ---- What exits ----------------------------------------------------------------------------- */

static void what_an_icr_write_costs_in_exits_is_as_the_hardware_has_it(void **state)
{
	const struct {
		struct guest_action send;
		int exits[ALL_HARDWARE]; /* off, on, ipiv, avic */
	} rows[] = {
		{SEND_IPI(1, 0xfb), {1, 1, 0, 0}},
		{SEND_TO_SELF(0xfb), {1, 0, 0, 0}},
		{SEND_LOGICAL(1 << 1, 0xfb), {1, 1, 1, 0}},
		{SEND_LOGICAL(0x3, 0xfb), {1, 1, 1, 0}},
		{SEND_TO_OTHERS(0xfb), {1, 1, 1, 0}},
		{SEND_IPI(UINT32_MAX, 0xfb), {1, 1, 1, 1}},
		/* Nobody there: AVIC leaves it to KVM as well. */
		{SEND_IPI(7, 0xfb), {1, 1, 1, 1}},
		{SEND_NMI(1), {1, 1, 1, 1}},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		for (int apicv = 0; apicv < ALL_HARDWARE; apicv++) {
			struct vcpu_world *w = open_sender(apicv, rows[i].send);
			uint64_t taken;

			vcpu_world_start(w);
			vcpu_world_run(w, 1 * MS);
			taken = (uint64_t)(script_of(w, 0)->nr_taken + script_of(w, 1)->nr_taken);
			assert_int_equal(exits_of_world(w, EXIT_ICR_WRITE), rows[i].exits[apicv]);
			assert_int_equal(exits_of_world(w, EXIT_INCOMPLETE_IPI), 0);
			assert_int_equal(exits_of_world(w, EXIT_EOI_WRITE), apicv ? 0 : taken);
			assert_int_equal(w->vm.stats.eois, taken);
			assert_int_equal(w->vm.stats.ipis_sent, 1);
			assert_int_equal(w->vm.stats.ipis_by_hardware, !rows[i].exits[apicv]);
			if (apicv && rows[i].send.icr.delivery == LAPIC_FIXED)
				assert_int_equal(exits_of_world(w, EXIT_EXTERNAL_INTERRUPT), 0);
			vcpu_world_close(w);
		}
	}
}

static void a_sender_whose_ipi_is_virtualised_goes_on_after_70_ns(void **state)
{
	struct vcpu_world *w = open_sender(KVM_APICV_IPIV, SEND_IPI(1, 0xfb));

	vcpu_world_start(w);
	vcpu_world_run(w, 1 * MS);
	assert_int_equal(script_of(w, 0)->began[2], SENT_AT + 70);
	vcpu_world_close(w);
}

static void a_write_to_a_group_takes_longer_for_each_target(void **state)
{
	static const uint32_t groups[] = {0x2, 0x6, 0xe};

	for (int i = 0; i < 3; i++) {
		struct vcpu_world *w = vcpu_world_open(4, 4);

		SCRIPT(w, 0, WORK(100 * US), SEND_LOGICAL(groups[i], 0xfc), WORK(10 * MS));
		for (int v = 1; v < 4; v++)
			SCRIPT(w, v, WORK(10 * MS));
		vcpu_world_start(w);
		vcpu_world_run(w, 1 * MS);
		assert_int_equal(script_of(w, 0)->began[2], SENT_AT + 600 + i * 150);
		vcpu_world_close(w);
	}
}

/* ---- Targets that do not run ---------------------------------------------------------------- */

static void avic_exits_if_the_target_sleeps_and_kvm_only_wakes_it(void **state)
{
	struct vcpu_world *w = open_sender(KVM_APICV_AVIC, SEND_IPI(1, 0xfb));

	w->candidate = "mainline";
	SCRIPT(w, 1, HALT, WORK(10 * MS));
	vcpu_world_start(w);
	vcpu_world_run(w, SENT_AT + 100);
	/* In the first half of the exit, the hardware has done its part. */
	assert_true(irr_has(w, 1, 0xfb));
	assert_true(vcpu_is_asleep(vcpu_of_world(w, 1)));
	vcpu_world_run(w, SENT_AT + 300);
	assert_false(vcpu_is_asleep(vcpu_of_world(w, 1)));
	/* A hint for nobody: SVM does not implement it, and nothing was requested. */
	assert_false(oversub_vcpu_dy_runnable(&vcpu_of_world(w, 1)->dy));
	vcpu_world_run(w, 1 * MS);

	assert_int_equal(exits_of_world(w, EXIT_INCOMPLETE_IPI), 1);
	assert_int_equal(exits_of_world(w, EXIT_ICR_WRITE), 0);
	assert_int_equal(script_of(w, 1)->taken[0].begun, SENT_AT + 300 + 4000 + 1040);
	assert_int_equal(w->vm.stats.ipis_by_hardware, 0);
	vcpu_world_close(w);
}

static void avic_wakes_only_those_of_a_group_that_sleep(void **state)
{
	struct vcpu_world *w = vcpu_world_open(4, 4);

	w->kvm_config.apicv = KVM_APICV_AVIC;
	SCRIPT(w, 0, WORK(100 * US), SEND_LOGICAL(0xe, 0xfc), WORK(10 * MS));
	SCRIPT(w, 1, WORK(10 * MS));
	SCRIPT(w, 2, HALT, WORK(10 * MS));
	SCRIPT(w, 3, HALT, WORK(10 * MS));
	vcpu_world_start(w);
	vcpu_world_run(w, 1 * MS);

	assert_int_equal(exits_of_world(w, EXIT_INCOMPLETE_IPI), 1);
	assert_int_equal(script_of(w, 1)->taken[0].begun, SENT_AT + 1800);
	for (int i = 2; i < 4; i++)
		assert_int_equal(script_of(w, i)->taken[0].begun, SENT_AT + 300 + 4000 + 1040);
	vcpu_world_close(w);
}

/* VMX: the descriptor of a blocked vCPU names a wake-up vector of the host. It is the CPU of the
 * sleeper that takes it, so the wake-up needs no IPI of its own. */
static void hardware_wakes_a_sleeping_target_of_ipiv_by_itself(void **state)
{
	struct vcpu_world *w = open_sender(KVM_APICV_IPIV, SEND_IPI(1, 0xfb));

	SCRIPT(w, 1, HALT, WORK(10 * MS));
	vcpu_world_start(w);
	vcpu_world_run(w, 1 * MS);

	assert_int_equal(exits_of_world(w, EXIT_ICR_WRITE), 0);
	assert_int_equal(script_of(w, 1)->taken[0].begun, SENT_AT + 70 + 690 + 3100 + 1040);
	vcpu_world_close(w);
}

static void ipiv_does_not_wake_who_halted_with_interrupts_off(void **state)
{
	struct vcpu_world *w = open_sender(KVM_APICV_IPIV, SEND_IPI(1, 0xfb));

	SCRIPT(w, 1, HALT_IRQS_OFF, WORK(10 * MS));
	vcpu_world_start(w);
	vcpu_world_run(w, 1 * MS);

	assert_true(vcpu_is_asleep(vcpu_of_world(w, 1)));
	/* It has not even looked. */
	assert_true(vcpu_of_world(w, 1)->dy.pid_on);
	assert_int_equal(script_of(w, 1)->nr_taken, 0);
	vcpu_world_close(w);
}

/* vCPUs 1 and 2 share a CPU; as soon as 1 is preempted, 0 sends it an IPI. */
static struct vcpu_world *send_to_preempted(int64_t apicv)
{
	struct vcpu_world *w = vcpu_world_open(3, 2);

	w->kvm_config.apicv = apicv;
	w->candidate = "mainline";
	w->on_cpu[2] = 1;
	SCRIPT(w, 0, HALT, SEND_IPI(1, 0xfb), WORK(100 * MS));
	SCRIPT(w, 1, WORK(100 * MS));
	SCRIPT(w, 2, WORK(100 * MS));
	vcpu_world_start(w);
	vcpu_world_run_until(w, vcpu_is_preempted, 1, 50 * MS);
	vcpu_device_interrupt(vcpu_of_world(w, 0), 0x30, &w->host.cpus[0]);
	vcpu_world_run(w, now_of_world(w) + 20 * US);
	assert_true(vcpu_is_preempted(vcpu_of_world(w, 1)));
	return w;
}

static void a_preempted_target_gets_a_pending_bit_and_nothing_else(void **state)
{
	const struct {
		int incomplete, icr;
		bool irr, event, on, hint;
	} expected[ALL_HARDWARE] = {
		[KVM_APICV_OFF] = {.icr = 1, .irr = true, .event = true},
		[KVM_APICV_ON] = {.icr = 1, .on = true, .hint = true},
		/* Its notifications are suppressed: SN and PIR instead of ON. */
		[KVM_APICV_IPIV] = {.hint = true},
		[KVM_APICV_AVIC] = {.incomplete = 1, .irr = true},
	};

	for (int apicv = 0; apicv < ALL_HARDWARE; apicv++) {
		struct vcpu_world *w = send_to_preempted(apicv);
		const struct oversub_vcpu *dy = &vcpu_of_world(w, 1)->dy;

		assert_int_equal(exits_of_world(w, EXIT_INCOMPLETE_IPI),
				 expected[apicv].incomplete);
		assert_int_equal(exits_of_world(w, EXIT_ICR_WRITE), expected[apicv].icr);
		assert_int_equal(irr_has(w, 1, 0xfb), expected[apicv].irr);
		assert_int_equal(dy->request_event, expected[apicv].event);
		assert_int_equal(dy->pid_on, expected[apicv].on);
		assert_int_equal(oversub_vcpu_pending_interrupt_hint(dy), expected[apicv].hint);
		vcpu_world_run(w, now_of_world(w) + 20 * MS);
		assert_int_equal(script_of(w, 1)->nr_taken, 1);
		vcpu_world_close(w);
	}
}

/* ---- What a policy hears -------------------------------------------------------------------- */

struct heard {
	int ipis[OVERSUB_IPI_HYPERCALL + 1];
	int eois, pv_eois;
	struct oversub_ipi last;
};

static struct heard *heard_by(const struct oversub_vcpu *vcpu)
{
	return oversub_vm_private(oversub_vcpu_vm(vcpu));
}

static struct oversub_vcpu *choose_nobody(struct oversub_vcpu *me, bool want_kernel)
{
	return NULL;
}

static void hear_ipi(const struct oversub_ipi *ipi)
{
	heard_by(ipi->source)->ipis[ipi->how]++;
	heard_by(ipi->source)->last = *ipi;
}

static void hear_eoi(struct oversub_vcpu *receiver, int vector, bool pv)
{
	heard_by(receiver)->eois += !pv;
	heard_by(receiver)->pv_eois += pv;
}

#define LISTENER(needs_)                                                                           \
	{                                                                                          \
		OVERSUB_CANDIDATE_POLICY,                                                          \
			.head.name = "listener", .head.help = "", .head.needs = (needs_),          \
			.vm_private_size = sizeof(struct heard), .on_spin = choose_nobody,         \
			.on_ipi = hear_ipi, .on_eoi = hear_eoi,                                    \
	}

/* As v3 declares it, and a policy that takes every hint there is. */
static const struct oversub_candidate_policy tracker =
	LISTENER(OVERSUB_NEEDS_IPI_SOFT | OVERSUB_NEEDS_EOI);
static const struct oversub_candidate_policy hears_all =
	LISTENER(OVERSUB_NEEDS_IPI_ALL | OVERSUB_NEEDS_EOI);

static struct heard *heard(struct vcpu_world *w)
{
	return heard_by(&w->vm.vcpus[0].dy);
}

static struct vcpu_world *open_heard(int64_t apicv, const struct oversub_candidate_policy *policy)
{
	struct vcpu_world *w = open_sender(apicv, SEND_IPI(1, 0xfb));

	w->candidate_policy = policy;
	return w;
}

static void without_apicv_the_tracker_sees_all_sends_and_eois(void **state)
{
	struct vcpu_world *w = open_heard(KVM_APICV_OFF, &tracker);

	vcpu_world_start(w);
	vcpu_world_run(w, 1 * MS);
	assert_int_equal(heard(w)->ipis[OVERSUB_IPI_ICR_WRITE], 1);
	assert_int_equal(heard(w)->eois, 1);
	assert_int_equal(heard(w)->pv_eois, 0);
	vcpu_world_close(w);
}

static void with_pv_eoi_the_tracker_learns_of_eois_at_the_next_exit(void **state)
{
	struct vcpu_world *w = open_heard(KVM_APICV_OFF, &tracker);

	w->kvm_config.pv_eoi = 1;
	SCRIPT(w, 1, WORK(300 * US), HALT);
	vcpu_world_start(w);
	vcpu_world_run(w, 250 * US);
	assert_int_equal(heard(w)->ipis[OVERSUB_IPI_ICR_WRITE], 1);
	assert_int_equal(script_of(w, 1)->nr_taken, 1);
	assert_int_equal(heard(w)->eois + heard(w)->pv_eois, 0);
	vcpu_world_run(w, 400 * US);
	assert_int_equal(heard(w)->pv_eois, 1);
	assert_int_equal(heard(w)->eois, 0);
	vcpu_world_close(w);
}

static void with_apicv_the_tracker_sees_sends_but_no_eois(void **state)
{
	struct vcpu_world *w = open_heard(KVM_APICV_ON, &tracker);

	vcpu_world_start(w);
	vcpu_world_run(w, 1 * MS);
	assert_int_equal(heard(w)->ipis[OVERSUB_IPI_ICR_WRITE], 1);
	assert_int_equal(heard(w)->eois + heard(w)->pv_eois, 0);
	assert_int_equal(w->vm.stats.eois, 1);
	vcpu_world_close(w);
}

static void nobody_hears_of_what_hardware_delivers(void **state)
{
	for (int apicv = KVM_APICV_IPIV; apicv <= KVM_APICV_AVIC; apicv++) {
		struct vcpu_world *w = open_heard(apicv, &hears_all);

		vcpu_world_start(w);
		vcpu_world_run(w, 1 * MS);
		assert_int_equal(script_of(w, 1)->nr_taken, 1);
		assert_int_equal(heard(w)->ipis[OVERSUB_IPI_ICR_WRITE], 0);
		assert_int_equal(heard(w)->ipis[OVERSUB_IPI_INCOMPLETE], 0);
		assert_int_equal(heard(w)->eois + heard(w)->pv_eois, 0);
		vcpu_world_close(w);
	}
}

static void an_incomplete_ipi_is_heard_only_by_those_who_asked_for_all(void **state)
{
	const struct oversub_candidate_policy *const policies[] = {&tracker, &hears_all};

	for (int i = 0; i < 2; i++) {
		struct vcpu_world *w = open_heard(KVM_APICV_AVIC, policies[i]);

		SCRIPT(w, 1, HALT, WORK(10 * MS));
		vcpu_world_start(w);
		vcpu_world_run(w, 1 * MS);
		assert_int_equal(heard(w)->ipis[OVERSUB_IPI_INCOMPLETE], i);
		assert_int_equal(heard(w)->ipis[OVERSUB_IPI_ICR_WRITE], 0);
		if (i) {
			assert_ptr_equal(heard(w)->last.target, &w->vm.vcpus[1].dy);
			assert_int_equal(heard(w)->last.accepted, 1);
			assert_int_equal(heard(w)->last.vector, 0xfb);
		}
		vcpu_world_close(w);
	}
}

static void a_pv_send_is_heard_once_per_target_by_those_who_asked_for_all(void **state)
{
	const struct oversub_candidate_policy *const policies[] = {&tracker, &hears_all};

	for (int i = 0; i < 2; i++) {
		struct vcpu_world *w = vcpu_world_open(3, 3);

		w->candidate_policy = policies[i];
		SCRIPT(w, 0, WORK(100 * US),
		       ACTION(.kind = GUEST_HYPERCALL, .kernel = true, .interrupts = true,
			      .hypercall = HYPERCALL_SEND_IPI, .icr.vector = 0xfc, .mask = {6}),
		       SEND_IPI(2, 0xfb), WORK(10 * MS));
		SCRIPT(w, 1, WORK(10 * MS));
		SCRIPT(w, 2, WORK(10 * MS));
		vcpu_world_start(w);
		vcpu_world_run(w, 1 * MS);
		assert_int_equal(heard(w)->ipis[OVERSUB_IPI_HYPERCALL], 2 * i);
		/* Single sends of such a guest are ICR writes. */
		assert_int_equal(heard(w)->ipis[OVERSUB_IPI_ICR_WRITE], 1);
		vcpu_world_close(w);
	}
}

/* Decision 14 and vector T19: it is the number of acceptors that counts, not the mode. */
static void a_logical_ipi_with_one_acceptor_is_reported_as_such(void **state)
{
	struct vcpu_world *w = open_heard(KVM_APICV_OFF, &tracker);

	SCRIPT(w, 0, WORK(100 * US), SEND_LOGICAL(1 << 1, 0xfb), WORK(10 * MS));
	vcpu_world_start(w);
	vcpu_world_run(w, 1 * MS);
	assert_int_equal(heard(w)->last.accepted, 1);
	assert_true(heard(w)->last.fixed && !heard(w)->last.shorthand);
	vcpu_world_close(w);
}

/* ---- Devices -------------------------------------------------------------------------------- */

static void kvm_hears_of_the_eoi_of_a_level_triggered_interrupt_whatever_the_hardware(void **state)
{
	for (int trigger = KVM_DEVICE_EDGE; trigger <= KVM_DEVICE_LEVEL; trigger++) {
		for (int apicv = 0; apicv < ALL_HARDWARE; apicv++) {
			struct vcpu_world *w = vcpu_world_open(1, 1);
			bool level = trigger == KVM_DEVICE_LEVEL;

			w->candidate_policy = &tracker;
			w->kvm_config.apicv = apicv;
			w->kvm_config.pv_eoi = 1;
			w->kvm_config.device_trigger = trigger;
			SCRIPT(w, 0, WORK(10 * MS));
			vcpu_world_start(w);
			vcpu_world_run(w, 50 * US);
			vcpu_device_interrupt(vcpu_of_world(w, 0), 0x30, &w->host.cpus[0]);
			vcpu_world_run(w, 1 * MS);

			assert_int_equal(script_of(w, 0)->nr_taken, 1);
			assert_int_equal(exits_of_world(w, EXIT_EOI_INDUCED), level && apicv);
			assert_int_equal(exits_of_world(w, EXIT_EOI_WRITE), level && !apicv);
			assert_int_equal(heard(w)->eois, level);
			vcpu_world_close(w);
		}
	}
}

static void vector_hashing_selects_who_takes_a_lowest_priority_interrupt(void **state)
{
	for (int nr = 3; nr <= 20; nr += 17) {
		for (uint8_t vector = 0x30; vector < 0x44; vector++) {
			struct vcpu_world *w = vcpu_world_open(nr, 4);
			/* One message reaches no more than a cluster. */
			int chosen = vector % (nr < 16 ? nr : 16);

			w->kvm_config.device_delivery = KVM_DEVICE_LOWEST;
			vcpu_world_start(w);
			vcpu_world_run(w, 1 * MS);
			vcpu_device_interrupt(vcpu_of_world(w, 1), vector, &w->host.cpus[0]);
			vcpu_world_run(w, 2 * MS);
			for (int i = 0; i < nr; i++)
				assert_int_equal(script_of(w, i)->nr_taken, i == chosen);
			vcpu_world_close(w);
		}
	}
}

/* ---- NMI ------------------------------------------------------------------------------------ */

static void an_nmi_is_taken_with_interrupts_off(void **state)
{
	for (int apicv = 0; apicv < ALL_HARDWARE; apicv++) {
		struct vcpu_world *w = open_sender(apicv, SEND_NMI(1));

		SCRIPT(w, 1, IRQS_OFF(500 * US), WORK(10 * MS));
		vcpu_world_start(w);
		vcpu_world_run(w, 1 * MS);
		assert_int_equal(script_of(w, 1)->nr_nmis, 1);
		assert_int_equal(script_of(w, 1)->nmis[0].begun,
				 SENT_AT + 300 + 900 + 710 + injection_to_handler(w));
		assert_int_equal(w->vm.stats.nmis, 1);
		/* No vector was in service. */
		assert_int_equal(w->vm.stats.eois, 0);
		vcpu_world_close(w);
	}
}

static void an_nmi_wakes_who_halted_with_interrupts_off(void **state)
{
	const struct guest_action sends[] = {SEND_IPI(1, 0xfb), SEND_NMI(1)};

	for (int nmi = 0; nmi < 2; nmi++) {
		struct vcpu_world *w = open_sender(KVM_APICV_OFF, sends[nmi]);

		SCRIPT(w, 1, HALT_IRQS_OFF, IRQS_OFF(10 * MS));
		vcpu_world_start(w);
		vcpu_world_run(w, 1 * MS);
		assert_int_equal(script_of(w, 1)->nr_nmis, nmi);
		assert_int_equal(script_of(w, 1)->at, nmi + 1);
		vcpu_world_close(w);
	}
}

static void an_nmi_interrupts_an_interrupt_handler(void **state)
{
	struct vcpu_world *w = open_sender(KVM_APICV_OFF, SEND_IPI(1, 0xfb));
	const struct vcpu_script *target = script_of(w, 1);

	SCRIPT(w, 0, WORK(100 * US), SEND_IPI(1, 0xfb), WORK(20 * US), SEND_NMI(1), WORK(10 * MS));
	w->scripts[1].handler_ns = 100 * US;
	vcpu_world_start(w);
	vcpu_world_run(w, 190 * US);
	assert_int_equal(target->handler_step, 3);
	assert_int_equal(target->nmi_step, 2);
	vcpu_world_run(w, 1 * MS);

	assert_int_equal(target->nr_taken, 1);
	assert_int_equal(target->nr_nmis, 1);
	assert_int_equal(target->handler_step, 0);
	vcpu_world_close(w);
}

static void one_nmi_is_latched_while_another_is_handled(void **state)
{
	struct vcpu_world *w = open_sender(KVM_APICV_OFF, SEND_NMI(1));

	SCRIPT(w, 0, WORK(100 * US), SEND_NMI(1), WORK(20 * US), SEND_NMI(1), WORK(20 * US),
	       SEND_NMI(1), WORK(10 * MS));
	w->scripts[1].handler_ns = 100 * US;
	vcpu_world_start(w);
	vcpu_world_run(w, 1 * MS);

	assert_int_equal(script_of(w, 1)->nr_nmis, 2);
	assert_int_equal(exits_of_world(w, EXIT_NMI_WINDOW), 1);
	vcpu_world_close(w);
}

/* ---- No such machine ------------------------------------------------------------------------ */

static enum oversub_status check(int64_t apicv, int64_t type, struct oversub_error *error)
{
	struct kvm_config config = {.apicv = apicv, .ple.type = type};
	const char *field = NULL;
	enum oversub_status status = kvm_config_check(&config, &field, error);

	if (status)
		assert_string_equal(field, "apicv");
	return status;
}

static void ipiv_is_intels_and_avic_is_amds(void **state)
{
	struct oversub_error error;

	assert_int_equal(check(KVM_APICV_IPIV, PLE_AMD, &error), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(error.message, "choose \"avic\""));
	assert_int_equal(check(KVM_APICV_AVIC, PLE_INTEL, &error), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(error.message, "choose \"ipiv\""));
	for (int apicv = 0; apicv < ALL_HARDWARE; apicv++)
		assert_int_equal(check(apicv, PLE_AUTO, &error), OVERSUB_OK);
	assert_int_equal(check(KVM_APICV_IPIV, PLE_INTEL, &error), OVERSUB_OK);
	assert_int_equal(check(KVM_APICV_AVIC, PLE_AMD, &error), OVERSUB_OK);
}

static void the_detector_is_of_the_vendor_of_the_interrupt_hardware(void **state)
{
	for (int apicv = 0; apicv < ALL_HARDWARE; apicv++) {
		struct vcpu_world *w = open_sender(apicv, SEND_IPI(1, 0xfb));
		bool amd = apicv == KVM_APICV_AVIC;

		vcpu_world_start(w);
		assert_int_equal(w->vm.ple.type, amd ? PLE_AMD : PLE_INTEL);
		assert_int_equal(w->vm.dy.vendor, amd ? KVM_VENDOR_AMD : KVM_VENDOR_INTEL);
		vcpu_world_close(w);
	}
}

static void a_scenario_with_a_mix_of_vendors_is_refused_by_path(void **state)
{
	static const char *const text = "{ 'oversub_scenario': 1,\n"
					"  'vm_defaults': { 'ple': { 'type': 'intel' } },\n"
					"  'vms': { 'a': { 'vcpus': 2, 'apicv': 'avic' } } }\n";
	struct scenario *scenario;
	struct oversub_error error;

	assert_int_equal(load_text(text, NULL, &scenario, &error), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(error.message, "vms.a.apicv: \"avic\" is AMD's"));
}

/* The first line of a summary of the scenario text. */
static void assert_head_ends(const char *text, const char *end)
{
	struct scenario *scenario;
	struct oversub_error error;
	char *head = NULL, *newline;
	size_t size, length = strlen(end);
	FILE *stream = open_memstream(&head, &size);

	if (load_text(text, NULL, &scenario, &error))
		fail_msg("%s", error.message);
	summary_write_head(stream, scenario, 1);
	fclose(stream);
	newline = strstr(head, "\nyield");
	assert_non_null(newline);
	*newline = '\0';
	assert_true(strlen(head) > length);
	assert_string_equal(head + strlen(head) - length, end);
	free(head);
	scenario_free(scenario);
}

static void the_head_of_a_summary_names_the_interrupt_hardware(void **state)
{
	assert_head_ends("{ 'oversub_scenario': 1, 'vms': { 'a': { 'vcpus': 2 } } }",
			 ", layout vcpu, apicv off");
	assert_head_ends("{ 'oversub_scenario': 1, 'vm_defaults': { 'apicv': 'ipiv' },\n"
			 "  'vms': { 'a': { 'vcpus': 2 }, 'b': { 'x2apic': 'cluster' } } }",
			 ", apicv ipiv,\n        x2apic a physical, b cluster");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ipi_between_running_vcpus_takes_what_was_measured),
		cmocka_unit_test(a_self_ipi_takes_70_ns_with_any_apicv),
		cmocka_unit_test(a_self_ipi_waits_while_interrupts_are_off),
		cmocka_unit_test(what_an_icr_write_costs_in_exits_is_as_the_hardware_has_it),
		cmocka_unit_test(a_sender_whose_ipi_is_virtualised_goes_on_after_70_ns),
		cmocka_unit_test(a_write_to_a_group_takes_longer_for_each_target),
		cmocka_unit_test(avic_exits_if_the_target_sleeps_and_kvm_only_wakes_it),
		cmocka_unit_test(avic_wakes_only_those_of_a_group_that_sleep),
		cmocka_unit_test(hardware_wakes_a_sleeping_target_of_ipiv_by_itself),
		cmocka_unit_test(ipiv_does_not_wake_who_halted_with_interrupts_off),
		cmocka_unit_test(a_preempted_target_gets_a_pending_bit_and_nothing_else),
		cmocka_unit_test(without_apicv_the_tracker_sees_all_sends_and_eois),
		cmocka_unit_test(with_pv_eoi_the_tracker_learns_of_eois_at_the_next_exit),
		cmocka_unit_test(with_apicv_the_tracker_sees_sends_but_no_eois),
		cmocka_unit_test(nobody_hears_of_what_hardware_delivers),
		cmocka_unit_test(an_incomplete_ipi_is_heard_only_by_those_who_asked_for_all),
		cmocka_unit_test(a_pv_send_is_heard_once_per_target_by_those_who_asked_for_all),
		cmocka_unit_test(a_logical_ipi_with_one_acceptor_is_reported_as_such),
		cmocka_unit_test(
			kvm_hears_of_the_eoi_of_a_level_triggered_interrupt_whatever_the_hardware),
		cmocka_unit_test(vector_hashing_selects_who_takes_a_lowest_priority_interrupt),
		cmocka_unit_test(an_nmi_is_taken_with_interrupts_off),
		cmocka_unit_test(an_nmi_wakes_who_halted_with_interrupts_off),
		cmocka_unit_test(an_nmi_interrupts_an_interrupt_handler),
		cmocka_unit_test(one_nmi_is_latched_while_another_is_handled),
		cmocka_unit_test(ipiv_is_intels_and_avic_is_amds),
		cmocka_unit_test(the_detector_is_of_the_vendor_of_the_interrupt_hardware),
		cmocka_unit_test(the_head_of_a_summary_names_the_interrupt_hardware),
		cmocka_unit_test(a_scenario_with_a_mix_of_vendors_is_refused_by_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
