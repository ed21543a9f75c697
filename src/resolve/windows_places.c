/* SPDX-License-Identifier: MIT */
/*
 * windows_places.c - whether two spellings are one, and relative texts
 */
#include "resolve/windows.h"

#include <errno.h>

/* ---- places ---- */

/* Split the last name off a full path; a root has none. */
static struct lf_str split_name(struct lf_str *path)
{
    struct lf_win_root root;
    bool failed;
    struct lf_str name = {"", 0};
    if (!lf_win_split_root(*path, &root, &failed))
        return name;
    size_t top = (size_t)(root.rest.data - path->data), end = path->len;
    lf_buf_finish(&root.owned);
    while (end > top && path->data[end - 1] == '\\')
        end--;
    size_t begin = end;
    while (begin > top && path->data[begin - 1] != '\\')
        begin--;
    name = lf_str_of(path->data + begin, end - begin);
    path->len = begin;
    return name;
}

/* Walk the directory of a place, missing ones as plain names. The name need not
 * exist, but must be one: `a:` in a text would be a drive. */
static bool walk_place(struct lf_win_walked *walked, struct lf_win_tree *tree,
                       struct lf_str path, const struct lf_win_context *context,
                       struct lf_str *ret_name, struct lf_error *err)
{
    walked->walk = (struct lf_win_walk){
            .tree = tree,
            .flags = LF_RESOLVE_MISSING_TAIL,
            .policy = LF_WIN_L2L | LF_WIN_L2R | LF_WIN_R2L | LF_WIN_R2R,
    };
    if (!lf_win_full_path(path, context, &walked->full, err))
        return false;
    if (walked->full.is_device) {
        walked->walk.error = LF_WIN_IS_DEVICE;
        *ret_name = lf_str("");
        return true;
    }
    struct lf_str dir = walked->full.full;
    *ret_name = split_name(&dir);
    if (!lf_win_walk(&walked->walk, dir))
        return lf_error_oom(err);
    if (!walked->walk.error && ret_name->len && !lf_win_is_name(*ret_name))
        walked->walk.error = LF_WIN_INVALID_NAME;
    return true;
}

/* The physical path of a place. LF_CODE_UNRESOLVED where its directory leads
 * nowhere. */
static bool place_of(struct lf_win_tree *tree,
                     const struct lf_win_context *context, struct lf_str path,
                     struct lf_buf *ret, struct lf_error *err)
{
    struct lf_win_walked walked = {0};
    struct lf_str name;
    bool ok = walk_place(&walked, tree, path, context, &name, err);
    if (ok && walked.walk.error) {
        lf_error_set(err, LF_CODE_UNRESOLVED, 0,
                     "the directory of '%.*s' cannot be resolved: %s",
                     (int)path.len, path.data,
                     lf_win_error_name(walked.walk.error));
        ok = false;
    }
    if (ok) {
        lf_win_add_end(ret, &walked.walk);
        lf_win_add_name(ret, name);
        ok = !lf_buf_failed(ret) || lf_error_oom(err);
    }
    lf_win_walked_finish(&walked);
    return ok;
}

bool lf_win_same_place(struct lf_win_tree *tree,
                       const struct lf_win_context *context, struct lf_str a,
                       struct lf_str b, bool *ret_same, struct lf_error *err)
{
    struct lf_buf x = {0}, y = {0};
    bool ok = place_of(tree, context, a, &x, err) &&
              place_of(tree, context, b, &y, err);
    if (ok)
        *ret_same = lf_win_same_name(lf_buf_str(&x), lf_buf_str(&y));
    lf_buf_finish(&x);
    lf_buf_finish(&y);
    return ok;
}

bool lf_win_same_object(struct lf_win_tree *tree,
                        const struct lf_win_context *context, struct lf_str a,
                        struct lf_str b, bool *ret_same, struct lf_error *err)
{
    const struct lf_win_node *nodes[2] = {NULL, NULL};
    const struct lf_str paths[2] = {a, b};
    bool ok = true;
    for (int i = 0; ok && i < 2; i++) {
        struct lf_win_walked walked = {
                .walk = {.tree = tree,
                         .policy = LF_WIN_L2L | LF_WIN_L2R | LF_WIN_R2L |
                                   LF_WIN_R2R},
        };
        ok = lf_win_walk_typed(&walked, paths[i], context, err);
        if (ok && walked.walk.error == LF_WIN_OK)
            nodes[i] = walked.walk.node;
        lf_win_walked_finish(&walked);
    }
    if (ok)
        *ret_same = nodes[0] && nodes[0] == nodes[1];
    return ok;
}

