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

/** The one of these, which are sorted, that equals `text`; NULL if none does. Found by
 *  bisection. */
const struct lf_str *lf_texts_find(const struct lf_str *texts, size_t count,
                                   struct lf_str text);

/** Whether there is one. */
static inline bool lf_texts_have(const struct lf_str *texts, size_t count,
                                 struct lf_str text)
{
    return lf_texts_find(texts, count, text);
}

#endif
