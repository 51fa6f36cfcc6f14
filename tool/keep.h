/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KEEP_H
#define KEEP_H

#include <stdarg.h>

struct place;

__attribute__((format(printf, 1, 2)))
char *keep(const char *format, ...);
char *keep_args(const char *format, va_list args);
void keep_nothing(void);
const char *place_text(const struct place *place);
char *lower(const char *text);

#endif
