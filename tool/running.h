/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RUNNING_H
#define RUNNING_H

#define CONF_FILE "/etc/minifw/minifw.conf"

struct conf;

int running_need(void);
struct conf *running_read(void);
struct conf *conf_of_file(const char *path);

#endif
