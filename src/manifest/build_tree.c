/* SPDX-License-Identifier: MIT */
/*
 * build_tree.c - trees from the nodes of a manifest
 */
#include "base/texts.h"
#include "base/util.h"
#include "manifest/loader.h"

static bool no_memory(struct lf_loader *loader)
{
    return lf_error_oom(loader->err);
}

bool lf_tree_overrides(const struct lf_tree *winner,
                       const struct lf_tree *loser)
{
    return lf_texts_have(winner->overrides, winner->n_overrides, loser->name);
}

/* ---- building ---- */

static enum lf_dot dot_of(const struct lf_yaml *tree)
{
    const struct lf_yaml *node = lf_yaml_get(tree, "dot");
    if (node && lf_str_equal(node->text, LF_STR("marked")))
        return LF_DOT_MARKED;
    if (node && lf_str_equal(node->text, LF_STR("top")))
        return LF_DOT_TOP;
    return LF_DOT_NONE;
}

static struct lf_rule rule_of(const struct lf_yaml *map, struct lf_mark mark)
{
    struct lf_entry settings = {0};
    lf_build_settings(map, &settings);
    return (struct lf_rule){
            .mark = mark,
            .has_fold = lf_yaml_get(map, "fold") != NULL,
            .has_style = lf_yaml_get(map, "style") != NULL,
            .has_conflict = lf_yaml_get(map, "conflict") != NULL,
            .fold = (enum lf_fold)settings.fold,
            .style = (enum lf_style)settings.style,
            .conflict = (enum lf_conflict)settings.conflict,
    };
}

static bool build_rules(struct lf_loader *loader, const struct lf_yaml *map,
                        struct lf_tree *tree)
{
    struct lf_arena *arena = &loader->manifest->arena;
    struct lf_check check = lf_loader_check(loader, loader->current);
    const char *fault;
    if (!map)
        return true;
    tree->rules = lf_arena_alloc_array(arena, map->count, sizeof(*tree->rules));
    if (!tree->rules)
        return no_memory(loader);
    for (struct lf_yaml *key = map->child; key; key = key->next->next) {
        if (key->bad || key->next->bad)
            continue;
        uint32_t at = tree->rule_patterns.count;
        if (!lf_patterns_add(&tree->rule_patterns, arena, key->text, &fault))
            return no_memory(loader);
        tree->rules[at] = rule_of(key->next, lf_yaml_mark(check.document, key));
    }
    return true;
}

static bool build_overrides(struct lf_loader *loader,
                            const struct lf_yaml *list, struct lf_tree *tree)
{
    if (!list)
        return true;
    tree->overrides = lf_arena_alloc_array(
            &loader->manifest->arena, list->count, sizeof(*tree->overrides));
    if (!tree->overrides)
        return no_memory(loader);
    for (const struct lf_yaml *item = list->child; item; item = item->next)
        if (!lf_keep_text(loader, item->text,
                          &tree->overrides[tree->n_overrides++]))
            return false;
    tree->n_overrides = lf_texts_sort(tree->overrides, tree->n_overrides);
    return true;
}

/* `from` and `into`, once the condition holds. */
static enum lf_built build_places(struct lf_loader *loader,
                                  const struct lf_yaml *node,
                                  struct lf_tree *tree)
{
    struct lf_check check = lf_loader_check(loader, loader->current);
    struct lf_yaml *from = lf_yaml_get(node, "from");
    struct lf_yaml *into_key = lf_yaml_get_key(node, "into");
    if (!from || (into_key && into_key->next->bad))
        return LF_BUILT_FAULT;
    tree->from_mark = lf_yaml_mark(check.document, from);
    enum lf_built built =
            lf_build_path(loader, from, LF_START_SOURCE, &tree->from);
    if (built != LF_BUILT)
        return built;
    if (into_key)
        return lf_build_path(loader, into_key->next, LF_START_INTO,
                             &tree->into);
    tree->into = loader->manifest->into;
    if (tree->into.len)
        return LF_BUILT;
    if (loader->into_lost)
        return LF_BUILT_FAULT;
    lf_report(&check, from, LF_CODE_NO_INTO,
              "add \"into: ~/\" at the top or in the tree",
              "the tree has no into, and neither has the manifest");
    return LF_BUILT_FAULT;
}

/* Trees are kept whether they hold or not, so that their lists are freed. */
static struct lf_tree *new_tree(struct lf_loader *loader,
                                const struct lf_yaml *node)
{
    struct lf_manifest *manifest = loader->manifest;
    struct lf_tree *tree =
            lf_new_entry(loader, sizeof(*tree), LF_ENTRY_TREE, node);
    void *trees = manifest->trees;
    if (!tree)
        return NULL;
    tree->base = tree;
    if (!lf_array_reserve(&trees, manifest->n_trees, &manifest->tree_capacity,
                          sizeof(struct lf_tree *))) {
        no_memory(loader);
        return NULL;
    }
    manifest->trees = trees;
    manifest->trees[manifest->n_trees++] = tree;
    return tree;
}

static bool build_tree(struct lf_loader *loader, struct lf_yaml *node)
{
    bool given, holds;
    const struct lf_yaml *name = lf_tree_name_node(node, &given);
    const struct lf_yaml *only = lf_yaml_get(node, "only");
    const struct lf_yaml *into = lf_yaml_get(node, "into");
    struct lf_tree *tree = new_tree(loader, node);
    if (!tree)
        return false;
    if (name && !lf_keep_text(loader, name->text, &tree->name))
        return false;
    tree->dot = dot_of(node);
    tree->has_only = only != NULL;
    lf_build_settings(node, &tree->entry);
    if (!lf_build_patterns(loader, only, &tree->only) ||
        !lf_build_patterns(loader, lf_yaml_get(node, "ignore"),
                           &tree->ignore) ||
        !build_rules(loader, lf_yaml_get(node, "rules"), tree) ||
        !build_overrides(loader, lf_yaml_get(node, "overrides"), tree))
        return false;
    enum lf_built built = lf_decide_when(
            loader, node, (struct lf_subject){tree->name, node, into, true},
            &holds);
    if (built == LF_BUILT && !holds)
        return !into || lf_note_unmet(loader, into, LF_START_INTO);
    if (built == LF_BUILT)
        built = build_places(loader, node, tree);
    if (built == LF_BUILT)
        return lf_add_entry(loader, &tree->entry);
    return built != LF_BUILT_FAILED;
}

bool lf_build_trees(struct lf_loader *loader, const struct lf_yaml *list)
{
    for (struct lf_yaml *node = list ? list->child : NULL; node;
         node = node->next) {
        if (!node->bad && !build_tree(loader, node))
            return false;
    }
    return true;
}
