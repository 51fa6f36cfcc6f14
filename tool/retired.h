/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RETIRED_H
#define RETIRED_H

struct apply;

void retired_note(const struct apply *apply);
void retired_remove(void);
void retired_forget(void);

#endif
