/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/event.h"
