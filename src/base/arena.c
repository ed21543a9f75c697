/* SPDX-License-Identifier: MIT */
/*
 * arena.c - blocks that double in size, filled from the front
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

enum {
    FIRST_BLOCK = 1024,
    LARGEST_BLOCK = 1 << 20,
};

struct lf_arena_block {
    struct lf_arena_block *older;
    size_t used, size; /* of `bytes` */
    alignas(max_align_t) char bytes[];
};

void lf_arena_finish(struct lf_arena *arena)
{
    struct lf_arena_block *block = arena->newest;
    while (block) {
        struct lf_arena_block *older = block->older;
        free(block);
        block = older;
    }
    arena->newest = NULL;
}

/* Zeroed by calloc(), which need not touch fresh pages to do so. */
static struct lf_arena_block *block_new(size_t size)
{
    if (size > SIZE_MAX - sizeof(struct lf_arena_block))
        return NULL;
    struct lf_arena_block *block =
            calloc(1, sizeof(struct lf_arena_block) + size);
    if (block)
        block->size = size;
    return block;
}

/*
 * A block for `size` bytes alone goes behind the newest one, so that what is
 * free in that one stays in use.
 */
static char *alloc_alone(struct lf_arena *arena, size_t size)
{
    struct lf_arena_block *block = block_new(size);
    if (!block)
        return NULL;
    block->used = size;
    if (arena->newest) {
        block->older = arena->newest->older;
        arena->newest->older = block;
    } else {
        arena->newest = block;
    }
    return block->bytes;
}

static char *alloc_in_new_block(struct lf_arena *arena, size_t size)
{
    size_t total = FIRST_BLOCK;
    if (arena->newest && arena->newest->size >= FIRST_BLOCK / 2)
        total = (arena->newest->size + sizeof(struct lf_arena_block)) * 2;
    if (total > LARGEST_BLOCK)
        total = LARGEST_BLOCK;
    total -= sizeof(struct lf_arena_block);
    if (size > total / 4)
        return alloc_alone(arena, size);
    struct lf_arena_block *block = block_new(total);
    if (!block)
        return NULL;
    block->used = size;
    block->older = arena->newest;
    arena->newest = block;
    return block->bytes;
}

static char *alloc_bytes(struct lf_arena *arena, size_t size, size_t align)
{
    struct lf_arena_block *block = arena->newest;
    if (block) {
        /* `bytes` is aligned for any type, so offsets may be rounded instead
         * of addresses; `used` is at most `size`, so this cannot overflow */
        size_t start = (block->used + align - 1) & ~(align - 1);
        if (start <= block->size && size <= block->size - start) {
            block->used = start + size;
            return block->bytes + start;
        }
    }
    return alloc_in_new_block(arena, size);
}

void *lf_arena_alloc(struct lf_arena *arena, size_t size)
{
    return alloc_bytes(arena, size, alignof(max_align_t));
}

void *lf_arena_alloc_array(struct lf_arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    return lf_arena_alloc(arena, count * size);
}

char *lf_arena_bytes(struct lf_arena *arena, size_t size)
{
    return alloc_bytes(arena, size, 1);
}

struct lf_str lf_arena_str(struct lf_arena *arena, struct lf_str text)
{
    if (text.len == SIZE_MAX)
        return lf_str_of(NULL, 0);
    char *copy = lf_arena_bytes(arena, text.len + 1);
    if (!copy)
        return lf_str_of(NULL, 0);
    if (text.len)
        memcpy(copy, text.data, text.len);
    return lf_str_of(copy, text.len);
}

struct lf_str lf_arena_two(struct lf_arena *arena, struct lf_str first,
                           struct lf_str second)
{
    if (second.len > SIZE_MAX / 2 || first.len > SIZE_MAX / 2 - 2)
        return lf_str_of(NULL, 0);
    char *both = lf_arena_bytes(arena, first.len + second.len + 2);
    if (!both)
        return lf_str_of(NULL, 0);
    if (first.len)
        memcpy(both, first.data, first.len);
    if (second.len)
        memcpy(both + first.len + 1, second.data, second.len);
    both[first.len] = both[first.len + 1 + second.len] = '\0';
    return lf_str_of(both, first.len);
}

struct lf_str *lf_arena_texts(struct lf_arena *arena,
                              const struct lf_str *texts, size_t count)
{
    struct lf_str *copies = lf_arena_alloc_array(arena, count, sizeof(*copies));
    for (size_t i = 0; copies && i < count; i++) {
        copies[i] = lf_arena_str(arena, texts[i]);
        if (!copies[i].data)
            return NULL;
    }
    return copies;
}

void lf_arena_join(struct lf_arena *arena, struct lf_arena *other)
{
    /* behind the newest of `arena`, which stays in use */
    struct lf_arena_block **end =
            arena->newest ? &arena->newest->older : &arena->newest;
    struct lf_arena_block *older = *end;
    *end = other->newest;
    while (*end)
        end = &(*end)->older;
    *end = older;
    other->newest = NULL;
}

size_t lf_arena_size(const struct lf_arena *arena)
{
    size_t total = 0;
    for (const struct lf_arena_block *b = arena->newest; b; b = b->older)
        total += sizeof(*b) + b->size;
    return total;
}
