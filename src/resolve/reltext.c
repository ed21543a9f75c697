/* SPDX-License-Identifier: MIT */
/*
 * reltext.c - the text that makes a link here reach that source
 *
 * Right only from the directory that physically holds the link, so both ends
 * are resolved first; what is left to do is lexical.
 */
#include "resolve/resolver.h"

#include <errno.h>
#include <stdlib.h>

/* ---- lexical ---- */

/* The path of a source: a directory's components, then a name, if any. */
struct source {
    struct lf_str dir, name;
};

static struct lf_str next_of(struct source *source)
{
    struct lf_str next = lf_path_next(&source->dir);
    return next.len ? next : lf_path_next(&source->name);
}

/* Appends the text; `*ret_ups` is how often it climbs. */
static void add_text(struct lf_buf *out, struct lf_str dir,
                     struct source source, size_t *ret_ups)
{
    size_t begin = out->len;
    struct lf_str up = lf_path_next(&dir);
    struct lf_str down = next_of(&source);
    while (up.len && lf_str_equal(up, down)) {
        up = lf_path_next(&dir);
        down = next_of(&source);
    }
    *ret_ups = 0;
    for (; up.len; up = lf_path_next(&dir), ++*ret_ups)
        lf_buf_add(out, out->len > begin ? LF_STR("/..") : LF_STR(".."));
    for (; down.len; down = next_of(&source)) {
        if (out->len > begin)
            lf_buf_add_char(out, '/');
        lf_buf_add(out, down);
    }
    if (out->len == begin)
        lf_buf_add_char(out, '.');
}

bool lf_relative_text(struct lf_str dir, struct lf_str source_dir,
                      struct lf_str source_name, struct lf_str *ret_text,
                      struct lf_error *err)
{
    struct lf_buf out = {0};
    size_t ups;
    add_text(&out, dir, (struct source){source_dir, source_name}, &ups);
    if (lf_buf_failed(&out)) {
        lf_buf_finish(&out);
        return lf_error_oom(err);
    }
    *ret_text = lf_buf_take(&out);
    return true;
}

/* ---- the source as it was spelled ---- */

/* Take the last component off. */
static void pop(struct lf_buf *path)
{
    size_t len = path->len;
    while (len && path->data[len - 1] != '/')
        len--;
    lf_buf_truncate(path, len ? len - 1 : 0);
}

/*
 * `..` in a spelling: where the component before it is no symlink, both go;
 * where it is one, what was spelled so far becomes physical.
 */
static bool climb(struct lf_resolver *resolver, struct lf_buf *path,
                  bool *ret_leads, struct lf_error *err)
{
    const struct lf_spelled *above, *physical;
    struct lf_buf dots = {0};
    lf_buf_add(&dots, lf_buf_str(path));
    lf_buf_add(&dots, LF_STR("/.."));
    pop(path);
    struct lf_str shorter = path->len ? lf_buf_str(path) : LF_STR("/");
    bool done = !lf_buf_failed(&dots) || lf_error_oom(err);
    done = done && lf_spelled_get(resolver, shorter, false, &above, err) &&
           lf_spelled_get(resolver, lf_buf_str(&dots), false, &physical, err);
    lf_buf_finish(&dots);
    if (!done)
        return false;
    *ret_leads = physical->error == 0;
    if (!*ret_leads || lf_str_equal(above->dir, physical->dir))
        return true;
    lf_buf_clear(path);
    if (physical->dir.len > 1)
        lf_buf_add(path, physical->dir);
    return true;
}

/* Appends `source` with its dots resolved; empty for the root. */
static bool add_logical(struct lf_resolver *resolver, struct lf_buf *path,
                        struct lf_str source, bool *ret_leads,
                        struct lf_error *err)
{
    struct lf_str name;
    *ret_leads = true;
    while (*ret_leads && (name = lf_path_next(&source)).len) {
        if (lf_str_equal(name, LF_STR(".")))
            continue;
        if (!lf_str_equal(name, LF_STR(".."))) {
            lf_buf_add_char(path, '/');
            lf_buf_add(path, name);
        } else if (!climb(resolver, path, ret_leads, err)) {
            return false;
        }
        if (lf_buf_failed(path))
            return lf_error_oom(err);
    }
    return true;
}

/* ---- both ends looked up ---- */

/*
 * Whether climbing `ups` directories from that of the link leaves a mount for
 * another of the same device: a bind mount, whose directory has another parent
 * where it comes from.
 */
static bool leaves_bind(const struct lf_spelled *dir, size_t ups)
{
    const struct lf_place *at = dir->at;
    for (size_t i = dir->missing; i < ups && at->parent != at; i++) {
        const struct lf_node *above = at->parent->node;
        if (!lf_same_mount(at->node, above) && at->node->dev == above->dev)
            return true;
        at = at->parent;
    }
    return false;
}

static bool make_text(const struct lf_spelled *dir, struct source source,
                      struct lf_str *ret_text, enum lf_reltext_reason *reason,
                      struct lf_error *err)
{
    struct lf_buf out = {0};
    size_t ups;
    add_text(&out, dir->dir, source, &ups);
    if (lf_buf_failed(&out)) {
        lf_buf_finish(&out);
        return lf_error_oom(err);
    }
    *reason = out.len > LF_PATH_LIMIT ? LF_RELTEXT_TOO_LONG
              : leaves_bind(dir, ups) ? LF_RELTEXT_MOUNT
                                      : LF_RELTEXT_OK;
    if (*reason == LF_RELTEXT_OK)
        *ret_text = lf_buf_take(&out);
    else
        lf_buf_finish(&out);
    return true;
}

static bool logical_text(struct lf_resolver *resolver,
                         const struct lf_spelled *dir, struct lf_str source,
                         struct lf_str *ret_text,
                         enum lf_reltext_reason *reason, struct lf_error *err)
{
    struct lf_buf path = {0};
    bool leads;
    bool done = add_logical(resolver, &path, source, &leads, err);
    if (done && leads)
        done = make_text(dir, (struct source){lf_buf_str(&path), LF_STR("")},
                         ret_text, reason, err);
    lf_buf_finish(&path);
    return done;
}

bool lf_reltext(struct lf_resolver *resolver, struct lf_str link,
                struct lf_str source, enum lf_reltext_mode mode,
                struct lf_str *ret_text, enum lf_reltext_reason *ret_reason,
                struct lf_error *err)
{
    struct lf_split place, from;
    enum lf_reltext_reason reason = LF_RELTEXT_NO_DIR;
    struct lf_str text = {0};
    if (!lf_place_get(resolver, link, false, &place, err) ||
        !lf_place_get(resolver, source, false, &from, err))
        return false;
    if (place.name.len == 0) {
        lf_error_set(err, LF_CODE_RESOLVE_REQUEST, EINVAL,
                     "a link cannot stand at the root, at '.' or at '..'");
        return false;
    }
    bool done = true;
    if (place.dir->error == 0 && from.dir->error == 0)
        done = mode == LF_RELTEXT_LOGICAL
                       ? logical_text(resolver, place.dir, source, &text,
                                      &reason, err)
                       : make_text(place.dir,
                                   (struct source){from.dir->dir, from.name},
                                   &text, &reason, err);
    if (!done)
        return false;
    *ret_text = text;
    *ret_reason = reason;
    return true;
}
