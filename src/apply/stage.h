/* SPDX-License-Identifier: MIT */
/*
 * stage.h - what the state directory holds before the first step
 *
 * The new ledger and the journal, each under a temporary name, so that a full disk
 * shows itself while there is nothing to undo. Neither is there for anybody yet:
 * that takes a rename.
 */
#ifndef LF_APPLY_STAGE_H
#define LF_APPLY_STAGE_H

#include "apply/transaction.h"

/** Descriptors of the temporary files, or -1. */
struct lf_staged {
    int ledger;
    int journal; /* -1 also where there are no steps */
};

/**
 * Write both files: the journal of the steps, and the transaction's ledger as
 * `plan` will leave it, which is freed then. Two threads share that if `shared`.
 * On failure nothing is left, as far as that can be done.
 */
bool lf_stage(struct lf_transaction *transaction, const struct lf_plan *plan,
              struct lf_compiled *compiled, bool shared, struct lf_staged *ret,
              struct lf_error *err);

/** Take back what was not published. */
void lf_staged_discard(struct lf_transaction *transaction,
                       struct lf_staged *staged);

#endif
