# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The machine that runs the tests: the packages it needs, and its apt mirrors.

# shellcheck disable=SC2034 # for those who source this
HOST_GUEST_PACKAGES=(qemu-system-x86 mmdebstrap busybox-static cpio kmod xz-utils
	debian-archive-keyring)
# shellcheck disable=SC2034
HOST_KERNEL_PACKAGES=(build-essential flex bison bc libelf-dev linux-source-6.12)
# shellcheck disable=SC2034
HOST_PROGRAM_PACKAGES=(gcc make pkg-config libkmod-dev libjansson-dev libncurses-dev libpcap-dev)

host_missing() {
	local package
	for package; do
		dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null |
			grep -qx installed || echo "$package"
	done
}

host_apt() {
	DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 "$@"
}

host_install_missing() {
	local missing
	mapfile -t missing < <(host_missing "$@")
	[ ${#missing[@]} -gt 0 ] || return 0
	say "installing ${missing[*]}"
	quietly "$MINIFW_CACHE/log/host-update" host_apt update
	quietly "$MINIFW_CACHE/log/host-install" \
		host_apt install -y --no-install-recommends "${missing[@]}"
}

# host_need PACKAGE…: installs what of them is missing.
host_need() {
	[ -z "$(host_missing "$@")" ] || with_lock host host_install_missing "$@"
}

# host_mirror RELEASE: the URI from which this machine's apt takes main of RELEASE.
host_mirror() {
	# shellcheck disable=SC2016 # for apt to expand
	apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
		awk -v release="$1" '$1 == release && $2 == "main" { print $3; exit }'
}
