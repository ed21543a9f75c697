/* SPDX-License-Identifier: MIT */
/*
 * why.c - why a manifest makes a link at a place, or makes none
 *
 * What a tree makes of a place is found the other way round: from the link path
 * back to the name in the source tree, component by component, since `dot` may
 * have renamed each.
 */
#include "manifest/why.h"

#include "base/path.h"
#include "base/strmap.h"
#include "base/util.h"
#include "manifest/model.h"

#define NONE UINT32_MAX

struct inquiry {
    const struct lf_manifest *manifest;
    struct lf_resolver *resolver;
    struct lf_str path;
    bool (*tell)(void *arg, const struct lf_why *why);
    void *arg;
    struct lf_error *err;
    bool ended;            /* by `tell` */
    struct lf_buf spelled; /* a path of an entry */
    struct lf_strmap held; /* place of an entry -> index of its condition */
    struct lf_strmap overridden; /* name of a tree -> the first that wins */
    struct winner *winners;
};

/* A tree that overrides another one. */
struct winner {
    const struct lf_tree *tree;
    uint32_t next; /* that overrides the same one; or NONE */
    uint32_t last; /* of the first: the last of them */
};

static void tell(struct inquiry *inquiry, const struct lf_why *why)
{
    inquiry->ended = inquiry->ended || !inquiry->tell(inquiry->arg, why);
}

/* ---- what is asked of each entry ---- */

/* Where an entry stands, for a map: its file, its line and its column. */
static struct lf_str key_of(const struct lf_mark *mark)
{
    return lf_str_of((const char *)mark, offsetof(struct lf_mark, width));
}

static bool index_conditions(struct inquiry *inquiry)
{
    const struct lf_manifest *manifest = inquiry->manifest;
    uint32_t first;
    for (uint32_t i = 0; i < manifest->n_conditions; i++) {
        const struct lf_condition *condition = &manifest->conditions[i];
        if (condition->holds &&
            !lf_strmap_add(&inquiry->held, key_of(&condition->at), i, &first))
            return lf_error_oom(inquiry->err);
    }
    return true;
}

static uint32_t overrides_of(const struct lf_entry *entry)
{
    return entry->kind == LF_ENTRY_TREE ? lf_tree_of(entry)->n_overrides : 0;
}

/* The trees whose conditions hold, for each name that they override. */
static bool index_winners(struct inquiry *inquiry)
{
    const struct lf_entries *entries = &inquiry->manifest->entries;
    uint32_t edges = 0, count = 0, first;
    for (uint32_t i = 0; i < entries->count; i++)
        edges += overrides_of(entries->items[i]);
    struct winner *winners = calloc(edges + 1u, sizeof(*winners));
    inquiry->winners = winners;
    if (!winners)
        return lf_error_oom(inquiry->err);
    for (uint32_t i = 0; i < entries->count; i++) {
        const struct lf_tree *tree = lf_tree_of(entries->items[i]);
        uint32_t overrides = overrides_of(entries->items[i]);
        for (uint32_t j = 0; j < overrides; j++, count++) {
            if (!lf_strmap_add(&inquiry->overridden, tree->overrides[j], count,
                               &first))
                return lf_error_oom(inquiry->err);
            winners[count] = (struct winner){tree, NONE, count};
            if (first != count) {
                winners[winners[first].last].next = count;
                winners[first].last = count;
            }
        }
    }
    return true;
}

/* The condition that let the entry at `at` be. */
static struct lf_mark condition_of(const struct inquiry *inquiry,
                                   const struct lf_mark *at)
{
    uint32_t index;
    return lf_strmap_find(&inquiry->held, key_of(at), &index)
                   ? inquiry->manifest->conditions[index].mark
                   : (struct lf_mark){0};
}

/* ---- places ---- */

/* The physical path of a spelled directory; empty if it leads nowhere. */
static bool get_dir(const struct inquiry *inquiry, struct lf_str spelled,
                    struct lf_str *ret)
{
    int error;
    return lf_resolve_dir(inquiry->resolver, spelled, ret, &error,
                          inquiry->err);
}

