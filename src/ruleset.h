/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_RULESET_H
#define MINIFW_RULESET_H

#include <linux/mutex.h>
#include <linux/types.h>

struct minifw_chain;
struct minifw_config;
struct minifw_error;
struct minifw_rule;
struct minifw_text;
struct net;

extern struct mutex minifw_ruleset_mutex;

/*
 * Why the last transaction verb, parameter write or mkdir was refused. Guarded by the
 * mutex.
 */
extern struct minifw_error minifw_ruleset_error;

int minifw_ruleset_init(void);
bool minifw_ruleset_filters(const struct net *net);
const struct minifw_config *minifw_ruleset_config(void);
int minifw_ruleset_configure(const struct minifw_config *config, struct minifw_error *err);
int minifw_ruleset_enable(struct minifw_rule *rule);
int minifw_ruleset_disable(struct minifw_rule *rule);
void minifw_ruleset_forsake(struct minifw_rule *rule, bool by_right);
int minifw_ruleset_enable_chain(struct minifw_chain *chain);
int minifw_ruleset_disable_chain(struct minifw_chain *chain);
void minifw_ruleset_forsake_chain(struct minifw_chain *chain, bool by_right);
void minifw_ruleset_clean(void);
void minifw_ruleset_expire(void);
int minifw_ruleset_show(struct minifw_text *out);

#endif
