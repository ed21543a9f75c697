/* SPDX-License-Identifier: MIT */
/*
 * texts.c - sorted arrays of texts, each once
 */
#include "base/texts.h"

#include <stdlib.h>

static int compare_texts(const void *a, const void *b)
{
    return lf_str_compare(*(const struct lf_str *)a, *(const struct lf_str *)b);
}

uint32_t lf_texts_sort(struct lf_str *texts, uint32_t count)
{
    uint32_t kept = 0;
    if (count > 1)
        qsort(texts, count, sizeof(*texts), compare_texts);
    for (uint32_t i = 0; i < count; i++) {
        if (kept == 0 || !lf_str_equal(texts[kept - 1], texts[i]))
            texts[kept++] = texts[i];
    }
    return kept;
}

const struct lf_str *lf_texts_find(const struct lf_str *texts, size_t count,
                                   struct lf_str text)
{
    return count > 0
                   ? bsearch(&text, texts, count, sizeof(*texts), compare_texts)
                   : NULL;
}
