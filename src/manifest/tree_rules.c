/* SPDX-License-Identifier: MIT */
/*
 * tree_rules.c - what the `rules` of a tree make of its entry
 */
#include "base/util.h"
#include "manifest/tree_walk.h"

#include <assert.h>

void lf_walk_rules(const struct lf_tree_walk *walk, struct lf_str relative,
                   bool is_dir, struct lf_ruling *ruling)
{
    const struct lf_tree *tree = walk->tree;
    for (uint32_t i = 0; i < tree->rule_patterns.count; i++) {
        const struct lf_rule *rule = &tree->rules[i];
        if (!lf_pattern_matches(&tree->rule_patterns, i, relative, is_dir))
            continue;
        if (rule->has_fold && (ruling->fold == LF_NO_RULE || ruling->fold < i))
            ruling->fold = i;
        if (rule->has_style &&
            (ruling->style == LF_NO_RULE || ruling->style < i))
            ruling->style = i;
        if (rule->has_conflict &&
            (ruling->conflict == LF_NO_RULE || ruling->conflict < i))
            ruling->conflict = i;
    }
}

bool lf_same_ruling(const struct lf_ruling *a, const struct lf_ruling *b)
{
    return a->fold == b->fold && a->style == b->style &&
           a->conflict == b->conflict;
}

enum lf_fold lf_ruling_fold(const struct lf_tree *tree,
                            const struct lf_ruling *ruling)
{
    return ruling->fold == LF_NO_RULE ? (enum lf_fold)tree->entry.fold
                                      : tree->rules[ruling->fold].fold;
}

/* A copy of the tree, whose lists stay the tree's own. */
static bool make_variant(const struct lf_tree_walk *walk,
                         const struct lf_ruling *ruling, struct lf_variant *ret)
{
    const struct lf_rule *rules = walk->tree->rules;
    uint32_t last = 0;
    struct lf_tree *tree =
            lf_arena_alloc(&walk->expander->desired->set.arena, sizeof(*tree));
    if (!tree)
        return lf_error_oom(walk->expander->err);
    *tree = *walk->tree;
    assert(tree->base == walk->tree);
    if (ruling->fold != LF_NO_RULE) {
        tree->entry.fold = rules[ruling->fold].fold == LF_FOLD_AUTO;
        last = ruling->fold;
    }
    if (ruling->style != LF_NO_RULE) {
        tree->entry.style = (uint8_t)rules[ruling->style].style;
        last = ruling->style > last ? ruling->style : last;
    }
    if (ruling->conflict != LF_NO_RULE) {
        tree->entry.conflict = (uint8_t)rules[ruling->conflict].conflict;
        last = ruling->conflict > last ? ruling->conflict : last;
    }
    lf_entry_set_mark(&tree->entry, &rules[last].mark);
    *ret = (struct lf_variant){*ruling, &tree->entry};
    return true;
}

bool lf_walk_variant(struct lf_tree_walk *walk, const struct lf_ruling *ruling,
                     struct lf_variant *ret)
{
    static const struct lf_ruling none = {LF_NO_RULE, LF_NO_RULE, LF_NO_RULE};
    if (lf_same_ruling(ruling, &none)) {
        *ret = (struct lf_variant){none, &walk->tree->entry};
        return true;
    }
    for (uint32_t i = walk->n_variants; i-- > 0;) {
        *ret = walk->variants[i];
        if (lf_same_ruling(&ret->ruling, ruling))
            return true;
    }
    void *variants = walk->variants;
    if (!lf_array_reserve(&variants, walk->n_variants, &walk->variant_capacity,
                          sizeof(*walk->variants)))
        return lf_error_oom(walk->expander->err);
    walk->variants = variants;
    if (!make_variant(walk, ruling, ret))
        return false;
    walk->variants[walk->n_variants++] = *ret;
    return true;
}
