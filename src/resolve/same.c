/* SPDX-License-Identifier: MIT */
/*
 * same.c - whether two spellings are one place, one object, or one in another
 */
#include "resolve/resolver.h"

/* ---- places ---- */

/* A directory entry: a directory that exists, and what is named below it. */
struct entry {
    const struct lf_place *at;
    struct lf_str below; /* missing directories, of the physical path */
    struct lf_str name;
};

static struct entry entry_of(const struct lf_split *split)
{
    const struct lf_spelled *dir = split->dir;
    struct entry entry = {.at = dir->at, .name = split->name};
    if (split->name.len == 0 && dir->missing == 0) {
        entry.at = dir->at->parent;
        entry.name = lf_str_of(dir->at->name, dir->at->name_len);
    }
    if (dir->missing) {
        size_t above = lf_place_path_len(dir->at);
        above += dir->at->parent != dir->at;
        entry.below = lf_str_of(dir->dir.data + above, dir->dir.len - above);
    }
    if (split->name.len == 0 && dir->missing) {
        entry.name = lf_path_name(entry.below);
        entry.below = lf_path_dir(entry.below);
    }
    return entry;
}

bool lf_same_place(struct lf_resolver *resolver, struct lf_str a,
                   struct lf_str b, bool *ret_same, struct lf_error *err)
{
    struct lf_split split_a, split_b;
    if (!lf_place_get(resolver, a, true, &split_a, err) ||
        !lf_place_get(resolver, b, true, &split_b, err))
        return false;
    struct entry x = entry_of(&split_a), y = entry_of(&split_b);
    *ret_same = lf_node_same(x.at->node, y.at->node) &&
                lf_str_equal(x.below, y.below) && lf_str_equal(x.name, y.name);
    return true;
}

/* ---- objects ---- */

/* Whether the path leads somewhere; an error where that cannot be told. */
static bool get_object(struct lf_resolver *resolver, struct lf_str path,
                       struct lf_node *ret, struct lf_error *err)
{
    struct lf_resolve_request request = {.path = path};
    struct lf_resolution *answer;
    if (!lf_check_request(path, true, err) ||
        !lf_resolve(resolver, &request, &answer, err))
        return false;
    *ret = answer->node;
    int error = answer->error;
    enum lf_outcome outcome = answer->outcome;
    lf_resolution_free(answer);
    if (outcome == LF_OUTCOME_OK)
        return true;
    ret->kind = LF_NODE_NOTHING;
    bool known = outcome == LF_OUTCOME_MISSING ||
                 outcome == LF_OUTCOME_NOT_DIR || outcome == LF_OUTCOME_LOOP ||
                 outcome == LF_OUTCOME_TOO_MANY;
    return known || lf_unresolved(path, error, err);
}

bool lf_same_object(struct lf_resolver *resolver, struct lf_str a,
                    struct lf_str b, bool *ret_same, struct lf_error *err)
{
    struct lf_node x, y;
    if (!get_object(resolver, a, &x, err) || !get_object(resolver, b, &y, err))
        return false;
    *ret_same = x.kind != LF_NODE_NOTHING && lf_node_same(&x, &y);
    return true;
}

/* ---- containing ---- */

/* `path` with everything followed, missing names at its end kept. */
static bool get_whole(struct lf_resolver *resolver, struct lf_str path,
                      struct lf_resolution **ret, struct lf_error *err)
{
    struct lf_resolve_request request = {
            .path = path,
            .flags = LF_RESOLVE_MISSING_TAIL,
    };
    struct lf_resolution *answer;
    if (!lf_check_request(path, true, err) ||
        !lf_resolve(resolver, &request, &answer, err))
        return false;
    if (answer->outcome != LF_OUTCOME_OK) {
        int error = answer->error;
        lf_resolution_free(answer);
        lf_unresolved(path, error, err);
        return false;
    }
    *ret = answer;
    return true;
}

bool lf_contains(struct lf_resolver *resolver, struct lf_str root,
                 struct lf_str path, bool *ret_inside, struct lf_error *err)
{
    struct lf_resolution *outer, *inner;
    if (!get_whole(resolver, root, &outer, err))
        return false;
    if (!get_whole(resolver, path, &inner, err)) {
        lf_resolution_free(outer);
        return false;
    }
    *ret_inside = lf_path_within(inner->path, outer->path);
    lf_resolution_free(inner);
    lf_resolution_free(outer);
    return true;
}

/* The directories that hold `path`, itself among them, from the inside out. */
static bool is_held_by(struct lf_resolver *resolver, struct lf_str path,
                       const struct lf_node *root, bool *ret_held,
                       struct lf_error *err)
{
    const struct lf_spelled *dir;
    if (!lf_spelled_get(resolver, path, false, &dir, err))
        return false;
    const struct lf_place *at = dir->at;
    while (!lf_node_same(at->node, root) && at->parent != at)
        at = at->parent;
    *ret_held = lf_node_same(at->node, root);
    return true;
}

bool lf_contains_identity(struct lf_resolver *resolver, struct lf_str root,
                          struct lf_str path, bool *ret_inside,
                          struct lf_error *err)
{
    struct lf_resolution *outer, *inner;
    bool done = lf_contains(resolver, root, path, ret_inside, err);
    if (!done || *ret_inside)
        return done;
    if (!get_whole(resolver, root, &outer, err))
        return false;
    struct lf_node node = outer->node;
    lf_resolution_free(outer);
    if (node.kind == LF_NODE_NOTHING)
        return true;
    if (!get_whole(resolver, path, &inner, err))
        return false;
    *ret_inside = lf_node_same(&inner->node, &node);
    if (!*ret_inside) {
        struct lf_str dir = inner->node.kind == LF_NODE_DIR
                                    ? inner->path
                                    : lf_path_dir(inner->path);
        done = is_held_by(resolver, dir, &node, ret_inside, err);
    }
    lf_resolution_free(inner);
    return done;
}
