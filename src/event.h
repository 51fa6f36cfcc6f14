/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_EVENT_H
#define MINIFW_EVENT_H

void minifw_event(const char *what);

#endif
