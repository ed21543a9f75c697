/* SPDX-License-Identifier: MIT */
/*
 * own_links.h - links that are no way while a manifest is expanded
 *
 * What a manifest means must not depend on which of its links stand already. So the
 * links that the farm has count as not there, and so do those that it is about to have:
 * a link that was there before and is claimed, or is moved aside to make room for one.
 * Of these it is not known before the manifest has been expanded that they are wanted.
 * Those that were met are remembered, and if one of them is wanted, the manifest is
 * expanded again.
 */
#ifndef LF_APPLY_OWN_LINKS_H
#define LF_APPLY_OWN_LINKS_H

#include "base/strmap.h"
#include "ledger/ledger.h"
#include "manifest/desired.h"
#include "resolve/tell.h"

struct lf_own_links {
    /* borrowed; NULL: the farm has none yet */
    const struct lf_recorded *recorded;
    struct lf_arena arena;
    struct lf_strmap index; /* of their paths */
    struct lf_met_link {
        struct lf_str dir, name; /* its place */
        struct lf_str text;
        bool taken; /* by the farm */
    } * met;        /* that are not the farm's */
    uint32_t n_met, met_capacity;
    struct lf_buf room;
    bool failed; /* memory ran out while noting */
};

/** Hide them from a resolver, which borrows `own`, and is not to be asked by several
 *  threads. */
void lf_own_links_hide(struct lf_own_links *own, struct lf_resolver *resolver);

/** Take, from those that were met, what the farm will have by `desired`, sealed. Whether
 *  there was any: then what was expanded is not what the manifest means. */
bool lf_own_links_take(struct lf_own_links *own,
                       const struct lf_desired *desired, bool *ret_any,
                       struct lf_error *err);

/** A zeroed one is allowed. */
void lf_own_links_finish(struct lf_own_links *own);

#endif
