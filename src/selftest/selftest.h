/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_SELFTEST_H
#define MINIFW_SELFTEST_H

#ifdef MINIFW_DEBUG
int minifw_selftest(void);
#else
static inline int minifw_selftest(void) { return 0; }
#endif

#endif
