# SPDX-License-Identifier: GPL-2.0
#
# Machines that boot with the packages installed, what their service does, and what apt does to a
# module that is running. The network comes up as soon as systemd lets it, with a peer that pings.

load common

setup_file() {
	local module program
	module=$(module_layer bookworm "$PACKAGES")
	program=$(program_layer bookworm "$PACKAGES" "$module")
	machine "$(layer_dir "$program")/upper" "$(layer_dir "$module")/upper" "$(chroot_dir bookworm)"
	cp "$BATS_TEST_DIRNAME/peer.service" "$ROOT/etc/systemd/system/"
	on_machine systemctl enable peer.service
	# DKMS would need minutes in an emulated machine.
	touch "$ROOT/etc/dkms/no-autoinstall"
	on_machine dkms remove "minifw/$VERSION" -k "$(kernel_release "$ROOT" 6.12)"
	newer_packages "$BATS_FILE_TMPDIR"
}

# in_guest OPTION… -- SCENARIO: see guest.sh.
in_guest() { "$TESTS/vm" --root "$ROOT" --no-load "$@"; }

configure() { cat >"$ROOT/etc/minifw/minifw.conf"; }

policy() {
	sed -i '/^options/d' "$ROOT/etc/modprobe.d/minifw.conf"
	echo "options minifw default_policy=$1" >>"$ROOT/etc/modprobe.d/minifw.conf"
}

# take_module_away RELEASE: with what depmod says of it, with and without, for the guest to change.
take_module_away() {
	local modules=$ROOT/lib/modules/$1
	mkdir "$ROOT"/root/with{,out}
	cp "$modules"/modules.* "$ROOT/root/with/"
	mv "$modules/updates/dkms/minifw.ko" "$ROOT/root/with/"
	on_machine depmod "$1"
	cp "$modules"/modules.* "$ROOT/root/without/"
}

@test "the kernel command line sets the policy" {
	run -0 in_guest --append minifw.default_policy=drop -- tests/packaging/guest.sh loads-with-drop
}

@test "rules are in force before the network is up, and stay so, whatever becomes of service and packages" {
	configure <<-'END'
		rule no-ping icmp_type=echo-request action=drop
	END
	run -0 in_guest --systemd --results "$BATS_FILE_TMPDIR" -- tests/packaging/guest.sh rules-before-network
	assert_output_has "minifw: version .* stays in force until this machine restarts"
	assert_output_has "minifw: the module stays loaded"
}

@test "a broken file: the policy of modprobe.d is in force, and the journal names the line" {
	policy drop
	configure <<-'END'
		rule ping icmp_type=echo-request action=accept
		rule broken dport=http action=accept
	END
	run -0 in_guest --systemd -- tests/packaging/guest.sh broken-file
}

@test "no module: nft holds the machine until there is one; or the journal warns" {
	policy accept
	configure <<<'rule no-ping icmp_type=echo-request action=drop'
	sed -i 's/^MISSING_MODULE=.*/MISSING_MODULE=block/' "$ROOT/etc/default/minifw"
	take_module_away "$(kernel_release "$ROOT" 6.1)"
	run -0 in_guest --systemd -- tests/packaging/guest.sh missing-module
}
