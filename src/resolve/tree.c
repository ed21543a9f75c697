/* SPDX-License-Identifier: MIT */
/*
 * tree.c - what a view has answered, kept as a tree of places
 */
#include "base/path.h"
#include "resolve/view.h"

#include <assert.h>
#include <errno.h>

static struct lf_str name_of(const struct lf_place *place)
{
    return lf_str_of(place->name, place->name_len);
}

/* ---- keeping ---- */

/* The node's copy, its text too, unless the view keeps it by itself. */
static const struct lf_node *keep_node(struct lf_tree *tree,
                                       const struct lf_look *look)
{
    if (look->kept)
        return look->kept;
    struct lf_node *node = lf_arena_alloc(&tree->arena, sizeof(*node));
    if (!node)
        return NULL;
    *node = look->node;
    if (node->kind == LF_NODE_LINK) {
        node->text = lf_arena_str(&tree->arena, look->node.text);
        if (!node->text.data)
            return NULL;
    }
    return node;
}

static struct lf_place *new_place(struct lf_tree *tree, struct lf_place *dir,
                                  struct lf_str name,
                                  const struct lf_look *look)
{
    struct lf_place *place = lf_arena_alloc(&tree->arena, sizeof(*place));
    const struct lf_node *node = keep_node(tree, look);
    struct lf_str copy = lf_arena_str(&tree->arena, name);
    if (!place || !node || !copy.data)
        return NULL;
    place->parent = dir;
    place->name = copy.data;
    place->name_len = (uint16_t)copy.len;
    place->node = node;
    place->handle = look->handle;
    place->magic = look->magic;
    place->seen = tree->view->generation;
    return place;
}

int lf_tree_init(struct lf_tree *tree, struct lf_view *view)
{
    *tree = (struct lf_tree){.view = view};
    struct lf_look look = {0};
    int result = view->ops->root(view, &look);
    if (result < 0)
        return result;
    tree->top_node = look.node;
    tree->top = (struct lf_place){
            .parent = &tree->top,
            .name = "",
            .node = look.kept ? look.kept : &tree->top_node,
            .handle = look.handle,
            .seen = view->generation,
    };
    tree->root = &tree->top;
    return 0;
}

void lf_tree_forget(struct lf_tree *tree)
{
    assert(!tree->view->ops->forget);
    lf_table_finish(&tree->places);
    lf_arena_finish(&tree->arena);
    tree->places = (struct lf_table){0};
    tree->arena = (struct lf_arena){0};
    tree->look = (struct lf_look){0};
    tree->root->has_kept = false;
}

void lf_tree_finish(struct lf_tree *tree)
{
    if (tree->view && tree->view->ops->forget)
        tree->view->ops->forget(tree->view);
    lf_table_finish(&tree->places);
    lf_arena_finish(&tree->arena);
    lf_buf_finish(&tree->room);
    *tree = (struct lf_tree){0};
}

/* ---- finding ---- */

bool lf_tree_holds(struct lf_tree *tree, struct lf_place *place)
{
    struct lf_view *view = tree->view;
    if (place->dead)
        return false;
    if (place->seen == view->generation || place == tree->root)
        return true;
    if (view->ops->changed &&
        view->ops->changed(view, place->parent, name_of(place)) > place->seen) {
        place->dead = true;
        return false;
    }
    place->seen = view->generation;
    return true;
}

/* A place that no longer holds is taken out; only results still point there. */
static struct lf_place *find(struct lf_tree *tree, struct lf_place *dir,
                             struct lf_str name)
{
    struct lf_table_link *link =
            lf_table_first(&tree->places, lf_table_hash(dir, name));
    for (; link; link = lf_table_next(link)) {
        struct lf_place *place = (struct lf_place *)link;
        if (place->parent != dir || !lf_str_equal(name_of(place), name))
            continue;
        if (lf_tree_holds(tree, place))
            return place;
        lf_table_remove(&tree->places, link);
        return NULL;
    }
    return NULL;
}

static struct lf_place *peek(const struct lf_tree *tree,
                             const struct lf_place *dir, struct lf_str name)
{
    struct lf_table_link *link =
            lf_table_first(&tree->places, lf_table_hash(dir, name));
    for (; link; link = lf_table_next(link)) {
        struct lf_place *place = (struct lf_place *)link;
        if (place->parent == dir && lf_str_equal(name_of(place), name))
            return !place->dead && place->seen == tree->view->generation ? place
                                                                         : NULL;
    }
    return NULL;
}

