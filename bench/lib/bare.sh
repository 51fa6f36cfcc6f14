# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Measuring in the running kernel. Needs tests/lib.

BARE_BUILD=/lib/modules/$(uname -r)/build

# bare_check: ends where it cannot be done, and says why.
bare_check() {
	[ -d "$BARE_BUILD" ] || die "the running kernel $(uname -r) has no headers in $BARE_BUILD"
	[ ! -d /sys/module/minifw ] || die "minifw is loaded: unload it first"
	[ $(($(bare_capabilities) >> 16 & 1)) = 1 ] || die "there is no right to load modules here"
}

# The capabilities of this process; CAP_SYS_MODULE is bit 16.
bare_capabilities() { sed -n 's/^CapEff:\s*/0x/p' /proc/self/status; }

# bare_module SOURCE DIR: builds the module whose sources are in SOURCE, in a copy at DIR.
bare_module() {
	rm -rf "$2"
	cp -r "$1" "$2"
	find "$2" -name '*.o' -delete
	make -C "$BARE_BUILD" M="$2" modules
}

# bare_prepare MODULE: loads what the module needs, and mounts configfs.
bare_prepare() {
	local needed
	IFS=, read -ra needed <<<"$(modinfo -F depends "$1")"
	modprobe -a configfs nf_conntrack "${needed[@]}"
	mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
}

# bare_run NAME=VALUE…: runs the cases in this kernel, on one CPU, before all else that wants to run there.
bare_run() {
	local names
	bare_prepare "$WORK/minifw/minifw.ko"
	IFS=, read -ra names <<<"$(printf '%s\n' "$@" | sed -n 's/^BENCH_CASES=//p')"
	env "$@" timeout "$BENCH_LIMIT" chrt -f 50 taskset -c "$BENCH_CPU" \
		"$BENCH/guest/cases" "${names[@]}"
}