/* Whether spelled link path `path` is the place that was asked about. */
static bool is_place(const struct inquiry *inquiry, struct lf_str path,
                     bool *ret_is)
{
    struct lf_str dir;
    if (!get_dir(inquiry, lf_path_dir(path), &dir))
        return false;
    *ret_is = dir.len > 0 && lf_str_equal(dir, lf_path_dir(inquiry->path)) &&
              lf_str_equal(lf_path_name(path), lf_path_name(inquiry->path));
    return true;
}

/* What of the place lies below spelled directory `into`; empty if none does. */
static bool get_below(const struct inquiry *inquiry, struct lf_str into,
                      struct lf_str *ret)
{
    struct lf_str dir;
    *ret = LF_STR("");
    if (!get_dir(inquiry, into, &dir))
        return false;
    if (dir.len == 0 || !lf_path_within(inquiry->path, dir) ||
        dir.len == inquiry->path.len)
        return true;
    size_t skip = dir.len == 1 ? 1 : dir.len + 1;
    *ret = lf_str_of(inquiry->path.data + skip, inquiry->path.len - skip);
    return true;
}

/* ---- trees ---- */

/* The way through a source tree to what became the place. */
struct way {
    const struct lf_tree *tree;
    struct lf_buf source;   /* physical */
    struct lf_buf relative; /* as patterns see it */
    bool is_dir;            /* what it has come to is one */
    bool found;
    bool above;    /* it ended at what is no directory, above the place */
    bool selected; /* by `only` */
    uint32_t rule; /* the last one that fits and says anything */
    struct lf_why why;
};

/* The names that `dot` would turn into `name`, at most two. */
static size_t names_for(const struct lf_tree *tree, struct lf_str name,
                        bool top, struct lf_buf *marked, struct lf_str names[2])
{
    size_t n = 0;
    bool dotted = name.len > 1 && name.data[0] == '.';
    struct lf_str bare = dotted ? lf_str_of(name.data + 1, name.len - 1) : name;
    bool stays = true;
    lf_buf_clear(marked);
    if (tree->dot == LF_DOT_MARKED) {
        lf_buf_add(marked, LF_DOT_MARK);
        lf_buf_add(marked, bare);
        if (dotted && lf_dot_marks(lf_buf_str(marked)))
            names[n++] = lf_buf_str(marked);
        stays = !lf_dot_marks(name);
    } else if (tree->dot == LF_DOT_TOP && top) {
        if (dotted && bare.data[0] != '.')
            names[n++] = bare;
        stays = dotted;
    }
    if (stays)
        names[n++] = name;
    return n;
}

/* Go on to `name`, if the directory that was reached has it. */
static bool enter(struct inquiry *inquiry, struct way *way, struct lf_str name)
{
    size_t source = way->source.len, relative = way->relative.len;
    if (source > 1)
        lf_buf_add_char(&way->source, '/');
    lf_buf_add(&way->source, name);
    if (relative)
        lf_buf_add_char(&way->relative, '/');
    lf_buf_add(&way->relative, name);
    if (lf_buf_failed(&way->source) || lf_buf_failed(&way->relative))
        return lf_error_oom(inquiry->err);
    struct lf_resolve_request request = {
            .path = lf_buf_str(&way->source),
            .flags = LF_RESOLVE_NOFOLLOW,
    };
    struct lf_resolution *found;
    if (!lf_resolve(inquiry->resolver, &request, &found, inquiry->err))
        return false;
    way->found = found->outcome == LF_OUTCOME_OK;
    way->is_dir = found->node.kind == LF_NODE_DIR;
    lf_resolution_free(found);
    if (!way->found) {
        lf_buf_truncate(&way->source, source);
        lf_buf_truncate(&way->relative, relative);
    }
    return true;
}

static void note_pattern(struct lf_why *why, const struct lf_patterns *list,
                         uint32_t index)
{
    why->pattern = lf_pattern_text(list, index);
    why->pattern_at = lf_pattern_mark(list, index);
}

