/* SPDX-License-Identifier: MIT */
/*
 * table.h - hash tables whose links are part of what they hold
 *
 * Each thing held begins with a `struct lf_table_link`. The table owns its
 * buckets only; comparing keys is the caller's.
 */
#ifndef LF_RESOLVE_TABLE_H
#define LF_RESOLVE_TABLE_H

#include <linkfarm/str.h>
#include <stdint.h>

struct lf_table_link {
    struct lf_table_link *next;
    uint32_t hash;
};

/** Zero-initialise (`= {0}`) before the first use. */
struct lf_table {
    struct lf_table_link **buckets;
    size_t n_buckets; /* a power of two, or 0 */
    size_t n_links;
};

void lf_table_finish(struct lf_table *table);

/** The hash of `name` in the directory, or the table, known by the address `dir`. */
uint32_t lf_table_hash(const void *dir, struct lf_str name);

/** Make room for `n_links` in all. False, changing nothing, without memory. */
bool lf_table_reserve(struct lf_table *table, size_t n_links);
/** Add what begins with `link`, for which there is room. */
void lf_table_put(struct lf_table *table, struct lf_table_link *link,
                  uint32_t hash);
/** Both. False, adding nothing, without memory. */
bool lf_table_add(struct lf_table *table, struct lf_table_link *link,
                  uint32_t hash);
void lf_table_remove(struct lf_table *table, struct lf_table_link *link);

/** The first thing with this hash, the latest added first; or NULL. */
struct lf_table_link *lf_table_first(const struct lf_table *table,
                                     uint32_t hash);
/** The next one with the same hash, or NULL. */
struct lf_table_link *lf_table_next(const struct lf_table_link *link);

#endif
