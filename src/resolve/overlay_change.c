/* SPDX-License-Identifier: MIT */
/*
 * overlay_change.c - planning changes in an overlay
 */
#include "resolve/overlay.h"

#include "base/cures.h"
#include "resolve/tell.h"

#include <errno.h>

static bool refuse(struct lf_str path, int error, struct lf_error *err)
{
    lf_error_set(err, LF_CODE_VIEW_CHANGE, error,
                 "cannot plan a change at '%.*s': %s", (int)path.len, path.data,
                 strerror(error));
    if (lf_met_open_files(error))
        lf_error_help(err, LF_CURE_OPEN_FILES);
    return false;
}

/* A planned change of one name: the caller sets the rest of the entry. */
static struct lf_over_entry *touch(struct lf_overlay *overlay,
                                   struct lf_over_dir *dir, struct lf_str name)
{
    struct lf_over_entry *entry;
    if (!lf_over_find(overlay, dir, name, &entry))
        return NULL;
    if (!entry)
        entry = lf_over_add(overlay, dir, name);
    if (!entry)
        return NULL;
    entry->kind = LF_NODE_NOTHING;
    entry->text = NULL;
    entry->text_len = 0;
    entry->moved = NULL;
    entry->changed = ++overlay->view.generation;
    return entry;
}

/* Changes come directory by directory. NULL, and `err`, for a view of another kind. */
static struct lf_overlay *begin(struct lf_view *view, struct lf_str path,
                                struct lf_error *err)
{
    if (!lf_overlay_is(view)) {
        lf_error_set(err, LF_CODE_VIEW_CHANGE, 0,
                     "cannot plan a change at '%.*s': the view is no overlay",
                     (int)path.len, path.data);
        return NULL;
    }
    struct lf_overlay *overlay = lf_overlay_of(view);
    lf_resolver_trim(overlay->self);
    return overlay;
}

/* Where a change is to be made. */
struct spot {
    struct lf_place *at;     /* the deepest directory that exists */
    bool missing;            /* and the directory itself does not */
    struct lf_over_dir *dir; /* what is kept of it; NULL until it is entered */
    struct lf_str rest;      /* of its physical path, below `at` */
    struct lf_str name;
};

static struct spot spot_in(const struct lf_spelled *dir, struct lf_str name)
{
    size_t above = lf_place_path_len(dir->at);
    return (struct spot){
            .at = dir->at,
            .missing = dir->missing,
            .rest = lf_str_of(dir->dir.data + above, dir->dir.len - above),
            .name = name,
    };
}

static bool get_spot(struct lf_overlay *overlay, struct lf_str path,
                     struct spot *ret, struct lf_error *err)
{
    struct lf_split split;
    if (!lf_place_get(overlay->self, path, false, &split, err))
        return false;
    if (split.dir->error)
        return refuse(path, split.dir->error, err);
    if (split.name.len == 0)
        return refuse(path, EINVAL, err);
    if (split.name.len > LF_NAME_LIMIT)
        return refuse(path, ENAMETOOLONG, err);
    *ret = spot_in(split.dir, split.name);
    return true;
}

/* Make what is missing of the directory. */
static bool enter(struct lf_overlay *overlay, struct spot *spot)
{
    struct lf_str name;
    if (!spot->dir)
        spot->dir = lf_over_keep(overlay, spot->at->handle);
    if (!spot->dir)
        return false;
    while ((name = lf_path_next(&spot->rest)).len) {
        struct lf_over_dir *dir = lf_arena_alloc(&overlay->arena, sizeof(*dir));
        struct lf_str copy = lf_arena_str(&overlay->arena, name);
        struct lf_over_entry *entry =
                dir && copy.data ? touch(overlay, spot->dir, copy) : NULL;
        if (!entry)
            return false;
        entry->kind = LF_NODE_DIR;
        entry->holds = dir;
        spot->dir = dir;
    }
    return true;
}

