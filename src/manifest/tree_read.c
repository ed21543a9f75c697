/* SPDX-License-Identifier: MIT */
/*
 * tree_read.c - the names in one directory of a source tree
 */
#include "base/util.h"
#include "manifest/tree_walk.h"

#include <errno.h>

static bool note_child(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    struct lf_tree_walk *walk = arg;
    void *children = walk->children;
    struct lf_child child = {.kind = kind};
    if (lf_array_reserve(&children, walk->n_children, &walk->child_capacity,
                         sizeof(child))) {
        walk->children = children;
        child.name = lf_arena_str(&walk->names, name);
    }
    if (child.name.data)
        walk->children[walk->n_children++] = child;
    else
        walk->no_memory = true;
    return !walk->no_memory;
}

static int compare_children(const void *a, const void *b)
{
    return lf_str_compare(((const struct lf_child *)a)->name,
                          ((const struct lf_child *)b)->name);
}

/* Some file systems do not tell kinds in a listing. */
static int find_kinds(struct lf_tree_walk *walk, int fd)
{
    struct lf_fs *fs = walk->expander->request->fs;
    for (uint32_t i = 0; i < walk->n_children; i++) {
        struct lf_child *child = &walk->children[i];
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
static bool is_searchable(struct lf_fs *fs, int fd)
{
    struct lf_node node;
    return fs->stat(fs, fd, ".", &node) == 0;
}

int lf_walk_read(struct lf_tree_walk *walk, const struct lf_branch *branch)
{
    const struct lf_expand_request *request = walk->expander->request;
    struct lf_fs *fs = request->fs;
    lf_arena_finish(&walk->names);
    walk->n_children = 0;
    int fd = fs->open_dir(fs, request->root_fd, branch->source.data + 1,
                          LF_DIR_READ);
    if (fd < 0)
        return fd;
    walk->searchable = is_searchable(fs, fd);
    int result = fs->list(fs, fd, note_child, walk);
    if (result == 0)
        result = find_kinds(walk, fd);
    fs->close(fs, fd);
    if (result == 0 && walk->n_children)
        qsort(walk->children, walk->n_children, sizeof(*walk->children),
              compare_children);
    return result;
}