static void note_rules(struct way *way, struct lf_str path)
{
    const struct lf_tree *tree = way->tree;
    for (uint32_t i = way->rule; i < tree->rule_patterns.count; i++) {
        const struct lf_rule *rule = &tree->rules[i];
        if ((!rule->has_fold && !rule->has_style && !rule->has_conflict) ||
            !lf_pattern_matches(&tree->rule_patterns, i, path, way->is_dir))
            continue;
        way->rule = i;
        way->why.rule = lf_pattern_text(&tree->rule_patterns, i);
        way->why.rule_at = rule->mark;
    }
}

/* What the patterns say of what was reached; false: it is left out. */
static bool is_kept(const struct inquiry *inquiry, struct way *way)
{
    const struct lf_tree *tree = way->tree;
    const struct lf_patterns *lists[] = {&tree->ignore,
                                         &inquiry->manifest->ignore};
    struct lf_str path = lf_buf_str(&way->relative);
    uint32_t found = LF_NO_PATTERN;
    for (size_t i = 0; i < LF_COUNT(lists) && found == LF_NO_PATTERN; i++) {
        found = lf_patterns_last(lists[i], path, way->is_dir);
        if (found == LF_NO_PATTERN)
            continue;
        note_pattern(&way->why, lists[i], found);
        if (lf_pattern_selects(lists[i], found)) {
            way->why.kind = LF_WHY_IGNORED;
            return false;
        }
    }
    found = lf_patterns_last(&tree->only, path, way->is_dir);
    if (!way->selected && lf_pattern_selects(&tree->only, found)) {
        way->selected = true;
        note_pattern(&way->why, &tree->only, found);
    }
    note_rules(way, path);
    return true;
}

/* Follow the place's components into the source tree. */
static bool go(struct inquiry *inquiry, struct way *way, struct lf_str below)
{
    struct lf_buf marked = {0};
    struct lf_str name;
    bool done = true, top = true;
    way->is_dir = way->found = true;
    way->why.kind = LF_WHY_TREE;
    while (done && way->found && way->why.kind == LF_WHY_TREE &&
           (name = lf_path_next(&below)).len) {
        struct lf_str names[2];
        bool is_dir = way->is_dir;
        size_t n = names_for(way->tree, name, top, &marked, names);
        way->found = false;
        way->above = !is_dir;
        for (size_t i = 0; done && is_dir && !way->found && i < n; i++)
            done = enter(inquiry, way, names[i]);
        if (lf_buf_failed(&marked))
            done = lf_error_oom(inquiry->err);
        top = false;
        if (done && way->found)
            is_kept(inquiry, way);
    }
    lf_buf_finish(&marked);
    if (way->why.kind == LF_WHY_TREE && !way->is_dir && !way->selected)
        way->why.kind = LF_WHY_NOT_ONLY;
    return done;
}

static void finish(struct way *way)
{
    lf_buf_finish(&way->source);
    lf_buf_finish(&way->relative);
}

/* What `tree` makes of the place; `way->found` says whether it has it at all.
 * Finish `way` also if it is false. */
static bool follow(struct inquiry *inquiry, const struct lf_tree *tree,
                   struct way *way)
{
    struct lf_str below, from;
    *way = (struct way){.tree = tree, .selected = !tree->has_only};
    if (!get_below(inquiry, tree->into, &below) ||
        !get_dir(inquiry, tree->from, &from))
        return false;
    if (below.len == 0 || from.len == 0)
        return true;
    lf_buf_add(&way->source, from);
    return go(inquiry, way, below);
}

/* Whether a tree that overrides `tree` has a link there, or above. */
static bool find_winner(struct inquiry *inquiry, const struct lf_tree *tree,
                        struct lf_why *why)
{
    bool done = true;
    uint32_t at;
    if (!lf_strmap_find(&inquiry->overridden, tree->name, &at))
        return true;
    for (; done && at != NONE; at = inquiry->winners[at].next) {
        struct way way;
        const struct lf_tree *winner = inquiry->winners[at].tree;
        done = follow(inquiry, winner, &way);
        if (done && way.why.kind == LF_WHY_TREE &&
            (way.above || (way.found && !way.is_dir))) {
            why->kind = LF_WHY_LOST;
            why->winner_at = lf_entry_mark(&winner->entry);
        }
        finish(&way);
    }
    return done;
}

