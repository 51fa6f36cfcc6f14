# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The lean initrd that guests boot from: a static busybox, and the modules that reach the root
# folder. Needs common.

INITRD_MODULES=(virtio_pci 9pnet_virtio 9p overlay)

# initrd_module_files ROOT RELEASE: files, in the order in which to insert them. No ROOT: none.
initrd_module_files() {
	local module
	[ -n "$1" ] || return 0
	for module in "${INITRD_MODULES[@]}"; do
		modprobe -d "$1" -S "$2" --show-depends "$module"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

initrd_add_module() {
	local file=$1 target=$2 name
	name=${file##*/}
	name=${name%.xz}
	case $file in
	*.xz) xz -dc "$file" >"$target/$name" ;;
	*) cp "$file" "$target" ;;
	esac
	echo "$name" >>"$target/order"
}

# initrd_build ROOT RELEASE FILE
initrd_build() {
	local root=$1 release=$2 file=$3 tree module
	tree=$(mktemp -d)
	mkdir "$tree"/{bin,dev,lower,modules,proc,root,sys,writable}
	cp "$(command -v busybox)" "$tree/bin/busybox"
	cp "$TESTS/lib/initrd-init" "$tree/init"
	touch "$tree/modules/order"
	while read -r module; do
		initrd_add_module "$module" "$tree/modules"
	done < <(initrd_module_files "$root" "$release")
	(cd "$tree" && find . | cpio --quiet -o -H newc) >"$file"
	rm -rf "$tree"
}
