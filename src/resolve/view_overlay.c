/* SPDX-License-Identifier: MIT */
/*
 * view_overlay.c - looking at a view with its planned changes
 */
#include "resolve/overlay.h"

#include <errno.h>
#include <stdlib.h>

/* Real inodes do not begin with this bit. */
#define PLANNED (UINT64_C(1) << 63)

struct lf_over_dir *lf_over_keep(struct lf_overlay *overlay, void *handle)
{
    struct lf_place *base = lf_over_place(handle);
    if (!base)
        return handle;
    if (!base->over) {
        struct lf_over_dir *dir = lf_arena_alloc(&overlay->arena, sizeof(*dir));
        if (dir) {
            dir->base = base;
            dir->next = overlay->hung;
            overlay->hung = dir;
        }
        base->over = dir;
    }
    return base->over;
}

static int overlay_root(struct lf_view *view, struct lf_look *ret)
{
    struct lf_overlay *overlay = lf_overlay_of(view);
    ret->kept = overlay->base->root->node;
    ret->node = *ret->kept;
    ret->handle = lf_over_handle(overlay->base->root);
    return 0;
}

/* A planned node is on the mount of the directory that it is planned in. */
static void look_at_entry(const struct lf_over_entry *entry,
                          const struct lf_place *dir, struct lf_look *ret)
{
    ret->handle = entry->kind == LF_NODE_DIR ? entry->holds : NULL;
    if (entry->moved) {
        ret->kept = entry->moved;
        ret->node = *entry->moved;
        return;
    }
    enum lf_node_kind kind = (enum lf_node_kind)entry->kind;
    ret->node = (struct lf_node){
            .kind = kind,
            .mode = kind == LF_NODE_DIR    ? 0755
                    : kind == LF_NODE_LINK ? 0777
                                           : 0644,
            .uid = dir->node->uid,
            .gid = dir->node->gid,
            .dev = dir->node->dev,
            .ino = PLANNED | entry->changed,
            .mount = dir->node->mount,
            .size = entry->text_len,
    };
    if (kind == LF_NODE_LINK)
        ret->node.text = lf_str_of(entry->text, entry->text_len);
    if (kind == LF_NODE_NOTHING)
        ret->node = (struct lf_node){.kind = LF_NODE_NOTHING};
}

static int look_at_base(struct lf_overlay *overlay, struct lf_place *base,
                        struct lf_str name, struct lf_look *ret)
{
    struct lf_found found;
    int result = lf_tree_get(overlay->base, base, name, false, &found);
    if (result < 0)
        return result;
    ret->node = *found.node;
    ret->magic = found.magic;
    if (!found.place)
        return 0;
    ret->kept = found.node;
    if (found.node->kind == LF_NODE_DIR)
        ret->handle = lf_over_handle(found.place);
    return 0;
}

/* The directory of the base that shows through; NULL: none does. */
static struct lf_place *base_of(const struct lf_place *dir)
{
    const struct lf_over_dir *here = lf_over_kept(dir->handle);
    return here ? here->base : lf_over_place(dir->handle);
}

static int overlay_look(struct lf_view *view, struct lf_place *dir,
                        struct lf_str name, struct lf_look *ret)
{
    struct lf_overlay *overlay = lf_overlay_of(view);
    struct lf_over_dir *here = lf_over_kept(dir->handle);
    struct lf_place *base = base_of(dir);
    struct lf_over_entry *entry = NULL;
    if (here && !lf_over_find(overlay, here, name, &entry))
        return -ENOMEM;
    if (entry)
        look_at_entry(entry, dir, ret);
    else if (base)
        return look_at_base(overlay, base, name, ret);
    return 0;
}

static int overlay_search(struct lf_view *view, struct lf_place *dir, bool dots)
{
    struct lf_overlay *overlay = lf_overlay_of(view);
    struct lf_place *base = base_of(dir);
    int result = base ? lf_tree_search(overlay->base, base, dots) : 0;
    dir->searchable = result == 0 && (!base || base->searchable);
    return result;
}

static uint64_t overlay_changed(struct lf_view *view,
                                const struct lf_place *dir, struct lf_str name)
{
    struct lf_over_dir *here = lf_over_kept(dir->handle);
    return here ? lf_over_changed(lf_overlay_of(view), here, name) : 0;
}

static void overlay_free(struct lf_view *view)
{
    struct lf_overlay *overlay = lf_overlay_of(view);
    lf_resolver_free(overlay->self);
    for (struct lf_over_dir *dir = overlay->hung; dir; dir = dir->next)
        dir->base->over = NULL;
    lf_tree_finish(&overlay->own);
    lf_table_finish(&overlay->entries);
    lf_arena_finish(&overlay->arena);
    free(overlay);
}

static const struct lf_view_ops overlay_ops = {
        .derived = true,
        .root = overlay_root,
        .look = overlay_look,
        .search = overlay_search,
        .changed = overlay_changed,
        .free = overlay_free,
};

bool lf_overlay_is(const struct lf_view *view)
{
    return view->ops == &overlay_ops;
}

/* An overlay over `base`, or over a tree of its own where that is NULL. */
static struct lf_overlay *overlay_new(struct lf_tree *base)
{
    struct lf_overlay *overlay = calloc(1, sizeof(*overlay));
    if (!overlay)
        return NULL;
    overlay->view.ops = &overlay_ops;
    overlay->base = base ? base : &overlay->own;
    return overlay;
}

/* Give it to the caller, or free it. */
static bool give(struct lf_overlay *overlay, struct lf_view **ret_view,
                 struct lf_error *err)
{
    if (!lf_resolver_new(&overlay->view, &overlay->self, err)) {
        overlay_free(&overlay->view);
        return false;
    }
    *ret_view = &overlay->view;
    return true;
}

bool lf_view_overlay_new(struct lf_view *base, struct lf_view **ret_view,
                         struct lf_error *err)
{
    struct lf_overlay *overlay = overlay_new(NULL);
    if (!overlay)
        return lf_error_oom(err);
    int result = lf_tree_init(&overlay->own, base);
    if (result == 0)
        return give(overlay, ret_view, err);
    overlay_free(&overlay->view);
    if (result == -ENOMEM)
        return lf_error_oom(err);
    lf_error_set(err, LF_CODE_SYSTEM, -result,
                 "cannot look at the root directory: %s", strerror(-result));
    return false;
}

bool lf_view_overlay_on(struct lf_resolver *base, struct lf_view **ret_view,
                        struct lf_error *err)
{
    struct lf_overlay *overlay = overlay_new(&base->tree);
    return overlay ? give(overlay, ret_view, err) : lf_error_oom(err);
}
