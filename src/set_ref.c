// SPDX-License-Identifier: GPL-2.0
/*
 * Sets as rules in force use them: a name is bound to its set when the rule is
 * enabled; packets then ask the set, or are put into it.
 */
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "contents.h"
#include "error.h"
#include "packet.h"
#include "reference.h"
#include "set.h"
#include "set_ref.h"
#include "slots.h"
#include "spec.h"
#include "timed.h"
#include "watch.h"

/* ---- binding ---- */

static int bind(struct minifw_set_ref *ref, u8 types, enum minifw_attr_id id,
		struct minifw_error *err)
{
	struct minifw_set *set = minifw_set_find(ref->name);
	u8 type;

	if (!set)
		return minifw_error_set(err, -ENOENT, "%s: there is no set '%s'",
					minifw_attr_name(id), ref->name);
	type = minifw_contents_of(set)->type;
	if (!(types & BIT(type)))
		return minifw_error_set(err, -EINVAL, "%s: the set '%s' is of type %s",
					minifw_attr_name(id), ref->name,
					minifw_set_types.word[type].word);
	if (minifw_set_hold(set))
		return minifw_error_set(err, -ENOENT, "%s: the set '%s' is being removed",
					minifw_attr_name(id), ref->name);
	minifw_set_get(set);
	ref->set = set;
	ref->held = true;
	if (id == MINIFW_ATTR_add_to) {
		atomic_inc(&set->takers);
		minifw_set_changed(set);
	}
	return 0;
}

/* A draft's reference is shared by all who read the draft; a rule in force has its own. */
static int bind_attr(struct minifw_spec *spec, enum minifw_attr_id id, struct minifw_error *err)
{
	const struct minifw_set_ref *draft = minifw_spec_ref(spec, id);
	struct minifw_set_ref *own = minifw_ref_copy(draft);
	int ret;

	if (!own)
		return minifw_error_set(err, -ENOMEM, "%s: out of memory", minifw_attr_name(id));
	ret = bind(own, minifw_spec_set_types(spec, id), id, err);
	if (ret)
		minifw_list_put(&own->list);
	else
		minifw_spec_replace(spec, id, &own->list);
	return ret;
}

static bool names_twice(const struct minifw_spec *spec)
{
	const struct minifw_set_ref *one, *other;
	u64 left = spec->attrs & ~BIT_ULL(MINIFW_ATTR_add_to), rest;
	enum minifw_attr_id id;

	while ((one = minifw_spec_next_ref(spec, &left, &id))) {
		rest = left;
		while ((other = minifw_spec_next_ref(spec, &rest, &id)))
			if (one->set == other->set)
				return true;
	}
	return false;
}

/**
 * minifw_sets_bind() - find the sets that a rule names, and hold their directories
 * @spec: what the rule says, sealed; a copy of its own
 * @err: takes the reason, with the attribute's name
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0; -ENOENT, -EINVAL for a set of the wrong type, or -ENOMEM, and then
 * minifw_sets_release() and minifw_sets_put() let go of what was bound.
 */
int minifw_sets_bind(struct minifw_spec *spec, struct minifw_error *err)
{
	u64 left = spec->attrs;
	enum minifw_attr_id id;
	int ret = 0;

	while (!ret && minifw_spec_next_ref(spec, &left, &id))
		ret = bind_attr(spec, id, err);
	spec->twice = !ret && names_twice(spec);
	return ret;
}

/**
 * minifw_sets_unbind() - name the same sets, but be bound to none
 * @spec: a copy of what a rule says, which was bound
 *
 * Context: may sleep; minifw_ruleset_mutex held; @spec is no packet's.
 * Return: 0; or -ENOMEM, and then @spec does not name all of them any more.
 */
int minifw_sets_unbind(struct minifw_spec *spec)
{
	struct minifw_set_ref *bound, *own;
	u64 left = spec->attrs;
	enum minifw_attr_id id;
	int ret = 0;

	while ((bound = minifw_spec_next_ref(spec, &left, &id))) {
		own = minifw_ref_copy(bound);
		minifw_spec_replace(spec, id, own ? &own->list : NULL);
		if (!own)
			ret = -ENOMEM;
	}
	return ret;
}

/**
 * minifw_sets_release() - a rule leaves force: its sets may be removed
 * @spec: what the rule says, bound; may have been released before
 *
 * Context: minifw_ruleset_mutex held.
 */
void minifw_sets_release(struct minifw_spec *spec)
{
	struct minifw_set_ref *ref;
	u64 left = spec->attrs;
	enum minifw_attr_id id;

	while ((ref = minifw_spec_next_ref(spec, &left, &id))) {
		if (!ref->held)
			continue;
		ref->held = false;
		minifw_set_release(ref->set);
	}
}

