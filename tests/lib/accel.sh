# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Which accelerator runs a guest. Needs common, boot.

# Whether KVM truly runs guests here: /dev/kvm may exist, be opened, and hang every guest.
# A guest must print a line within 10 seconds.
accel_kvm_works() {
	local image=$1 initrd=$2
	[ -r /dev/kvm ] && [ -w /dev/kvm ] || return 1
	timeout -k 1 10 "${QEMU[@]}" -accel kvm -cpu host -m 512 -serial stdio \
		-kernel "$image" -initrd "$initrd" -append "$BOOT_APPEND vm.probe" \
		</dev/null 2>/dev/null | grep -qm1 minifw-guest-alive
}

# accel_probe IMAGE INITRD: kvm or tcg. The answer is remembered until this machine restarts.
accel_probe() {
	local memory answer=tcg
	memory=$MINIFW_CACHE/accel-$(cat /proc/sys/kernel/random/boot_id)
	if [ ! -e "$memory" ]; then
		! accel_kvm_works "$@" || answer=kvm
		echo "$answer" >"$memory.$$"
		mv "$memory.$$" "$memory"
	fi
	cat "$memory"
}

# accel_options ACCEL THREADS: for qemu. THREADS multi is sound only for a kernel that does not
# patch its own code: emulation does not keep the other CPU in step (`Oops: int3`).
accel_options() {
	case $1 in
	kvm) echo "-accel kvm -cpu host" ;;
	tcg) echo "-accel tcg,thread=$2 -cpu max" ;;
	*) die "no such accelerator: $1" ;;
	esac
}
