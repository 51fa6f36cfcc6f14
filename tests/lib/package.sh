# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The module in a chroot as users get it: the project's own package, installed by apt, built by
# DKMS for each kernel there. Needs common, chroot, layer.

# All that the package is made from.
PACKAGE_SOURCES=(.gitignore Makefile COPYING dkms.conf debian doc src)

# package_sources: a tar of them, the same for the same contents.
package_sources() {
	(
		cd "$PROJECT" || exit
		shopt -s nullglob
		local present=() source
		for source in "${PACKAGE_SOURCES[@]}"; do
			[ ! -e "$source" ] || present+=("$source")
		done
		tar -c --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
			--exclude-vcs-ignores "${present[@]}"
	)
}

# sources_unpack TARGET: a copy of the sources, which nobody edits meanwhile, and, on stdout,
# the key of what it holds.
sources_unpack() {
	local target=$1
	package_sources >"$target/sources.tar"
	mkdir "$target/sources"
	tar -x -C "$target/sources" -f "$target/sources.tar"
	sha256sum <"$target/sources.tar" | cut -c1-16
}

package_build() {
	local sources=$1 target=$2
	[ ! -d "$target" ] || return 0
	say "building the package"
	quietly "$MINIFW_CACHE/log/package" make -C "$sources" deb
	rm -rf "$target.new"
	mkdir -p "$target.new"
	cp "$sources"/build/minifw-dkms_*.deb "$target.new"
	mv "$target.new" "$target"
}

# package_need: builds the package unless that of these sources is there; prints its file name.
package_need() {
	local work key target
	work=$(mktemp -d)
	key=$(sources_unpack "$work")
	target=$MINIFW_CACHE/packages/$key
	[ -d "$target" ] || with_lock package package_build "$work/sources" "$target"
	rm -rf "$work"
	echo "$target"/minifw-dkms_*.deb
}

# Installs DEB ($PACKAGE_DEB) in the chroot ROOT. Without the module for each kernel: a failure.
package_install() {
	local root=$1 kernel status=0
	mkdir -p "$root/var/cache/minifw"
	cp "$PACKAGE_DEB" "$root/var/cache/minifw/"
	quietly "$MINIFW_CACHE/log/package-install" chroot_run "$root" \
		apt-get install -y --no-install-recommends "/var/cache/minifw/${PACKAGE_DEB##*/}" || status=1
	rm -rf "$root/var/cache/minifw"
	for kernel in "$root"/lib/modules/*; do
		modinfo -b "$root" -k "${kernel##*/}" minifw >/dev/null 2>&1 && continue
		say "DKMS built no module for ${kernel##*/}"
		tail -n 40 "$root"/var/lib/dkms/minifw/*/build/make.log >&2 || true
		return 1
	done
	return $status
}

# package_layer SUITE DEB: makes sure of the layer of SUITE's chroot with DEB installed, and
# prints its name.
package_layer() {
	local suite=$1 base name
	export PACKAGE_DEB=$2
	base=$(chroot_dir "$suite")
	name=${base##*/}/package-$(sha256sum <"$PACKAGE_DEB" | cut -c1-16)
	layer_need "$name" package_install "$base" || return 1
	echo "$name"
}
