# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# How long changes take, and what memory rules and sets need: once a boot, but for changes of one rule.
# Needs lib.sh; what changes rules is called by `alone`.

ONES=5	# how often one rule is changed

# free_bytes: memory that nobody has, once what was freed is free and caches are empty.
free_bytes() {
	sleep 0.3
	sync
	write 3 /proc/sys/vm/drop_caches
	echo $((1024 * $(awk '$1 == "MemFree:" { print $2 }' /proc/meminfo)))
}

# tenths DIVIDEND DIVISOR
tenths() { printf '%d.%d' $(($1 / $2)) $(($1 * 10 / $2 % 10)); }

# each TOOL WHAT SIZE IP BYTES: bytes, for each of so many.
each() { value times "$1" "$2" "$3" "$4" B "$(tenths "$5" "$3")"; }

# used TOOL WHAT SIZE IP COMMAND…: how much less memory is free for each after the command than before.
used() {
	local words=("${@:1:4}") before
	shift 4
	before=$(free_bytes)
	"$@" && each "${words[@]}" $((before - $(free_bytes)))
}

load_and_publish() {
	timed times minifw "load lines: $kind" "$count" 4 write "$1" "$CHAINS/bench/load" &&
		timed times minifw "publish lines: $kind" "$count" 4 write 1 "$CHAINS/bench/enabled"
}

# lines_minifw SET: a chain of its lines, and one rule that changes beside it.
lines_minifw() {
	local kind count ip policy
	about "$1"
	minifw_on
	mkdir "$CHAINS/bench"
	used minifw "memory a line, all: $kind" "$count" 4 load_and_publish "$1/minifw"
	each minifw "memory a line, chains/*/memory: $kind" "$count" 4 "$(<"$CHAINS/bench/memory")"
	one_rule_minifw "$count"
	minifw_off
}

one_rule_minifw() {
	local rule=$RULES/one number
	for number in $(seq $ONES); do
		mkdir "$rule"
		write 192.0.2.1 "$rule/saddr"
		write drop "$rule/action"
		timed times minifw "enable one rule beside" "$1" 4 write 1 "$rule/enabled"
		write 192.0.2.2 "$rule/saddr"
		timed times minifw "edit one rule beside" "$1" 4 write 1 "$rule/enabled"
		timed times minifw "disable one rule beside" "$1" 4 write 0 "$rule/enabled"
		rmdir "$rule"
		timed times minifw "append one line" "$1" 4 write \
			"saddr=192.0.2.$number action=drop" "$CHAINS/bench/add"
		timed times minifw "publish one line more" "$1" 4 write 1 "$CHAINS/bench/enabled"
	done
	timed times minifw "disable the chain" "$1" 4 write 0 "$CHAINS/bench/enabled"
}

# lines_nft SET, lines_iptables SET
lines_nft() {
	local kind count ip policy
	about "$1"
	used nft "memory a line, all: $kind" "$count" 4 \
		timed times nft "load and publish lines: $kind" "$count" 4 nft -f "$1/nft"
	timed times nft "add one rule" "$count" 4 \
		nft add rule inet bench input ip saddr 192.0.2.1 drop
}

lines_iptables() {
	local kind count ip policy
	about "$1"
	used iptables "memory a line, all: $kind" "$count" 4 \
		timed times iptables "load and publish lines: $kind" "$count" 4 \
		iptables-legacy-restore "$1/iptables"
	timed times iptables "add one rule" "$count" 4 iptables-legacy -A INPUT -s 192.0.2.1 -j DROP
}

# elements_minifw SET: a set of its elements, IPv4 and IPv6.
elements_minifw() {
	local kind count ip policy
	about "$1"
	minifw_on
	mkdir "$SETS/bench"
	used minifw "memory an element, all: $kind" "$count" "$ip" \
		timed times minifw "load a set: $kind" "$count" "$ip" write "$1/minifw" "$SETS/bench/load"
	each minifw "memory an element, sets/*/memory: $kind" "$count" "$ip" "$(<"$SETS/bench/memory")"
	timed times minifw "add one element: $kind" "$count" "$ip" write 192.0.2.1 "$SETS/bench/add"
	minifw_off
}

elements_nft() {
	local kind count ip policy
	about "$1"
	used nft "memory an element, all: $kind" "$count" "$ip" \
		timed times nft "load a set: $kind" "$count" "$ip" nft -f "$1/nft"
}

elements_ipset() {
	local kind count ip policy
	about "$1"
	used ipset "memory an element, all: $kind" "$count" "$ip" \
		timed times ipset "load a set: $kind" "$count" "$ip" ipset restore -file "$1/ipset"
}
