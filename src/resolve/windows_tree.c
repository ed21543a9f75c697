/* SPDX-License-Identifier: MIT */
/*
 * windows_tree.c - described volumes and what is on them
 */
#include "resolve/resolver.h"
#include "resolve/windows.h"

#include <errno.h>
#include <stdlib.h>

bool lf_win_tree_new(struct lf_win_tree **ret_tree, struct lf_error *err)
{
    *ret_tree = calloc(1, sizeof(**ret_tree));
    return *ret_tree || lf_error_oom(err);
}

void lf_win_tree_free(struct lf_win_tree *tree)
{
    if (!tree)
        return;
    lf_table_finish(&tree->nodes);
    lf_buf_finish(&tree->folded);
    lf_arena_finish(&tree->arena);
    free(tree);
}

/* ---- finding ---- */

struct lf_win_volume *lf_win_find_volume(const struct lf_win_tree *tree,
                                         struct lf_str name)
{
    struct lf_win_volume *volume = tree->volumes;
    while (volume && !lf_win_same_name(volume->name, name))
        volume = volume->next;
    return volume;
}

struct lf_win_node *lf_win_find(struct lf_win_tree *tree,
                                const struct lf_win_node *dir,
                                struct lf_str name, bool *ret_failed)
{
    lf_buf_clear(&tree->folded);
    lf_win_fold(&tree->folded, name);
    *ret_failed = lf_buf_failed(&tree->folded);
    struct lf_str folded = lf_buf_str(&tree->folded);
    if (*ret_failed)
        return NULL;
    struct lf_table_link *link =
            lf_table_first(&tree->nodes, lf_table_hash(dir, folded));
    for (; link; link = lf_table_next(link)) {
        struct lf_win_node *node = (struct lf_win_node *)link;
        if (node->parent == dir && lf_str_equal(node->folded, folded))
            return node;
    }
    return NULL;
}

/* Written from the end, since a node knows what is above it. */
void lf_win_add_final(struct lf_buf *buf, const struct lf_win_node *node)
{
    lf_win_add_root(buf, node->volume->name);
    size_t len = 0;
    for (const struct lf_win_node *at = node; at->parent; at = at->parent)
        len += at->name.len + 1;
    if (len == 0) {
        lf_buf_add_char(buf, '\\');
        return;
    }
    if (!lf_buf_reserve(buf, len))
        return;
    size_t end = buf->len + len;
    size_t at = end;
    for (; node->parent; node = node->parent) {
        at -= node->name.len;
        memcpy(buf->data + at, node->name.data, node->name.len);
        buf->data[--at] = '\\';
    }
    lf_buf_truncate(buf, end);
}

/* ---- describing ---- */

static bool refuse(struct lf_str path, const char *why, struct lf_error *err)
{
    lf_error_set(err, LF_CODE_VIEW_CHANGE, EINVAL,
                 "cannot describe a node at '%.*s': %s", (int)path.len,
                 path.data, why);
    return false;
}

static struct lf_win_volume *get_volume(struct lf_win_tree *tree,
                                        struct lf_str name, bool remote)
{
    struct lf_win_volume *volume = lf_win_find_volume(tree, name);
    if (volume)
        return volume;
    volume = lf_arena_alloc(&tree->arena, sizeof(*volume));
    struct lf_str copy = lf_arena_str(&tree->arena, name);
    if (!volume || !copy.data)
        return NULL;
    volume->name = copy;
    volume->remote = remote;
    volume->root.volume = volume;
    volume->root.kind = LF_WIN_DIR;
    volume->next = tree->volumes;
    tree->volumes = volume;
    return volume;
}

/* The volume that `path` begins with; NULL with `err` set. */
static struct lf_win_volume *volume_of(struct lf_win_tree *tree,
                                       struct lf_str path,
                                       struct lf_win_root *root,
                                       struct lf_error *err)
{
    bool failed;
    if (!lf_check_request(path, false, err))
        return NULL;
    if (!lf_win_split_root(path, root, &failed)) {
        lf_buf_finish(&root->owned);
        if (failed)
            lf_error_oom(err);
        else
            refuse(path, "it names no volume", err);
        return NULL;
    }
    struct lf_win_volume *volume = get_volume(tree, root->volume, root->remote);
    lf_buf_finish(&root->owned);
    if (!volume)
        lf_error_oom(err);
    return volume;
}

bool lf_win_tree_volume(struct lf_win_tree *tree, struct lf_str name,
                        bool remote, struct lf_error *err)
{
    struct lf_win_root root;
    struct lf_win_volume *volume = volume_of(tree, name, &root, err);
    if (!volume)
        return false;
    volume->remote = remote;
    return true;
}

