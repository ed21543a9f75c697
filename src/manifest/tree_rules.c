/* SPDX-License-Identifier: MIT */
/*
 * tree_rules.c - what the `rules` of a tree make of its entry
 */
#include "base/util.h"
#include "manifest/tree_walk.h"

#include <assert.h>
#include <string.h>

static bool says_fold(const void *arg, uint32_t index)
{
    return ((const struct lf_rule *)arg)[index].has_fold;
}

static bool says_style(const void *arg, uint32_t index)
{
    return ((const struct lf_rule *)arg)[index].has_style;
}

static bool says_conflict(const void *arg, uint32_t index)
{
    return ((const struct lf_rule *)arg)[index].has_conflict;
}

bool lf_walk_index_rules(struct lf_tree_walk *walk)
{
    const struct lf_patterns *list = &walk->tree->rule_patterns;
    const struct lf_rule *rules = walk->tree->rules;
    return lf_pattern_index_make(&walk->fold, list, says_fold, rules) &&
           lf_pattern_index_make(&walk->style, list, says_style, rules) &&
           lf_pattern_index_make(&walk->conflict, list, says_conflict, rules);
}

/* The later one of a rule above and of those that match here. */
static void settle(struct lf_pattern_index *index, struct lf_str relative,
                   bool is_dir, uint32_t *rule)
{
    uint32_t last = lf_pattern_index_last(index, relative, is_dir);
    if (last != LF_NO_PATTERN && (*rule == LF_NO_RULE || *rule < last))
        *rule = last;
}

void lf_walk_rules(struct lf_tree_walk *walk, struct lf_str relative,
                   bool is_dir, struct lf_ruling *ruling)
{
    settle(&walk->fold, relative, is_dir, &ruling->fold);
    settle(&walk->style, relative, is_dir, &ruling->style);
    settle(&walk->conflict, relative, is_dir, &ruling->conflict);
}

enum lf_fold lf_ruling_fold(const struct lf_tree *tree,
                            const struct lf_ruling *ruling)
{
    return ruling->fold == LF_NO_RULE ? (enum lf_fold)tree->entry.fold
                                      : tree->rules[ruling->fold].fold;
}

static enum lf_style style_of(const struct lf_tree *tree,
                              const struct lf_ruling *ruling)
{
    return ruling->style == LF_NO_RULE ? (enum lf_style)tree->entry.style
                                       : tree->rules[ruling->style].style;
}

static enum lf_conflict conflict_of(const struct lf_tree *tree,
                                    const struct lf_ruling *ruling)
{
    return ruling->conflict == LF_NO_RULE
                   ? (enum lf_conflict)tree->entry.conflict
                   : tree->rules[ruling->conflict].conflict;
}

bool lf_ruled_alike(const struct lf_tree *tree, const struct lf_ruling *a,
                    const struct lf_ruling *b)
{
    return lf_ruling_fold(tree, a) == lf_ruling_fold(tree, b) &&
           style_of(tree, a) == style_of(tree, b) &&
           conflict_of(tree, a) == conflict_of(tree, b);
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
    if (memcmp(ruling, &none, sizeof(none)) == 0) {
        *ret = (struct lf_variant){none, &walk->tree->entry};
        return true;
    }
    struct lf_str key = lf_str_of((const char *)ruling, sizeof(*ruling));
    uint32_t at;
    if (lf_strmap_find(&walk->rulings, key, &at)) {
        *ret = walk->variants[at];
        return true;
    }
    void *variants = walk->variants;
    key = lf_arena_str(&walk->arena, key);
    if (!key.data ||
        !lf_array_reserve(&variants, walk->n_variants, &walk->variant_capacity,
                          sizeof(*walk->variants)))
        return lf_error_oom(walk->expander->err);
    walk->variants = variants;
    if (!make_variant(walk, ruling, ret))
        return false;
    if (!lf_strmap_add(&walk->rulings, key, walk->n_variants, &at))
        return lf_error_oom(walk->expander->err);
    walk->variants[walk->n_variants++] = *ret;
    return true;
}
