/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/validation/cases.h"

const struct validation_case kernel_cases[] = {
	{NULL},
};
