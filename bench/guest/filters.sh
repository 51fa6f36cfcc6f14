# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# One measurement each: sets a filter up and sends packets. Needs lib.sh; called by `alone`.

# floor_at NAME: an empty hook of hookbench's, with one flow and many, of IPv4 and IPv6.
floor_at() {
	local flows
	write "$1" /proc/hookbench/floor
	for flows in 1 "$SOME" "$MANY"; do
		measure floor "$1" - 0 4 "$flows" saddr=0x0a000000,0,0x1ffff
	done
	for flows in 1 "$MANY"; do
		measure floor "$1" - 0 6 "$flows" saddr=1,0,0x1ffff
	done
	write none /proc/hookbench/floor
}

# Filters without a rule.
empty_minifw() {
	minifw_on "default_policy=$1" || return
	measure empty minifw "policy $1" 0 4 1
	measure empty minifw "policy $1" 0 4 "$MANY" saddr=0x0a000000,0,0x1ffff
	minifw_off
}

empty_nft() {
	nft add table inet bench
	nft add chain inet bench input "{ type filter hook input priority 0; policy $1; }"
	measure empty nft "policy $1" 0 4 1
	measure empty nft "policy $1" 0 4 "$MANY" saddr=0x0a000000,0,0x1ffff
}

empty_iptables() {
	iptables-legacy -P INPUT "${1^^}"
	measure empty iptables "policy $1" 0 4 1
	measure empty iptables "policy $1" 0 4 "$MANY" saddr=0x0a000000,0,0x1ffff
}

rules_minifw() {
	local name=$1 set=$2 flows=$3 kind count ip policy
	about "$set"
	minifw_on "default_policy=$policy" || return
	[ ! -e "$set/sets" ] || minifw_sets "$set/sets"
	! minifw_chain "$set/minifw" ||
		measure "$name" minifw "$kind" "$count" "$ip" "$flows" "trace=$set/trace"
	minifw_off
}

# minifw_sets FILE: makes the sets that its lines NAME ELEMENT say.
minifw_sets() {
	local name element
	while read -r name element; do
		mkdir "$SETS/$name"
		write "$element" "$SETS/$name/add"
	done <"$1"
}

rules_nft() {
	local name=$1 set=$2 flows=$3 file=${4:-nft} kind count ip policy
	about "$set"
	nft -f "$set/$file" && measure "$name" "$file" "$kind" "$count" "$ip" "$flows" \
		"trace=$set/trace"
}

rules_iptables() {
	local name=$1 set=$2 flows=$3 kind count ip policy program=iptables
	about "$set"
	[ "$ip" = 4 ] || program=ip6tables
	"$program-legacy-restore" <"$set/iptables" &&
		measure "$name" iptables "$kind" "$count" "$ip" "$flows" "trace=$set/trace"
}

# Sets of addresses.
sets_minifw() {
	local set=$1 kind count ip policy flows
	about "$set"
	minifw_on || return
	minifw_set bench "$set/minifw"
	minifw_rule bench saddr=@bench action=drop
	for flows in 1 "$SOME" "$MANY"; do
		measure sets minifw "$kind" "$count" "$ip" "$flows" "trace=$set/trace"
	done
	minifw_off
}

sets_nft() {
	local set=$1 kind count ip policy flows
	about "$set"
	nft -f "$set/nft"
	for flows in 1 "$SOME" "$MANY"; do
		measure sets nft "$kind" "$count" "$ip" "$flows" "trace=$set/trace"
	done
}

sets_ipset() {
	local set=$1 kind count ip policy flows program=iptables
	about "$set"
	[ "$ip" = 4 ] || program=ip6tables
	ipset restore <"$set/ipset"
	"$program-legacy" -A INPUT -m set --match-set s src -j DROP
	for flows in 1 "$SOME" "$MANY"; do
		measure sets ipset "$kind" "$count" "$ip" "$flows" "trace=$set/trace"
	done
}

# established TOOL: packets of connections that conntrack knows, conntrack's own time included.
established() {
	local tool=$1 proto flows
	for proto in 17 6; do
		for flows in 1 "$SOME" "$MANY"; do
			measure conntrack "$tool" "proto $proto" 2 4 "$flows" replies=2 \
				"hooks=$PREROUTING_AND_INPUT" "proto=$proto" \
				saddr=0x0a000000,0,0xffffff sport=$((1024 + flows % 7))
		done
	done
}

# The first packet is accepted by the policy, the answers and all others as established.
established_minifw() {
	minifw_on accept_established=Y || return
	minifw_rule bench saddr=192.0.2.1 action=drop
	established minifw
	minifw_off
}

established_nft() {
	nft -f - <<-END
		add table inet bench
		add chain inet bench input { type filter hook input priority 0; policy accept; }
		add rule inet bench input ct state established,related accept
		add rule inet bench input ip saddr 192.0.2.1 drop
	END
	established nft
}