/**
 * minifw_sets_put() - let go of the sets themselves
 * @spec: what the rule says, released; no packet may see it
 *
 * Context: process.
 */
void minifw_sets_put(struct minifw_spec *spec)
{
	struct minifw_set_ref *ref;
	u64 left = spec->attrs;
	enum minifw_attr_id id;

	while ((ref = minifw_spec_next_ref(spec, &left, &id))) {
		if (!ref->set)
			continue;
		if (id == MINIFW_ATTR_add_to)
			atomic_dec(&ref->set->takers);
		minifw_set_put(ref->set);
		ref->set = NULL;
	}
}

/* ---- asking ---- */

static const struct minifw_contents *contents_for(const struct minifw_set *set,
						  const struct minifw_packet *packet)
{
	return rcu_dereference(set->contents[packet->epoch]);
}

static noinline bool has_timed(const struct minifw_contents *contents, u8 family,
			       const struct minifw_key *key)
{
	return minifw_timed_has(contents->timed, family,
				minifw_element_len(contents->type, family), key,
				contents->generation);
}

static bool has(const struct minifw_contents *contents, u8 family, const struct minifw_key *key)
{
	if (minifw_part_has(&contents->part[family], key))
		return true;
	return unlikely(atomic_read(&contents->timed->count)) && has_timed(contents, family, key);
}

static noinline bool has_timed_addr(const struct minifw_contents *contents, u8 family,
				    struct minifw_addr addr)
{
	struct minifw_key key = minifw_key_addr(family, addr);

	return has_timed(contents, family, &key);
}

/* Of a set of addresses. */
static inline bool has_addr(const struct minifw_contents *contents, u8 family,
			    struct minifw_addr addr)
{
	if (minifw_part_has_addr(&contents->part[family], family, addr))
		return true;
	return unlikely(atomic_read(&contents->timed->count)) &&
	       has_timed_addr(contents, family, addr);
}

static const struct minifw_set_ref *to_ref(const struct minifw_list *list)
{
	return container_of(list, const struct minifw_set_ref, list);
}

/**
 * minifw_set_match() - is a key in a rule's set, or not in it where it is negated?
 * @list: the bound reference
 * @packet: for which it is asked
 * @family: of the key, where the set's type knows families; else 0
 * @key: the key
 *
 * Context: the packet path, under RCU; does not sleep.
 * Return: whether it is.
 */
bool minifw_set_match(const struct minifw_list *list, const struct minifw_packet *packet, u8 family,
		      struct minifw_key key)
{
	return has(contents_for(to_ref(list)->set, packet), family, &key) != list->negated;
}

/**
 * minifw_set_match_addr() - is an address in a rule's set, or not in it where it is negated?
 * @list: the bound reference, to a set of addresses
 * @packet: for which it is asked
 * @family: of the address
 * @addr: the address
 *
 * Context: the packet path, under RCU; does not sleep.
 * Return: whether it is.
 */
bool minifw_set_match_addr(const struct minifw_list *list, const struct minifw_packet *packet,
			   u8 family, struct minifw_addr addr)
{
	return has_addr(contents_for(to_ref(list)->set, packet), family, addr) != list->negated;
}

static noinline bool match_addr_port(const struct minifw_list *list,
				     const struct minifw_packet *packet, struct minifw_addr addr,
				     u16 port)
{
	if (!(packet->has & MINIFW_HAS_PORTS))
		return false;
	return minifw_set_match(list, packet, packet->family,
				minifw_key_addr_port(packet->family, addr, port));
}

/**
 * minifw_set_match_side() - is an address of a packet, or it and a port, in a rule's set?
 * @list: the bound reference, to a set of addresses or of addresses and ports
 * @packet: the packet, parsed
 * @addr: its source or its destination
 * @port: the port of the same side, if MINIFW_HAS_PORTS
 *
 * Context: the packet path, under RCU; does not sleep.
 * Return: whether it is, or is not where the reference is negated. A packet
 * without ports matches no set of addresses and ports.
 */
bool minifw_set_match_side(const struct minifw_list *list, const struct minifw_packet *packet,
			   struct minifw_addr addr, u16 port)
{
	const struct minifw_contents *contents = contents_for(to_ref(list)->set, packet);

	if (unlikely(contents->type != MINIFW_SET_ADDR))
		return match_addr_port(list, packet, addr, port);
	return has_addr(contents, packet->family, addr) != list->negated;
}

/* ---- adding ---- */

static bool key_of_addr(const struct minifw_packet *packet, struct minifw_addr addr,
			struct minifw_timed_key *key)
{
	key->family = packet->family;
	key->key = minifw_key_addr(packet->family, addr);
	return packet->has & MINIFW_HAS_ADDR;
}

