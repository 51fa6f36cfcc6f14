# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0
#
# What the package's test files share. A file's tests go on from one another: they are one
# machine's history, in the chroot $ROOT, told in order.

bats_require_minimum_version 1.5.0

# shellcheck source=../lib/all.sh
. "$BATS_TEST_DIRNAME/../lib/all.sh"

ROOT=$PACKAGING_WORK/$(basename "$BATS_TEST_FILENAME" .bats)/root
# shellcheck disable=SC2034 # for the test files
VERSION=$(cat "$PROJECT/src/VERSION") NEWER_VERSION=$VERSION.1

MODULE_DEB=$(module_deb "$PACKAGES") PROGRAM_DEB=$(program_deb "$PACKAGES")
DOWNLOADS=$MINIFW_CACHE/apt-archives ARCHIVES=$(dirname "$ROOT")/archives

# link_debs FROM TO
link_debs() { find "$1" -maxdepth 1 -name '*.deb' -exec cp --link --no-clobber -t "$2" {} +; }

# machine LOWER…: $ROOT becomes a writable chroot over these folders. What apt downloads is kept
# in the cache; but each machine has a folder of its own for it, for apt locks that, and does not wait.
machine() {
	scratch_mount "$(dirname "$ROOT")" "$@"
	mkdir -p "$DOWNLOADS" "$ARCHIVES/partial"
	link_debs "$DOWNLOADS" "$ARCHIVES"
	mount --bind "$ARCHIVES" "$ROOT/var/cache/apt/archives"
}

on_machine() { chroot_run "$ROOT" "$@"; }

# apt ARGUMENT…: as a person would type it, but for the questions.
apt() {
	local status=0
	on_machine apt-get -q -y -o Binary::apt-get::APT::Keep-Downloaded-Packages=true \
		-o Acquire::Retries=3 "$@" 2>&1 || status=$?
	link_debs "$ARCHIVES" "$DOWNLOADS"
	return $status
}

# install_deb DEB: or installs it again. Its path does not outlive it.
install_deb() {
	local status=0
	cp "$1" "$ROOT/root/minifw.deb"
	apt install --reinstall /root/minifw.deb || status=$?
	rm "$ROOT/root/minifw.deb"
	return $status
}

# newer_packages DIR: makes DIR/newer, a folder of both packages, of a version that is higher in each place that says it.
newer_packages() {
	local work
	work=$(mktemp -d "$1/sources.XXXXXX")
	sources_unpack "$work" "${PACKAGE_SOURCES[@]}" >/dev/null
	sed -i "s/$VERSION/$NEWER_VERSION/" "$work/sources/src/VERSION" "$work/sources/dkms.conf"
	sed -i "1s/(.*)/($NEWER_VERSION)/" "$work/sources/debian/changelog"
	make -s -C "$work/sources" deb
	mkdir "$1/newer"
	mv "$work"/sources/build/minifw{,-dkms}_*.deb "$1/newer"
	rm -rf "$work"
}

# The releases of the kernels that the machine could boot.
kernels() { find "$ROOT/boot" -name 'vmlinuz-*' -printf '%f\n' | cut -d- -f2- | sort -V; }

# Everything on its disk, but what apt and dpkg keep for themselves.
files() {
	on_machine find / -xdev \( -path /var/cache/apt -o -path /var/lib/apt -o -path /var/log \) \
		-prune -o -print | sort
}

modules() { find "$ROOT/lib/modules/" -name 'minifw.ko*'; }

# module_of RELEASE: its file, if there is one.
module_of() { find "$ROOT/lib/modules/$1" -name 'minifw.ko*' 2>/dev/null || true; }

module_version() { on_machine modinfo -k "$1" -F version minifw; }

# modules_are VERSION: for each kernel.
modules_are() {
	local kernel
	for kernel in $(kernels); do
		[ "$(module_version "$kernel")" = "$1" ] || return 1
	done
}

# shellcheck disable=SC2154 # $output is what bats's run left
assert_output_has() { grep -q -- "$1" <<<"$output" || { echo "$output" && return 1; }; }
refute_output_has() { ! grep -- "$1" <<<"$output" || { echo "$output" && return 1; }; }
