/* SPDX-License-Identifier: MIT */
/*
 * view_memory.c - a described tree
 *
 * Nodes are what inodes are: several names may lead to one, and a directory
 * can be seen on more than one mount. What mount a look is on, its place says.
 */
#include "base/path.h"
#include "base/util.h"
#include "resolve/resolver.h"

#include <errno.h>

struct mem_node {
    struct lf_node look; /* without mount */
    bool mounted_on;     /* some mount hides it */
};

/* A name in a directory. */
struct mem_entry {
    struct lf_table_link link;
    struct mem_node *dir;
    struct lf_str name;
    struct mem_node *node;
    uint64_t changed; /* generation */
};

/* On mount `on`, directory `point` is hidden by `root` of mount `id`. */
struct mem_mount {
    uint64_t on, id;
    struct mem_node *point, *root;
};

struct memory {
    struct lf_view view;
    struct lf_arena arena;
    struct lf_table entries;
    struct mem_node *root;
    struct mem_mount *mounts;
    uint32_t n_mounts, mounts_capacity;
    uint64_t last_ino, last_dev, last_mount;
    uint32_t uid;
};

static struct memory *memory_of(struct lf_view *view)
{
    return (struct memory *)view;
}

/* ---- looking ---- */

static struct mem_entry *find(const struct memory *memory,
                              const struct mem_node *dir, struct lf_str name)
{
    struct lf_table_link *link =
            lf_table_first(&memory->entries, lf_table_hash(dir, name));
    for (; link; link = lf_table_next(link)) {
        struct mem_entry *entry = (struct mem_entry *)link;
        if (entry->dir == dir && lf_str_equal(entry->name, name))
            return entry;
    }
    return NULL;
}

static const struct mem_mount *mounted_at(const struct memory *memory,
                                          uint64_t on,
                                          const struct mem_node *point)
{
    for (uint32_t i = memory->n_mounts; point->mounted_on && i > 0; i--) {
        const struct mem_mount *mount = &memory->mounts[i - 1];
        if (mount->on == on && mount->point == point)
            return mount;
    }
    return NULL;
}

/* As seen on `mount`, what is mounted there on top. */
static void look_at(const struct memory *memory, struct mem_node *node,
                    uint64_t mount, struct lf_look *ret)
{
    const struct mem_mount *top;
    while ((top = mounted_at(memory, mount, node))) {
        node = top->root;
        mount = top->id;
    }
    ret->node = node->look;
    ret->node.mount = mount;
    ret->handle = node;
}

static int memory_root(struct lf_view *view, struct lf_look *ret)
{
    struct memory *memory = memory_of(view);
    look_at(memory, memory->root, 1, ret);
    return 0;
}

static int memory_look(struct lf_view *view, struct lf_place *dir,
                       struct lf_str name, struct lf_look *ret)
{
    struct memory *memory = memory_of(view);
    struct mem_entry *entry = find(memory, dir->handle, name);
    if (entry)
        look_at(memory, entry->node, dir->node->mount, ret);
    return 0;
}

/* All is root's, so that the bits for others decide. */
static int memory_search(struct lf_view *view, struct lf_place *dir, bool dots)
{
    (void)dots;
    if (memory_of(view)->uid != 0 && !(dir->node->mode & 1))
        return -EACCES;
    dir->searchable = true;
    return 0;
}

static uint64_t memory_changed(struct lf_view *view, const struct lf_place *dir,
                               struct lf_str name)
{
    struct mem_entry *entry = find(memory_of(view), dir->handle, name);
    return entry ? entry->changed : 0;
}

static void memory_free(struct lf_view *view)
{
    struct memory *memory = memory_of(view);
    lf_table_finish(&memory->entries);
    lf_arena_finish(&memory->arena);
    free(memory->mounts);
    free(memory);
}

static const struct lf_view_ops memory_ops = {
        .root = memory_root,
        .look = memory_look,
        .search = memory_search,
        .changed = memory_changed,
        .free = memory_free,
};

/* ---- describing ---- */

static struct mem_node *new_node(struct memory *memory, enum lf_node_kind kind,
                                 uint64_t dev)
{
    struct mem_node *node = lf_arena_alloc(&memory->arena, sizeof(*node));
    if (!node)
        return NULL;
    node->look = (struct lf_node){
            .kind = kind,
            .mode = kind == LF_NODE_DIR    ? 0755
                    : kind == LF_NODE_LINK ? 0777
                                           : 0644,
            .dev = dev,
            .ino = ++memory->last_ino,
    };
    return node;
}

