/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_SELFTEST_CASES_H
#define MINIFW_SELFTEST_CASES_H

int minifw_selftest_parse(unsigned int *passed);
int minifw_selftest_classifier(unsigned int *passed);
int minifw_selftest_bucket(unsigned int *passed);

#endif
