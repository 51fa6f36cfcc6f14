# SPDX-License-Identifier: GPL-2.0
#
# A machine that apt takes from an old kernel to a new one: the module is there for each, and
# loads where that kernel boots.

load common

setup_file() {
	machine "$(chroot_dir bookworm)"
	apt purge --autoremove 'linux-image-*' 'linux-headers-*'
	apt update
	OLDEST=$(on_machine apt-cache --names-only search '^linux-image-6\.1\.0-[0-9]+-amd64$' |
		sed 's/^linux-image-\([^ ]*\) .*/\1/' | sort -V | head -n 1)
	export OLDEST
}

install_kernel() { apt install --no-install-recommends "$@"; }

has_module() { [ "$(module_version "$1")" = "$VERSION" ]; }

# loads RELEASE: boots that kernel, for which tests/vm loads the module.
loads() {
	"$TESTS/vm" --root "$ROOT" --kernel "${1%-amd64}" -- sh -c \
		"[ \$(uname -r) = $1 ] && ls /sys/kernel/config/minifw/rules"
}

@test "the module is built for the one, old, kernel" {
	install_kernel "linux-image-$OLDEST" "linux-headers-$OLDEST"
	run -0 install_deb "$MODULE_DEB"
	[ "$(kernels)" = "$OLDEST" ]
	has_module "$OLDEST"
}

@test "apt upgrades to the newest 6.1: it has the module, and so has the old one" {
	run -0 install_kernel linux-image-amd64 linux-headers-amd64
	refute_output_has WARNING
	newest=$(kernel_release "$ROOT" 6.1)
	[ "$newest" != "$OLDEST" ]
	has_module "$newest"
	has_module "$OLDEST"
}

@test "a kernel without headers is named plainly when the package is installed" {
	run -0 install_kernel linux-image-6.12-amd64
	run -0 install_deb "$MODULE_DEB"
	release=$(kernel_release "$ROOT" 6.12)
	assert_output_has "minifw: WARNING: .*NO minifw firewall"
	assert_output_has "minifw: WARNING: *$release: its headers are missing"
	refute_output_has "WARNING: *$OLDEST:"
	has_module "$OLDEST"
	[ -z "$(module_of "$release")" ]
}

@test "so is one that is installed when the package is there already" {
	run -0 apt purge --autoremove "linux-image-$(kernel_release "$ROOT" 6.12)"
	run -0 install_kernel linux-image-6.12-amd64
	release=$(kernel_release "$ROOT" 6.12)
	assert_output_has "minifw: WARNING: *$release: its headers are missing (apt install linux-headers-$release)"
	refute_output_has "WARNING: *$OLDEST:"
}

@test "its headers bring its module" {
	run -0 install_kernel linux-headers-6.12-amd64
	has_module "$(kernel_release "$ROOT" 6.12)"
}

@test "the old kernel boots with the module" {
	run -0 loads "$OLDEST"
}

@test "the newest 6.1 boots with the module" {
	run -0 loads "$(kernel_release "$ROOT" 6.1)"
}

@test "6.12 boots with the module" {
	run -0 loads "$(kernel_release "$ROOT" 6.12)"
}

@test "a kernel that is purged takes its module along" {
	run -0 apt purge "linux-image-$OLDEST" "linux-headers-$OLDEST"
	[ -z "$(module_of "$OLDEST")" ]
	has_module "$(kernel_release "$ROOT" 6.1)"
}
