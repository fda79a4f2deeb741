#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The quick part of `make validation`: queueing theory, a real kernel, and all of the table of
# costs. Seeds are fixed, so the verdicts are the same everywhere.
set -eu
"${BUILD:-build}/validation/validate" --quick
