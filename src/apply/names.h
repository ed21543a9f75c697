/* SPDX-License-Identifier: MIT */
/*
 * names.h - what is in source directories that have not changed
 *
 * A directory that is as it was when an apply listed it has the names that it had then.
 * Of most of these a link was made, which the ledger has; and a directory in it has
 * stamps of its own. Where that is all of them, which the digest in the stamps tells,
 * nobody has to list it again.
 */
#ifndef LF_APPLY_NAMES_H
#define LF_APPLY_NAMES_H

#include "apply/stamps.h"
#include "ledger/ledger.h"

struct lf_names {
    const struct lf_trust *trust;
    const struct lf_recorded *recorded;
    struct lf_names_dir {
        uint32_t runs;           /* the first run of it, */
        uint32_t child, sibling; /* and directory; LF_TRUST_NONE: none */
    } * dirs; /* of each of the trust's; NULL: nothing is known */
    struct lf_names_run {
        uint32_t first, count; /* items of the recorded set */
        uint32_t next;
    } * runs;
    uint32_t n_runs, run_capacity;
};

/** Find out which sources the records tell. Both are borrowed, and not to change;
 *  `recorded`, sealed, may be NULL where the trust has no directories. Without memory
 *  nothing is known. */
void lf_names_init(struct lf_names *names, const struct lf_trust *trust,
                   const struct lf_recorded *recorded);

/** A zeroed one is allowed. */
void lf_names_finish(struct lf_names *names);

/** Tell the names in the directory with that index in the trust, or none, as a listing
 *  would: files, those that one directory of links has in order, and then directories,
 *  in order. Several threads may ask at once. False where it is not known that these
 *  are all: then nothing is told. */
bool lf_names_tell(const struct lf_names *names, uint32_t index, lf_list_fn *fn,
                   void *arg);

#endif
