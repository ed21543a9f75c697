/* SPDX-License-Identifier: MIT */
/*
 * stamps_format.h - what writing and reading stamps have in common
 */
#ifndef LF_APPLY_STAMPS_FORMAT_H
#define LF_APPLY_STAMPS_FORMAT_H

#include "apply/transaction.h"
#include "ledger/checked.h"
#include "manifest/inputs.h"

/** First and last line. */
extern const struct lf_checked lf_stamps_checked;

/** The first word of an input's line. */
extern const char *const lf_stamps_words[LF_INPUT_KINDS];

/** The ledger's file as it is now; false if it cannot be looked at. */
bool lf_stamps_ledger(struct lf_transaction *transaction, struct lf_node *ret);

#endif
