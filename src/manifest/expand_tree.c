/* SPDX-License-Identifier: MIT */
/*
 * expand_tree.c - the links of a source tree
 *
 * Directories are taken from a stack, not by recursion, each opened from the
 * root by its physical path: one descriptor, whatever the depth. Symlinks are
 * leaves, so the walk cannot leave the tree or go round in it.
 */
#include "manifest/tree_walk.h"

#include "base/cures.h"
#include "base/path.h"
#include "base/util.h"

#include <errno.h>
#include <string.h>

static bool no_memory(const struct lf_tree_walk *walk)
{
    return lf_error_oom(walk->expander->err);
}

/* ---- reports ---- */

/* The path is physical, as if the farm's own links were not there. */
static const char *cure_of(int error)
{
    switch (error) {
    case ENOTDIR:
        return "a single file is linked under links";
    case ELOOP:
        return "a link of this farm is on the way to it: write the directory "
               "that the link leads to";
    case EMFILE:
    case ENFILE:
        return LF_CURE_OPEN_FILES;
    default:
        return "make it readable, or leave it out by ignore";
    }
}

bool lf_walk_unreadable(struct lf_tree_walk *walk, struct lf_str dir, int error)
{
    const struct lf_tree *tree = walk->tree;
    bool top = dir.len <= walk->top;
    struct lf_str name = top ? tree->from : dir;
    if (top && error == ENOENT)
        lf_diags_add(walk->expander->diags, LF_CODE_TREE_MISSING,
                     LF_SEVERITY_ERROR, tree->from_mark,
                     "create it, correct from, or give the tree a when",
                     "the source directory %.*s does not exist", (int)name.len,
                     name.data);
    else
        lf_diags_add(walk->expander->diags, LF_CODE_TREE_UNREADABLE,
                     LF_SEVERITY_ERROR, tree->from_mark, cure_of(error),
                     "the source directory %.*s cannot be read: %s",
                     (int)name.len, name.data, strerror(error));
    return true;
}

/* ---- names ---- */

/* `name` without its first `skip` bytes, behind a dot. */
static struct lf_str dotted(struct lf_tree_walk *walk, struct lf_str name,
                            size_t skip)
{
    size_t len = name.len - skip;
    char *text = lf_arena_bytes(&walk->listing->names, len + 2);
    if (!text)
        return lf_str(NULL);
    text[0] = '.';
    memcpy(text + 1, name.data + skip, len + 1);
    return lf_str_of(text, len + 1);
}

/* The name that a link or directory has for source name `name`. */
static struct lf_str renamed(struct lf_tree_walk *walk, struct lf_str name,
                             bool top)
{
    if (walk->tree->dot == LF_DOT_MARKED && lf_dot_marks(name))
        return dotted(walk, name, LF_DOT_MARK.len);
    if (walk->tree->dot == LF_DOT_TOP && top && name.data[0] != '.')
        return dotted(walk, name, 0);
    return name;
}

/* `dir` and `name`, in `buf`. */
static struct lf_str join(struct lf_buf *buf, struct lf_str dir,
                          struct lf_str name)
{
    lf_buf_clear(buf);
    if (dir.len)
        lf_path_add(buf, dir, name);
    else
        lf_buf_add(buf, name);
    return lf_buf_str(buf);
}

/* A path that ends in a slash, or nothing: names are put behind it. */
static void begin_stem(struct lf_stem *stem, struct lf_str dir)
{
    lf_buf_clear(&stem->path);
    lf_buf_add(&stem->path, dir);
    if (dir.len && dir.data[dir.len - 1] != '/')
        lf_buf_add_char(&stem->path, '/');
    stem->len = stem->path.len;
}

static struct lf_str with_name(struct lf_stem *stem, struct lf_str name)
{
    lf_buf_truncate(&stem->path, stem->len);
    lf_buf_add(&stem->path, name);
    return lf_buf_str(&stem->path);
}

/* What a physical path is called in patterns. */
static struct lf_str relative_of(const struct lf_tree_walk *walk,
                                 struct lf_str source)
{
    if (source.len <= walk->top)
        return lf_str("");
    return lf_str_of(source.data + walk->top, source.len - walk->top);
}

