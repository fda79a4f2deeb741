#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# 500 kills at the n-th system call, 500 at random, 500 over --force, 500 times two at a time.
KILLS=500 exec bash "$(dirname "$0")/../e2e/journal.sh"
