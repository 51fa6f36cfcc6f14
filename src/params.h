/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_PARAMS_H
#define MINIFW_PARAMS_H

#include <linux/types.h>

void minifw_params_ready(bool ready);

#endif