static bool report_long(const struct lf_tree_walk *walk, enum lf_code code,
                        struct lf_str path)
{
    lf_diags_add(walk->expander->diags, code, LF_SEVERITY_ERROR,
                 lf_entry_mark(&walk->tree->entry),
                 "shorten it, or leave it out by ignore",
                 code == LF_CODE_NAME_TOO_LONG
                         ? "a name of more than 255 bytes: %.*s"
                         : "a path of more than 4,095 bytes: %.*s",
                 (int)path.len, path.data);
    return true;
}

/* ---- leaves and branches ---- */

static enum lf_expanded add_leaf(struct lf_tree_walk *walk,
                                 const struct lf_branch *branch,
                                 const struct lf_child *child,
                                 struct lf_str name,
                                 const struct lf_variant *variant)
{
    struct lf_expander *expander = walk->expander;
    struct lf_wish wish = {
            .kind = LF_WISH_LINK,
            .entry = variant->entry,
            .listed = child->kind == LF_NODE_FILE && walk->listing->searchable,
    };
    struct lf_led led = {
            .entry = variant->entry,
            .source_dir = branch->source,
            .source_name = child->name,
    };
    led.path = with_name(&walk->link, name);
    led.source = with_name(&walk->spelled, child->name);
    if (lf_buf_failed(&walk->spelled.path) || lf_buf_failed(&walk->link.path)) {
        no_memory(walk);
        return LF_EXPANDED_FAILED;
    }
    if (!walk->link_dir.data) {
        enum lf_expanded expanded = lf_expand_place(
                expander, led.path, lf_entry_mark(&walk->tree->entry),
                &walk->link_dir);
        walk->misplaced = expanded == LF_EXPANDED_NOT;
        if (expanded != LF_EXPANDED)
            return expanded;
    }
    struct lf_pair text;
    enum lf_expanded expanded =
            lf_expand_text(expander, walk->link_dir, &led, &text);
    if (expanded != LF_EXPANDED)
        return expanded;
    lf_wish_set_text(&wish, text.rest);
    if (!lf_desired_set_source(expander->desired, &wish, text.start,
                               branch->source, child->name)) {
        no_memory(walk);
        return LF_EXPANDED_FAILED;
    }
    return lf_expand_wish(expander, walk->link_dir, name, &wish)
                   ? LF_EXPANDED
                   : LF_EXPANDED_FAILED;
}

static bool push_branch(struct lf_tree_walk *walk, struct lf_branch branch)
{
    void *stack = walk->stack;
    if (!branch.source.data || !branch.path.data ||
        !lf_array_reserve(&stack, walk->depth, &walk->stack_capacity,
                          sizeof(branch)))
        return no_memory(walk);
    walk->stack = stack;
    walk->stack[walk->depth++] = branch;
    return true;
}

/* Note a directory that may become one link to its source. */
static bool note_branch(struct lf_tree_walk *walk, struct lf_branch *branch,
                        uint32_t above)
{
    struct lf_expander *expander = walk->expander;
    struct lf_arena *arena = &expander->desired->set.arena;
    struct lf_str dir, blocked;
    struct lf_variant variant;
    branch->fold = LF_NO_FOLD;
    if (!walk->folding)
        return true;
    if (!lf_expand_find(expander, branch->path, &dir, &blocked))
        return false;
    if (blocked.len && dir.len == 0)
        return lf_expand_blocked(expander, branch->path,
                                 lf_entry_mark(&walk->tree->entry), dir,
                                 blocked) != LF_EXPANDED_FAILED;
    if (blocked.len ||
        lf_ruling_fold(walk->tree, &branch->ruling) != LF_FOLD_AUTO) {
        lf_fold_spoil(expander, above);
        return true;
    }
    if (!lf_walk_variant(walk, &branch->ruling, &variant))
        return false;
    struct lf_fold_note note = {
            .entry = variant.entry,
            .path = lf_path_join(arena, dir, lf_path_name(branch->path)),
            .spelled = lf_arena_str(arena, branch->path),
            .source = branch->source,
            .spelled_source = lf_arena_str(
                    arena, join(&walk->scratch, walk->tree->from,
                                relative_of(walk, branch->source))),
            .above = above,
            .foldable = true,
    };
    if (!note.path.data || !note.spelled.data || !note.spelled_source.data ||
        lf_buf_failed(&walk->scratch))
        return no_memory(walk);
    return lf_fold_note(expander, &note, &branch->fold);
}

