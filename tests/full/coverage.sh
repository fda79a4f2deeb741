#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# All of `make coverage`: how often intervals cover, and how often stars are false alarms.
set -eu
"${BUILD:-build}/validation/coverage"
