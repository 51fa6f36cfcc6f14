/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PROMETHEUS_H
#define PROMETHEUS_H

#include <stdio.h>

struct inventory;

void prometheus_print(const struct inventory *inventory, FILE *out);

#endif
