# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The debug kernel: Debian's linux-source-6.12 with tests/debug-kernel.config, built once into
# the cache; and the module for it, with its self-tests. Needs common, host, chroot, layer,
# package, kernel.

DEBUG_KERNEL_CONFIG=$TESTS/debug-kernel.config
DEBUG_KERNEL_SOURCE=linux-source-6.12

# debug_kernel_dir: where it is, or will be: source/ and build/, which modules are built against.
debug_kernel_dir() {
	local key
	key=$({
		cat "$DEBUG_KERNEL_CONFIG"
		dpkg-query -W -f='${Version}\n' "$DEBUG_KERNEL_SOURCE" gcc
	} | sha256sum | cut -c1-8)
	echo "$MINIFW_CACHE/debug-kernel/$key"
}

debug_kernel_release() { cat "$1/build/include/config/kernel.release"; }

debug_kernel_compile() {
	local dir=$1
	mkdir -p "$dir/source" "$dir/build"
	tar -x -C "$dir/source" --strip-components=1 -f "/usr/src/$DEBUG_KERNEL_SOURCE.tar.xz"
	cp "$DEBUG_KERNEL_CONFIG" "$dir/source/kernel/configs/minifw.config"
	make -C "$dir/source" O="$dir/build" tinyconfig kvm_guest.config minifw.config
	kernel_check_config "$DEBUG_KERNEL_CONFIG" "$dir/build/.config"
	nice -n 5 make -C "$dir/build" -j"$(nproc)" bzImage modules || return 1
	find "$dir/build" -name '*.o' ! -path '*/scripts/*' ! -path '*/tools/*' -delete
}

# debug_kernel_need: makes sure that it is there.
debug_kernel_need() {
	host_need "${HOST_KERNEL_PACKAGES[@]}"
	kernel_need "the debug kernel" debug_kernel_compile "$(debug_kernel_dir)"
}

# Puts the module, built from $DEBUG_MODULE_SOURCES, into ROOT.
debug_module_install() {
	local root=$1 dir release
	dir=$(debug_kernel_dir)
	release=$(debug_kernel_release "$dir")
	set -- make -C "$dir/build" M="$DEBUG_MODULE_SOURCES/src" MINIFW_DEBUG=1
	quietly "$MINIFW_CACHE/log/debug-module" "$@" -j"$(nproc)" modules
	quietly "$MINIFW_CACHE/log/debug-module-install" \
		make -C "$dir/build" INSTALL_MOD_PATH="$root" modules_install
	quietly "$MINIFW_CACHE/log/debug-module-install" \
		"$@" INSTALL_MOD_PATH="$root" INSTALL_MOD_DIR=updates modules_install
	depmod -b "$root" "$release"
}

# debug_module_layer SUITE: makes sure of the layer of SUITE's chroot with the module for the
# debug kernel, and prints its name.
debug_module_layer() {
	local base work key name
	base=$(chroot_dir "$1")
	work=$(mktemp -d)
	key=$(sources_unpack "$work" "${MODULE_SOURCES[@]}")
	name=${base##*/}/debug-$(basename "$(debug_kernel_dir)")-$key
	export DEBUG_MODULE_SOURCES=$work/sources
	layer_need "$name" debug_module_install "$base" || return 1
	rm -rf "$work"
	echo "$name"
}
