/* SPDX-License-Identifier: GPL-2.0 */
#ifndef JSON_H
#define JSON_H

#include <stdio.h>

struct inventory;

void json_print(const struct inventory *inventory, FILE *out);

#endif
