/* SPDX-License-Identifier: MIT */
/*
 * sibling.h - what the proof of one link says of the next
 *
 * Links of one directory whose texts differ only in the last name all lead to
 * one directory. Where the first was walked and reached its source at once,
 * the next one reaches its own if that is a plain file, as a listing of this
 * very run has shown, and if nothing of the plan happens there.
 */
#ifndef LF_PLAN_SIBLING_H
#define LF_PLAN_SIBLING_H

#include "plan/plan.h"

/** The link that was walked last; all zero before the first. */
struct lf_sibling {
    const struct lf_set *places; /* all that the plan is about; NULL: it moves
                                    sources, and each link is to be walked */
    struct lf_str dir;           /* of the link; its data NULL: none */
    struct lf_str stem;          /* its text up to the last name */
    struct lf_str source_dir;
};

/** `planned` was walked, and by no other link it reaches its source. */
void lf_sibling_keep(struct lf_sibling *sibling,
                     const struct lf_planned *planned);

/** Whether `planned` is known to do so, too. */
bool lf_sibling_serves(const struct lf_sibling *sibling,
                       const struct lf_planned *planned);

#endif
