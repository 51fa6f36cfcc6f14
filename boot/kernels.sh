# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# The module for each installed kernel: builds it, says plainly which of them have none, loads it.
# For the scripts of the packages, and the kernel hook.

say() {
	echo "minifw: $*" >&2
}

installed_kernels() {
	for image in /boot/vmlinu[xz]-*; do
		kernel=${image#/boot/vmlinu?-}
		if [ -d "/lib/modules/$kernel" ]; then
			echo "$kernel"
		fi
	done
}

# has_module KERNEL [VERSION]: one of that version, or any.
has_module() {
	found=$(modinfo -k "$1" -F version minifw 2>/dev/null) && [ "$found" = "${2:-$found}" ]
}

has_headers() {
	[ -e "/lib/modules/$1/build/include" ]
}

# build_missing VERSION: for the kernels that DKMS, by itself, has left out.
build_missing() {
	if [ -e /etc/dkms/no-autoinstall ]; then
		return
	fi
	for kernel in $(installed_kernels); do
		if ! has_module "$kernel" "$1" && has_headers "$kernel"; then
			dkms install -m minifw -v "$1" -k "$kernel" || true
		fi
	done
}

headers_install() {
	if command -v apt >/dev/null; then
		echo "apt install linux-headers-$1"
	else
		echo "dnf install kernel-devel-$1"
	fi
}

why_no_module() {
	if [ -e /etc/dkms/no-autoinstall ]; then
		echo "/etc/dkms/no-autoinstall keeps it from being built"
	elif has_headers "$1"; then
		echo "the build failed, see the messages above and /var/lib/dkms/minifw"
	else
		echo "its headers are missing ($(headers_install "$1"))"
	fi
}

# report_unprotected VERSION KERNEL…: a module that is not there is a firewall that is not there:
# too much to leave it to a line in the middle of DKMS's output.
report_unprotected() {
	version=$1 unprotected=
	shift
	for kernel; do
		if ! has_module "$kernel" "$version"; then
			unprotected="$unprotected $kernel"
		fi
	done
	if [ -z "$unprotected" ]; then
		return
	fi
	say "WARNING: the module could not be built for every installed kernel."
	say "WARNING: booted with one of these, this machine has NO minifw firewall:"
	for kernel in $unprotected; do
		say "WARNING:   $kernel: $(why_no_module "$kernel")"
	done
}

in_chroot() {
	command -v ischroot >/dev/null && ischroot
}

# load VERSION: a running module is never replaced: for as long as that took, the firewall would be
# open.
load() {
	running=/sys/module/minifw/version
	if [ -e $running ]; then
		if [ "$(cat $running)" != "$1" ]; then
			say "version $(cat $running) stays in force until this machine restarts, $1 works from then on."
		fi
	elif has_module "$(uname -r)" "$1" && ! in_chroot; then
		modprobe minifw || say "WARNING: the module could not be loaded: minifw filters NOTHING now."
	fi
}
