/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_CONFIGFS_H
#define MINIFW_CONFIGFS_H

int minifw_configfs_init(void);
void minifw_configfs_exit(void);

#endif
