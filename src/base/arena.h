/* SPDX-License-Identifier: MIT */
/*
 * arena.h - memory that is freed all at once
 *
 * Each set, manifest and plan owns one arena, and everything in it lives as
 * long as its owner. Nothing in an arena is freed or moved by itself.
 */
#ifndef LF_BASE_ARENA_H
#define LF_BASE_ARENA_H

#include <linkfarm/str.h>

struct lf_arena_block;

/** Zero-initialise (`= {0}`) before the first use. */
struct lf_arena {
    struct lf_arena_block *newest;
};

/** Free all memory of `arena`, which is then empty and usable again. */
void lf_arena_finish(struct lf_arena *arena);

/**
 * `size` zeroed bytes, aligned for any type. NULL when memory runs out.
 * A size of 0 gives a pointer that must not be read.
 */
void *lf_arena_alloc(struct lf_arena *arena, size_t size);

/** As lf_arena_alloc() for `count` objects; NULL also when it would overflow. */
void *lf_arena_alloc_array(struct lf_arena *arena, size_t count, size_t size);

/** As lf_arena_alloc(), not aligned: for text. */
char *lf_arena_bytes(struct lf_arena *arena, size_t size);

/**
 * A copy of `text`, followed by a NUL that is not counted. On failure `data`
 * is NULL. Not aligned, so that short strings stay close together.
 */
struct lf_str lf_arena_str(struct lf_arena *arena, struct lf_str text);

/** Copies of two texts, each followed by a NUL, the second right behind that of the
 *  first, which is returned. data is NULL without memory. */
struct lf_str lf_arena_two(struct lf_arena *arena, struct lf_str first,
                           struct lf_str second);

/** A copy of an array of texts and of each of them; NULL without memory. */
struct lf_str *lf_arena_texts(struct lf_arena *arena,
                              const struct lf_str *texts, size_t count);

/** Let `arena` have all that `other` has, which is empty then. */
void lf_arena_join(struct lf_arena *arena, struct lf_arena *other);

/** Bytes that the arena holds from the heap, for tests of memory use. */
size_t lf_arena_size(const struct lf_arena *arena);

#endif
