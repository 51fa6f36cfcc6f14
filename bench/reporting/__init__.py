# SPDX-License-Identifier: GPL-2.0
"""From the results of boots to tables and plots: see ../README.md."""
