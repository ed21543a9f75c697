/* SPDX-License-Identifier: MIT */
/*
 * nearest.h - "did you mean": the known word that a mistyped one is closest to
 */
#ifndef LF_BASE_NEAREST_H
#define LF_BASE_NEAREST_H

#include <linkfarm/str.h>

/**
 * The candidate that is fewest edits away from `word` (a byte put in, left out,
 * changed, or swapped with its neighbour), case ignored; the first of equals.
 * NULL if none is near enough to be meant: one edit in a word of 2 to 4 bytes,
 * two up to 8, three in longer ones. A `word` above 64 bytes is near nothing.
 * `next(arg, i)` gives the i-th candidate, NULL past the last.
 */
const char *lf_nearest(struct lf_str word,
                       const char *(*next)(const void *arg, size_t index),
                       const void *arg);

/** `next` for lf_nearest() over an array of texts that ends with NULL. */
const char *lf_nearest_of_array(const void *array, size_t index);

#endif
