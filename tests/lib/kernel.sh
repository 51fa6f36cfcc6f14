# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# A kernel by its name (6.1, …), and how those are built that no suite has: the debug kernel
# (debug-kernel.sh) and the benchmark's. Needs common.

# kernel_release ROOT NAME: the newest release of that name, or start of one, in ROOT.
kernel_release() {
	local root=$1 name=$2
	find "$root/lib/modules/" -maxdepth 1 -name "${name}[.-]*" -printf '%f\n' | sort -V | tail -n 1
}

# kernel_check_config WANTED CONFIG: a checker, or a filter, that Kconfig dropped in silence would
# not be missed.
kernel_check_config() {
	local line
	while read -r line; do
		case $line in
		CONFIG_*=n) ! grep -q "^${line%=n}=" "$2" || die "the kernel cannot do without ${line%=n}" ;;
		CONFIG_*) grep -qxF "$line" "$2" || die "the kernel cannot have $line" ;;
		esac
	done <"$1"
}

# Built in its place, for the build folder knows its own path; marked when it is whole.
kernel_build() {
	local what=$1 compile=$2 dir=$3
	[ ! -e "$dir/complete" ] || return 0
	say "building $what, once (about ten minutes)"
	rm -rf "$dir"
	quietly "$MINIFW_CACHE/log/$compile" "$compile" "$dir"
	touch "$dir/complete"
}

# kernel_need WHAT COMPILE DIR: makes sure that the kernel WHAT, as the function COMPILE makes it, is
# in DIR.
kernel_need() {
	[ -e "$3/complete" ] || with_lock "$2" kernel_build "$@"
}