/* As touch(), with a copy of the name and the directories made. */
static struct lf_over_entry *change(struct lf_overlay *overlay,
                                    struct spot *spot)
{
    if (!enter(overlay, spot))
        return NULL;
    struct lf_str copy = lf_arena_str(&overlay->arena, spot->name);
    return copy.data ? touch(overlay, spot->dir, copy) : NULL;
}

bool lf_view_put_link(struct lf_view *view, struct lf_str path,
                      struct lf_str text, struct lf_error *err)
{
    struct lf_overlay *overlay = begin(view, path, err);
    struct spot spot;
    if (!overlay || !lf_check_request(text, false, err) ||
        !get_spot(overlay, path, &spot, err))
        return false;
    if (text.len == 0 || text.len > LF_PATH_LIMIT)
        return refuse(path, text.len ? ENAMETOOLONG : ENOENT, err);
    struct lf_str copy = lf_arena_str(&overlay->arena, text);
    struct lf_over_entry *entry = copy.data ? change(overlay, &spot) : NULL;
    if (!entry)
        return lf_error_oom(err);
    entry->kind = LF_NODE_LINK;
    entry->text = copy.data;
    entry->text_len = (uint16_t)copy.len;
    return true;
}

static bool put_link_in(struct lf_overlay *overlay, struct lf_over_dir *dir,
                        struct lf_str name, struct lf_pair text)
{
    struct lf_str whole = lf_over_text(overlay, text);
    struct lf_over_entry *entry = whole.data ? touch(overlay, dir, name) : NULL;
    if (!entry)
        return false;
    entry->kind = LF_NODE_LINK;
    entry->text = whole.data;
    entry->text_len = (uint16_t)whole.len;
    return true;
}

/* Where nothing has become of any name, the run itself says what will. */
static bool put_run(struct lf_overlay *overlay, struct lf_over_dir *dir,
                    const struct lf_link_run *run)
{
    if (!dir->last && dir->run.count == 0) {
        dir->run = *run;
        dir->run_generation = overlay->view.generation;
        overlay->view.generation += run->count;
        return true;
    }
    for (uint32_t i = 0; i < run->count; i++) {
        struct lf_pair text = lf_link_run_text(run, i);
        if (lf_pair_len(text) > 0 &&
            !put_link_in(overlay, dir, lf_link_run_name(run, i), text))
            return false;
    }
    return true;
}

/* Sets `*ret_any` if there is any link; 0, or why one of them cannot be. */
static int look_at_run(const struct lf_link_run *run, bool *ret_any)
{
    *ret_any = false;
    for (uint32_t i = 0; i < run->count; i++) {
        size_t len = lf_pair_len(lf_link_run_text(run, i));
        if (len == 0)
            continue;
        *ret_any = true;
        if (len > LF_PATH_LIMIT || lf_link_run_name(run, i).len > LF_NAME_LIMIT)
            return ENAMETOOLONG;
    }
    return 0;
}

bool lf_view_put_links(struct lf_view *view, struct lf_str dir,
                       const struct lf_link_run *run, struct lf_error *err)
{
    struct lf_overlay *overlay = begin(view, dir, err);
    const struct lf_spelled *spelled;
    bool any;
    if (!overlay)
        return false;
    int fault = look_at_run(run, &any);
    if (fault)
        return refuse(dir, fault, err);
    if (!any) /* and so no directory for them */
        return true;
    if (!lf_check_request(dir, true, err) ||
        !lf_spelled_get(overlay->self, dir, false, &spelled, err))
        return false;
    if (spelled->error)
        return refuse(dir, spelled->error, err);
    struct spot spot = spot_in(spelled, LF_STR(""));
    return (enter(overlay, &spot) && put_run(overlay, spot.dir, run)) ||
           lf_error_oom(err);
}

/* What stands at a spot now; nothing where its directory is missing. */
static bool look_at_spot(struct lf_overlay *overlay, const struct spot *spot,
                         struct lf_str path, struct lf_found *ret,
                         struct lf_error *err)
{
    static const struct lf_node nothing = {.kind = LF_NODE_NOTHING};
    *ret = (struct lf_found){.node = &nothing};
    if (spot->missing)
        return true;
    int result =
            lf_tree_get(&overlay->self->tree, spot->at, spot->name, false, ret);
    if (result == -ENOMEM)
        return lf_error_oom(err);
    return result == 0 || refuse(path, -result, err);
}

