/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TRANSACTION_H
#define TRANSACTION_H

int transaction_verb(const char *verb);
int transaction_time(const char *seconds);
int transaction_begin(void);
int transaction_commit(const char *seconds);
int transaction_pending(const char *seconds);
int transaction_ask(const char *seconds);

#endif
