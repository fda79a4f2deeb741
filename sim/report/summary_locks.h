/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_REPORT_SUMMARY_LOCKS_H
#define SIM_REPORT_SUMMARY_LOCKS_H

#include "sim/base/wrap.h"
#include "sim/scenario/scenario.h"

/*
 * "locks   page_lock test-and-set (no pv_unhalt)": what the spinlocks of all guests are and why,
 * and what it would take for a guest to have those that the scenario insists on. Nothing without
 * spinlocks.
 */
void summary_write_locks(struct wrap *wrap, const struct scenario *scenario);

#endif
