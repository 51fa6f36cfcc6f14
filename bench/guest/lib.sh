# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What cases are made of. Sourced in the measured kernel; settings are in the environment:
#   BENCH_HOME      the folder of the benchmark     BENCH_MINIFW     the module minifw.ko
#   BENCH_DATA      generated sets                  BENCH_HOOKBENCH  the module hookbench.ko
#   BENCH_OUT       the file that results go to     BENCH_IMPORTED   sets of the user's, or nothing

RULES=/sys/kernel/config/minifw/rules CHAINS=/sys/kernel/config/minifw/chains
SETS=/sys/kernel/config/minifw/sets
MANY=65536 SOME=2048
PREROUTING_AND_INPUT=3	# bits of NF_INET_PRE_ROUTING, NF_INET_LOCAL_IN

# emit KIND WORD…: a line of results.
emit() {
	local IFS=$'\t'
	echo "$*" >>"$BENCH_OUT"
}

complain() {
	echo "bench: $*"
	emit complaint "$*"
}

# measure CASE TOOL SET SIZE IP FLOWS KEY=VALUE…: sends packets, and writes down what hookbench says.
measure() {
	local name=$1 tool=$2 set=$3 size=$4 ip=$5 flows=$6 words
	shift 6
	echo "family=$ip flows=$flows $*" >/proc/hookbench/run || {
		complain "$name, $tool, $set, $size: not measured"
		return 0
	}
	words=$(</proc/hookbench/run)
	# shellcheck disable=SC2086
	emit ns "$name" "$tool" "$set" "$size" "$ip" "$flows" $words
	echo "$name: $tool $set $size rules IPv$ip $flows flows: $words"
}

# value CASE TOOL WHAT SIZE IP UNIT NUMBER
value() {
	emit value "$@"
	echo "$1: $2 $3 $4 IPv$5: $7 $6"
}


# timed CASE TOOL WHAT SIZE IP COMMAND…: writes down how many milliseconds the command takes.
timed() {
	local words=("${@:1:5}") start=${EPOCHREALTIME/./} took
	shift 5
	"$@" || {
		complain "${words[*]}: failed"
		return 1
	}
	took=$((${EPOCHREALTIME/./} - start))
	value "${words[@]}" ms "$((took / 1000)).$(printf %03d $((took % 1000)))"
}

# write VALUE FILE
write() { echo "$1" >"$2"; }

# alone FUNCTION ARGUMENT…: in a network namespace of its own, with a device that packets arrive at:
# what a filter leaves behind, ends with it.
alone() { unshare --net -- "$BENCH_HOME/guest/alone" "$@"; }

# about SET: sets kind, count, ip and policy to what the folder's name and the generator say of it.
about() {
	# shellcheck source=/dev/null
	. "$1/about"
	kind=${1##*/}
	kind=${kind%%-[0-9]*}
}

# minifw_on NAME=VALUE…: loads it, and has it filter all namespaces.
minifw_on() {
	insmod "$BENCH_MINIFW" netns=all accept_established=N "$@" && return
	complain "minifw was not loaded"
	return 1
}

minifw_off() {
	local dir
	for dir in "$RULES" "$CHAINS" "$SETS"; do
		find "$dir" -mindepth 1 -maxdepth 1 -exec rmdir {} +
	done
	rmmod minifw
}

# minifw_rule NAME ATTRIBUTE=VALUE…: a rule, in force.
minifw_rule() {
	local dir=$RULES/$1
	shift
	mkdir "$dir"
	while [ $# -gt 0 ]; do
		write "${1#*=}" "$dir/${1%%=*}"
		shift
	done
	write 1 "$dir/enabled"
}

# minifw_chain FILE: a chain of the file's lines, in force.
minifw_chain() {
	mkdir "$CHAINS/bench"
	write "$1" "$CHAINS/bench/load" && write 1 "$CHAINS/bench/enabled" && return
	complain "$1: $(cat "$CHAINS/bench/last_error")"
	return 1
}

# minifw_set NAME FILE
minifw_set() {
	mkdir "$SETS/$1"
	write "$2" "$SETS/$1/load"
}
