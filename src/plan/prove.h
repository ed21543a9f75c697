/* SPDX-License-Identifier: MIT */
/*
 * prove.h - the parts of the proof
 */
#ifndef LF_PLAN_PROVE_H
#define LF_PLAN_PROVE_H

#include "plan/plan.h"

/**
 * Add a finding for each link path that leads through a link, as the desired set has
 * them, and for an `into` that leads through another farm's.
 */
bool lf_plan_check_ways(struct lf_plan *plan,
                        const struct lf_plan_request *request,
                        struct lf_error *err);

/**
 * Turn every ADOPT that cannot be done by renaming into a conflict: no source,
 * no directory for it, another mount.
 */
bool lf_plan_check_adopts(struct lf_plan *plan, struct lf_view *view,
                          struct lf_error *err);

/**
 * Make the plan's changes in an overlay, which borrows its texts: the disk as it
 * will be. `*ret_adopts` says whether something moves into a source.
 */
bool lf_plan_change(struct lf_plan *plan, const struct lf_plan_request *request,
                    struct lf_view *overlay, bool *ret_adopts,
                    struct lf_error *err);

/**
 * Add a finding for each link that is not ours, stands where the plan acts, and
 * would no longer lead anywhere. `after` resolves in the overlay.
 */
bool lf_plan_check_bystanders(struct lf_plan *plan,
                              const struct lf_plan_request *request,
                              struct lf_resolver *after, struct lf_error *err);

/**
 * Add a finding for each directory of linkfarm's own that would not be where it is.
 * `after` resolves in the overlay.
 */
bool lf_plan_check_kept(struct lf_plan *plan,
                        const struct lf_plan_request *request,
                        struct lf_resolver *after, struct lf_error *err);

/** Where a displaced node is kept. */
struct lf_stored_at {
    /* in the plan's arena; empty where that lies outside of the root directory that is
     * looked at */
    struct lf_str place;
    enum lf_node_kind kind; /* of what stands there */
    bool is_it;             /* and whether that is the node */
    int error;              /* why that cannot be told; 0: it can */
};

/** Look for a displaced node where it is kept. False with `err` set: no memory, or the
 *  place cannot be asked for. */
bool lf_plan_stored(struct lf_plan *plan, const struct lf_plan_request *request,
                    const struct lf_displaced *node, struct lf_stored_at *ret,
                    struct lf_error *err);

/** Add a finding for each node that is to be put back and is not in its store; those
 *  that lf_plan_change() saw there are not looked at again. */
bool lf_plan_check_store(struct lf_plan *plan,
                         const struct lf_plan_request *request,
                         struct lf_error *err);

/**
 * Find the directories that `traverse` names, as they are recorded afterwards;
 * and, with those that were recorded before, those that may be passed. `after`
 * resolves in the overlay.
 */
bool lf_plan_traverse(struct lf_plan *plan,
                      const struct lf_plan_request *request,
                      struct lf_resolver *after, struct lf_error *err);

/**
 * Of a plan that root carries out: add a finding for each directory on the way
 * to a change that someone else may have put there and that `traverse` does not
 * name; and set what the transaction needs to look again. What was made where
 * `traverse` let it may be cleared there.
 */
bool lf_plan_check_owners(struct lf_plan *plan,
                          const struct lf_plan_request *request,
                          struct lf_error *err);

/**
 * Add a finding for each directory in which the plan acts and this process may
 * not, and for each node that it may not move or remove there, as far as that
 * can be told beforehand.
 */
bool lf_plan_check_rights(struct lf_plan *plan,
                          const struct lf_plan_request *request,
                          struct lf_error *err);

/** How `path` leads where it leads, a line for each link, in the plan's arena. */
bool lf_plan_trace(struct lf_plan *plan, struct lf_resolver *resolver,
                   struct lf_str path, struct lf_str *ret_trace,
                   struct lf_error *err);

/**
 * Add a remark for each link that breaks the manifest's `policy`, or that leads
 * through many links. `after` resolves in the overlay.
 */
bool lf_plan_audit(struct lf_plan *plan, const struct lf_manifest *manifest,
                   struct lf_resolver *after, struct lf_error *err);

#endif
