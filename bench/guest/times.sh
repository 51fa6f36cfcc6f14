# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# How long changes take, and what memory rules and sets need: once a boot, but for changes of one rule.
# Needs lib.sh; what changes rules is called by `alone`.

ONES=5	# how often one rule is changed

# free_kilobytes: memory that nobody has, with caches empty.
free_kilobytes() {
	write 3 /proc/sys/vm/drop_caches
	awk '$1 == "MemFree:" { print $2 }' /proc/meminfo
}

# free_bytes: the same once it grows no more, for what a filter had is given back bit by bit.
free_bytes() {
	local before=0 now patience=30 steady=0
	while [ $steady -lt 3 ] && [ $((patience -= 1)) -gt 0 ]; do
		sleep 0.1
		now=$(free_kilobytes)
		steady=$((now - before > 256 ? 0 : steady + 1))
		before=$now
	done
	echo $((now * 1024))
}

# tenths DIVIDEND DIVISOR: of numbers that are not negative.
tenths() {
	[ "$1" -ge 0 ] || return
	printf '%d.%d' $(($1 / $2)) $(($1 * 10 / $2 % 10))
}

# each TOOL WHAT SIZE IP BYTES: bytes, for each of so many.
each() {
	local bytes
	bytes=$(tenths "$5" "$3") || {
		complain "$1, $2, $3: memory grew meanwhile"
		return
	}
	value times "$1" "$2" "$3" "$4" B "$bytes"
}

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
	minifw_on || return
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
	minifw_on || return
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
