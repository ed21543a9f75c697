/* SPDX-License-Identifier: MIT */
/*
 * view_overlay.c - a view plus changes that have not been made
 *
 * A directory is its base's, or planned, or both: entries say what has become
 * of single names in it, and for every other name the base is asked. A renamed
 * directory takes its base along, so what is below it comes with it.
 */
#include "base/path.h"
#include "resolve/resolver.h"

#include <errno.h>
#include <stdlib.h>

/* A directory as the overlay shows it. */
struct over_dir {
    struct lf_place *base; /* NULL: planned, with nothing in it but entries */
    bool changed;          /* there are entries */
};

/* What stands at a name instead of what the base says. */
struct over_entry {
    struct lf_table_link link;
    struct over_dir *dir;
    const char *name;
    const char *text;            /* of a planned link */
    struct over_dir *holds;      /* of a directory */
    const struct lf_node *moved; /* a node of the base, now here; or NULL */
    uint32_t serial; /* of a planned node: takes the place of an inode */
    uint16_t name_len, text_len;
    uint8_t kind;     /* enum lf_node_kind; NOTHING: removed */
    uint64_t changed; /* generation */
};

struct overlay {
    struct lf_view view;
    struct lf_tree base;
    struct lf_resolver *self; /* for the paths of changes */
    struct lf_arena arena;
    struct lf_table entries;
    uint32_t last_serial;
};

/* Real inodes and devices do not begin with this bit. */
#define PLANNED (UINT64_C(1) << 63)

static struct overlay *overlay_of(struct lf_view *view)
{
    return (struct overlay *)view;
}

/* ---- looking ---- */

static struct over_entry *find(const struct overlay *overlay,
                               const struct over_dir *dir, struct lf_str name)
{
    if (!dir->changed)
        return NULL;
    struct lf_table_link *link =
            lf_table_first(&overlay->entries, lf_table_hash(dir, name));
    for (; link; link = lf_table_next(link)) {
        struct over_entry *entry = (struct over_entry *)link;
        if (entry->dir == dir &&
            lf_str_equal(lf_str_of(entry->name, entry->name_len), name))
            return entry;
    }
    return NULL;
}

/* The one over_dir of a directory of the base. NULL without memory. */
static struct over_dir *dir_over(struct overlay *overlay, struct lf_place *base)
{
    if (!base->over) {
        struct over_dir *dir = lf_arena_alloc(&overlay->arena, sizeof(*dir));
        if (dir)
            dir->base = base;
        base->over = dir;
    }
    return base->over;
}

static int overlay_root(struct lf_view *view, struct lf_look *ret)
{
    struct overlay *overlay = overlay_of(view);
    ret->kept = overlay->base.root->node;
    ret->node = *ret->kept;
    ret->handle = dir_over(overlay, overlay->base.root);
    return ret->handle ? 0 : -ENOMEM;
}

/* A planned node is on the mount of the directory that it is planned in. */
static void look_at_entry(const struct over_entry *entry,
                          const struct lf_place *dir, struct lf_look *ret)
{
    ret->handle = entry->holds;
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
            .ino = PLANNED | entry->serial,
            .mount = dir->node->mount,
            .size = entry->text_len,
            .text = lf_str_of(entry->text, entry->text_len),
    };
    if (kind == LF_NODE_NOTHING)
        ret->node = (struct lf_node){.kind = LF_NODE_NOTHING};
}

static int look_at_base(struct overlay *overlay, struct lf_place *base,
                        struct lf_str name, struct lf_look *ret)
{
    struct lf_found found;
    int result = lf_tree_get(&overlay->base, base, name, false, &found);
    if (result < 0)
        return result;
    ret->node = *found.node;
    ret->magic = found.magic;
    if (!found.place)
        return 0;
    ret->kept = found.node;
    if (found.node->kind != LF_NODE_DIR)
        return 0;
    ret->handle = dir_over(overlay, found.place);
    return ret->handle ? 0 : -ENOMEM;
}

static int overlay_look(struct lf_view *view, struct lf_place *dir,
                        struct lf_str name, struct lf_look *ret)
{
    struct overlay *overlay = overlay_of(view);
    struct over_dir *here = dir->handle;
    const struct over_entry *entry = find(overlay, here, name);
    if (entry)
        look_at_entry(entry, dir, ret);
    else if (here->base)
        return look_at_base(overlay, here->base, name, ret);
    return 0;
}

static int overlay_search(struct lf_view *view, struct lf_place *dir, bool dots)
{
    struct overlay *overlay = overlay_of(view);
    struct over_dir *here = dir->handle;
    int result =
            here->base ? lf_tree_search(&overlay->base, here->base, dots) : 0;
    dir->searchable = result == 0 && (!here->base || here->base->searchable);
    return result;
}

