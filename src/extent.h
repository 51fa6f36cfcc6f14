/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_EXTENT_H
#define MINIFW_EXTENT_H

#include <linux/types.h>

struct minifw_words;

/* Of the kinds of value, as struct minifw_kind's @covers. */
bool minifw_ranges_cover(const struct minifw_words *words, const void *a, const void *b,
			 u8 families);
bool minifw_icmp_covers(const struct minifw_words *words, const void *a, const void *b,
			u8 families);
bool minifw_ifaces_cover(const struct minifw_words *words, const void *a, const void *b,
			 u8 families);
bool minifw_macs_cover(const struct minifw_words *words, const void *a, const void *b,
		       u8 families);
bool minifw_codes_cover(const struct minifw_words *words, const void *a, const void *b,
			u8 families);
bool minifw_flags_cover(const struct minifw_words *words, const void *a, const void *b,
			u8 families);
bool minifw_tcp_flags_cover(const struct minifw_words *words, const void *a, const void *b,
			    u8 families);
bool minifw_mark_covers(const struct minifw_words *words, const void *a, const void *b,
			u8 families);

#endif
