/* SPDX-License-Identifier: MIT */
/*
 * confine.h - only the directories of the steps and of the state may change
 *
 * A guard against mistakes of our own, below all others: where the kernel can,
 * it refuses every change elsewhere, whatever we ask for.
 */
#ifndef LF_APPLY_CONFINE_H
#define LF_APPLY_CONFINE_H

#include "apply/transaction.h"
#include "platform/sandbox.h"

/** No more rules than this: above, directories stand for those beside them. */
enum { LF_CONFINE_PLACES = 256 };

/**
 * Get a sandbox ready in which `steps` can be run, undone and cleaned up by a
 * runner of these descriptors. What the kernel cannot do is no failure: it is
 * written down in `ret`. False when memory runs out.
 */
bool lf_confine_begin(struct lf_sandbox *ret_sandbox,
                      const struct lf_runner *runner,
                      const struct lf_steps *steps, struct lf_confinement *ret,
                      struct lf_error *err);

/** Enter it, if there is one, and finish it. */
void lf_confine_enter(struct lf_sandbox *sandbox, struct lf_confinement *ret);

/**
 * Confine the thread to the state directory and to the stores of these nodes,
 * to remove them and to write the state. `nodes` are sorted by store. What came
 * of it is in the transaction.
 */
void lf_confine_to_store(struct lf_transaction *t,
                         const struct lf_displaced *nodes, size_t count);

#endif
