/* SPDX-License-Identifier: MIT */
/*
 * sweep.h - removing displaced nodes from the store for good
 *
 * A directory in the store can be as large and as deep as its owner liked. It
 * is taken apart without recursion and with two descriptors: what is no
 * directory is unlinked, and directories move up into the folder of the store,
 * as `N.1`, `N.2` and so on, where each has its turn.
 */
#ifndef LF_APPLY_SWEEP_H
#define LF_APPLY_SWEEP_H

#include "apply/transaction.h"

enum lf_swept {
    LF_SWEPT_STANDS,  /* the node that was moved aside */
    LF_SWEPT_GONE,    /* nothing */
    LF_SWEPT_ANOTHER, /* something else */
    LF_SWEPT_UNSAFE,  /* whatever others than root may have put there */
};

/** What stands where `displaced` says. `ret_node` is set if something does. */
bool lf_sweep_look(struct lf_transaction *transaction,
                   const struct lf_displaced *displaced,
                   enum lf_swept *ret_swept, struct lf_node *ret_node,
                   struct lf_error *err);

struct lf_remains;

/** What removes nodes, one after the other; zero but for the transaction at first.
 *  Those of one folder come in a row. */
struct lf_sweeper {
    struct lf_transaction *t;
    const struct lf_displaced
            *listed;            /* whose folder was listed last; or NULL */
    struct lf_remains *remains; /* in it, of interrupted removals; sorted */
    uint32_t n_remains, remain_capacity;
    bool lost; /* one of them, for want of memory */
};

void lf_sweeper_finish(struct lf_sweeper *sweeper);

/** Remove the node and what an interrupted removal of it left. Something else
 *  in its place is left and noted, and so is all that is where others than root
 *  may have put it. LF_CODE_GARBAGE. */
bool lf_sweep_node(struct lf_sweeper *sweeper,
                   const struct lf_displaced *displaced, struct lf_error *err);

/** Remove the folders that these were in, where they are empty now, and make
 *  all of it durable. `nodes` are sorted by store and transaction. */
bool lf_sweep_end(struct lf_transaction *transaction,
                  const struct lf_displaced *nodes, size_t count,
                  struct lf_error *err);

#endif
