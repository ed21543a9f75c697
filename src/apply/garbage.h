/* SPDX-License-Identifier: MIT */
/*
 * garbage.h - what is to be dropped, inside
 */
#ifndef LF_APPLY_GARBAGE_H
#define LF_APPLY_GARBAGE_H

#include "apply/store.h"
#include "apply/sweep.h"
#include <linkfarm/garbage.h>

/** A displaced node, and what it was moved aside from. */
struct lf_ref {
    struct lf_displaced displaced;
    struct lf_str place;
};

struct lf_refs {
    struct lf_ref *items;
    uint32_t count, capacity;
};

/** Add the nodes that a farm's records keep, their texts copied. */
bool lf_refs_add(struct lf_refs *refs, struct lf_arena *arena,
                 const struct lf_recorded *farm, struct lf_error *err);
/** By store, transaction and number; for qsort(3). */
int lf_refs_compare(const void *a, const void *b);
void lf_refs_sort(struct lf_refs *refs);
/** Whether `refs`, sorted, names the same node as `ref`. */
bool lf_refs_has(const struct lf_refs *refs, const struct lf_ref *ref);

/** Whether a generation cannot be read for what is in it, which no later try mends. */
bool lf_garbage_is_damage(const struct lf_error *err);

struct lf_garbage {
    struct lf_arena arena;
    struct lf_maker maker;
    uint64_t base;  /* number of the ledger it was found with, */
    uint32_t drops; /* and how often the transaction had dropped some */
    struct lf_old_generation *generations;
    uint32_t n_generations, generation_capacity;
    struct lf_garbage_node *nodes; /* of `displaced`, those that stand */
    uint32_t n_nodes, node_capacity;
    struct lf_displaced *displaced; /* sorted by store, transaction, number */
    size_t n_displaced;
    struct lf_str *farms; /* that leave the ledger */
    uint32_t n_farms, farm_capacity;
    struct lf_str *names; /* of all farms that have a history */
    uint32_t n_names, name_capacity;
    bool interrupted;
    bool failed; /* while listing */
};

#endif
