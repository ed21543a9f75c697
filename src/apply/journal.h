/* SPDX-License-Identifier: MIT */
/*
 * journal.h - the open transaction as a file
 *
 * It is written whole, synced and renamed into place before anything changes,
 * and holds every step with what must stand before and after it, so that from
 * then on any crash can be undone, or after the commit be cleaned up, by
 * looking at the file system. docs/formats.md draws it.
 */
#ifndef LF_APPLY_JOURNAL_H
#define LF_APPLY_JOURNAL_H

#include "apply/steps.h"
#include "ledger/checked.h"

#define LF_JOURNAL_FILE "journal"

/**
 * Put the file form of `steps` into an empty `buf`; or, with a `spill`, by way of
 * `buf` there. False if `buf` has failed, or else the spill takes no more.
 */
bool lf_journal_encode(struct lf_buf *buf, struct lf_spill *spill,
                       const struct lf_steps *steps);

/**
 * Read the file form. What lf_journal_encode() would not write is refused
 * (LF_CODE_JOURNAL_CORRUPT with its line, LF_CODE_JOURNAL_VERSION). `*ret`
 * owns its texts; finish it with lf_steps_finish().
 */
bool lf_journal_decode(struct lf_str text, struct lf_steps *ret_steps,
                       struct lf_error *err);

#endif
