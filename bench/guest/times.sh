# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# How long changes take, and what memory rules and sets need.
case_times() { :; }
