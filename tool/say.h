/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SAY_H
#define SAY_H

#include "place.h"

/* What a command ends with. */
enum status {
	DONE,
	REFUSED,
	USAGE,
};

#define WHY_MAX 192	/* bytes of a reason, its NUL among them */

__attribute__((format(printf, 2, 3)))
int fault(const struct place *place, const char *format, ...);
__attribute__((format(printf, 2, 3)))
void remark(const struct place *place, const char *format, ...);
unsigned int faults(void);
__attribute__((format(printf, 1, 2)))
int refuse(const char *format, ...);
__attribute__((format(printf, 1, 2)))
int usage(const char *format, ...);
__attribute__((format(printf, 1, 2)))
char *format_text(const char *format, ...);
void *need(void *memory);

#endif
