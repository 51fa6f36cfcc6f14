#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The guest's side of boot.bats: `guest.sh SCENARIO`. Whether a packet passes is seen from a
# network namespace that pings this machine.
#
#   namespace "peer" 198.51.100.2 [eth0] ---- [veth0] 198.51.100.1 this machine
set -euo pipefail

PARAMETERS=/sys/module/minifw/parameters

peer_up() {
	ip netns add peer
	ip link add veth0 type veth peer name eth0 netns peer
	ip address add 198.51.100.1/24 dev veth0
	ip link set veth0 up
	ip -n peer address add 198.51.100.2/24 dev eth0
	ip -n peer link set eth0 up
}

peer_is_answered() { ip netns exec peer ping -q -c 1 -W "$1" 198.51.100.1 >/dev/null; }

# fails COMMAND…: unlike "!", it ends a script that is run with -e.
fails() { if "$@"; then return 1; fi; }

policy_drops() {
	[ "$(cat $PARAMETERS/default_policy)" = drop ]
	fails peer_is_answered 2
	echo accept >$PARAMETERS/default_policy
	peer_is_answered 20
}

loaded-at-boot() {
	systemctl --quiet is-active systemd-modules-load.service
	peer_up
	policy_drops
}

loads-with-drop() {
	fails test -e /sys/module/minifw
	modprobe minifw
	peer_up
	policy_drops
}

# The module is built already; DKMS would need minutes for it in an emulated machine.
apt-and-the-running-module() {
	local installed
	peer_up
	touch /etc/dkms/no-autoinstall
	fails test -e /sys/module/minifw
	DPKG_MAINTSCRIPT_PACKAGE=minifw-dkms /var/lib/dpkg/info/minifw-dkms.postinst configure
	peer_is_answered 20

	mkdir /sys/kernel/config/minifw/rules/no-ping
	echo icmp >/sys/kernel/config/minifw/rules/no-ping/proto
	echo drop >/sys/kernel/config/minifw/rules/no-ping/action
	echo 1 >/sys/kernel/config/minifw/rules/no-ping/enabled
	fails peer_is_answered 2

	apt-get -q -y install /results/newer.deb
	installed=$(dpkg-query --show --showformat='${Version}' minifw-dkms)
	fails test "$installed" = "$(cat /sys/module/minifw/version)"
	fails peer_is_answered 2

	apt-get -q -y purge minifw-dkms
	fails test -e /usr/src/minifw-*
	fails peer_is_answered 2
}

"$1"
