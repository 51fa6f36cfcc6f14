# SPDX-License-Identifier: GPL-2.0
"""Rule sets and packets for the benchmark: see ../README.md."""
