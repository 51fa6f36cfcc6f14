// SPDX-License-Identifier: GPL-2.0
/*
 * What a match does beside its action.
 */
#include "effect.h"
#include "rule.h"
#include "set_ref.h"

/**
 * minifw_effects() - do MINIFW_EFFECT_ATTRS of a rule
 * @rule: the rule
 * @packet: what matched it
 *
 * Context: the packet path, under RCU; does not sleep.
 */
void minifw_effects(const struct minifw_live *rule, const struct minifw_packet *packet)
{
	if (rule->spec.add_to)
		minifw_set_take(rule->spec.add_to, packet);
}