static bool add_entry(struct memory *memory, struct mem_node *dir,
                      struct lf_str name, struct mem_node *node,
                      struct lf_error *err)
{
    struct mem_entry *entry = lf_arena_alloc(&memory->arena, sizeof(*entry));
    struct lf_str copy = lf_arena_str(&memory->arena, name);
    if (!entry || !copy.data)
        return lf_error_oom(err);
    *entry = (struct mem_entry){
            .dir = dir,
            .name = copy,
            .node = node,
            .changed = ++memory->view.generation,
    };
    if (!lf_table_add(&memory->entries, &entry->link, lf_table_hash(dir, name)))
        return lf_error_oom(err);
    return true;
}

bool lf_view_memory_new(struct lf_view **ret_view, struct lf_error *err)
{
    struct memory *memory = calloc(1, sizeof(*memory));
    if (!memory)
        return lf_error_oom(err);
    memory->view.ops = &memory_ops;
    memory->last_dev = memory->last_mount = 1;
    memory->root = new_node(memory, LF_NODE_DIR, 1);
    if (!memory->root) {
        free(memory);
        return lf_error_oom(err);
    }
    *ret_view = &memory->view;
    return true;
}

void lf_view_memory_user(struct lf_view *view, uint32_t uid)
{
    memory_of(view)->uid = uid;
}

/* Where a path of a description leads: a directory, and a name in it. */
struct spot {
    struct mem_node *dir;
    uint64_t mount;
    struct lf_str name;      /* empty: the directory itself */
    struct mem_entry *entry; /* what stands there, or NULL */
};

static bool refuse(struct lf_str path, int error, struct lf_error *err)
{
    lf_error_set(err, LF_CODE_VIEW_CHANGE, error,
                 "cannot describe a node at '%.*s': %s", (int)path.len,
                 path.data, strerror(error));
    return false;
}

static bool make_dirs(struct memory *memory, const struct lf_spelled *dir,
                      struct spot *spot, struct lf_error *err)
{
    size_t above = lf_place_path_len(dir->at);
    struct lf_str rest = lf_str_of(dir->dir.data + above, dir->dir.len - above);
    spot->dir = dir->at->handle;
    spot->mount = dir->at->node->mount;
    struct lf_str name;
    while ((name = lf_path_next(&rest)).len) {
        struct mem_node *node =
                new_node(memory, LF_NODE_DIR, spot->dir->look.dev);
        if (!node)
            return lf_error_oom(err);
        if (!add_entry(memory, spot->dir, name, node, err))
            return false;
        spot->dir = node;
    }
    return true;
}

/* Missing parents are made. */
static bool get_spot(struct memory *memory, struct lf_str path,
                     struct spot *spot, struct lf_error *err)
{
    uint32_t uid = memory->uid;
    struct lf_resolver *resolver;
    if (!lf_resolver_new(&memory->view, &resolver, err))
        return false;
    memory->uid = 0;
    struct lf_split split;
    bool done = lf_place_get(resolver, path, false, &split, err);
    if (done && split.dir->error)
        done = refuse(path, split.dir->error, err);
    *spot = (struct spot){.name = done ? split.name : LF_STR("")};
    done = done && make_dirs(memory, split.dir, spot, err);
    if (done && spot->name.len)
        spot->entry = find(memory, spot->dir, spot->name);
    lf_resolver_free(resolver);
    memory->uid = uid;
    return done;
}

