/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MODULE_H
#define MODULE_H

#include <stdbool.h>

bool module_is_loaded(void);
int module_load(void);
char *module_option(const char *parameter);
char *module_version(void);
char *module_installed_version(void);
char *module_signature(void);

#endif
