/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_FILE_H
#define MINIFW_FILE_H

struct minifw_error;

char *minifw_file_read(const char *path, struct minifw_error *err);

#endif
