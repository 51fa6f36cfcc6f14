/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SCRATCH_H
#define SCRATCH_H

int scratch_load(const char *folder, const char *object, const char *text);

#endif