static bool add_branch(struct lf_tree_walk *walk, const struct lf_branch *above,
                       struct lf_str source_name, struct lf_str name,
                       struct lf_branch branch)
{
    if (above->source.len + source_name.len + 1 > LF_PATH_LIMIT)
        return report_long(walk, LF_CODE_PATH_TOO_LONG, above->source);
    branch.source = lf_path_join(&walk->expander->desired->set.arena,
                                 above->source, source_name);
    branch.path = lf_path_join(&walk->arena, above->path, name);
    if (!branch.source.data || !branch.path.data)
        return no_memory(walk);
    if (lf_str_equal(branch.source, walk->expander->request->left_out)) {
        lf_fold_spoil(walk->expander, above->fold);
        return true;
    }
    return note_branch(walk, &branch, above->fold) && push_branch(walk, branch);
}

/* The tree's own patterns follow those of every tree, and so come first. */
static bool is_ignored(struct lf_tree_walk *walk, struct lf_str path,
                       bool is_dir)
{
    struct lf_pattern_index *index = &walk->ignore;
    uint32_t last = lf_pattern_index_last(index, path, is_dir);
    if (last == LF_NO_PATTERN) {
        index = &walk->expander->ignore;
        last = lf_pattern_index_last(index, path, is_dir);
    }
    return lf_pattern_selects(index->list, last);
}

/* Whether the patterns take a name; `*ret_selected`: and all below it. */
static bool is_taken(struct lf_tree_walk *walk, struct lf_str path, bool is_dir,
                     bool *ret_selected)
{
    const struct lf_tree *tree = walk->tree;
    if (is_ignored(walk, path, is_dir))
        return false;
    *ret_selected = *ret_selected ||
                    lf_pattern_selects(
                            &tree->only,
                            lf_pattern_index_last(&walk->only, path, is_dir));
    return is_dir || *ret_selected;
}

static bool take_leaf(struct lf_tree_walk *walk, const struct lf_branch *branch,
                      const struct lf_child *child, struct lf_str name,
                      const struct lf_ruling *ruling)
{
    struct lf_variant variant;
    if (walk->misplaced)
        return true;
    if (branch->fold != LF_NO_FOLD)
        walk->expander->notes[branch->fold].links++;
    return lf_walk_variant(walk, ruling, &variant) &&
           add_leaf(walk, branch, child, name, &variant) != LF_EXPANDED_FAILED;
}

bool lf_walk_enter(struct lf_tree_walk *walk, const struct lf_branch *branch)
{
    struct lf_str above = relative_of(walk, branch->source);
    begin_stem(&walk->relative, above);
    begin_stem(&walk->link, branch->path);
    begin_stem(&walk->spelled, join(&walk->scratch, walk->tree->from, above));
    bool failed = lf_buf_failed(&walk->relative.path) ||
                  lf_buf_failed(&walk->link.path) ||
                  lf_buf_failed(&walk->spelled.path) ||
                  lf_buf_failed(&walk->scratch);
    return !failed || no_memory(walk);
}

