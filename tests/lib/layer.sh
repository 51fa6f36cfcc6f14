# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Layers: what was done to a chroot once, kept as the upper folder of an overlay, under a key
# that names everything it came from. Guests boot from the layers stacked read-only, and many
# can at once. Needs common, chroot.

# layer_dir NAME: where layer NAME (suite/key) is, or will be. Its files are in upper/.
layer_dir() { echo "$MINIFW_CACHE/layers/$1"; }

# layers_mount TARGET LOWER…: mounts the folders, topmost first, read-only at TARGET. Only in a
# mount namespace of one's own. A lone folder is bound: an overlay wants two.
layers_mount() {
	local target=$1
	shift
	if [ $# = 1 ]; then
		mount --bind "$1" "$target"
		return
	fi
	local IFS=:
	mount -t overlay -o "ro,lowerdir=$*" overlay "$target"
}

layer_mount_writable() {
	local dir=$1 target=$2
	shift 2
	local IFS=:
	mount -t overlay -o "lowerdir=$*,upperdir=$dir/upper,workdir=$dir/work" overlay "$target"
}

# The inside of layer_build: FUNCTION gets the merged folder.
layer_fill() {
	local dir=$1 function=$2
	shift 2
	layer_mount_writable "$dir" "$dir/root" "$@"
	"$function" "$dir/root"
	umount "$dir/root"
}

layer_build() {
	local name=$1 dir
	shift
	dir=$(layer_dir "$name")
	[ ! -d "$dir" ] || return 0
	rm -rf "$dir.new"
	mkdir -p "$dir.new/upper" "$dir.new/work" "$dir.new/root"
	isolated layer_fill "$dir.new" "$@" || return 1
	rm -rf "$dir.new/work"
	mv "$dir.new" "$dir"
	layers_tidy "${dir%/*}"
}

# layer_need NAME FUNCTION LOWER…: makes sure that layer NAME is there: what FUNCTION, given the
# folder that merges the LOWERs, did to it.
layer_need() {
	touch -c "$(layer_dir "$1")"
	[ -d "$(layer_dir "$1")" ] || with_lock "layer-${1//\//-}" layer_build "$@"
}

# Each edit of the sources makes new layers. Those of a suite that were needed last stay; so do
# those in use.
LAYERS_KEPT=8
layers_tidy() {
	local dir
	find "$1" -mindepth 1 -maxdepth 1 -type d ! -name '*.new' -printf '%T@ %p\n' |
		sort -rn | tail -n +$((LAYERS_KEPT + 1)) | cut -d' ' -f2- |
		while read -r dir; do
			exec 8<"$dir"
			! flock -n 8 || rm -rf "$dir"
			exec 8<&-
		done
}

# layer_hold NAME: keeps it from being tidied away while this shell lives.
layer_hold() {
	local fd
	exec {fd}<"$(layer_dir "$1")"
	flock -s "$fd"
}
