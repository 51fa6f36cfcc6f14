# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Scratch roots: a chroot to change at will, gone with the process that made it. Needs common,
# chroot, layer.

# scratch_isolate "$@": runs the calling script in a mount namespace of its own, so that its
# mounts end with it, however it ends.
scratch_isolate() {
	[ -z "${SCRATCH_ISOLATED:-}" ] || return 0
	SCRATCH_ISOLATED=1 exec unshare --mount --propagation private "$(realpath "$0")" "$@"
}

# scratch_mount DIR LOWER…: a writable merge of the LOWERs, topmost first, at DIR/root. DIR is on
# a disk: roots are large. dpkg need not sync what is thrown away.
scratch_mount() {
	local dir=$1
	shift
	mkdir -p "$dir/upper" "$dir/work" "$dir/root"
	layer_mount_writable "$dir" "$dir/root" "$@"
	echo force-unsafe-io >"$dir/root/etc/dpkg/dpkg.cfg.d/scratch"
}

# scratch_remove DIR
scratch_remove() {
	umount --recursive "$1/root"
	rm -rf "$1"
}
