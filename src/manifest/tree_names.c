/* SPDX-License-Identifier: MIT */
/*
 * tree_names.c - what trees are called, and which override which
 *
 * A tree is called by its `name`, else by its `from` as it is written. Names
 * are gathered from all files before any tree is built, because a tree may
 * override one that comes later, or one whose condition does not hold.
 *
 * Trees that override each other in a circle have no winner. Circles are looked
 * for by a walk from name to name, depth first, that goes along each `overrides`
 * once. Names on the way from where it began know the one that follows.
 */
#include "base/nearest.h"
#include "base/util.h"
#include "manifest/loader.h"

#include <assert.h>
#include <stdio.h>

#define NONE UINT32_MAX

/* One name in an `overrides`. */
struct edge {
    struct lf_yaml *item;
    uint32_t file; /* where it stands */
    uint32_t to;   /* index of the name */
    uint32_t next; /* of the same tree's, or one of that name; or NONE */
};

struct name {
    struct lf_str text; /* followed by a NUL */
    struct lf_mark mark;
    bool given;            /* by `name` */
    bool seen, on_way;     /* of the walk */
    uint32_t first, last;  /* edges that are not gone along yet, or NONE */
    uint32_t above, below; /* on the way */
};

struct lf_tree_names {
    struct lf_strmap index; /* name -> index into items */
    struct name *items;
    uint32_t count, capacity;
    struct edge *edges;
    uint32_t n_edges, edge_capacity;
    bool lost; /* a faulty tree has a name that is not known */
};

static bool no_memory(struct lf_loader *loader)
{
    return lf_error_oom(loader->err);
}

struct lf_yaml *lf_tree_name_node(const struct lf_yaml *tree, bool *ret_given)
{
    struct lf_yaml *key = lf_yaml_get_key(tree, "name");
    *ret_given = key != NULL;
    if (!key)
        return lf_yaml_get(tree, "from");
    return key->next->bad ? NULL : key->next;
}

/* ---- names ---- */

static void report_twice(const struct lf_check *check, struct lf_yaml *node,
                         const struct lf_mark *first)
{
    struct lf_buf help = {0};
    lf_buf_add_format(&help, "the other one is at %.*s:%u:%u",
                      (int)first->source->name.len, first->source->name.data,
                      (unsigned)first->line, (unsigned)first->column);
    lf_report(check, node, LF_CODE_TREE_NAME, lf_buf_str(&help).data,
              "two trees are called \"%.*s\"", lf_yaml_shown(node),
              node->text.data);
    lf_buf_finish(&help);
}

/* Trees that are called by their `from` may share a name, as one directory may
 * be used twice. */
static bool note_name(struct lf_loader *loader, struct lf_tree_names *names,
                      const struct lf_yaml *tree)
{
    struct lf_check check = lf_loader_check(loader, loader->current);
    struct name name = {.first = NONE, .last = NONE, .above = NONE};
    uint32_t at;
    struct lf_yaml *node = tree->kind == LF_YAML_MAP
                                   ? lf_tree_name_node(tree, &name.given)
                                   : NULL;
    if (!node) {
        names->lost = true;
        return true;
    }
    void *items = names->items;
    if (!lf_array_reserve(&items, names->count, &names->capacity, sizeof(name)))
        return no_memory(loader);
    names->items = items;
    name.text = lf_arena_str(&loader->nodes, node->text);
    if (!name.text.data ||
        !lf_strmap_add(&names->index, name.text, names->count, &at))
        return no_memory(loader);
    name.mark = lf_yaml_mark(check.document, node);
    if (at == names->count)
        names->items[names->count++] = name;
    else if (name.given || names->items[at].given)
        report_twice(&check, node, &names->items[at].mark);
    return true;
}

static const char *name_at(const void *arg, size_t index)
{
    const struct lf_tree_names *names = arg;
    return index < names->count ? names->items[index].text.data : NULL;
}

/* ---- what they override ---- */

static void report_unknown(const struct lf_check *check,
                           const struct lf_tree_names *names,
                           struct lf_yaml *item)
{
    enum { NEAR_LIMIT = 256 }; /* trees to search for a likely name */
    char help[160] = "a tree is called by its name, else by its from";
    const char *near = names->count > NEAR_LIMIT
                               ? NULL
                               : lf_nearest(item->text, name_at, names);
    if (near)
        snprintf(help, sizeof(help), "did you mean \"%.100s\"?", near);
    lf_report(check, item, LF_CODE_UNKNOWN_TREE, help,
              "no tree is called \"%.*s\"", lf_yaml_shown(item),
              item->text.data);
}