static bool key_of_addr_port(const struct minifw_packet *packet, struct minifw_addr addr,
			     u16 port, struct minifw_timed_key *key)
{
	key->family = packet->family;
	key->key = minifw_key_addr_port(packet->family, addr, port);
	return packet->has & MINIFW_HAS_PORTS;
}

static bool key_of_port(const struct minifw_packet *packet, u16 port,
			struct minifw_timed_key *key)
{
	key->key = minifw_key_port(port);
	return packet->has & MINIFW_HAS_PORTS;
}

static bool key_of_iface(const struct net_device *dev, struct minifw_timed_key *key)
{
	if (dev)
		key->key = minifw_key_name(dev->name);
	return dev;
}

static bool key_of_mac(const u8 *mac, struct minifw_timed_key *key)
{
	if (mac)
		key->key = minifw_key_bytes(mac, ETH_ALEN);
	return mac;
}

/* The element that a packet is; false where it does not have what the rule wants. */
static bool key_of(const struct minifw_set_ref *ref, const struct minifw_packet *packet,
		   struct minifw_timed_key *key)
{
	*key = (struct minifw_timed_key){};
	switch (ref->key) {
	case MINIFW_ADD_SADDR:
		return key_of_addr(packet, packet->saddr, key);
	case MINIFW_ADD_DADDR:
		return key_of_addr(packet, packet->daddr, key);
	case MINIFW_ADD_SPORT:
		return key_of_port(packet, packet->sport, key);
	case MINIFW_ADD_DPORT:
		return key_of_port(packet, packet->dport, key);
	case MINIFW_ADD_IIF:
		return key_of_iface(packet->state->in, key);
	case MINIFW_ADD_OIF:
		return key_of_iface(packet->state->out, key);
	case MINIFW_ADD_SADDR_MAC:
		return key_of_mac(minifw_packet_saddr_mac(packet), key);
	case MINIFW_ADD_SADDR_SPORT:
		return key_of_addr_port(packet, packet->saddr, packet->sport, key);
	case MINIFW_ADD_DADDR_DPORT:
		return key_of_addr_port(packet, packet->daddr, packet->dport, key);
	default:
		return key_of_addr_port(packet, packet->saddr, packet->dport, key);
	}
}

/* Is there no room for one more? What has expired goes soon; what comes until then is refused. */
static bool is_full(const struct minifw_contents *contents)
{
	return minifw_contents_count(contents) >= contents->max;
}

static bool insert(const struct minifw_contents *contents, const struct minifw_timed_key *key,
		   u64 expires)
{
	struct minifw_timed *timed, *there;

	if (is_full(contents))
		return false;
	timed = minifw_timed_create(key, GFP_ATOMIC | __GFP_NOWARN);
	if (!timed)
		return false;
	timed->expires = expires;
	there = minifw_timed_insert(contents->timed, timed);
	if (there)	/* another CPU was first, or the table has no room */
		kfree(timed);
	else
		minifw_sets_sweep(HZ);
	return !IS_ERR(there);
}

static u64 expiry_of(const struct minifw_set_ref *ref, const struct minifw_contents *contents)
{
	u32 timeout = ref->timeout == MINIFW_TIMEOUT_UNSET ? contents->timeout : ref->timeout;

	return timeout ? get_jiffies_64() + (u64)timeout * HZ : MINIFW_NEVER;
}

/* Returns false where there is no room. */
static bool add(const struct minifw_contents *contents, struct minifw_timed_key *key, u64 expires)
{
	struct minifw_timed *timed;

	key->bits = minifw_element_len(contents->type, key->family) * 8;
	if (minifw_part_has(&contents->part[key->family], &key->key))
		return true;
	timed = minifw_timed_find(contents->timed, key);
	if (!timed)
		return insert(contents, key, expires);
	WRITE_ONCE(timed->expires, expires);
	return true;
}

/**
 * minifw_set_take() - put a packet into a set
 * @ref: the bound `add_to`
 * @packet: the packet, parsed
 *
 * What is there already lives on for another time-out.  Without room the set counts
 * a refusal.  It is the one thing on the packet path that allocates for itself.
 *
 * Where a transaction has the set split, it goes into both slots: what packets do is not
 * undone by a commit or a rollback.
 *
 * Context: the packet path, under RCU; does not sleep.
 */
void minifw_set_take(const struct minifw_set_ref *ref, const struct minifw_packet *packet)
{
	const struct minifw_contents *contents = contents_for(ref->set, packet);
	struct minifw_timed_key key;

	if (!key_of(ref, packet, &key))
		return;
	if (!add(contents, &key, expiry_of(ref, contents)))
		atomic64_inc(&ref->set->refused);
	if (smp_load_acquire(&ref->set->split)) {	/* pairs with minifw_slots_split() */
		contents = rcu_dereference(ref->set->contents[!packet->epoch]);
		add(contents, &key, expiry_of(ref, contents));
	}
}
