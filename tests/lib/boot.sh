# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# One boot of a guest. Needs common, layer, accel.

QEMU=(qemu-system-x86_64 -M q35 -nodefaults -no-reboot -display none)

# A guest that stops, or hangs, must end qemu: a panic does. The watchdogs' patience is for hosts
# that are busy.
BOOT_APPEND="console=ttyS0 panic=-1 printk.devkmsg=on audit=0 mitigations=off"
BOOT_APPEND+=" sysctl.kernel.hung_task_panic=1 sysctl.kernel.softlockup_panic=1"
BOOT_APPEND+=" sysctl.kernel.watchdog_thresh=60 sysctl.kernel.hung_task_timeout_secs=240"
BOOT_APPEND+=" rcupdate.rcu_cpu_stall_timeout=120"

boot_share() {
	echo "-fsdev local,id=$1,path=$2,security_model=passthrough,multidevs=remap$3
		-device virtio-9p-pci,fsdev=$1,mount_tag=$1"
}

# boot_qemu RUN RESULTS SECONDS SMP MEM IMAGE APPEND ACCEL-OPTIONS LOWER…: the guest. What its
# command says goes to stdout, the kernel's log to RUN/console. Ends with whoever started it.
# Runs isolated: the folder that is the guest's root is mounted here alone.
boot_qemu() {
	local run=$1 results=$2 seconds=$3 smp=$4 mem=$5 image=$6 append=$7 accel=$8
	shift 8
	mkdir -p "$run/root"
	layers_mount "$run/root" "$@"
	# shellcheck disable=SC2046,SC2086 # lists of words
	exec setpriv --pdeathsig TERM timeout --foreground -k 10 "$seconds" \
		"${QEMU[@]}" $accel -smp "$smp" -m "$mem" \
		-serial "file:$run/console" -chardev stdio,id=out,signal=off -serial chardev:out \
		-kernel "$image" -initrd "$run/initrd" -append "$BOOT_APPEND $append" \
		$(boot_share root "$run/root" ,readonly=on) \
		$(boot_share minifw "$PROJECT" ,readonly=on) \
		$(boot_share vm "$run/vm" "") \
		$(boot_share results "$results" "")
}

# boot_comes_up RUN PROCESS: waits until the guest has started its first process. Fails if it
# takes too long; one that ended by itself is left to boot_status.
BOOT_PATIENCE=180
boot_comes_up() {
	local run=$1 process=$2 second
	for ((second = 0; second < BOOT_PATIENCE; second++)); do
		! grep -qs minifw-guest-alive "$run/console" || return 0
		kill -0 "$process" 2>/dev/null || return 0
		sleep 1
	done
	return 1
}

# boot_goes_down RUN PROCESS: waits for the end of a guest. One that has told its command's exit
# code, and is still there a while later, has hung on its way off: that is ended here.
OFF_PATIENCE=60
boot_goes_down() {
	local run=$1 process=$2 second=0
	while kill -0 "$process" 2>/dev/null; do
		[ ! -s "$run/vm/exit" ] || second=$((second + 1))
		[ "$second" -lt $OFF_PATIENCE ] || break
		sleep 1
	done
	! kill "$process" 2>/dev/null || say "the guest did not power off"
}

# boot_status RUN QEMU-STATUS: the exit code of the whole run: the command's, unless the guest
# never said, or its kernel had something to report.
boot_status() {
	local run=$1 status=$2
	if klog_report "$run/console" >&2; then
		echo "$EXIT_KERNEL"
	elif [ "$status" = "$EXIT_TIMEOUT" ] || [ "$status" = 137 ]; then
		say "the guest did not end in time"
		echo "$EXIT_TIMEOUT"
	elif [ -s "$run/vm/exit" ]; then
		cat "$run/vm/exit"
	else
		say "the guest ended before its command did; the end of its kernel's log:"
		tail -n 20 "$run/console" >&2 || true
		echo "$EXIT_HARNESS"
	fi
}
