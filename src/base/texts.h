/* SPDX-License-Identifier: MIT */
/*
 * texts.h - sorted arrays of texts, each once
 */
#ifndef LF_BASE_TEXTS_H
#define LF_BASE_TEXTS_H

#include <linkfarm/str.h>
#include <stdint.h>

/** Sort `texts`, and keep each once. How many are left. */
uint32_t lf_texts_sort(struct lf_str *texts, uint32_t count);

/** Whether `text` is one of these, which are sorted; found by bisection. */
bool lf_texts_have(const struct lf_str *texts, size_t count,
                   struct lf_str text);

#endif
