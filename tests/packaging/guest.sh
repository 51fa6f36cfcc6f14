#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The guest's side of boot.bats: `guest.sh SCENARIO`. Whether a packet passes is seen from a
# network namespace that pings this machine.
#
#   namespace "peer" 198.51.100.2 [eth0] ---- [veth0] 198.51.100.1 this machine
#                    2001:db8::2                      2001:db8::1
set -euo pipefail; PS4="+ \${SECONDS} "; set -x

PARAMETERS=/sys/module/minifw/parameters
RULES=/sys/kernel/config/minifw/rules
CONF=/etc/minifw/minifw.conf
MODULES=/lib/modules/$(uname -r)
FIRST_PINGS=/run/first-pings
PATIENCE=60

peer_up() {
	ip netns add peer
	ip link add veth0 type veth peer name eth0 netns peer
	ip address add 198.51.100.1/24 dev veth0
	ip address add 2001:db8::1/64 dev veth0 nodad
	ip link set veth0 up
	ip -n peer address add 198.51.100.2/24 dev eth0
	ip -n peer address add 2001:db8::2/64 dev eth0 nodad
	ip -n peer link set eth0 up
}

peer_is_answered() { ip netns exec peer ping -q -c 1 -W "$1" 198.51.100.1 >/dev/null; }

# peer_connects SECONDS ADDRESS PORT
peer_connects() { ip netns exec peer nc -z -w "$1" "$2" "$3"; }

# fails COMMAND…: unlike "!", it ends a script that is run with -e.
fails() { if "$@"; then return 1; fi; }

# comes_true COMMAND…: what udev and systemd do comes in its own time.
comes_true() {
	local second
	for ((second = 0; second < PATIENCE; second++)); do
		! "$@" || return 0
		sleep 1
	done
	return 1
}

policy_drops() {
	[ "$(cat $PARAMETERS/default_policy)" = drop ]
	fails peer_is_answered 2
	echo accept >$PARAMETERS/default_policy
	peer_is_answered 20
}

loads-with-drop() {
	fails test -e /sys/module/minifw
	modprobe minifw
	peer_up
	policy_drops
}

# ---- boots with systemd ----

# What peer.service runs.
network-with-peer() {
	peer_up
	ip netns exec peer ping -q -c 3 -i 0.3 -W 1 198.51.100.1 >$FIRST_PINGS || true
}

first_pings_are_unanswered() { grep -q '3 packets transmitted, 0 received' $FIRST_PINGS; }

# moment UNIT STATE: when it came to be, in microseconds.
moment() { systemctl show --value --property "$2TimestampMonotonic" "$1"; }

# in_order MOMENT…
in_order() {
	printf '%s\n' "$@"
	printf '%s\n' "$@" | sort --check=quiet --numeric-sort
	[ "$1" -gt 0 ]
}

# journal_has REGEX: what the service has said, of errors.
journal_has() { journalctl --quiet --boot --unit minifw.service --priority err | grep "$1"; }

rules_are_back() { [ "$(cat $RULES/no-ping/status)" = live ]; }

restart_the_module() {
	minifw stop --yes
	modprobe -r minifw
	peer_is_answered 20
	DPKG_MAINTSCRIPT_PACKAGE=minifw-dkms /var/lib/dpkg/info/minifw-dkms.postinst configure
	comes_true rules_are_back
}

break_and_mend() {
	cp $CONF /root/good.conf
	echo 'rule broken dport=http action=accept' >>$CONF
	fails systemctl reload minifw.service
	journal_has "$CONF:2: rule broken: dport: "
	rules_are_back
	sed -i '$d' $CONF
	echo 'rule more proto=tcp dport=22 action=accept' >>$CONF
	systemctl reload minifw.service
	[ "$(cat $RULES/more/status)" = live ]
	sed -i 's/^/#/' $CONF
	systemctl restart minifw.service
	rules_are_back
	cp /root/good.conf $CONF
}

upgrade_and_purge() {
	local installed
	ln -sf /bin/true /sbin/depmod # half a minute in an emulated machine
	apt-get -q -y install /results/newer/minifw*.deb
	installed=$(dpkg-query --show --showformat='${Version}' minifw-dkms)
	fails test "$installed" = "$(cat /sys/module/minifw/version)"
	rules_are_back
	systemctl --quiet is-active minifw.service

	apt-get -q -y purge minifw minifw-dkms
	fails test -e /usr/src/minifw-*
	rules_are_back
	fails peer_is_answered 2
}

rules-before-network() {
	journalctl --boot --output short-monotonic --unit systemd-modules-load.service \
		--unit minifw.service --unit network-pre.target --unit peer.service
	in_order "$(moment systemd-modules-load.service ActiveEnter)" \
		"$(moment minifw.service ActiveEnter)" \
		"$(moment network-pre.target ActiveEnter)" "$(moment peer.service InactiveExit)"
	first_pings_are_unanswered
	[ "$(cat $RULES/no-ping/packets)" = 3 ]
	break_and_mend
	restart_the_module
	systemctl stop minifw.service
	rules_are_back
	fails peer_is_answered 2
	systemctl start minifw.service
	upgrade_and_purge
}

broken-file() {
	systemctl --quiet is-failed minifw.service
	journal_has "$CONF:2: rule broken: dport: "
	journal_has "$CONF is NOT in force.*drop default accept"
	[ -z "$(ls $RULES)" ]
	first_pings_are_unanswered
	policy_drops
}

nft_holds() { nft list table inet minifw_missing >/dev/null 2>&1; }
nft_holds_not() { fails nft_holds; }

# depmod would take its time here: what it says of either case was kept. See boot.bats.
module_put() {
	cp /root/with/minifw.ko "$MODULES/updates/dkms/"
	cp /root/with/modules.* "$MODULES/"
}

module_take() {
	minifw stop --yes
	modprobe -r minifw
	rm "$MODULES/updates/dkms/minifw.ko"
	cp /root/without/modules.* "$MODULES/"
}

only_ssh_passes() {
	first_pings_are_unanswered
	nc -l -k 2222 &
	ping -q -c 1 -W 20 198.51.100.2
	peer_connects 20 198.51.100.1 22
	peer_connects 20 2001:db8::1 22
	fails peer_connects 2 198.51.100.1 2222
	fails peer_connects 2 2001:db8::1 2222
}

# The kernel here knows no key of DKMS's, and from here on asks for one that it knows.
key_is_asked_for() {
	module_put
	echo Y >/sys/module/module/parameters/sig_enforce
	fails systemctl restart minifw.service
	journal_has "enrol the key that signed it"
	fails minifw status | grep "^signature .*mokutil --import"
	fails minifw load 2>&1 | grep "key is not trusted: mokutil --import"
}

missing-module() {
	systemctl --quiet is-failed minifw.service
	journal_has "cannot be loaded into $(uname -r): .*not found"
	journal_has "nft holds the machine: new connections to port 22 alone"
	only_ssh_passes

	module_put
	modprobe minifw
	comes_true nft_holds_not
	rules_are_back
	fails peer_is_answered 2
	peer_connects 20 198.51.100.1 2222

	module_take
	sed -i 's/^MISSING_MODULE=.*/MISSING_MODULE=warn/' /etc/default/minifw
	fails systemctl restart minifw.service
	journal_has "packets pass UNFILTERED"
	nft_holds_not
	peer_is_answered 20
	key_is_asked_for
}

"$1"
