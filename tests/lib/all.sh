# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The host-side library of the tests, whole. Sourced by each program here.

_lib=$(dirname "${BASH_SOURCE[0]}")
for _file in common host suites chroot layer scratch package with kernel debug-kernel initrd accel boot klog; do
	# shellcheck source=/dev/null
	. "$_lib/$_file.sh"
done
unset _lib _file
