# SPDX-License-Identifier: GPL-2.0
#
# A machine with two kernels and their headers: the package installed, installed again, upgraded,
# removed, purged; and what it says when a build fails.

load common

setup_file() {
	machine "$(chroot_dir bookworm)"
	files >"$BATS_FILE_TMPDIR/before"
	newer_packages "$BATS_FILE_TMPDIR"
}

break_headers() { echo '#error broken' >>"$1/include/linux/configfs.h"; }

# shellcheck disable=SC2016 # for dpkg-query to expand
conffiles() { on_machine dpkg-query --show --showformat='${Conffiles}\n' "$1" | awk 'NF { print $1 }' | sort; }

@test "installing builds the module for both kernels, and warns of nothing" {
	run -0 install_deb "$MODULE_DEB"
	refute_output_has WARNING
	[ "$(kernels | wc -l)" = 2 ]
	modules_are "$VERSION"
}

@test "the module is one that modprobe finds, with its version and its parameters" {
	run -0 on_machine modinfo -k "$(kernel_release "$ROOT" 6.12)" minifw
	assert_output_has "parm:.*default_policy"
	assert_output_has "license:.*GPL"
}

@test "the modprobe.d example is a conffile that sets nothing" {
	run -0 conffiles minifw-dkms
	[ "$output" = "/etc/kernel/postinst.d/zz-minifw
/etc/modprobe.d/minifw.conf" ]
	run -1 grep -v '^\(#.*\)\?$' "$ROOT/etc/modprobe.d/minifw.conf"
}

@test "the program checks a file without the module" {
	run -0 install_deb "$PROGRAM_DEB"
	echo 'rule ssh proto=tcp dport=22 action=accept' >"$ROOT/root/good.conf"
	run -0 on_machine minifw check /root/good.conf
	echo 'rule ssh proto=tcp dport=x action=accept' >"$ROOT/root/bad.conf"
	run -1 on_machine minifw check /root/bad.conf
	assert_output_has '^/root/bad.conf:1: rule ssh: dport: '
	rm "$ROOT"/root/{good,bad}.conf
}

@test "its configuration is conffiles, of which minifw.conf says nothing; its service is enabled" {
	run -0 conffiles minifw
	[ "$output" = "/etc/default/minifw
/etc/minifw/minifw.conf" ]
	run -1 grep -v '^\(#.*\)\?$' "$ROOT/etc/minifw/minifw.conf"
	run -0 on_machine minifw check
	run -0 on_machine systemctl is-enabled minifw.service
}

@test "the example in minifw.conf is one that it takes" {
	sed 's/^#\([a-z]\)/\1/' "$ROOT/etc/minifw/minifw.conf" >"$ROOT/etc/minifw/example.conf"
	run -0 on_machine minifw check /etc/minifw/example.conf
	rm "$ROOT/etc/minifw/example.conf"
}

@test "systemd finds nothing wrong with the service" {
	run -0 on_machine systemd-analyze verify --man=no /lib/systemd/system/minifw.service
	refute_output_has minifw
}

@test "the manual page is installed" {
	[ -s "$ROOT/usr/share/man/man4/minifw.4.gz" ]
}

@test "installing again builds it again" {
	rm "$(module_of "$(kernel_release "$ROOT" 6.1)")"
	run -0 install_deb "$MODULE_DEB"
	modules_are "$VERSION"
}

@test "an upgrade replaces the module for both kernels, and keeps what the administrator wrote" {
	echo 'options minifw default_policy=drop' >>"$ROOT/etc/modprobe.d/minifw.conf"
	run -0 install_deb "$(module_deb "$BATS_FILE_TMPDIR/newer")"
	modules_are "$NEWER_VERSION"
	[ ! -e "$ROOT/usr/src/minifw-$VERSION" ]
	[ ! -e "$ROOT/var/lib/dkms/minifw/$VERSION" ]
	tail -n 1 "$ROOT/etc/modprobe.d/minifw.conf" | grep -x 'options minifw default_policy=drop'
}

@test "removing takes the module away from both kernels" {
	run -0 apt remove minifw-dkms
	[ -z "$(modules)" ]
	[ -e "$ROOT/etc/modprobe.d/minifw.conf" ]
}

@test "purging leaves nothing behind" {
	run -0 install_deb "$MODULE_DEB"
	run -0 apt purge minifw minifw-dkms
	files >"$BATS_TEST_TMPDIR/after"
	diff "$BATS_FILE_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
}

@test "a build that fails is named plainly, and the other kernel has its module" {
	break_headers "$ROOT"/usr/src/linux-headers-6.12.*-common
	run -100 install_deb "$MODULE_DEB"
	assert_output_has "minifw: WARNING: .*NO minifw firewall"
	assert_output_has "minifw: WARNING: *$(kernel_release "$ROOT" 6.12): the build failed"
	refute_output_has "WARNING: *$(kernel_release "$ROOT" 6.1):"
	[ "$(modules)" = "$(module_of "$(kernel_release "$ROOT" 6.1)")" ]
}
