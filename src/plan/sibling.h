/* SPDX-License-Identifier: MIT */
/*
 * sibling.h - what the proof of one link says of the next
 *
 * Links of one directory whose texts differ only in the last name all lead to
 * one directory. Where that is the source's, by no other link, each of them
 * reaches a source that is a plain file, as a listing of this very run has
 * shown, if nothing of the plan happens there.
 */
#ifndef LF_PLAN_SIBLING_H
#define LF_PLAN_SIBLING_H

#include "plan/plan.h"

/** The way that was walked last; all zero before the first. */
struct lf_sibling {
    const struct lf_set *places; /* all that the plan is about; NULL: it moves
                                    sources, and each link is to be walked */
    const struct lf_str *dir;    /* of the link; NULL: none yet */
    struct lf_str stem;          /* its text up to the last name */
    const struct lf_str *source_dir; /* which many share */
    bool right;                      /* it leads there */
};

/**
 * Set `*ret_serves` to whether `planned` is known to reach its source, by no other
 * link. Where that can be, its way is walked up to the last name, unless it is the
 * one that is known. False only without memory.
 */
bool lf_sibling_ask(struct lf_sibling *sibling, struct lf_resolver *resolver,
                    const struct lf_planned *planned, bool *ret_serves,
                    struct lf_error *err);

#endif
