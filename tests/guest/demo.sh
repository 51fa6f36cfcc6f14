#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The guest's side of `make demo`: this machine with sshd and a web server, a client in a network
# namespace, and what becomes of the client's packets while rules are written. Fails if one
# packet's fate is not what it announces.
#
#   namespace "client"                    this machine, which minifw guards
#   198.51.100.2 [eth0] ----------------- [veth0] 198.51.100.1   :22 sshd  :80 web
set -euo pipefail

SERVER=198.51.100.1
CLIENT=198.51.100.2
RULES=/sys/kernel/config/minifw/rules
PARAMETERS=/sys/module/minifw/parameters
WORK=$(mktemp -d)
surprises=0

headline() { printf '\n\033[1m%s\033[0m\n' "$*"; }

# Shows a command as a person would type it, and runs it.
type_in() {
	printf '  # %s\n' "$1"
	eval "$1" | sed 's/^/      /'
}

in_client() { ip netns exec client "$@"; }

surprise() { surprises=$((surprises + 1)); }

# fate EXPECTED WHAT COMMAND…: says whether WHAT got through, and whether that is as announced.
fate() {
	local expected=$1 what=$2 seen=dropped mark="as it should be"
	shift 2
	! "$@" >/dev/null 2>&1 || seen=accepted
	if [ "$seen" != "$expected" ]; then
		mark="NOT as it should be: $expected"
		surprise
	fi
	printf '  client -> server  %-22s %-9s %s\n' "$what" "$seen" "$mark"
}

ssh_client() {
	in_client ssh -F none -i "$WORK/key" -o BatchMode=yes -o StrictHostKeyChecking=no \
		-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout="$1" \
		"root@$SERVER" "${@:2}"
}

new_ssh() { fate "$1" "new ssh login" ssh_client "$2" true; }
# (Debian's busybox wget dies of -T.)
web() { fate "$1" "web, tcp port 80" in_client timeout "$2" busybox wget -q -O - "http://$SERVER/"; }
ping_server() { fate "$1" "ping" in_client ping -c 1 -W "$2" "$SERVER"; }

# What is accepted gets long enough for a slow machine; what is dropped would wait forever.
everything_passes() { new_ssh accepted 30; web accepted 30; ping_server accepted 30; }

set_up_network() {
	ip link set lo up
	ip netns add client
	ip link add veth0 type veth peer name eth0 netns client
	ip address add "$SERVER/24" dev veth0
	ip link set veth0 up
	in_client ip address add "$CLIENT/24" dev eth0
	in_client ip link set eth0 up
}

set_up_servers() {
	ssh-keygen -q -t ed25519 -N '' -f "$WORK/host_key"
	ssh-keygen -q -t ed25519 -N '' -f "$WORK/key"
	mkdir -p /run/sshd "$WORK/www"
	chmod 0755 "$WORK"
	echo 'the web page' >"$WORK/www/index.html"
	/usr/sbin/sshd -f /dev/null -h "$WORK/host_key" -o UsePAM=no -o StrictModes=no \
		-o PidFile="$WORK/sshd.pid" -o AuthorizedKeysFile="$WORK/key.pub"
	busybox httpd -p "$SERVER:80" -h "$WORK/www"
}

# A login that stays open, to be used across a change of the policy.
open_session() {
	mkfifo "$WORK/to" "$WORK/from"
	ssh_client 30 cat <"$WORK/to" >"$WORK/from" &
	exec 3>"$WORK/to" 4<"$WORK/from"
	session_answers
}

session_answers() {
	local line
	echo hello >&3
	read -r -t 30 line <&4
	[ "$line" = hello ]
}

headline "A machine with sshd and a web server; minifw has just been loaded"
set_up_network
set_up_servers
type_in "cat $PARAMETERS/default_policy"
type_in "ls $RULES"
everything_passes
open_session

headline "A rule is a directory"
cd "$RULES"
type_in "mkdir ssh"
type_in "echo tcp >ssh/proto"
type_in "echo 22 >ssh/dport"
type_in "echo accept >ssh/action"
type_in "echo 1 >ssh/enabled"
type_in "cat ssh/status"

headline "What no rule accepts is dropped from now on"
type_in "echo drop >$PARAMETERS/default_policy"
fate accepted "ssh session from before" session_answers
new_ssh accepted 30
web dropped 2
ping_server dropped 2

headline "What the rule saw"
type_in "cat ssh/packets ssh/last_hit"
[ "$(cat ssh/packets)" -gt 0 ] || surprise
type_in "cat ../running"

headline "Without the rule, no new login; the session goes on"
type_in "rmdir ssh"
new_ssh dropped 3
fate accepted "ssh session from before" session_answers

headline "And all open again"
type_in "echo accept >$PARAMETERS/default_policy"
everything_passes

if [ $surprises -gt 0 ]; then
	headline "Not as announced: $surprises times. See above."
	exit 1
fi
headline "Every packet fared as announced."
