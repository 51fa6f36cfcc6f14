# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What every host-side script of the tests shares: where things are, how to say
# something, how to become root. Sourced, after `set -euo pipefail`.

TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034 # for those who source this
PROJECT=$(dirname "$TESTS")
MINIFW_CACHE=${MINIFW_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/minifw}
export MINIFW_CACHE LC_ALL=C.UTF-8

# Exit codes that are ours, not the command's: chosen as `timeout` and `git bisect` do.
# shellcheck disable=SC2034
EXIT_KERNEL=123 EXIT_TIMEOUT=124 EXIT_HARNESS=125

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
	say "$*"
	exit "$EXIT_HARNESS"
}

# Runs the calling script again as root, with the caller's cache, unless it is root already.
become_root() {
	[ "$(id -u)" = 0 ] && return
	command -v sudo >/dev/null || die "needs root, or sudo"
	exec sudo MINIFW_CACHE="$MINIFW_CACHE" ${CI:+CI="$CI"} "$(realpath "$0")" "$@"
}

# with_lock NAME COMMAND…: one at a time, machine-wide for this cache.
with_lock() {
	local name=$1
	shift
	mkdir -p "$MINIFW_CACHE/locks"
	(
		flock 9
		"$@" 9>&-
	) 9>"$MINIFW_CACHE/locks/$name"
}

# quietly LOG COMMAND…: output goes to the file LOG; a failure shows its end.
quietly() {
	local log=$1
	shift
	mkdir -p "$(dirname "$log")"
	"$@" >"$log" 2>&1 </dev/null && return
	say "failed: $1 (all of it in $log)"
	tail -n 30 "$log" >&2
	return 1
}

# isolated FUNCTION ARGUMENT…: in a mount namespace of its own: mounts that it makes are nobody
# else's, and end with it.
isolated() {
	# shellcheck disable=SC2016
	unshare --mount --propagation private -- \
		bash -c 'set -euo pipefail; . "$0"; "$@"' "$TESTS/lib/all.sh" "$@"
}
