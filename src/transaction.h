/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_TRANSACTION_H
#define MINIFW_TRANSACTION_H

#include <linux/types.h>

struct minifw_change;
struct minifw_config;
struct minifw_entry;
struct minifw_error;
struct minifw_text;

bool minifw_transaction_is_open(void);
bool minifw_transaction_is_idle(void);
int minifw_transaction_check(struct minifw_error *err, const char *where);
int minifw_transaction_change(const struct minifw_change *change, struct minifw_error *err);
void minifw_transaction_remove(const struct minifw_entry *entry);
struct minifw_config *minifw_transaction_config(void);
const char *minifw_transaction_status(bool in_force, bool pending, bool modified);

int minifw_transaction_write(char *text, struct minifw_error *err);
void minifw_transaction_show(struct minifw_text *out);
void minifw_transaction_exit(void);

#endif
