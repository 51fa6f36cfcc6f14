/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PLACE_H
#define PLACE_H

/**
 * struct place - where a line is
 * @file: its name; NULL where it is of no file
 * @line: its number, from 1 on; 0 is the whole file
 */
struct place {
	const char *file;
	unsigned int line;
};

#endif
