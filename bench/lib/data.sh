# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The rule sets that cases need, made by ../generate and kept in the cache, or taken from a folder of
# files in the format of ClassBench's generator.

FAMILIES=(acl1 acl2 acl3 acl4 acl5 fw1 fw2 fw3 fw4 fw5 ipc1 ipc2)
FAMILIES6=(acl1 fw1 ipc1)

# data_of CASE: the sets that a case needs, a line each: KIND COUNT IP.
data_of() {
	case $1 in
	rules) data_product "differ-saddr differ-dport" "1 10 100 1000 10000" 4
		data_product disjoint "100 1000 10000" 4 ;;
	classbench) data_product "${FAMILIES[*]}" "$BENCH_SIZES" 4 ;;
	classbench6) data_product "${FAMILIES6[*]}" "$BENCH_SIZES" 6 ;;
	sets) data_product hosts "1000 10000 131072 1000000" 4
		data_product prefixes "10000 131072 1000000" 4
		data_product "hosts prefixes" "131072" 6 ;;
	hostile) data_product "stairs ranges tuples nested" "1000 10000 100000" 4 ;;
	special) data_product "iif set icmp_type mark tcp_flags ct_state ports" 1000 4 ;;
	times) data_product "acl1 fw1 differ-saddr" "10000 100000" 4
		data_product "hosts prefixes" "131072 1000000" "4 6" ;;
	esac
}

# data_product KINDS COUNTS IPS: one line for each combination.
data_product() {
	local kind count ip
	for kind in $1; do
		for count in $2; do
			for ip in $3; do
				echo "$kind $count $ip"
			done
		done
	done
}

# data_dir: where this version of the generator puts sets.
data_dir() {
	local key
	key=$(cat "$BENCH/generate" "$BENCH"/generator/*.py | sha256sum | cut -c1-8)
	echo "$MINIFW_CACHE/bench/data-$key"
}

# data_make KIND COUNT IP: one set. Loading many rules is also timed with nft and iptables.
data_make() {
	local dir linear=10000
	dir=$(data_dir)/$1-$2-$3
	[ ! -e "$dir" ] || return 0
	[ "$1" != differ-saddr ] || linear=100000
	rm -rf "$dir.new"
	"$BENCH/generate" --ip "$3" --most-linear "$linear" "$1" "$2" "$dir.new"
	mv "$dir.new" "$dir"
}

# data_need CASE…: makes sure of the sets that the cases need, the largest first.
data_need() {
	local name
	export BENCH
	export -f data_make data_dir
	for name; do
		data_of "$name"
	done | sort -u | sort -k2,2nr |
		xargs -r -P "$(nproc)" -L 1 bash -c 'set -euo pipefail; data_make "$@"' -
}

# data_import FOLDER TO: sets from all files of rules in the folder; what is compressed is not
# looked at.
data_import() {
	local file
	for file in "$1"/*; do
		case $file in
		*.rules | *.txt) "$BENCH/generate" --from "$file" "$2/$(basename "${file%.*}")" ;;
		esac
	done
}
