/* SPDX-License-Identifier: MIT */
/*
 * nearest.c - "did you mean": the known word that a mistyped one is closest to
 */
#include "base/nearest.h"

enum { WORD_LIMIT = 64 };

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* ASCII alone: keys, commands and options are no more. */
static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool swapped(struct lf_str a, struct lf_str b, size_t i, size_t j)
{
    return i > 1 && j > 1 && lower(a.data[i - 1]) == lower(b.data[j - 2]) &&
           lower(a.data[i - 2]) == lower(b.data[j - 1]);
}

/* Optimal string alignment: row i holds the distances from the first i bytes
 * of `a` to each beginning of `b`. Both are at most WORD_LIMIT long. */
static unsigned distance(struct lf_str a, struct lf_str b)
{
    unsigned rows[3][WORD_LIMIT + 1];
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= a.len; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i + 2) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b.len; j++) {
            unsigned same = lower(a.data[i - 1]) == lower(b.data[j - 1]);
            row[j] = smaller(above[j] + 1, row[j - 1] + 1);
            row[j] = smaller(row[j], above[j - 1] + !same);
            if (swapped(a, b, i, j))
                row[j] = smaller(row[j], rows[(i + 1) % 3][j - 2] + 1);
        }
    }
    return rows[a.len % 3][b.len];
}

static unsigned allowed_for(size_t len)
{
    if (len < 2 || len > WORD_LIMIT)
        return 0;
    return len <= 4 ? 1 : len <= 8 ? 2 : 3;
}

const char *lf_nearest(struct lf_str word,
                       const char *(*next)(const void *arg, size_t index),
                       const void *arg)
{
    const char *best = NULL;
    unsigned limit = allowed_for(word.len);
    if (limit == 0)
        return NULL;
    unsigned least = limit + 1;
    for (size_t i = 0;; i++) {
        struct lf_str known = lf_str(next(arg, i));
        if (!known.data)
            return best;
        if (known.len > WORD_LIMIT)
            continue;
        unsigned edits = distance(word, known);
        if (edits < least) {
            least = edits;
            best = known.data;
        }
    }
}

const char *lf_nearest_of_array(const void *array, size_t index)
{
    return ((const char *const *)array)[index];
}