struct lf_place *lf_tree_seen(const struct lf_tree *tree, struct lf_str path)
{
    struct lf_place *place = tree->root;
    for (;;) {
        struct lf_str name = lf_path_next(&path);
        if (name.len == 0)
            return place;
        place = place->has_kept ? peek(tree, place, name) : NULL;
        if (!place || place->node->kind != LF_NODE_DIR)
            return NULL;
    }
}

static void found_place(struct lf_place *place, struct lf_found *ret)
{
    *ret = (struct lf_found){place, place->node, place->magic};
}

/* A place for what was looked at. NULL without memory. */
static struct lf_place *keep_place(struct lf_tree *tree, struct lf_place *dir,
                                   struct lf_str name,
                                   const struct lf_look *look)
{
    struct lf_place *place = new_place(tree, dir, name, look);
    if (!place ||
        !lf_table_add(&tree->places, &place->link, lf_table_hash(dir, name)))
        return NULL;
    dir->has_kept = true;
    return place;
}

bool lf_tree_put(struct lf_tree *tree, struct lf_place *dir, struct lf_str name,
                 const struct lf_node *node)
{
    if (dir->has_kept && find(tree, dir, name))
        return true;
    const struct lf_look look = {.node = *node};
    dir->searchable = true; /* or nobody had come through it */
    return keep_place(tree, dir, name, &look) != NULL;
}

/* What was found, but for a link that is hidden: nothing stands there. */
static int show(struct lf_tree *tree, const struct lf_place *dir,
                struct lf_str name, struct lf_found *ret)
{
    static const struct lf_node nothing = {.kind = LF_NODE_NOTHING};
    if (!tree->hides || ret->node->kind != LF_NODE_LINK)
        return 0;
    lf_buf_clear(&tree->room);
    lf_place_path_add(&tree->room, dir);
    if (lf_buf_failed(&tree->room))
        return -ENOMEM;
    if (tree->hides(tree->hides_arg, lf_buf_str(&tree->room), name, ret->node))
        *ret = (struct lf_found){.node = &nothing};
    return 0;
}

int lf_tree_get(struct lf_tree *tree, struct lf_place *dir, struct lf_str name,
                bool keep, struct lf_found *ret)
{
    /* most directories hold leaves only, of which none is kept */
    struct lf_place *place = dir->has_kept ? find(tree, dir, name) : NULL;
    if (place) {
        found_place(place, ret);
        return show(tree, dir, name, ret);
    }
    struct lf_view *view = tree->view;
    tree->look = (struct lf_look){0};
    view->lookups++;
    int result = view->ops->look(view, dir, name, &tree->look);
    if (result < 0)
        return result;
    if (!keep && tree->look.node.kind != LF_NODE_DIR) {
        *ret = (struct lf_found){NULL, &tree->look.node, tree->look.magic};
        return show(tree, dir, name, ret);
    }
    place = keep_place(tree, dir, name, &tree->look);
    if (!place)
        return -ENOMEM;
    found_place(place, ret);
    return show(tree, dir, name, ret);
}

int lf_tree_search(struct lf_tree *tree, struct lf_place *dir, bool dots)
{
    if (dir->searchable)
        return 0;
    return tree->view->ops->search(tree->view, dir, dots);
}

/* ---- paths ---- */

size_t lf_place_path_len(const struct lf_place *place)
{
    size_t len = 0;
    for (; place->parent != place; place = place->parent)
        len += 1 + (size_t)place->name_len;
    return len ? len : 1;
}

void lf_place_path_write(const struct lf_place *place, char *at, size_t len)
{
    at[0] = '/';
    for (; place->parent != place; place = place->parent) {
        len -= place->name_len;
        memcpy(at + len, place->name, place->name_len);
        at[--len] = '/';
    }
}

void lf_place_path_add(struct lf_buf *buf, const struct lf_place *place)
{
    size_t len = lf_place_path_len(place);
    if (!lf_buf_reserve(buf, len))
        return;
    lf_place_path_write(place, buf->data + buf->len, len);
    lf_buf_truncate(buf, buf->len + len);
}

bool lf_same_mount(const struct lf_node *a, const struct lf_node *b)
{
    if (a->mount && b->mount)
        return a->mount == b->mount;
    return a->dev == b->dev;
}
