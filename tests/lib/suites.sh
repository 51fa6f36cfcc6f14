# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The one table of suites and kernels that the tests know, and questions to it.

# suite: kernels, kernel packages (image and headers of each), further archives of the suite
suite_table() {
	cat <<-'END'
		bullseye  5.10      amd64             security
		bookworm  6.1,6.12  amd64,6.12-amd64  security
		trixie    7.3       amd64             security,backports
		sid       7.2       amd64             -
	END
}

# suite_is_older SUITE: older than what this machine runs, Debian 12.
suite_is_older() { [ "$1" = bullseye ]; }

suite_row() { suite_table | awk -v suite="$1" '$1 == suite'; }

# suite_of_kernel KERNEL: the suite whose chroot has that kernel; nothing if none has.
suite_of_kernel() {
	suite_table | awk -v kernel="$1" '{
		n = split($2, kernels, ",")
		for (i = 1; i <= n; i++) if (kernels[i] == kernel) print $1
	}'
}

suite_kernels() { suite_row "$1" | awk '{ gsub(",", " ", $2); print $2 }'; }

suite_kernel_packages() {
	suite_row "$1" | awk '{
		n = split($3, names, ",")
		for (i = 1; i <= n; i++) print "linux-image-" names[i] "\nlinux-headers-" names[i]
	}'
}

suite_has_archive() {
	suite_row "$1" | awk '{ print "," $4 "," }' | grep -q ",$2,"
}
