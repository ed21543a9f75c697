/* SPDX-License-Identifier: MIT */
/*
 * set.h - places in the file system, grouped by directory and sorted
 *
 * The one shape of the desired, the recorded and the observed links. A place
 * is a physical directory and a name in it. Directories are interned; after
 * lf_set_seal() they stand in the order of lf_path_compare() (a directory
 * before all that lies below it), and the items of one directory stand
 * together, by name. So two sets are compared by one merge walk, and a file
 * system is visited directory by directory.
 *
 * What a set says of a place is its owner's: `detail` is an index into an
 * array that the owner keeps.
 */
#ifndef LF_BASE_SET_H
#define LF_BASE_SET_H

#include "base/arena.h"
#include <stdint.h>

/** A place, in 16 bytes: there is one for each link, in several sets. */
struct lf_item {
    const char *name_data;
    uint32_t dir_and_len; /* see lf_item_dir(), lf_item_name() */
    uint32_t detail;      /* index into the owner's array */
};

enum { LF_SET_DIRS_MOST = 1 << 24 };

/** One component, of at most 255 bytes. */
static inline struct lf_str lf_item_name(const struct lf_item *item)
{
    return lf_str_of(item->name_data, item->dir_and_len & 0xff);
}

/** Index into dirs. */
static inline uint32_t lf_item_dir(const struct lf_item *item)
{
    return item->dir_and_len >> 8;
}

static inline void lf_item_set_dir(struct lf_item *item, uint32_t dir)
{
    item->dir_and_len = dir << 8 | (item->dir_and_len & 0xff);
}

struct lf_dir {
    struct lf_str path; /* physical */
    uint32_t first;     /* its items, once sealed: items[first..first+count) */
    uint32_t count;
};

struct lf_set_index;

/** Zero-initialise (`= {0}`) before the first use. */
struct lf_set {
    struct lf_arena arena; /* holds the paths and names */
    struct lf_dir *dirs;
    struct lf_item *items;
    uint32_t n_dirs, n_items;
    uint32_t dir_capacity, item_capacity;
    struct lf_set_index *index; /* directory path -> index, while building */
    bool sealed;
};

/** Free what says which places there are; directories' paths and names that were
 *  copied stay, for those who borrow them. Nothing more is asked of `set`. */
void lf_set_forget(struct lf_set *set);

/** Let `to`, which is all zero, have what says which places there are in the sealed
 *  `from`. That keeps the texts, as after lf_set_forget(), and must live longer. */
void lf_set_move(struct lf_set *from, struct lf_set *to);

/** Free the items of a sealed set. Which directories there are stays known: see
 *  lf_set_find_dir(), lf_set_below(). */
void lf_set_forget_items(struct lf_set *set);

/** Free all memory of `set`. */
void lf_set_finish(struct lf_set *set);

/**
 * The index of directory `path`, added (and copied) if new. False: no memory, or
 * more than 2^24 directories.
 * Like lf_set_add(), only before sealing.
 */
bool lf_set_dir(struct lf_set *set, struct lf_str path, uint32_t *ret_dir);

/** Whether lf_set_dir() knows a directory already. Several threads may ask at
 *  once, only before sealing. */
bool lf_set_has_dir(const struct lf_set *set, struct lf_str path,
                    uint32_t *ret_dir);

/** Add a place; `name` is copied. False: no memory, a name of more than 255 bytes, or
 *  more than 2^32-2 items. */
bool lf_set_add(struct lf_set *set, uint32_t dir, struct lf_str name,
                uint32_t detail);

/** The same without a copy: `name` must live as long as the set. */
bool lf_set_borrow(struct lf_set *set, uint32_t dir, struct lf_str name,
                   uint32_t detail);

/**
 * Add a place behind all others of a set that is made so from the beginning, in
 * order, and is sealed at any time; neither text is copied: both must live as long
 * as the set. False as both of the others.
 */
bool lf_set_append(struct lf_set *set, struct lf_str dir, struct lf_str name,
                   uint32_t detail);

/**
 * Sort and group. Items with the same place stay in the order of adding, next
 * to each other. Indices from lf_set_dir() are void afterwards: use each
 * item's `dir`. Directories without items are dropped. Sealing twice is once.
 * False: no memory; the set is as it was.
 */
bool lf_set_seal(struct lf_set *set);

/** The directory at `path` of a sealed set, if it has items; else NULL. Binary
 *  search, as the next two. */
const struct lf_dir *lf_set_find_dir(const struct lf_set *set,
                                     struct lf_str path);

/** The first item with this name in a directory of the set, or NULL. */
const struct lf_item *lf_set_find_in(const struct lf_set *set,
                                     const struct lf_dir *dir,
                                     struct lf_str name);

/** The first item of a sealed set at this place, or NULL. */
const struct lf_item *lf_set_find(const struct lf_set *set, struct lf_str dir,
                                  struct lf_str name);

/**
 * The directories of a sealed set that are `path` or lie below it: they stand
 * together, from `*ret_first` up to `*ret_end`. Binary search.
 */
void lf_set_below(const struct lf_set *set, struct lf_str path,
                  uint32_t *ret_first, uint32_t *ret_end);

/** Order of places in sealed sets, for merge walks across sets. */
int lf_place_compare(struct lf_str dir_a, struct lf_str name_a,
                     struct lf_str dir_b, struct lf_str name_b);

#endif
