/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_CONFIGFS_H
#define MINIFW_CONFIGFS_H

struct config_item;

int minifw_configfs_pin(struct config_item *item);
void minifw_configfs_unpin(struct config_item *item);
int minifw_configfs_init(void);
void minifw_configfs_exit(void);

#endif
