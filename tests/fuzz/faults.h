/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FUZZ_FAULTS_H
#define FUZZ_FAULTS_H

#include "say.h"

/* Faults since somebody set it to 0. */
extern unsigned int faults_found;

#endif
