/* SPDX-License-Identifier: MIT */
/*
 * locate.c - physical directories, and places in them
 */
#include "base/texts.h"
#include "resolve/resolver.h"
#include "resolve/tell.h"

#include <errno.h>

static bool is_dots(struct lf_str name)
{
    return lf_str_equal(name, LF_STR(".")) || lf_str_equal(name, LF_STR(".."));
}

bool lf_resolve_dir(struct lf_resolver *resolver, struct lf_str dir,
                    struct lf_str *ret_dir, int *ret_error,
                    struct lf_error *err)
{
    const struct lf_spelled *spelled;
    if (!lf_check_request(dir, true, err) ||
        !lf_spelled_get(resolver, dir, false, &spelled, err))
        return false;
    *ret_dir = spelled->error ? LF_STR("") : spelled->dir;
    *ret_error = spelled->error;
    return true;
}

bool lf_place_get(struct lf_resolver *resolver, struct lf_str path, bool must,
                  struct lf_split *ret, struct lf_error *err)
{
    if (!lf_check_request(path, true, err))
        return false;
    struct lf_str name = lf_path_name(path);
    struct lf_str dir = lf_path_dir(path);
    if (is_dots(name) || name.len == 0) {
        dir = path;
        name = lf_str_of(path.data, 0);
    }
    if (!lf_spelled_get(resolver, dir, false, &ret->dir, err))
        return false;
    if (must && ret->dir->error)
        return lf_unresolved(dir, ret->dir->error, err);
    ret->name = name;
    return true;
}

/* The first symlink in the spelling that may not be there, or NULL. */
static const struct lf_spelled_link *
first_forbidden(const struct lf_spelled *spelled, size_t free_prefix,
                const struct lf_str *traverse, size_t n_traverse)
{
    for (size_t i = 0; i < spelled->n_links; i++) {
        const struct lf_spelled_link *link = &spelled->links[i];
        struct lf_str upto = lf_str_of(spelled->path.data, link->end);
        if (link->end > free_prefix &&
            !lf_texts_have(traverse, n_traverse, upto))
            return link;
    }
    return NULL;
}

static bool link_place(struct lf_resolver *resolver,
                       const struct lf_spelled_link *link, struct lf_str *ret,
                       struct lf_error *err)
{
    struct lf_buf *out = &resolver->out;
    lf_buf_clear(out);
    lf_place_path_add(out, link->dir);
    if (out->len > 1)
        lf_buf_add_char(out, '/');
    lf_buf_add(out, link->name);
    if (lf_buf_failed(out))
        return lf_error_oom(err);
    *ret = lf_arena_str(&resolver->arena, lf_buf_str(out));
    return ret->data ? true : lf_error_oom(err);
}

/* ---- whose links lead the way ---- */

/* Where the spelling up to `end` leads; NULL: nowhere. */
static bool end_of(struct lf_resolver *resolver, struct lf_str path, size_t end,
                   const struct lf_node **ret, struct lf_error *err)
{
    const struct lf_spelled *upto;
    if (!lf_spelled_get(resolver, lf_str_of(path.data, end), false, &upto, err))
        return false;
    *ret = upto->error || upto->missing ? NULL : upto->at->node;
    return true;
}

bool lf_followed_links(struct lf_resolver *resolver, struct lf_str dir,
                       bool (*each)(void *arg, struct lf_follow *follow),
                       void *arg, struct lf_error *err)
{
    const struct lf_spelled *spelled;
    const struct lf_node *end = NULL;
    if (!lf_check_request(dir, true, err) ||
        !lf_spelled_get(resolver, dir, false, &spelled, err))
        return false;
    /* asking for its parts may make entries anew, but not this one's links */
    const struct lf_spelled_link *links = spelled->links;
    size_t n_links = spelled->n_links;
    for (size_t i = 0; i < n_links; i++) {
        struct lf_found found;
        struct lf_follow follow = {.dir = links[i].dir,
                                   .above = links[i].dir->node};
        if (links[i].end > 0 && !end_of(resolver, dir, links[i].end, &end, err))
            return false;
        int error = lf_tree_get(&resolver->tree, links[i].dir, links[i].name,
                                false, &found);
        if (error == -ENOMEM)
            return lf_error_oom(err);
        if (!link_place(resolver, &links[i], &follow.path, err))
            return false;
        follow.link = error == 0 ? found.node : NULL;
        follow.end = end;
        follow.spelled = lf_str_of(dir.data, links[i].end);
        if (!each(arg, &follow))
            break;
    }
    return true;
}

bool lf_locate(struct lf_resolver *resolver, struct lf_str path,
               size_t free_prefix, const struct lf_str *traverse,
               size_t n_traverse, struct lf_str *ret_dir,
               struct lf_str *ret_name, struct lf_str *ret_blocked,
               struct lf_error *err)
{
    struct lf_split split;
    if (!lf_place_get(resolver, path, false, &split, err))
        return false;
    if (split.name.len == 0) {
        lf_error_set(err, LF_CODE_RESOLVE_REQUEST, EINVAL,
                     "a link cannot stand at the root, at '.' or at '..'");
        return false;
    }
    const struct lf_spelled *dir = split.dir;
    const struct lf_spelled_link *forbidden =
            first_forbidden(dir, free_prefix, traverse, n_traverse);
    struct lf_str blocked = LF_STR("");
    if (forbidden && !link_place(resolver, forbidden, &blocked, err))
        return false;
    if (!forbidden && dir->error)
        blocked = dir->dir;
    *ret_dir = dir->error ? LF_STR("") : dir->dir;
    *ret_name = split.name;
    *ret_blocked = blocked;
    return true;
}
