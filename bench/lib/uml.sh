# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# A User Mode Linux kernel from the distribution's source package: kernel code at the machine's own
# speed, without KVM and without loading modules into the machine's kernel. Built once into the cache.
# Needs tests/lib.

UML_SOURCE=linux-source-6.12
UML_PACKAGES=(build-essential flex bison bc libelf-dev libssl-dev "$UML_SOURCE")

# uml_dir: where it is, or will be: source/ and build/.
uml_dir() {
	local key
	key=$({
		cat "$BENCH/uml.config" "$BENCH/uml.patch"
		dpkg-query -W -f='${Version}\n' "$UML_SOURCE" gcc
	} | sha256sum | cut -c1-8)
	echo "$MINIFW_CACHE/bench/kernel-$key"
}

uml_make() { make -C "$1/source" O="$1/build" ARCH=um "${@:2}"; }

uml_compile() {
	local dir=$1
	mkdir -p "$dir/source" "$dir/build"
	tar -x -C "$dir/source" --strip-components=1 -f "/usr/src/$UML_SOURCE.tar.xz"
	patch -s -p1 -d "$dir/source" <"$BENCH/uml.patch"
	uml_make "$dir" x86_64_defconfig
	"$dir/source/scripts/kconfig/merge_config.sh" -m -O "$dir/build" "$dir/build/.config" \
		"$BENCH/uml.config"
	uml_make "$dir" olddefconfig
	kernel_check_config "$BENCH/uml.config" "$dir/build/.config"
	nice -n 19 make -C "$dir/source" O="$dir/build" ARCH=um -j"$(nproc)" linux modules
}

# uml_need: makes sure that it is there.
uml_need() {
	host_need "${UML_PACKAGES[@]}"
	kernel_need "a User Mode Linux kernel" uml_compile "$(uml_dir)"
}

# uml_module SOURCE DIR: builds the module whose sources are in SOURCE, in a copy at DIR.
uml_module() {
	rm -rf "$2"
	cp -r "$1" "$2"
	find "$2" -name '*.o' -delete
	uml_make "$(uml_dir)" -s M="$2" modules
}

# uml_boot WORD…: boots it on this machine's own root folder, where it runs guest/init with
# these words of the kernel's command line; on one CPU, before all else that wants to run there.
# Its memory is a file: a tmpfs, so that nothing is written to a disk.
uml_boot() {
	local memory=$WORK/memory
	mkdir -p "$memory"
	mount -t tmpfs -o size=12G,mode=1777 none "$memory"
	TMPDIR=$memory timeout "$BENCH_LIMIT" chrt -f 50 taskset -c "$BENCH_CPU" \
		"$(uml_dir)/build/linux" mem=4G root=/dev/root rootfstype=hostfs rootflags=/ rw \
		init="$BENCH/guest/init" con=null con0=fd:0,fd:1 ssl=null quiet panic=1 \
		"$@" </dev/null
	umount "$memory"
}
