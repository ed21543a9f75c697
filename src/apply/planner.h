/* SPDX-License-Identifier: MIT */
/*
 * planner.h - what making a plan of a transaction needs
 *
 * Calling sequence: init, set what is desired, plan, finish, whatever happened.
 */
#ifndef LF_APPLY_PLANNER_H
#define LF_APPLY_PLANNER_H

#include "apply/names.h"
#include "apply/stamps.h"
#include "apply/transaction.h"
#include "platform/watch.h"
#include "resolve/tell.h"

struct lf_planner {
    struct lf_transaction *t;
    struct lf_watch watch;    /* in front of the transaction's operations */
    struct lf_fs *fs;         /* the watch's, or the transaction's own */
    struct lf_arena arena;    /* texts of the request */
    struct lf_kept_dir *kept; /* the request's */
    uint32_t n_kept, kept_capacity;
    struct lf_str left_out; /* of trees: the state, physical; or empty */
    struct lf_plan_request request;
    struct lf_seen seen; /* the request's */
    struct lf_view *view;
    struct lf_resolver *resolver;
    struct lf_desired *desired;
    struct lf_observed *observed;
    struct lf_ledger *older; /* of the generation rolled back to */
    struct lf_trust trust;   /* what the stamps still vouch for */
    struct lf_names names;   /* of source directories that it vouches for */
};

bool lf_planner_init(struct lf_planner *p, struct lf_transaction *t,
                     enum lf_purpose purpose, struct lf_str farm,
                     struct lf_error *err);
void lf_planner_finish(struct lf_planner *p);

/** Whether root may be led by a symlink to where something is to change. */
bool lf_planner_follows(struct lf_follow *follow);

/** Look at the places of what is desired and recorded, and plan. */
bool lf_planner_plan(struct lf_planner *p, struct lf_plan **ret_plan,
                     struct lf_error *err);

/** Whether what a plan moves aside can be kept, and what it puts back is what was kept:
 *  where that is not so for root, it has a finding then. For lf_planner_plan(). */
bool lf_planner_check_stores(struct lf_planner *p, struct lf_plan *plan,
                             struct lf_error *err);

#endif
