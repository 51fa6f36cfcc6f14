# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# minifw in a chroot as users get it: the project's own packages, installed by apt, the module built
# by DKMS for each kernel there. Needs common, suites, chroot, layer.

# All that the packages are made from; what of it the module is, and the program.
PACKAGE_SOURCES=(.gitignore Makefile COPYING dkms.conf boot debian doc rpm src tool)
MODULE_SOURCES=(.gitignore src)
PROGRAM_SOURCES=(.gitignore src tool)

# sources_tar SOURCE…: a tar of them, the same for the same contents.
sources_tar() {
	(
		cd "$PROJECT" || exit
		tar -c --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
			--exclude-vcs-ignores "$@"
	)
}

# sources_unpack TARGET SOURCE…: a copy of the sources, which nobody edits meanwhile, and, on
# stdout, the key of what it holds.
sources_unpack() {
	local target=$1
	shift
	sources_tar "$@" >"$target/sources.tar"
	mkdir "$target/sources"
	tar -x -C "$target/sources" -f "$target/sources.tar"
	sha256sum <"$target/sources.tar" | cut -c1-16
}

# built_need WHAT SOURCE…: has WHAT_build make a target of the sources, unless that of the same is
# there, and prints its name.
built_need() {
	local what=$1 work key target
	shift
	work=$(mktemp -d)
	key=$(sources_unpack "$work" "$@")
	target=$MINIFW_CACHE/$what/$key
	[ -e "$target" ] || with_lock "$what" "${what}_build" "$work/sources" "$target"
	rm -rf "$work"
	echo "$target"
}

packages_build() {
	local sources=$1 target=$2
	[ ! -e "$target" ] || return 0
	say "building the packages"
	quietly "$MINIFW_CACHE/log/package" make -C "$sources" deb
	rm -rf "$target.new"
	mkdir -p "$target.new"
	cp "$sources"/build/minifw{,-dkms}_*.deb "$target.new"
	mv "$target.new" "$target"
}

# packages_need: makes sure of the packages, and prints their folder.
packages_need() { built_need packages "${PACKAGE_SOURCES[@]}"; }

# module_deb PACKAGES, program_deb PACKAGES: the one or the other of that folder.
module_deb() { echo "$1"/minifw-dkms_*.deb; }
program_deb() { echo "$1"/minifw_*.deb; }

deb_key() { sha256sum <"$1" | cut -c1-16; }

# The sanitizers' libraries are in it: guests have none.
sanitized_build() {
	local sources=$1 target=$2
	[ ! -e "$target" ] || return 0
	say "building the program with sanitizers"
	CFLAGS="-O1 -g" LDFLAGS="-static-libasan -static-libubsan" quietly "$MINIFW_CACHE/log/sanitized" \
		make -C "$sources/tool" -j"$(nproc)" SANITIZE=1 BUILD="$sources/build"
	mkdir -p "${target%/*}"
	mv "$sources/build/minifw" "$target"
}

# sanitized_need: makes sure of the program with ASan and UBSan, and prints its name.
sanitized_need() {
	host_need "${HOST_PROGRAM_PACKAGES[@]}"
	built_need sanitized "${PROGRAM_SOURCES[@]}"
}

# Installs DEB in the chroot ROOT.
deb_install() {
	local root=$1 deb=$2 status=0
	mkdir -p "$root/var/cache/minifw"
	cp "$deb" "$root/var/cache/minifw/"
	quietly "$MINIFW_CACHE/log/package-install" chroot_run "$root" \
		apt-get install -y --no-install-recommends "/var/cache/minifw/${deb##*/}" || status=1
	rm -rf "$root/var/cache/minifw"
	return $status
}

# Installs $MODULE_DEB in the chroot ROOT. Without the module for each kernel: a failure.
module_install() {
	local root=$1 kernel status=0
	deb_install "$root" "$MODULE_DEB" || status=1
	for kernel in "$root"/lib/modules/*; do
		modinfo -b "$root" -k "${kernel##*/}" minifw >/dev/null 2>&1 && continue
		say "DKMS built no module for ${kernel##*/}"
		tail -n 40 "$root"/var/lib/dkms/minifw/*/build/make.log >&2 || true
		return 1
	done
	return $status
}

program_install() { deb_install "$1" "$PROGRAM_DEB"; }

# module_layer SUITE PACKAGES: makes sure of the layer of SUITE's chroot with the module's package
# installed, and prints its name. That package is the same whatever becomes of the program.
module_layer() {
	local base name
	base=$(chroot_dir "$1")
	MODULE_DEB=$(module_deb "$2")
	export MODULE_DEB
	name=${base##*/}/package-$(deb_key "$MODULE_DEB")
	layer_need "$name" module_install "$base" || return 1
	echo "$name"
}

# program_layer SUITE PACKAGES [LAYER]: the same of the program's package, over LAYER, or over the
# chroot alone. What is built here does not run on older suites: those have no such layer.
program_layer() {
	local suite=$1 base name lower=()
	! suite_is_older "$suite" || return 0
	base=$(chroot_dir "$suite")
	PROGRAM_DEB=$(program_deb "$2")
	export PROGRAM_DEB
	name=${base##*/}/program-$(deb_key "$PROGRAM_DEB")
	if [ -n "${3:-}" ]; then
		name+=-${3##*-}
		lower=("$(layer_dir "$3")/upper")
	fi
	layer_need "$name" program_install "${lower[@]}" "$base" || return 1
	echo "$name"
}

sanitized_install() { install -m 755 "$SANITIZED" "$1/usr/sbin/minifw"; }

# sanitized_layer SUITE: makes sure of the layer that has the program with sanitizers in the place
# of the package's, to be put on top of that, and prints its name.
sanitized_layer() {
	local base name
	base=$(chroot_dir "$1")
	SANITIZED=$(sanitized_need)
	export SANITIZED
	name=${base##*/}/sanitized-${SANITIZED##*/}
	layer_need "$name" sanitized_install "$base" || return 1
	echo "$name"
}
