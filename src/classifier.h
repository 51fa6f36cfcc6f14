/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_CLASSIFIER_H
#define MINIFW_CLASSIFIER_H

#include "addr.h"
#include "stage.h"

struct minifw_classifier;
struct minifw_leaf;
struct minifw_live;
struct minifw_packet;

struct minifw_classifier *minifw_classifier_build(struct minifw_live *const *rules,
						  unsigned int count, enum minifw_stage stage,
						  enum minifw_family family);
void minifw_classifier_free(struct minifw_classifier *classifier);
int minifw_classifiers_build(struct minifw_classifier *classifier[][MINIFW_NR_FAMILIES],
			     struct minifw_live *const *rules, unsigned int count, u8 stages);
void minifw_classifiers_free(struct minifw_classifier *classifier[][MINIFW_NR_FAMILIES]);
unsigned int minifw_classifiers_stale(struct minifw_classifier *const
				      classifier[][MINIFW_NR_FAMILIES]);
bool minifw_classifier_empty(const struct minifw_classifier *classifier);
const struct minifw_leaf *minifw_classifier_lookup(const struct minifw_classifier *classifier,
						   const struct minifw_packet *packet,
						   u32 after);
const struct minifw_live *minifw_classifier_rule(const struct minifw_classifier *classifier,
						 const struct minifw_leaf *leaf);

#endif