bool lf_view_memory_add(struct lf_view *view, enum lf_node_kind kind,
                        struct lf_str path, struct lf_str text,
                        struct lf_error *err)
{
    struct memory *memory = memory_of(view);
    struct spot spot;
    if (view->ops != &memory_ops) {
        lf_error_set(err, LF_CODE_VIEW_CHANGE, 0,
                     "cannot describe a node at '%.*s': the view is no "
                     "described tree",
                     (int)path.len, path.data);
        return false;
    }
    if (kind == LF_NODE_NOTHING || kind == LF_NODE_UNKNOWN)
        return refuse(path, EINVAL, err);
    if (!lf_check_request(text, false, err) ||
        !get_spot(memory, path, &spot, err))
        return false;
    bool is_dir = kind == LF_NODE_DIR;
    if (spot.name.len == 0 || spot.entry) {
        bool again = spot.name.len == 0 ||
                     spot.entry->node->look.kind == LF_NODE_DIR;
        return is_dir && again ? true : refuse(path, EEXIST, err);
    }
    if (spot.name.len > LF_NAME_LIMIT)
        return refuse(path, ENAMETOOLONG, err);
    struct mem_node *node = new_node(memory, kind, spot.dir->look.dev);
    if (!node)
        return lf_error_oom(err);
    if (kind == LF_NODE_LINK) {
        node->look.text = lf_arena_str(&memory->arena, text);
        node->look.size = text.len;
        if (!node->look.text.data)
            return lf_error_oom(err);
    }
    return add_entry(memory, spot.dir, spot.name, node, err);
}

/* Something that must be there already. */
static bool get_node(struct memory *memory, struct lf_str path,
                     struct lf_look *ret, struct lf_error *err)
{
    struct spot spot;
    if (!get_spot(memory, path, &spot, err))
        return false;
    if (spot.name.len == 0)
        look_at(memory, spot.dir, spot.mount, ret);
    else if (spot.entry)
        look_at(memory, spot.entry->node, spot.mount, ret);
    else
        return refuse(path, ENOENT, err);
    return true;
}

bool lf_view_memory_hard(struct lf_view *view, struct lf_str old,
                         struct lf_str path, struct lf_error *err)
{
    struct memory *memory = memory_of(view);
    struct lf_look look;
    struct spot spot;
    if (!get_node(memory, old, &look, err) ||
        !get_spot(memory, path, &spot, err))
        return false;
    if (look.node.kind == LF_NODE_DIR)
        return refuse(path, EPERM, err);
    if (spot.name.len == 0 || spot.entry)
        return refuse(path, EEXIST, err);
    return add_entry(memory, spot.dir, spot.name, look.handle, err);
}

bool lf_view_memory_mode(struct lf_view *view, struct lf_str path,
                         uint32_t mode, struct lf_error *err)
{
    struct lf_look look;
    if (!get_node(memory_of(view), path, &look, err))
        return false;
    ((struct mem_node *)look.handle)->look.mode = mode & 07777;
    return true;
}

/* ---- mounts ---- */

static bool add_mount(struct memory *memory, struct lf_str path,
                      struct mem_node *root, struct lf_error *err)
{
    struct spot spot;
    struct lf_look point;
    if (!lf_view_memory_add(&memory->view, LF_NODE_DIR, path, LF_STR(""),
                            err) ||
        !get_spot(memory, path, &spot, err) ||
        !get_node(memory, path, &point, err))
        return false;
    if (point.node.kind != LF_NODE_DIR)
        return refuse(path, ENOTDIR, err);
    void *mounts = memory->mounts;
    if (!lf_array_reserve(&mounts, memory->n_mounts, &memory->mounts_capacity,
                          sizeof(*memory->mounts)))
        return lf_error_oom(err);
    memory->mounts = mounts;
    memory->mounts[memory->n_mounts++] = (struct mem_mount){
            .on = point.node.mount,
            .id = ++memory->last_mount,
            .point = point.handle,
            .root = root,
    };
    ((struct mem_node *)point.handle)->mounted_on = true;
    ++memory->view.generation;
    if (spot.entry)
        spot.entry->changed = memory->view.generation;
    return true;
}

bool lf_view_memory_mount(struct lf_view *view, struct lf_str path,
                          struct lf_error *err)
{
    struct memory *memory = memory_of(view);
    struct mem_node *root = new_node(memory, LF_NODE_DIR, ++memory->last_dev);
    return root ? add_mount(memory, path, root, err) : lf_error_oom(err);
}

bool lf_view_memory_bind(struct lf_view *view, struct lf_str source,
                         struct lf_str path, struct lf_error *err)
{
    struct memory *memory = memory_of(view);
    struct lf_look look;
    if (!get_node(memory, source, &look, err))
        return false;
    if (look.node.kind != LF_NODE_DIR)
        return refuse(source, ENOTDIR, err);
    return add_mount(memory, path, look.handle, err);
}