/* One name of a directory. */
bool lf_walk_take(struct lf_tree_walk *walk, const struct lf_branch *branch,
                  const struct lf_child *child)
{
    bool is_dir = child->kind == LF_NODE_DIR;
    struct lf_str path = with_name(&walk->relative, child->name);
    struct lf_branch below = {.ruling = branch->ruling,
                              .selected = branch->selected};
    if (lf_buf_failed(&walk->relative.path))
        return no_memory(walk);
    if (child->kind == LF_NODE_NOTHING)
        return true;
    if (!is_taken(walk, path, is_dir, &below.selected)) {
        lf_fold_spoil(walk->expander, branch->fold);
        return true;
    }
    lf_walk_rules(walk, path, is_dir, &below.ruling);
    struct lf_str name = renamed(walk, child->name, walk->relative.len == 0);
    if (!name.data)
        return no_memory(walk);
    if (name.data != child->name.data ||
        !lf_ruled_alike(walk->tree, &below.ruling, &branch->ruling))
        lf_fold_spoil(walk->expander, branch->fold);
    if (name.len > LF_NAME_LIMIT)
        return report_long(walk, LF_CODE_NAME_TOO_LONG, path);
    if (branch->path.len + name.len + 1 > LF_PATH_LIMIT)
        return report_long(walk, LF_CODE_PATH_TOO_LONG, branch->path);
    return is_dir ? add_branch(walk, branch, child->name, name, below)
                  : take_leaf(walk, branch, child, name, &below.ruling);
}

/* Whether files may become its sources, which would change them. */
static bool adopts(const struct lf_tree *tree)
{
    bool found = tree->entry.conflict == LF_CONFLICT_ADOPT;
    for (uint32_t i = 0; !found && i < tree->rule_patterns.count; i++)
        found = tree->rules[i].has_conflict &&
                tree->rules[i].conflict == LF_CONFLICT_ADOPT;
    return found;
}

static bool begin(struct lf_tree_walk *walk)
{
    struct lf_expander *expander = walk->expander;
    const struct lf_tree *tree = walk->tree;
    struct lf_str dir;
    int error;
    void *sources = expander->sources;
    if (!lf_resolve_dir(expander->request->resolver, tree->from, &dir, &error,
                        expander->err))
        return false;
    if (error)
        return lf_walk_unreadable(walk, lf_str(""), error);
    if (adopts(tree)) {
        enum lf_expanded expanded = lf_expand_guard(
                expander, tree->from, tree->from, tree->from_mark);
        if (expanded != LF_EXPANDED)
            return expanded == LF_EXPANDED_NOT;
    }
    struct lf_branch top = {
            .source = lf_arena_str(&expander->desired->set.arena, dir),
            .path = tree->into,
            .ruling = {LF_NO_RULE, LF_NO_RULE, LF_NO_RULE},
            .fold = LF_NO_FOLD,
            .selected = !tree->has_only,
    };
    walk->top = dir.len == 1 ? 1 : dir.len + 1;
    if (!lf_array_reserve(&sources, expander->n_sources,
                          &expander->source_capacity, sizeof(dir)))
        return no_memory(walk);
    expander->sources = sources;
    if (!lf_pattern_index_make(&walk->ignore, &tree->ignore, NULL, NULL) ||
        !lf_pattern_index_make(&walk->only, &tree->only, NULL, NULL) ||
        !lf_walk_index_rules(walk))
        return no_memory(walk);
    expander->sources[expander->n_sources++] = top.source;
    return push_branch(walk, top);
}

bool lf_expand_tree(struct lf_expander *expander, const struct lf_tree *tree)
{
    struct lf_tree_walk walk = {
            .expander = expander,
            .tree = tree,
            .folding = tree->entry.fold == LF_FOLD_AUTO,
    };
    for (uint32_t i = 0; i < tree->rule_patterns.count; i++)
        walk.folding |=
                tree->rules[i].has_fold && tree->rules[i].fold == LF_FOLD_AUTO;
    bool ok = begin(&walk) && lf_walk_all(&walk);
    lf_pattern_index_finish(&walk.ignore);
    lf_pattern_index_finish(&walk.only);
    lf_pattern_index_finish(&walk.fold);
    lf_pattern_index_finish(&walk.style);
    lf_pattern_index_finish(&walk.conflict);
    lf_strmap_finish(&walk.rulings);
    lf_arena_finish(&walk.arena);
    lf_buf_finish(&walk.relative.path);
    lf_buf_finish(&walk.spelled.path);
    lf_buf_finish(&walk.link.path);
    lf_buf_finish(&walk.scratch);
    free(walk.stack);
    free(walk.variants);
    return ok;
}