static bool add_edge(struct lf_loader *loader, struct lf_tree_names *names,
                     uint32_t from, struct lf_yaml *item, uint32_t to)
{
    void *edges = names->edges;
    assert(names->items && from < names->count);
    struct name *name = &names->items[from];
    if (!lf_array_reserve(&edges, names->n_edges, &names->edge_capacity,
                          sizeof(*names->edges)))
        return no_memory(loader);
    names->edges = edges;
    names->edges[names->n_edges] =
            (struct edge){item, loader->current, to, NONE};
    if (name->first == NONE)
        name->first = names->n_edges;
    else
        names->edges[name->last].next = names->n_edges;
    name->last = names->n_edges++;
    return true;
}

static bool note_overrides(struct lf_loader *loader,
                           struct lf_tree_names *names,
                           const struct lf_yaml *tree)
{
    struct lf_check check = lf_loader_check(loader, loader->current);
    const struct lf_yaml *list = lf_yaml_get(tree, "overrides");
    bool given, ok = true;
    const struct lf_yaml *node = lf_tree_name_node(tree, &given);
    uint32_t own = NONE, to;
    if (tree->bad)
        return true;
    if (node)
        lf_strmap_find(&names->index, node->text, &own);
    for (struct lf_yaml *item = list ? list->child : NULL; ok && item;
         item = item->next) {
        if (item->bad)
            continue;
        bool known = lf_strmap_find(&names->index, item->text, &to);
        if (!known && !names->lost)
            report_unknown(&check, names, item);
        else if (known && to == own)
            lf_report(&check, item, LF_CODE_OVERRIDES_CIRCLE,
                      "take it out; two names in one tree that want one link "
                      "path are told apart by renaming one, or by ignore",
                      "a tree overrides itself");
        else if (known && own != NONE)
            ok = add_edge(loader, names, own, item, to);
    }
    return ok;
}

/* ---- circles ---- */

static void add_name(struct lf_buf *buf, struct lf_str name)
{
    enum { SHOWN = 100 }; /* bytes */
    lf_buf_add(buf, lf_str_of(name.data, name.len > SHOWN ? SHOWN : name.len));
}

/* Report the edge that leads from the end of the way back to a name on it. */
static bool report_circle(struct lf_loader *loader,
                          const struct lf_tree_names *names, uint32_t from,
                          const struct edge *edge)
{
    enum { SHOWN = 6 }; /* names */
    struct lf_check check = lf_loader_check(loader, edge->file);
    struct lf_buf help = {0};
    uint32_t shown = 0;
    for (uint32_t at = edge->to; shown < SHOWN; at = names->items[at].below) {
        add_name(&help, names->items[at].text);
        lf_buf_add(&help, LF_STR(" -> "));
        shown++;
        if (at == from)
            break;
        if (shown == SHOWN)
            lf_buf_add(&help, LF_STR("... -> "));
    }
    add_name(&help, names->items[edge->to].text);
    lf_buf_add(&help, LF_STR("; take one of them out"));
    lf_buf_add_char(&help, '\0');
    bool ok = !lf_buf_failed(&help);
    if (ok)
        lf_report(&check, edge->item, LF_CODE_OVERRIDES_CIRCLE,
                  lf_buf_str(&help).data, "trees override each other");
    lf_buf_finish(&help);
    return ok || no_memory(loader);
}

/* Go along all that can be reached from name `at`. */
static bool walk_from(struct lf_loader *loader, struct lf_tree_names *names,
                      uint32_t at)
{
    names->items[at].seen = names->items[at].on_way = true;
    while (at != NONE) {
        struct name *name = &names->items[at];
        if (name->first == NONE) {
            name->on_way = false;
            at = name->above;
            continue;
        }
        const struct edge *edge = &names->edges[name->first];
        struct name *next = &names->items[edge->to];
        name->first = edge->next;
        if (next->on_way && !report_circle(loader, names, at, edge))
            return false;
        if (next->seen)
            continue;
        next->seen = next->on_way = true;
        next->above = at;
        name->below = edge->to;
        at = edge->to;
    }
    return true;
}

/* ---- all files ---- */

static bool for_each_tree(struct lf_loader *loader, struct lf_tree_names *names,
                          bool (*fn)(struct lf_loader *, struct lf_tree_names *,
                                     const struct lf_yaml *))
{
    for (uint32_t i = 0; i < loader->n_files; i++) {
        const struct lf_yaml *root = loader->files[i].document->root;
        const struct lf_yaml *list = root && root->kind == LF_YAML_MAP
                                             ? lf_yaml_get(root, "trees")
                                             : NULL;
        loader->current = i;
        for (const struct lf_yaml *tree = list ? list->child : NULL; tree;
             tree = tree->next) {
            if (!fn(loader, names, tree))
                return false;
        }
    }
    return true;
}

bool lf_check_tree_names(struct lf_loader *loader)
{
    struct lf_tree_names names = {0};
    bool ok = for_each_tree(loader, &names, note_name) &&
              for_each_tree(loader, &names, note_overrides);
    for (uint32_t i = 0; ok && i < names.count; i++)
        ok = names.items[i].seen || walk_from(loader, &names, i);
    lf_strmap_finish(&names.index);
    free(names.items);
    free(names.edges);
    return ok;
}
