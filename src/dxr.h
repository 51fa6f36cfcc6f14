/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_DXR_H
#define MINIFW_DXR_H

#include <linux/types.h>

#include "index.h"

struct minifw_intervals;

/**
 * struct minifw_dxr - an index of IPv4 addresses
 * @index: header
 * @base: the first address of the first chunk; what is below is not in it
 * @chunks: of 2^@shift addresses each; all behind them is like the end of the last
 * @shift: see there
 * @wide: edges take four bytes, not two
 * @dir: for each chunk, then for what is behind them, then once more for the end of it:
 *	a word of DXR_ bits. Edges and maps follow
 */
struct minifw_dxr {
	struct minifw_index index;
	u32 base;
	u32 chunks;
	u8 shift;
	bool wide;
	u32 dir[];
};

struct minifw_index *minifw_dxr_build(const struct minifw_intervals *runs);
bool minifw_dxr_has(const struct minifw_dxr *dxr, u32 addr);
bool minifw_dxr_stretch(const struct minifw_dxr *dxr, u32 addr, u32 *last);

#endif