/* ---- relative text ---- */

/* Whether climbing `ups` directories from where the walk ended passes a
 * junction: by its name the way up is another than by what it stands for. */
static bool climbs_junction(const struct lf_win_walk *walk, size_t ups)
{
    for (size_t i = 0; i < ups && i < walk->n_comps; i++)
        if (walk->comps[walk->n_comps - 1 - i].junction)
            return true;
    return false;
}

/* Append the way from `dir` to `source`, both final and in one volume. */
static size_t add_way(struct lf_buf *out, struct lf_str dir,
                      struct lf_str source)
{
    struct lf_str up = lf_win_next(&dir, false);
    struct lf_str down = lf_win_next(&source, false);
    size_t ups = 0;
    while (up.len && lf_win_same_name(up, down)) {
        up = lf_win_next(&dir, false);
        down = lf_win_next(&source, false);
    }
    for (; up.len; up = lf_win_next(&dir, false), ups++)
        lf_win_add_name(out, LF_STR(".."));
    for (; down.len; down = lf_win_next(&source, false))
        lf_win_add_name(out, down);
    if (out->len == 0)
        lf_buf_add_char(out, '.');
    return ups;
}

static const struct lf_win_volume *volume_of(const struct lf_win_walk *walk)
{
    uint32_t missing;
    return lf_win_deepest(walk, &missing)->volume;
}

static bool choose_text(const struct lf_win_walk *link,
                        const struct lf_win_walk *from, struct lf_str name,
                        struct lf_buf *out, enum lf_reltext_reason *reason)
{
    struct lf_buf dir = {0}, source = {0};
    lf_win_add_end(&dir, link);
    lf_win_add_end(&source, from);
    lf_win_add_name(&source, name);
    *reason = volume_of(link) == volume_of(from) ? LF_RELTEXT_OK
                                                 : LF_RELTEXT_VOLUME;
    if (*reason == LF_RELTEXT_OK &&
        climbs_junction(link,
                        add_way(out, lf_buf_str(&dir), lf_buf_str(&source))))
        *reason = LF_RELTEXT_JUNCTION;
    if (*reason != LF_RELTEXT_OK) {
        lf_buf_clear(out);
        lf_buf_add(out, lf_buf_str(&source));
    }
    bool ok = !lf_buf_failed(&dir) && !lf_buf_failed(&source) &&
              !lf_buf_failed(out);
    lf_buf_finish(&dir);
    lf_buf_finish(&source);
    return ok;
}

bool lf_win_reltext(struct lf_win_tree *tree,
                    const struct lf_win_context *context, struct lf_str link,
                    struct lf_str source, struct lf_str *ret_text,
                    enum lf_reltext_reason *ret_reason, struct lf_error *err)
{
    struct lf_win_walked place = {0}, from = {0};
    struct lf_str name, source_name;
    struct lf_buf out = {0};
    enum lf_reltext_reason reason = LF_RELTEXT_NO_DIR;
    bool ok = walk_place(&place, tree, link, context, &name, err) &&
              walk_place(&from, tree, source, context, &source_name, err);
    if (ok && name.len == 0 && !place.full.is_device) {
        lf_error_set(err, LF_CODE_RESOLVE_REQUEST, EINVAL,
                     "a link cannot stand at a root");
        ok = false;
    }
    if (ok && !place.walk.error && !from.walk.error)
        ok = choose_text(&place.walk, &from.walk, source_name, &out, &reason) ||
             lf_error_oom(err);
    lf_win_walked_finish(&place);
    lf_win_walked_finish(&from);
    if (!ok) {
        lf_buf_finish(&out);
        return false;
    }
    *ret_text = lf_buf_take(&out);
    *ret_reason = reason;
    return true;
}