static uint64_t overlay_changed(struct lf_view *view,
                                const struct lf_place *dir, struct lf_str name)
{
    const struct over_entry *entry = find(overlay_of(view), dir->handle, name);
    return entry ? entry->changed : 0;
}

static void overlay_free(struct lf_view *view)
{
    struct overlay *overlay = overlay_of(view);
    lf_resolver_free(overlay->self);
    lf_tree_finish(&overlay->base);
    lf_table_finish(&overlay->entries);
    lf_arena_finish(&overlay->arena);
    free(overlay);
}

static const struct lf_view_ops overlay_ops = {
        .root = overlay_root,
        .look = overlay_look,
        .search = overlay_search,
        .changed = overlay_changed,
        .free = overlay_free,
};

bool lf_view_overlay_new(struct lf_view *base, struct lf_view **ret_view,
                         struct lf_error *err)
{
    struct overlay *overlay = calloc(1, sizeof(*overlay));
    if (!overlay)
        return lf_error_oom(err);
    overlay->view.ops = &overlay_ops;
    int result = lf_tree_init(&overlay->base, base);
    if (result == 0 && lf_resolver_new(&overlay->view, &overlay->self, err)) {
        *ret_view = &overlay->view;
        return true;
    }
    overlay_free(&overlay->view);
    if (result == 0)
        return false;
    if (result == -ENOMEM)
        return lf_error_oom(err);
    lf_error_set(err, LF_CODE_SYSTEM, -result,
                 "cannot look at the root directory: %s", strerror(-result));
    return false;
}

/* ---- changing ---- */

static bool refuse(struct lf_str path, int error, struct lf_error *err)
{
    lf_error_set(err, LF_CODE_VIEW_CHANGE, error,
                 "cannot plan a change at '%.*s': %s", (int)path.len, path.data,
                 strerror(error));
    return false;
}

/* A planned change of one name: the caller sets the rest of the entry. */
static struct over_entry *touch(struct overlay *overlay, struct over_dir *dir,
                                struct lf_str name)
{
    struct over_entry *entry = find(overlay, dir, name);
    if (!entry) {
        entry = lf_arena_alloc(&overlay->arena, sizeof(*entry));
        if (!entry || !lf_table_add(&overlay->entries, &entry->link,
                                    lf_table_hash(dir, name)))
            return NULL;
        entry->dir = dir;
        entry->name = name.data;
        entry->name_len = (uint16_t)name.len;
        dir->changed = true;
    }
    entry->kind = LF_NODE_NOTHING;
    entry->text = NULL;
    entry->text_len = 0;
    entry->holds = NULL;
    entry->moved = NULL;
    entry->serial = ++overlay->last_serial;
    entry->changed = ++overlay->view.generation;
    return entry;
}

/* Where a change is to be made. */
struct spot {
    struct lf_place *at;  /* the deepest directory that exists */
    struct over_dir *dir; /* the directory itself; NULL while missing */
    struct lf_str rest;   /* of its physical path, below `at` */
    struct lf_str name;
};

static bool get_spot(struct overlay *overlay, struct lf_str path,
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
    size_t above = lf_place_path_len(split.dir->at);
    struct lf_str dir = split.dir->dir;
    *ret = (struct spot){
            .at = split.dir->at,
            .dir = split.dir->missing ? NULL : split.dir->at->handle,
            .rest = lf_str_of(dir.data + above, dir.len - above),
            .name = split.name,
    };
    return true;
}

/* As touch(), with a copy of the name and the directories made. */
static struct over_entry *change(struct overlay *overlay, struct spot *spot)
{
    if (!spot->dir)
        spot->dir = spot->at->handle;
    struct lf_str name;
    while ((name = lf_path_next(&spot->rest)).len) {
        struct over_dir *dir = lf_arena_alloc(&overlay->arena, sizeof(*dir));
        struct lf_str copy = lf_arena_str(&overlay->arena, name);
        struct over_entry *entry =
                dir && copy.data ? touch(overlay, spot->dir, copy) : NULL;
        if (!entry)
            return NULL;
        entry->kind = LF_NODE_DIR;
        entry->holds = dir;
        spot->dir = dir;
    }
    struct lf_str copy = lf_arena_str(&overlay->arena, spot->name);
    return copy.data ? touch(overlay, spot->dir, copy) : NULL;
}