static struct lf_win_node *add_node(struct lf_win_tree *tree,
                                    struct lf_win_node *dir, struct lf_str name,
                                    enum lf_win_kind kind)
{
    struct lf_win_node *node = lf_arena_alloc(&tree->arena, sizeof(*node));
    lf_buf_clear(&tree->folded);
    lf_win_fold(&tree->folded, name);
    if (!node || lf_buf_failed(&tree->folded))
        return NULL;
    node->parent = dir;
    node->volume = dir->volume;
    node->kind = kind;
    node->name = lf_arena_str(&tree->arena, name);
    node->folded = lf_arena_str(&tree->arena, lf_buf_str(&tree->folded));
    if (!node->name.data || !node->folded.data ||
        !lf_table_add(&tree->nodes, &node->link,
                      lf_table_hash(dir, node->folded)))
        return NULL;
    return node;
}

/* One component: an existing directory, or a node of `kind`. */
static struct lf_win_node *step(struct lf_win_tree *tree,
                                struct lf_win_node *dir, struct lf_str name,
                                enum lf_win_kind kind, struct lf_str path,
                                struct lf_error *err)
{
    bool failed;
    struct lf_win_node *node = lf_win_find(tree, dir, name, &failed);
    if (node && kind == LF_WIN_DIR && node->kind == LF_WIN_DIR)
        return node;
    if (node || !lf_win_is_name(name)) {
        refuse(path, node ? "something stands there" : "not a name", err);
        return NULL;
    }
    node = failed ? NULL : add_node(tree, dir, name, kind);
    if (!node)
        lf_error_oom(err);
    return node;
}

static struct lf_win_node *make(struct lf_win_tree *tree, enum lf_win_kind kind,
                                struct lf_str path, struct lf_error *err)
{
    struct lf_win_root root;
    struct lf_win_volume *volume = volume_of(tree, path, &root, err);
    if (!volume)
        return NULL;
    struct lf_win_node *node = &volume->root;
    struct lf_str rest = root.rest;
    struct lf_str name = lf_win_next(&rest, false);
    if (name.len == 0 && kind != LF_WIN_DIR) {
        refuse(path, "it is the root of its volume", err);
        return NULL;
    }
    while (node && name.len) {
        struct lf_str next = lf_win_next(&rest, false);
        node = step(tree, node, name, next.len ? LF_WIN_DIR : kind, path, err);
        name = next;
    }
    return node;
}

static bool keep_text(struct lf_win_tree *tree, struct lf_win_node *node,
                      struct lf_str substitute, struct lf_str print,
                      struct lf_error *err)
{
    node->substitute = lf_arena_str(&tree->arena, substitute);
    node->print = lf_arena_str(&tree->arena, print);
    if (!node->substitute.data || !node->print.data)
        return lf_error_oom(err);
    return true;
}

/* What is shown is the text as it was given. */
static bool set_link(struct lf_win_tree *tree, struct lf_win_node *node,
                     struct lf_str text, struct lf_error *err)
{
    struct lf_win_text stored;
    if (!lf_win_link_text(text, NULL, &stored, err))
        return false;
    node->relative = stored.relative;
    bool done = keep_text(tree, node, stored.substitute, text, err);
    lf_win_text_finish(&stored);
    return done;
}

static bool set_junction(struct lf_win_tree *tree, struct lf_win_node *node,
                         struct lf_str text, struct lf_error *err)
{
    struct lf_win_root root;
    if (!volume_of(tree, text, &root, err))
        return false;
    return keep_text(tree, node, text, text, err);
}

static bool set_mount(struct lf_win_tree *tree, struct lf_win_node *node,
                      struct lf_str text, struct lf_error *err)
{
    struct lf_win_root root;
    node->mounted = volume_of(tree, text, &root, err);
    if (!node->mounted)
        return false;
    struct lf_buf print = {0};
    lf_win_add_final(&print, &node->mounted->root);
    bool done = lf_buf_failed(&print)
                        ? lf_error_oom(err)
                        : keep_text(tree, node, lf_buf_str(&print),
                                    lf_buf_str(&print), err);
    lf_buf_finish(&print);
    return done;
}

bool lf_win_tree_add(struct lf_win_tree *tree, enum lf_win_kind kind,
                     struct lf_str path, struct lf_str text,
                     struct lf_error *err)
{
    if (kind == LF_WIN_NOTHING)
        return refuse(path, "nothing is no node", err);
    struct lf_win_node *node = make(tree, kind, path, err);
    if (!node)
        return false;
    switch (kind) {
    case LF_WIN_FILE_LINK:
    case LF_WIN_DIR_LINK:
        return set_link(tree, node, text, err);
    case LF_WIN_JUNCTION:
        return set_junction(tree, node, text, err);
    case LF_WIN_MOUNT:
        return set_mount(tree, node, text, err);
    case LF_WIN_NOTHING:
    case LF_WIN_FILE:
    case LF_WIN_DIR:
        break;
    }
    return true;
}

bool lf_win_tree_add_raw(struct lf_win_tree *tree, struct lf_str path,
                         struct lf_str substitute, bool relative, bool is_dir,
                         struct lf_error *err)
{
    struct lf_win_node *node =
            make(tree, is_dir ? LF_WIN_DIR_LINK : LF_WIN_FILE_LINK, path, err);
    if (!node)
        return false;
    node->relative = relative;
    return keep_text(tree, node, substitute, substitute, err);
}