static bool ask_tree(struct inquiry *inquiry, const struct lf_tree *tree)
{
    struct way way;
    struct lf_buf source = {0};
    bool done = follow(inquiry, tree, &way);
    if (done && way.found) {
        lf_path_add(&source, tree->from, lf_buf_str(&way.relative));
        way.why.at = lf_entry_mark(&tree->entry);
        way.why.condition = condition_of(inquiry, &way.why.at);
        way.why.source = lf_buf_str(&source);
        done = !lf_buf_failed(&source) || lf_error_oom(inquiry->err);
        if (done && way.why.kind == LF_WHY_TREE)
            done = find_winner(inquiry, tree, &way.why);
        if (done)
            tell(inquiry, &way.why);
    }
    lf_buf_finish(&source);
    finish(&way);
    return done;
}

/* ---- entries ---- */

static bool ask_single(struct inquiry *inquiry, const struct lf_single *single)
{
    const struct lf_manifest *manifest = inquiry->manifest;
    struct lf_mark at = lf_entry_mark(&single->entry);
    struct lf_buf *spelled = &inquiry->spelled;
    bool is;
    lf_spelled_join(spelled, lf_single_path(manifest, single));
    if (lf_buf_failed(spelled))
        return lf_error_oom(inquiry->err);
    if (!is_place(inquiry, lf_buf_str(spelled), &is))
        return false;
    if (!is)
        return true;
    struct lf_why why = {
            .kind = LF_WHY_ENTRY,
            .at = at,
            .condition = condition_of(inquiry, &at),
    };
    if (!single->entry.verbatim && single->entry.kind == LF_ENTRY_LINK)
        why.source =
                lf_spelled_join(spelled, lf_single_source(manifest, single));
    if (lf_buf_failed(spelled))
        return lf_error_oom(inquiry->err);
    tell(inquiry, &why);
    return true;
}

static bool ask_entry(struct inquiry *inquiry, const struct lf_entry *entry)
{
    return entry->kind == LF_ENTRY_TREE
                   ? ask_tree(inquiry, lf_tree_of(entry))
                   : ask_single(inquiry, lf_single_of(entry));
}

/* A condition that does not hold, for the place or for a tree around it. */
static bool ask_condition(struct inquiry *inquiry,
                          const struct lf_condition *condition)
{
    struct lf_mark held = condition_of(inquiry, &condition->at);
    if (condition->holds || held.source || condition->path.len == 0)
        return true;
    bool is;
    struct lf_str below;
    if (!is_place(inquiry, condition->path, &is) ||
        !get_below(inquiry, condition->path, &below))
        return false;
    struct lf_why why = {
            .kind = LF_WHY_UNMET,
            .at = condition->at,
            .condition = condition->mark,
    };
    if (is || (below.len && condition->is_tree))
        tell(inquiry, &why);
    return true;
}

bool lf_manifest_why(const struct lf_manifest *manifest,
                     struct lf_resolver *resolver, struct lf_str path,
                     bool (*tell_one)(void *arg, const struct lf_why *why),
                     void *arg, struct lf_error *err)
{
    struct inquiry inquiry = {
            .manifest = manifest,
            .resolver = resolver,
            .path = path,
            .tell = tell_one,
            .arg = arg,
            .err = err,
    };
    bool done = index_conditions(&inquiry) && index_winners(&inquiry);
    for (uint32_t i = 0; done && !inquiry.ended && i < manifest->entries.count;
         i++)
        done = ask_entry(&inquiry, manifest->entries.items[i]);
    for (uint32_t i = 0; done && !inquiry.ended && i < manifest->n_conditions;
         i++)
        done = ask_condition(&inquiry, &manifest->conditions[i]);
    lf_buf_finish(&inquiry.spelled);
    lf_strmap_finish(&inquiry.held);
    lf_strmap_finish(&inquiry.overridden);
    free(inquiry.winners);
    return done;
}