bool lf_view_put_link(struct lf_view *view, struct lf_str path,
                      struct lf_str text, struct lf_error *err)
{
    struct overlay *overlay = overlay_of(view);
    struct spot spot;
    if (!get_spot(overlay, path, &spot, err))
        return false;
    if (text.len == 0 || text.len > LF_PATH_LIMIT)
        return refuse(path, text.len ? ENAMETOOLONG : ENOENT, err);
    struct lf_str copy = lf_arena_str(&overlay->arena, text);
    struct over_entry *entry = copy.data ? change(overlay, &spot) : NULL;
    if (!entry)
        return lf_error_oom(err);
    entry->kind = LF_NODE_LINK;
    entry->text = copy.data;
    entry->text_len = (uint16_t)copy.len;
    return true;
}

bool lf_view_put_link_at(struct lf_view *view, struct lf_str dir,
                         struct lf_str name, struct lf_str text,
                         struct lf_error *err)
{
    struct overlay *overlay = overlay_of(view);
    const struct lf_spelled *spelled;
    if (!lf_check_request(dir, true, err) ||
        !lf_spelled_get(overlay->self, dir, false, &spelled, err))
        return false;
    if (spelled->error)
        return refuse(dir, spelled->error, err);
    if (text.len == 0 || text.len > LF_PATH_LIMIT || name.len > LF_NAME_LIMIT)
        return refuse(dir, text.len ? ENAMETOOLONG : ENOENT, err);
    if (spelled->missing &&
        (!lf_view_put_dir(view, dir, err) ||
         !lf_spelled_get(overlay->self, dir, false, &spelled, err)))
        return false;
    struct over_entry *entry = touch(overlay, spelled->at->handle, name);
    if (!entry)
        return lf_error_oom(err);
    entry->kind = LF_NODE_LINK;
    entry->text = text.data;
    entry->text_len = (uint16_t)text.len;
    return true;
}

/* What stands at a spot now; nothing where its directory is missing. */
static bool look_at_spot(struct overlay *overlay, const struct spot *spot,
                         struct lf_str path, struct lf_found *ret,
                         struct lf_error *err)
{
    static const struct lf_node nothing = {.kind = LF_NODE_NOTHING};
    *ret = (struct lf_found){.node = &nothing};
    if (!spot->dir)
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
    struct overlay *overlay = overlay_of(view);
    struct spot spot;
    struct lf_found found;
    if (!get_spot(overlay, path, &spot, err) ||
        !look_at_spot(overlay, &spot, path, &found, err))
        return false;
    if (found.node->kind == LF_NODE_DIR)
        return true;
    struct over_dir *dir = lf_arena_alloc(&overlay->arena, sizeof(*dir));
    struct over_entry *entry = dir ? change(overlay, &spot) : NULL;
    if (!entry)
        return lf_error_oom(err);
    entry->kind = LF_NODE_DIR;
    entry->holds = dir;
    return true;
}

bool lf_view_put_file(struct lf_view *view, struct lf_str path,
                      struct lf_error *err)
{
    struct overlay *overlay = overlay_of(view);
    struct spot spot;
    if (!get_spot(overlay, path, &spot, err))
        return false;
    struct over_entry *entry = change(overlay, &spot);
    if (!entry)
        return lf_error_oom(err);
    entry->kind = LF_NODE_FILE;
    return true;
}

bool lf_view_remove(struct lf_view *view, struct lf_str path,
                    struct lf_error *err)
{
    struct overlay *overlay = overlay_of(view);
    struct spot spot;
    struct lf_found found;
    if (!get_spot(overlay, path, &spot, err) ||
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
static const struct lf_node *keep_node(struct overlay *overlay,
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
    struct overlay *overlay = overlay_of(view);
    struct spot old, new;
    struct lf_found found;
    if (!get_spot(overlay, to, &new, err) ||
        !get_spot(overlay, from, &old, err) ||
        !look_at_spot(overlay, &old, from, &found, err))
        return false;
    if (found.node->kind == LF_NODE_NOTHING)
        return refuse(from, ENOENT, err);
    if (old.dir == new.dir && lf_str_equal(old.name, new.name))
        return true;
    if (found.place && lies_below(new.at, found.place))
        return refuse(to, EINVAL, err);
    uint8_t kind = (uint8_t)found.node->kind;
    struct over_dir *holds = found.place ? found.place->handle : NULL;
    const struct lf_node *moved = keep_node(overlay, found.node);
    struct over_entry *gone = moved ? change(overlay, &old) : NULL;
    struct over_entry *entry = gone ? change(overlay, &new) : NULL;
    if (!entry)
        return lf_error_oom(err);
    entry->kind = kind;
    entry->holds = holds;
    entry->moved = moved;
    return true;
}
