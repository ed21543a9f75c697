/* SPDX-License-Identifier: MIT */
/*
 * tree_read.c - the names in one directory of a source tree
 */
#include "base/util.h"
#include "manifest/tree_walk.h"

#include <errno.h>
#include <stdlib.h>

static bool note_child(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    struct lf_listing *listing = arg;
    void *children = listing->children;
    struct lf_child child = {.kind = kind};
    if (lf_array_reserve(&children, listing->n_children,
                         &listing->child_capacity, sizeof(child))) {
        listing->children = children;
        child.name = lf_arena_str(&listing->names, name);
    }
    if (child.name.data)
        listing->children[listing->n_children++] = child;
    else
        listing->no_memory = true;
    return !listing->no_memory;
}

static int compare_children(const void *a, const void *b)
{
    return lf_str_compare(((const struct lf_child *)a)->name,
                          ((const struct lf_child *)b)->name);
}

/* Some file systems do not tell kinds in a listing. */
static int find_kinds(struct lf_listing *listing, struct lf_fs *fs, int fd)
{
    for (uint32_t i = 0; i < listing->n_children; i++) {
        struct lf_child *child = &listing->children[i];
        struct lf_node node;
        if (child->kind != LF_NODE_UNKNOWN)
            continue;
        int result = fs->stat(fs, fd, child->name.data, &node);
        if (result < 0 && result != -ENOENT)
            return result;
        child->kind = result < 0 ? LF_NODE_NOTHING : node.kind;
    }
    return 0;
}

/* One that can be listed may still keep us from what is in it. For `.` as for any
 * other name the right to search is needed (path_resolution(7)). */
static bool is_searchable(struct lf_fs *fs, int fd, struct lf_node *ret_node)
{
    return fs->stat(fs, fd, ".", ret_node) == 0;
}

/* From what is known; false if it is not. */
static bool recall(struct lf_listing *listing,
                   const struct lf_expand_request *request,
                   struct lf_watch *watch)
{
    const struct lf_listed *listed = request->listed;
    const struct lf_node *node =
            listed ? listed->tell(listed->arg, watch, listing->dir, note_child,
                                  listing)
                   : NULL;
    if (node) {
        listing->searchable = true;
        listing->node = *node;
    }
    return node;
}

static void list(struct lf_listing *listing, struct lf_fs *fs, int root_fd)
{
    int fd = fs->open_dir(fs, root_fd, listing->dir.data + 1, LF_DIR_READ);
    listing->result = fd < 0 ? fd : 0;
    if (fd < 0)
        return;
    listing->searchable = is_searchable(fs, fd, &listing->node);
    listing->result = fs->list(fs, fd, note_child, listing);
    if (listing->result == 0)
        listing->result = find_kinds(listing, fs, fd);
    fs->close(fs, fd);
}

/* What is recalled comes so. */
static bool is_in_order(const struct lf_listing *listing)
{
    const struct lf_child *last[] = {NULL, NULL}; /* file, directory */
    for (uint32_t i = 0; i < listing->n_children; i++) {
        const struct lf_child *child = &listing->children[i];
        const struct lf_child **before = &last[child->kind == LF_NODE_DIR];
        if (*before && compare_children(*before, child) > 0)
            return false;
        *before = child;
    }
    return true;
}

static void sort_all(struct lf_listing *listing)
{
    qsort(listing->children, listing->n_children, sizeof(*listing->children),
          compare_children);
}

/* Files that will be there. What kind of node one is now, nobody can look at. */
static void add_coming(struct lf_listing *listing, const struct lf_set *coming,
                       const struct lf_dir *dir)
{
    for (uint32_t i = 0; i < dir->count; i++)
        if (!note_child(listing, lf_item_name(&coming->items[dir->first + i]),
                        LF_NODE_UNKNOWN))
            return;
}

/* Of names that are there twice, one that has been seen is kept. */
static void drop_doubles(struct lf_listing *listing)
{
    struct lf_child *children = listing->children;
    uint32_t count = 0;
    for (uint32_t i = 0; i < listing->n_children; i++) {
        if (count == 0 ||
            !lf_str_equal(children[count - 1].name, children[i].name))
            children[count++] = children[i];
        else if (children[count - 1].kind == LF_NODE_UNKNOWN)
            children[count - 1] = children[i];
    }
    listing->n_children = count;
}

void lf_listing_read(struct lf_listing *listing,
                     const struct lf_expand_request *request,
                     struct lf_watch *watch)
{
    const struct lf_set *coming = request->coming;
    const struct lf_dir *dir =
            coming ? lf_set_find_dir(coming, listing->dir) : NULL;
    lf_arena_finish(&listing->names);
    listing->n_children = 0;
    listing->no_memory = listing->searchable = false;
    listing->result = 0;
    listing->recalled = recall(listing, request, watch);
    if (!listing->recalled)
        list(listing, watch ? &watch->fs : request->fs, request->root_fd);
    if (listing->result < 0)
        return;
    if (dir) {
        add_coming(listing, coming, dir);
        sort_all(listing);
        drop_doubles(listing);
    } else if (!is_in_order(listing)) {
        sort_all(listing);
    }
}

void lf_listing_finish(struct lf_listing *listing)
{
    lf_arena_finish(&listing->names);
    free(listing->children);
    listing->children = NULL;
    listing->n_children = listing->child_capacity = 0;
}
