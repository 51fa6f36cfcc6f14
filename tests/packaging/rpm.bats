# SPDX-License-Identifier: GPL-2.0
#
# The source tarball, what is built from it, and the RPM packages, installed beside what Debian's
# dpkg knows of: in a chroot that has DKMS and two kernels.

load common

setup_file() {
	host_need rpm rpmlint
	machine "$(chroot_dir bookworm)"
	sources_unpack "$BATS_FILE_TMPDIR" "${PACKAGE_SOURCES[@]}" README.md >/dev/null
	SOURCES=$BATS_FILE_TMPDIR/sources
	TARBALL=$SOURCES/build/minifw-$VERSION.tar.xz
	UNPACKED=$BATS_FILE_TMPDIR/unpacked/minifw-$VERSION
	export SOURCES TARBALL UNPACKED
}


# Its scripts need /proc; like chroot_run, it cannot load modules into the kernel of this machine.
# What Debian's rpm has against being used is no fault.
rpm_in_root() {
	local folder=$1
	shift
	mount -t proc proc "$folder/proc"
	mount --bind /dev "$folder/dev"
	mount -t tmpfs tmpfs "$folder/tmp"
	chroot_ccache "$folder"
	exec setpriv --bounding-set=-sys_module --inh-caps=-sys_module rpm --root "$folder" \
		--define "_install_script_path $PATH" "$@"
}

rpm_on_machine() {
	export -f rpm_in_root
	isolated rpm_in_root "$ROOT" "$@"
}

rpms() { find "$UNPACKED/build" -name 'minifw*.rpm' ! -name '*.src.rpm'; }

@test "make dist makes the same tarball each time, of nothing but sources" {
	run -0 make -C "$SOURCES" dist
	cp "$TARBALL" "$BATS_FILE_TMPDIR/first.tar.xz"
	touch "$SOURCES/src/left-over.o"
	run -0 make -C "$SOURCES" dist
	cmp "$TARBALL" "$BATS_FILE_TMPDIR/first.tar.xz"
	run -0 tar -tf "$TARBALL"
	assert_output_has "^minifw-$VERSION/src/Kbuild$"
	refute_output_has '\.o$\|/build/\|/\.git/'
}

@test "from it, without git, comes the same tarball" {
	mkdir "$BATS_FILE_TMPDIR/unpacked"
	tar -x -C "$BATS_FILE_TMPDIR/unpacked" -f "$TARBALL"
	run -0 make -C "$UNPACKED" dist
	cmp "$TARBALL" "$UNPACKED/build/minifw-$VERSION.tar.xz"
}

@test "from it come the same Debian packages as from here" {
	run -0 make -C "$UNPACKED" deb
	cmp "$MODULE_DEB" "$UNPACKED/build/${MODULE_DEB##*/}"
	cmp "$PROGRAM_DEB" "$UNPACKED/build/${PROGRAM_DEB##*/}"
}

@test "from it come the same RPM packages each time" {
	local package
	run -0 make -C "$UNPACKED" rpm
	mv "$UNPACKED" "$BATS_FILE_TMPDIR/first"
	tar -x -C "$BATS_FILE_TMPDIR/unpacked" -f "$TARBALL"
	run -0 make -C "$UNPACKED" dist rpm
	[ "$(rpms | wc -l)" = 2 ]
	for package in "$UNPACKED"/build/*.rpm; do
		cmp "$package" "$BATS_FILE_TMPDIR/first/build/${package##*/}"
	done
}

@test "rpmlint has nothing against them" {
	run -0 rpmlint --rpmlintrc "$UNPACKED/rpm/rpmlintrc" "$UNPACKED"/build/*.rpm "$UNPACKED/rpm/minifw.spec"
	assert_output_has " 0 errors, 0 warnings"
}

@test "installed, they are whole, and DKMS has built the module for both kernels" {
	# shellcheck disable=SC2046 # a list of files
	run -0 rpm_on_machine --nodeps -i $(rpms)
	refute_output_has WARNING
	modules_are "$VERSION"
	run -0 rpm_on_machine --verify --nodeps minifw minifw-dkms
	[ -z "$output" ]
	run -0 rpm_on_machine --query --configfiles minifw minifw-dkms
	[ "$output" = "/etc/default/minifw
/etc/minifw/minifw.conf
/etc/modprobe.d/minifw.conf" ]
}

@test "the kernel hook names a kernel without a module" {
	run -0 on_machine /usr/lib/kernel/install.d/95-minifw.install add "$(kernel_release "$ROOT" 6.1)"
	[ -z "$output" ]
	run -0 on_machine /usr/lib/kernel/install.d/95-minifw.install add 6.1.0-none
	assert_output_has "minifw: WARNING: *6.1.0-none: its headers are missing"
}

@test "removed, they leave no module" {
	run -0 rpm_on_machine --nodeps -e minifw minifw-dkms
	[ -z "$(modules)" ]
	[ ! -e "$ROOT/usr/src/minifw-$VERSION" ]
	[ ! -e "$ROOT/usr/lib/minifw" ]
}
