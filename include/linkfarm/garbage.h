/* SPDX-License-Identifier: MIT */
/*
 * garbage.h - dropping old generations, and what only they keep
 *
 * A generation keeps the foreign nodes that were moved aside for it, so that a
 * rollback can put them back. What no generation that stays has in its records
 * can go with the ones that are dropped. Nothing else is ever garbage: what a
 * ledger does not name, or what is not the node that it names, is left alone.
 *
 * Calling sequence: open a transaction, find the garbage, look at it, drop it
 * (of a transaction for writing), free it. A dry run is the same without the
 * drop.
 */
#ifndef LINKFARM_GARBAGE_H
#define LINKFARM_GARBAGE_H

#include <linkfarm/transaction.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A generation that goes. */
struct lf_old_generation {
    struct lf_str farm;
    uint64_t number;
    int64_t time; /* seconds since 1970 UTC; 0 when damaged */
    size_t links;
    bool damaged; /* cannot be read, and so stays: what it kept is not known */
};

/** A displaced node that goes with them. */
struct lf_garbage_node {
    struct lf_str path;  /* where it is kept; as lf_farm_item.displaced_path */
    struct lf_str place; /* what it had been moved aside from */
    enum lf_node_kind kind;
    uint64_t size; /* bytes, of a file */
};

struct lf_garbage;

/**
 * Find what would go if each farm kept its newest `keep` generations (0 is
 * taken for 1), the present one among them. A farm that owns nothing leaves the
 * ledger when its history goes. The caller frees `*ret_garbage` with
 * lf_garbage_free(). Fails when a generation that stays cannot be read
 * (LF_CODE_LEDGER_CORRUPT ...): then it is not known what it needs.
 */
LF_PUBLIC bool lf_garbage_find(struct lf_transaction *transaction,
                               uint64_t keep, struct lf_garbage **ret_garbage,
                               struct lf_error *err);
/** NULL is allowed. */
LF_PUBLIC void lf_garbage_free(struct lf_garbage *garbage);

/** The generations, by farm and number; an `index` is below their count.
 *  Borrowed. */
LF_PUBLIC size_t lf_garbage_generations(const struct lf_garbage *garbage);
LF_PUBLIC const struct lf_old_generation *
lf_garbage_generation(const struct lf_garbage *garbage, size_t index);

/** The displaced nodes that stand in the store; an `index` is below their count.
 *  Borrowed. */
LF_PUBLIC size_t lf_garbage_nodes(const struct lf_garbage *garbage);
LF_PUBLIC const struct lf_garbage_node *
lf_garbage_node(const struct lf_garbage *garbage, size_t index);

/** The farms that leave the ledger; an `index` is below their count. Borrowed. */
LF_PUBLIC size_t lf_garbage_farms(const struct lf_garbage *garbage);
LF_PUBLIC struct lf_str lf_garbage_farm(const struct lf_garbage *garbage,
                                        size_t index);

/** Whether an earlier drop was interrupted, and has something left to do. */
LF_PUBLIC bool lf_garbage_interrupted(const struct lf_garbage *garbage);

/**
 * Drop it. The history goes first, and what it kept only when that is durable,
 * so that no generation that can be seen lacks what it kept; a drop that fails
 * (LF_CODE_GARBAGE) or is interrupted (LF_CODE_CANCELLED) is continued by the
 * next one, of what is found then. `garbage` must have been found by this
 * transaction, opened for writing (LF_CODE_INTERNAL otherwise), and nothing been
 * applied or dropped since (LF_CODE_STALE). Nodes that are not what was moved aside
 * are left, and noted in the report.
 */
LF_PUBLIC bool lf_garbage_drop(struct lf_transaction *transaction,
                               const struct lf_garbage *garbage,
                               const struct lf_report **ret_report,
                               struct lf_error *err);

/** Told of a displaced node that is lost; texts live for the call. */
typedef void lf_lost_fn(void *arg, struct lf_str farm, struct lf_str place);

/**
 * Call `fn` for each displaced node that the ledger has and the store has not,
 * or has something else instead: it cannot be put back. LF_CODE_GARBAGE where
 * the store cannot be looked at; LF_CODE_STORE_UNSAFE, when all are told, where
 * others than root may change it; LF_CODE_LEDGER_*.
 */
LF_PUBLIC bool lf_garbage_lost(struct lf_transaction *transaction,
                               lf_lost_fn *fn, void *arg, struct lf_error *err);

#ifdef __cplusplus
}
#endif

#endif
