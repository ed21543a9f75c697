/* SPDX-License-Identifier: MIT */
/*
 * tree_visit.c - one directory of a source tree after the other
 *
 * In a large tree of which little is known, other threads list what is on the stack
 * meanwhile; what is made of it, and in which order, is the walk's alone.
 */
#include "manifest/tree_walk.h"
#include "resolve/tell.h"

#include <stdlib.h>

enum {
    HELPED_LEAST = 32, /* directories that are worth other threads */
    AHEAD_MOST = 256,  /* listings that are held for the walk */
};

static void drop_listing(struct lf_branch *branch)
{
    if (branch->listing)
        lf_listing_finish(branch->listing);
    free(branch->listing);
}

/* What is in a branch, from a helper if one has read it. */
static void read_branch(struct lf_tree_walk *walk,
                        const struct lf_branch *branch)
{
    const struct lf_expand_request *request = walk->expander->request;
    if (branch->listing) {
        walk->listing = branch->listing;
        if (lf_ahead_take(walk->ahead, &branch->listing->task))
            return;
    } else {
        walk->listing = &walk->alone;
        walk->listing->dir = branch->source;
    }
    lf_listing_read(walk->listing, request, request->watch);
}

static bool take_all(struct lf_tree_walk *walk, const struct lf_branch *branch,
                     const struct lf_listing *listing)
{
    for (uint32_t i = 0; i < listing->n_children; i++) {
        if (listing->children[i].kind != LF_NODE_DIR &&
            !lf_walk_take(walk, branch, &listing->children[i]))
            return false;
    }
    for (uint32_t i = listing->n_children; i-- > 0;) {
        if (listing->children[i].kind == LF_NODE_DIR &&
            !lf_walk_take(walk, branch, &listing->children[i]))
            return false;
    }
    return true;
}

/* The resolver is asked about most source directories, and need not look. */
static bool tell(struct lf_tree_walk *walk, const struct lf_branch *branch)
{
    const struct lf_listing *listing = walk->listing;
    return !listing->searchable ||
           lf_resolver_tell(walk->expander->request->resolver, branch->source,
                            &listing->node, walk->expander->err);
}

/* Files in order; directories on the stack, so that they come off in order. */
static bool visit(struct lf_tree_walk *walk, const struct lf_branch *branch)
{
    read_branch(walk, branch);
    walk->listed += !walk->listing->recalled;
    /* each directory is asked about in its turn; what the last one had of the
     * resolver ends with it */
    lf_resolver_trim(walk->expander->request->resolver);
    walk->link_dir = lf_str(NULL);
    walk->misplaced = false;
    if (walk->listing->no_memory)
        return lf_error_oom(walk->expander->err);
    if (walk->listing->result < 0)
        return lf_walk_unreadable(walk, branch->source, -walk->listing->result);
    return tell(walk, branch) && lf_walk_enter(walk, branch) &&
           take_all(walk, branch, walk->listing);
}

static bool visit_next(struct lf_tree_walk *walk)
{
    struct lf_branch branch = walk->stack[--walk->depth];
    bool ok = visit(walk, &branch);
    drop_listing(&branch);
    return ok;
}

/* ---- with helpers ---- */

/* Without memory for it a branch waits for the walk. */
static void put_up(struct lf_tree_walk *walk, uint32_t from)
{
    for (uint32_t i = from; i < walk->depth; i++) {
        struct lf_branch *branch = &walk->stack[i];
        branch->listing = calloc(1, sizeof(*branch->listing));
        if (!branch->listing)
            continue;
        branch->listing->dir = branch->source;
        lf_ahead_put(walk->ahead, &branch->listing->task);
    }
}

static void walk_on(void *arg, struct lf_ahead *ahead)
{
    struct lf_tree_walk *walk = arg;
    uint32_t known = 0;
    walk->ahead = ahead;
    walk->ok = true;
    while (walk->ok && walk->depth) {
        put_up(walk, known);
        known = walk->depth - 1;
        walk->ok = visit_next(walk);
    }
}

static void list_ahead(void *arg, unsigned index, struct lf_ahead_task *task)
{
    const struct lf_tree_walk *walk = arg;
    const struct lf_expand_request *request = walk->expander->request;
    lf_listing_read((struct lf_listing *)task, request,
                    request->watch ? &walk->watches[index] : NULL);
}

/* What helpers saw counts only if all went well. */
static bool walk_with_helpers(struct lf_tree_walk *walk)
{
    const struct lf_expand_request *request = walk->expander->request;
    struct lf_watch watches[LF_THREADS_MOST];
    const struct lf_ahead_work work = {
            .own = walk_on,
            .help = list_ahead,
            .arg = walk,
            .most = AHEAD_MOST,
    };
    walk->watches = watches;
    lf_watch_split(request->watch, watches, request->threads);
    lf_ahead_run(&work, request->threads);
    lf_watch_unsplit(request->watch, watches, request->threads, walk->ok);
    return walk->ok;
}

static bool is_worth_helpers(const struct lf_tree_walk *walk)
{
    const struct lf_expand_request *request = walk->expander->request;
    uint32_t least = request->least ? request->least : HELPED_LEAST;
    return request->threads > 1 && walk->listed >= least && walk->depth > 1;
}

static bool walk_on_or_with_helpers(struct lf_tree_walk *walk)
{
    while (walk->depth) {
        if (is_worth_helpers(walk))
            return walk_with_helpers(walk);
        if (!visit_next(walk))
            return false;
    }
    return true;
}

bool lf_walk_all(struct lf_tree_walk *walk)
{
    bool ok = walk_on_or_with_helpers(walk);
    while (walk->depth)
        drop_listing(&walk->stack[--walk->depth]);
    lf_listing_finish(&walk->alone);
    return ok;
}
