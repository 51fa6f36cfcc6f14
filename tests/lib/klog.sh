# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The verdict on a guest's kernel log.

# What a kernel says when something is wrong with it, whoever's fault it is.
KLOG_BAD='BUG: |BUG at |WARNING: |Oops: |general protection|Kernel panic|Call trace:.*RIP'
KLOG_BAD+='|double fault|stack guard page|Bad page (state|map)|page allocation failure'
KLOG_BAD+='|INFO: (task|rcu_|trying to register|lockdep is turned off)|stall(s|ed)? (on|detected)'
KLOG_BAD+='|detected .*stall|self-detected stall|soft lockup|hard LOCKUP|blocked for more than'
KLOG_BAD+='|possible (recursive|circular|irq lock|reason: unannotated)|inconsistent lock state'
KLOG_BAD+='|suspicious RCU usage|bad unlock balance|held lock freed|lock held (when|at)'
KLOG_BAD+='|still has locks held|Invalid wait context|turning off the locking correctness'
KLOG_BAD+='|scheduling while atomic|KASAN: |UBSAN: |ODEBUG: |refcount_t: |list_(add|del) corruption'
KLOG_BAD+='|kmemleak: [1-9][0-9]* new|kmemleak: .*disabled|unregister_netdevice: waiting'
KLOG_BAD+='|rcu: .*(leaked|negative nesting)|Objects remaining in'

# klog_report CONSOLE: prints what is wrong in it, with what follows; fails if nothing is.
klog_report() {
	local log=$1
	grep -qE "$KLOG_BAD" "$log" 2>/dev/null || return 1
	say "the guest's kernel reported:"
	tr -d '\r' <"$log" | grep -m 4 -E -A 45 "$KLOG_BAD"
}
