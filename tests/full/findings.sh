#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The figures in the documents, against what their commands give now.
exec bash "$(dirname "$0")/../../scenarios/findings/findings.sh" --check
