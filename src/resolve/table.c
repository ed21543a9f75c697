/* SPDX-License-Identifier: MIT */
/*
 * table.c - hash tables whose links are part of what they hold
 */
#include "resolve/table.h"

#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { FIRST_BUCKETS = 32 };

void lf_table_finish(struct lf_table *table)
{
    free(table->buckets);
    *table = (struct lf_table){0};
}

uint32_t lf_table_hash(const void *dir, struct lf_str name)
{
    return (uint32_t)XXH3_64bits_withSeed(name.data, name.len,
                                          (uint64_t)(uintptr_t)dir);
}

static void put(struct lf_table_link **buckets, size_t n_buckets,
                struct lf_table_link *link)
{
    struct lf_table_link **bucket = &buckets[link->hash & (n_buckets - 1)];
    link->next = *bucket;
    *bucket = link;
}

static bool grow(struct lf_table *table, size_t n_buckets)
{
    struct lf_table_link **buckets =
            calloc(n_buckets, sizeof(struct lf_table_link *));
    if (!buckets)
        return false;
    for (size_t i = 0; i < table->n_buckets; i++) {
        struct lf_table_link *next;
        for (struct lf_table_link *at = table->buckets[i]; at; at = next) {
            next = at->next;
            put(buckets, n_buckets, at);
        }
    }
    free(table->buckets);
    table->buckets = buckets;
    table->n_buckets = n_buckets;
    return true;
}

bool lf_table_reserve(struct lf_table *table, size_t n_links)
{
    size_t n_buckets = table->n_buckets ? table->n_buckets : FIRST_BUCKETS;
    /* half full: most look-ups of what is not there touch no other entry */
    while (n_buckets < 2 * n_links)
        n_buckets *= 2;
    return n_buckets == table->n_buckets || grow(table, n_buckets);
}

void lf_table_put(struct lf_table *table, struct lf_table_link *link,
                  uint32_t hash)
{
    link->hash = hash;
    put(table->buckets, table->n_buckets, link);
    table->n_links++;
}

bool lf_table_add(struct lf_table *table, struct lf_table_link *link,
                  uint32_t hash)
{
    if (!lf_table_reserve(table, table->n_links + 1))
        return false;
    lf_table_put(table, link, hash);
    return true;
}

void lf_table_remove(struct lf_table *table, struct lf_table_link *link)
{
    struct lf_table_link **at =
            &table->buckets[link->hash & (table->n_buckets - 1)];
    while (*at != link)
        at = &(*at)->next;
    *at = link->next;
    table->n_links--;
}

static struct lf_table_link *with_hash(struct lf_table_link *link,
                                       uint32_t hash)
{
    while (link && link->hash != hash)
        link = link->next;
    return link;
}

struct lf_table_link *lf_table_first(const struct lf_table *table,
                                     uint32_t hash)
{
    if (table->n_buckets == 0)
        return NULL;
    return with_hash(table->buckets[hash & (table->n_buckets - 1)], hash);
}

struct lf_table_link *lf_table_next(const struct lf_table_link *link)
{
    return with_hash(link->next, link->hash);
}