bool lf_view_put_dir(struct lf_view *view, struct lf_str path,
                     struct lf_error *err)
{
    struct lf_overlay *overlay = begin(view, path, err);
    struct spot spot;
    struct lf_found found;
    if (!overlay || !get_spot(overlay, path, &spot, err) ||
        !look_at_spot(overlay, &spot, path, &found, err))
        return false;
    if (found.node->kind == LF_NODE_DIR)
        return true;
    struct lf_over_dir *dir = lf_arena_alloc(&overlay->arena, sizeof(*dir));
    struct lf_over_entry *entry = dir ? change(overlay, &spot) : NULL;
    if (!entry)
        return lf_error_oom(err);
    entry->kind = LF_NODE_DIR;
    entry->holds = dir;
    return true;
}

bool lf_view_put_file(struct lf_view *view, struct lf_str path,
                      struct lf_error *err)
{
    struct lf_overlay *overlay = begin(view, path, err);
    struct spot spot;
    if (!overlay || !get_spot(overlay, path, &spot, err))
        return false;
    struct lf_over_entry *entry = change(overlay, &spot);
    if (!entry)
        return lf_error_oom(err);
    entry->kind = LF_NODE_FILE;
    return true;
}

bool lf_view_remove(struct lf_view *view, struct lf_str path,
                    struct lf_error *err)
{
    struct lf_overlay *overlay = begin(view, path, err);
    struct spot spot;
    struct lf_found found;
    if (!overlay || !get_spot(overlay, path, &spot, err) ||
        !look_at_spot(overlay, &spot, path, &found, err))
        return false;
    if (found.node->kind == LF_NODE_NOTHING)
        return true;
    return change(overlay, &spot) || lf_error_oom(err);
}

/* ---- renaming ---- */

static bool lies_below(const struct lf_place *place,
                       const struct lf_place *ancestor)
{
    while (place != ancestor && place->parent != place)
        place = place->parent;
    return place == ancestor;
}

/* A copy of the node with its text, for as long as the overlay lives. */
static const struct lf_node *keep_node(struct lf_overlay *overlay,
                                       const struct lf_node *node)
{
    struct lf_node *copy = lf_arena_alloc(&overlay->arena, sizeof(*copy));
    if (!copy)
        return NULL;
    *copy = *node;
    if (node->kind != LF_NODE_LINK)
        return copy;
    copy->text = lf_arena_str(&overlay->arena, node->text);
    return copy->text.data ? copy : NULL;
}

bool lf_view_rename(struct lf_view *view, struct lf_str from, struct lf_str to,
                    struct lf_error *err)
{
    struct lf_overlay *overlay = begin(view, to, err);
    struct spot old, new;
    struct lf_found found;
    if (!overlay || !get_spot(overlay, to, &new, err) ||
        !get_spot(overlay, from, &old, err) ||
        !look_at_spot(overlay, &old, from, &found, err))
        return false;
    if (found.node->kind == LF_NODE_NOTHING)
        return refuse(from, ENOENT, err);
    if (old.at == new.at && !new.missing && lf_str_equal(old.name, new.name))
        return true;
    if (found.place && lies_below(new.at, found.place))
        return refuse(to, EINVAL, err);
    uint8_t kind = (uint8_t)found.node->kind;
    struct lf_over_dir *holds =
            found.place && kind == LF_NODE_DIR
                    ? lf_over_keep(overlay, found.place->handle)
                    : NULL;
    const struct lf_node *moved = keep_node(overlay, found.node);
    struct lf_over_entry *gone = moved && (holds || kind != LF_NODE_DIR)
                                         ? change(overlay, &old)
                                         : NULL;
    struct lf_over_entry *entry = gone ? change(overlay, &new) : NULL;
    if (!entry)
        return lf_error_oom(err);
    entry->kind = kind;
    entry->moved = moved;
    if (kind == LF_NODE_DIR)
        entry->holds = holds;
    return true;
}
