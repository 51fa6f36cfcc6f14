# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Suite chroots: folders in the cache, one a suite, with its kernels, their headers, DKMS and
# what tests use. They stay as they were built: whatever changes one works in a layer
# (layer.sh), so that many guests can boot from it at once. Needs common, host, suites.

CHROOT_PACKAGES=(systemd-sysv udev kmod iproute2 iputils-ping netcat-openbsd procps
	python3 python3-pytest python3-pytest-timeout python3-scapy nftables iptables conntrack busybox
	openssh-server openssh-client
	dkms make ccache libpcap0.8)

# chroot_sources SUITE: its sources.list, from the mirrors that this machine uses itself.
chroot_sources() {
	local suite=$1 codename mirror security
	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	mirror=$(host_mirror "$codename")
	security=$(host_mirror "$codename-security")
	[ -n "$mirror" ] || die "apt knows no mirror of $codename (apt-get update?)"
	echo "deb $mirror $suite main"
	! suite_has_archive "$suite" backports || echo "deb $mirror $suite-backports main"
	! suite_has_archive "$suite" security || [ -z "$security" ] ||
		echo "deb $security $suite-security main"
}

# Kernels come from backports where the suite has them: its own are not what is tested there.
chroot_preferences() {
	suite_has_archive "$1" backports || return 0
	printf 'Package: %s\nPin: release n=%s-backports\nPin-Priority: 990\n' \
		'linux-image-* linux-headers-* linux-kbuild-* linux-base' "$1"
}

# sid's index may be older than it says it is good for, on a mirror that is not updated any more.
chroot_apt_options() {
	[ "$1" != sid ] || echo 'Acquire::Check-Valid-Until "false";'
}

chroot_packages() {
	printf '%s\n' "${CHROOT_PACKAGES[@]}"
	suite_kernel_packages "$1"
}

# chroot_recipe SUITE: all that decides what its chroot holds, but the state of the mirror.
chroot_recipe() {
	chroot_packages "$1"
	chroot_preferences "$1"
}

# chroot_dir SUITE: where its chroot is, or will be.
chroot_dir() {
	echo "$MINIFW_CACHE/chroots/$1-$(chroot_recipe "$1" | sha256sum | cut -c1-8)"
}

chroot_debootstrap() {
	local suite=$1 target=$2 config=$3
	chroot_sources "$suite" >"$config/sources.list"
	chroot_preferences "$suite" >"$config/preferences"
	chroot_apt_options "$suite" >"$config/apt.conf"
	# INITRD=No: initramfs-tools would spend minutes on what guests do not boot from.
	# shellcheck disable=SC2016 # for mmdebstrap to expand
	INITRD=No mmdebstrap --mode=root --variant=minbase --format=directory \
		--include="$(chroot_packages "$suite" | paste -sd,)" \
		--aptopt="$config/apt.conf" \
		--setup-hook="cp '$config/preferences' \"\$1/etc/apt/preferences.d/kernels\"" \
		--customize-hook='echo guest >"$1/etc/hostname"' \
		--customize-hook='rm -f "$1/etc/resolv.conf"' \
		"$suite" "$target" "$config/sources.list"
}

chroot_check_kernels() {
	local suite=$1 root=$2 kernel
	for kernel in $(suite_kernels "$suite"); do
		[ -n "$(kernel_release "$root" "$kernel")" ] ||
			die "$suite has no kernel $kernel any more: see tests/lib/suites.sh"
	done
}

# Built aside and renamed: a chroot that is there is a whole one.
chroot_build() {
	local suite=$1 target=$2 config status=0
	[ ! -d "$target" ] || return 0
	host_need mmdebstrap debian-archive-keyring
	say "building the $suite chroot, once (about two minutes)"
	rm -rf "$target.new"
	mkdir -p "${target%/*}"
	config=$(mktemp -d)
	quietly "$MINIFW_CACHE/log/chroot-$suite" \
		chroot_debootstrap "$suite" "$target.new" "$config" || status=1
	rm -rf "$config"
	[ $status = 0 ] || return 1
	chroot_check_kernels "$suite" "$target.new"
	mv "$target.new" "$target"
}

# chroot_need SUITE: makes sure that its chroot is there.
chroot_need() {
	local target
	target=$(chroot_dir "$1")
	[ -d "$target" ] || with_lock "chroot-$1" chroot_build "$1" "$target"
}

# The module is compiled many times over: what a compiler made of the same once is taken from the
# cache. What finds it there is gcc by another name, so DKMS need not know; but apt chooses the
# PATH of what it runs.
chroot_ccache() {
	local root=$1
	mkdir -p "$MINIFW_CACHE/ccache" "$root/tmp/ccache"
	mount --bind "$MINIFW_CACHE/ccache" "$root/tmp/ccache"
	export CCACHE_DIR=/tmp/ccache CCACHE_MAXSIZE=2G PATH=/usr/lib/ccache:$PATH
	echo 'DPkg::Path "/usr/lib/ccache:/usr/sbin:/usr/bin:/sbin:/bin";' >"$root/tmp/ccache.conf"
	export APT_CONFIG=/tmp/ccache.conf
}

# The inside of chroot_run, in namespaces of its own.
chroot_enter() {
	local root=$1
	shift
	mount -t proc proc "$root/proc"
	mount -t sysfs -o ro sysfs "$root/sys"
	mount --bind /dev "$root/dev"
	mount -t tmpfs tmpfs "$root/run"
	mount -t tmpfs tmpfs "$root/tmp"
	if [ -e /etc/resolv.conf ]; then
		touch "$root/etc/resolv.conf"
		mount --bind "$(realpath /etc/resolv.conf)" "$root/etc/resolv.conf"
	fi
	chroot_ccache "$root"
	INITRD=No DEBIAN_FRONTEND=noninteractive HOME=/root exec \
		setpriv --bounding-set=-sys_module --inh-caps=-sys_module chroot "$root" "$@"
}

# chroot_run ROOT COMMAND…: runs it inside ROOT, as root, but unable to load modules into the
# kernel of this machine: a package that does so at installation is what is tested here.
chroot_run() {
	# shellcheck disable=SC2016
	unshare --mount --propagation private --pid --fork --kill-child -- \
		bash -c 'set -euo pipefail; . "$0"; chroot_enter "$@"' "$TESTS/lib/all.sh" "$@"
}
