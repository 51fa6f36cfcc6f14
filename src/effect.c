// SPDX-License-Identifier: GPL-2.0
/*
 * What a rule does beside its action, to the packets that it matched.
 */
#include "effect.h"
#include "log.h"
#include "rule.h"
#include "set_ref.h"

/**
 * minifw_effects() - carry out MINIFW_EFFECT_ATTRS
 * @rule: has one of them at least
 * @packet: that it matched
 *
 * Context: the packet path; does not sleep.
 */
void minifw_effects(const struct minifw_live *rule, const struct minifw_packet *packet)
{
	if (minifw_spec_asks(&rule->spec, MINIFW_ATTR_log))
		minifw_log_match(rule, packet);
	if (rule->spec.rare->add_to)
		minifw_set_take(rule->spec.rare->add_to, packet);
}
