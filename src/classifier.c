// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Theory of Operation
 *
 * Problem: among the rules of one hook and family, in order, find the first
 * that matches a packet; and if that one does not decide, the next.
 *
 * Contract, which stays when the inside is replaced:
 *
 * - build(rules in order) makes an object, or fails, without side effects.
 * - lookup(object, packet, position) finds the first matching rule at or after
 *   the position, and leaves the position behind it. Position 0 is the start;
 *   calling again with the same variable goes on from there.
 * - The object is immutable, and holds no reference on rules: the snapshot
 *   that owns it does.
 *
 * Inside: a linear scan of an array of pointers.  It is the plainest thing that
 * keeps the contract, and so what any other inside can be tested against.
 */
#include <linux/bits.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "classifier.h"
#include "match.h"
#include "rule.h"

/**
 * struct minifw_classifier - the rules of one hook and family
 * @count: how many
 * @rule: in evaluation order
 */
struct minifw_classifier {
	unsigned int count;
	const struct minifw_live *rule[];
};

static bool belongs(const struct minifw_live *rule, unsigned int hook, enum minifw_family family)
{
	return (rule->spec.hook.bits & BIT(hook)) && (rule->spec.families & BIT(family));
}

/**
 * minifw_classifier_build() - prepare rules for look-ups
 * @rules: in evaluation order; those of other hooks and families are passed over
 * @count: how many
 * @hook: enum nf_inet_hooks
 * @family: IPv4 or IPv6
 *
 * Context: may sleep.
 * Return: the object, or NULL without memory.
 */
struct minifw_classifier *minifw_classifier_build(struct minifw_live *const *rules,
						  unsigned int count, unsigned int hook,
						  enum minifw_family family)
{
	struct minifw_classifier *classifier;
	unsigned int i, n = 0;

	for (i = 0; i < count; i++)
		n += belongs(rules[i], hook, family);
	classifier = kvmalloc(struct_size(classifier, rule, n), GFP_KERNEL);
	if (!classifier)
		return NULL;
	classifier->count = 0;
	for (i = 0; i < count; i++)
		if (belongs(rules[i], hook, family))
			classifier->rule[classifier->count++] = rules[i];
	return classifier;
}

/**
 * minifw_classifier_free() - undo minifw_classifier_build()
 * @classifier: the object, or NULL; no packet may still see it
 *
 * Context: process.
 */
void minifw_classifier_free(struct minifw_classifier *classifier)
{
	kvfree(classifier);
}

/**
 * minifw_classifier_empty() - has it no rules at all?
 * @classifier: the object
 *
 * Context: any.
 * Return: whether no look-up can find a rule.
 */
bool minifw_classifier_empty(const struct minifw_classifier *classifier)
{
	return !classifier->count;
}

/**
 * minifw_classifier_lookup() - the first matching rule at or after a position
 * @classifier: the object
 * @packet: the packet, parsed
 * @position: where to begin; left behind the rule that was found
 *
 * Context: the packet path, under RCU; does not sleep.
 * Return: the rule, which may be retired by now, or NULL.
 */
const struct minifw_live *minifw_classifier_lookup(const struct minifw_classifier *classifier,
						   const struct minifw_packet *packet,
						   unsigned int *position)
{
	unsigned int i;

	for (i = *position; i < classifier->count; i++) {
		if (minifw_match(&classifier->rule[i]->spec, packet)) {
			*position = i + 1;
			return classifier->rule[i];
		}
	}
	*position = i;
	return NULL;
}
