# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Packages of Debian that few guests want: a layer for each list of them, right above the chroot, so
# that it stays as it is whatever becomes of the module, and is not tidied away with layers that do
# not. Needs common, chroot, layer.

# The suite's archives, while something is installed from them.
with_archives() {
	local root=$1 suite=$2
	chroot_sources "$suite" >"$root/etc/apt/sources.list.d/with.list"
	chroot_apt_options "$suite" >"$root/etc/apt/apt.conf.d/with"
	quietly "$MINIFW_CACHE/log/with-update" chroot_run "$root" apt-get -q update
}

# Installs $WITH_PACKAGES of $WITH_SUITE in the chroot ROOT. No daemon is started there: it would be
# at work on this machine's network.
with_install() {
	local root=$1 policy=$1/usr/sbin/policy-rc.d
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod +x "$policy"
	with_archives "$root" "$WITH_SUITE"
	# shellcheck disable=SC2086 # a list of words
	quietly "$MINIFW_CACHE/log/with-install" chroot_run "$root" \
		apt-get -q install -y --no-install-recommends ${WITH_PACKAGES//,/ }
	rm -rf "$policy" "$root"/etc/apt/{sources.list.d/with.list,apt.conf.d/with} \
		"$root"/var/lib/apt/lists/*_* "$root"/var/cache/apt/*
}

# with_layer SUITE PACKAGE,…: makes sure of the layer of SUITE's chroot with these installed, and
# prints its name.
with_layer() {
	local base name
	base=$(chroot_dir "$1")
	name=${base##*/}-with/$(echo "$2" | sha256sum | cut -c1-16)
	export WITH_SUITE=$1 WITH_PACKAGES=$2
	layer_need "$name" with_install "$base" || return 1
	echo "$name"
}
