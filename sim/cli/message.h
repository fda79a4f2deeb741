/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes to standard error. */
#ifndef SIM_CLI_MESSAGE_H
#define SIM_CLI_MESSAGE_H

#include "sim/scenario/scenario.h"

/* "oversub: ..." */
void message_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "note: ..." */
void message_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What the loader wants the user to know. */
void message_scenario_notes(const struct scenario *scenario);
/* A --set that changes nothing. */
void message_idle_override(const struct scenario_override *override);

#endif
