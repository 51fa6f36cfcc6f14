# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# A kernel by its name (6.1, …): the suite's chroot that has it, its release, its image.
# The debug kernel is in debug-kernel.sh. Needs common, suites, chroot.

# kernel_release ROOT NAME: the newest release of that name, or start of one, in ROOT.
kernel_release() {
	local root=$1 name=$2
	find "$root/lib/modules/" -maxdepth 1 -name "${name}[.-]*" -printf '%f\n' | sort -V | tail -n 1
}
