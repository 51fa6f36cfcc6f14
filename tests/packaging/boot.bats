# SPDX-License-Identifier: GPL-2.0
#
# Machines that boot with the package installed, and what apt does to a module that is running.

load common

setup_file() {
	local layer
	layer=$(package_layer bookworm "$PACKAGING_DEB")
	machine "$(layer_dir "$layer")/upper" "$(chroot_dir bookworm)"
	echo 'options minifw default_policy=drop' >>"$ROOT/etc/modprobe.d/minifw.conf"
}

# in_guest OPTION… -- SCENARIO: see guest.sh.
in_guest() { "$TESTS/vm" --root "$ROOT" --no-load "$@"; }

@test "systemd loads the module at boot, with the policy of modprobe.d in force" {
	run -0 in_guest --systemd -- tests/packaging/guest.sh loaded-at-boot
}

@test "the kernel command line sets the policy" {
	sed -i '$d' "$ROOT/etc/modprobe.d/minifw.conf"
	run -0 in_guest --append minifw.default_policy=drop -- tests/packaging/guest.sh loads-with-drop
}

@test "installation loads the module; neither upgrade nor removal unloads it" {
	newer_package "$BATS_TEST_TMPDIR"
	run -0 in_guest --results "$BATS_TEST_TMPDIR" -- tests/packaging/guest.sh apt-and-the-running-module
	assert_output_has "minifw: version .* stays in force until this machine restarts"
	assert_output_has "minifw: the module stays loaded"
}
