#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# All commands of the documents as they are written there, from the build on, and what they print.
exec bash "$(dirname "$0")/../e2e/readme.sh" full
