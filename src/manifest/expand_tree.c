/* SPDX-License-Identifier: MIT */
/*
 * expand_tree.c - the links of a source tree
 *
 * Directories are taken from a stack, not by recursion, each opened from the
 * root by its physical path: one descriptor, whatever the depth. Symlinks are
 * leaves, so the walk cannot leave the tree or go round in it.
 */
#include "base/path.h"
#include "base/util.h"
#include "manifest/expander.h"

#include <errno.h>
#include <string.h>

#define NO_RULE UINT32_MAX

/* Which rule decides each setting; a later rule wins over an earlier one. */
struct ruling {
    uint32_t fold, style, conflict;
};

/* A directory that is to be read. */
struct branch {
    struct lf_str source; /* physical */
    struct lf_str path;   /* link path of the directory, as spelled */
    struct ruling ruling;
    bool selected; /* `only` selects all below */
};

struct child {
    struct lf_str name;
    enum lf_node_kind kind;
};

/* An entry as the rules change it. */
struct variant {
    struct ruling ruling;
    const struct lf_entry *entry;
    struct lf_mark mark; /* of the rule that decided last */
};

struct walk {
    struct lf_expander *expander;
    const struct lf_tree *tree;
    struct lf_patterns ignore; /* of every tree, then of this one */
    struct lf_arena arena;     /* paths of branches */
    struct branch *stack;
    uint32_t depth, stack_capacity;
    struct lf_arena names; /* of the directory that is being read */
    struct child *children;
    uint32_t n_children, child_capacity;
    bool no_memory;
    size_t top;             /* bytes of a physical path before the relative */
    struct lf_buf relative; /* path that patterns are matched against */
    struct lf_buf spelled;  /* source, as spelled */
    struct lf_buf link;     /* link path, as spelled */
    struct variant *variants;
    uint32_t n_variants, variant_capacity;
    /* of the directory that is being read */
    struct lf_str link_dir; /* physical; data NULL: not asked for yet */
    bool misplaced;
};

static bool no_memory(const struct walk *walk)
{
    return lf_error_oom(walk->expander->err);
}

/* ---- reading a directory ---- */

static bool note_child(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    struct walk *walk = arg;
    void *children = walk->children;
    struct child child = {.kind = kind};
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
    return lf_str_compare(((const struct child *)a)->name,
                          ((const struct child *)b)->name);
}

/* Some file systems do not tell kinds in a listing. */
static int find_kinds(struct walk *walk, int fd)
{
    struct lf_fs *fs = walk->expander->request->fs;
    for (uint32_t i = 0; i < walk->n_children; i++) {
        struct child *child = &walk->children[i];
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

/* Fill `children`, sorted. Returns 0 or a negative errno. */
static int read_branch(struct walk *walk, const struct branch *branch)
{
    const struct lf_expand_request *request = walk->expander->request;
    struct lf_fs *fs = request->fs;
    lf_arena_finish(&walk->names);
    walk->n_children = 0;
    int fd = fs->open_dir(fs, request->root_fd, branch->source.data + 1,
                          LF_DIR_READ);
    if (fd < 0)
        return fd;
    int result = fs->list(fs, fd, note_child, walk);
    if (result == 0)
        result = find_kinds(walk, fd);
    fs->close(fs, fd);
    if (result == 0 && walk->n_children)
        qsort(walk->children, walk->n_children, sizeof(*walk->children),
              compare_children);
    return result;
}

static bool report_unreadable(struct walk *walk, struct lf_str dir, int error)
{
    const struct lf_tree *tree = walk->tree;
    bool top = dir.len <= walk->top;
    struct lf_str name = top ? tree->entry.source : dir;
    if (top && error == ENOENT)
        lf_diags_add(walk->expander->diags, LF_CODE_TREE_MISSING,
                     LF_SEVERITY_ERROR, tree->from_mark,
                     "create it, correct from, or give the tree a when",
                     "the source directory %.*s does not exist", (int)name.len,
                     name.data);
    else
        lf_diags_add(walk->expander->diags, LF_CODE_TREE_UNREADABLE,
                     LF_SEVERITY_ERROR, tree->from_mark,
                     error == ENOTDIR
                             ? "a single file is linked under links"
                             : "make it readable, or leave it out by ignore",
                     "the source directory %.*s cannot be read: %s",
                     (int)name.len, name.data, strerror(error));
    return true;
}

/* ---- rules ---- */

static void apply_rules(const struct walk *walk, struct lf_str relative,
                        bool is_dir, struct ruling *ruling)
{
    const struct lf_tree *tree = walk->tree;
    for (uint32_t i = 0; i < tree->rule_patterns.count; i++) {
        const struct lf_rule *rule = &tree->rules[i];
        if (!lf_pattern_matches(&tree->rule_patterns, i, relative, is_dir))
            continue;
        if (rule->has_fold && (ruling->fold == NO_RULE || ruling->fold < i))
            ruling->fold = i;
        if (rule->has_style && (ruling->style == NO_RULE || ruling->style < i))
            ruling->style = i;
        if (rule->has_conflict &&
            (ruling->conflict == NO_RULE || ruling->conflict < i))
            ruling->conflict = i;
    }
}

static bool same_ruling(const struct ruling *a, const struct ruling *b)
{
    return a->fold == b->fold && a->style == b->style &&
           a->conflict == b->conflict;
}

/* A copy of the tree, whose lists stay the tree's own. */
static bool make_variant(const struct walk *walk, const struct ruling *ruling,
                         struct variant *ret)
{
    const struct lf_rule *rules = walk->tree->rules;
    uint32_t last = 0;
    struct lf_tree *tree =
            lf_arena_alloc(&walk->expander->desired->set.arena, sizeof(*tree));
    if (!tree)
        return no_memory(walk);
    *tree = *walk->tree;
    if (ruling->fold != NO_RULE) {
        tree->entry.fold = rules[ruling->fold].fold;
        last = ruling->fold;
    }
    if (ruling->style != NO_RULE) {
        tree->entry.style = rules[ruling->style].style;
        last = ruling->style > last ? ruling->style : last;
    }
    if (ruling->conflict != NO_RULE) {
        tree->entry.conflict = rules[ruling->conflict].conflict;
        last = ruling->conflict > last ? ruling->conflict : last;
    }
    *ret = (struct variant){*ruling, &tree->entry, rules[last].mark};
    return true;
}

/* The entry that `ruling` makes, kept for the next time. There are few. */
static bool find_variant(struct walk *walk, const struct ruling *ruling,
                         struct variant *ret)
{
    static const struct ruling none = {NO_RULE, NO_RULE, NO_RULE};
    if (same_ruling(ruling, &none)) {
        *ret = (struct variant){none, &walk->tree->entry,
                                walk->tree->entry.mark};
        return true;
    }
    for (uint32_t i = walk->n_variants; i-- > 0;) {
        *ret = walk->variants[i];
        if (same_ruling(&ret->ruling, ruling))
            return true;
    }
    void *variants = walk->variants;
    if (!lf_array_reserve(&variants, walk->n_variants, &walk->variant_capacity,
                          sizeof(*walk->variants)))
        return no_memory(walk);
    walk->variants = variants;
    if (!make_variant(walk, ruling, ret))
        return false;
    walk->variants[walk->n_variants++] = *ret;
    return true;
}

/* ---- names ---- */

/* `name` without its first `skip` bytes, behind a dot. */
static struct lf_str dotted(struct walk *walk, struct lf_str name, size_t skip)
{
    size_t len = name.len - skip;
    char *text = lf_arena_bytes(&walk->names, len + 2);
    if (!text)
        return lf_str(NULL);
    text[0] = '.';
    memcpy(text + 1, name.data + skip, len + 1);
    return lf_str_of(text, len + 1);
}

/* The name that a link or directory has for source name `name`; one that would
 * become `.` or `..` stays. */
static struct lf_str renamed(struct walk *walk, struct lf_str name, bool top)
{
    static const struct lf_str mark = {"dot-", 4};
    if (walk->tree->dot == LF_DOT_MARKED && lf_str_starts(name, mark) &&
        name.len > mark.len && !lf_str_equal(name, lf_str("dot-.")))
        return dotted(walk, name, mark.len);
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

/* What a physical path is called in patterns. */
static struct lf_str relative_of(const struct walk *walk, struct lf_str source)
{
    if (source.len <= walk->top)
        return lf_str("");
    return lf_str_of(source.data + walk->top, source.len - walk->top);
}

static bool report_long(const struct walk *walk, enum lf_code code,
                        struct lf_str path)
{
    lf_diags_add(walk->expander->diags, code, LF_SEVERITY_ERROR,
                 walk->tree->entry.mark,
                 "shorten it, or leave it out by ignore",
                 code == LF_CODE_NAME_TOO_LONG
                         ? "a name of more than 255 bytes: %.*s"
                         : "a path of more than 4,095 bytes: %.*s",
                 (int)path.len, path.data);
    return true;
}

/* ---- leaves and branches ---- */

static enum lf_expanded add_leaf(struct walk *walk, const struct branch *branch,
                                 struct lf_str source_name, struct lf_str name,
                                 const struct variant *variant)
{
    struct lf_expander *expander = walk->expander;
    struct lf_wish wish = {
            .kind = LF_WISH_LINK,
            .entry = variant->entry,
            .mark = variant->mark,
            .source_dir = branch->source,
            .source_name = source_name,
    };
    struct lf_led led = {
            .entry = variant->entry,
            .source_dir = branch->source,
            .source_name = source_name,
    };
    led.path = join(&walk->link, branch->path, name);
    if (!walk->link_dir.data) {
        enum lf_expanded expanded = lf_expand_place(
                expander, led.path, walk->tree->entry.mark, &walk->link_dir);
        walk->misplaced = expanded == LF_EXPANDED_NOT;
        if (expanded != LF_EXPANDED)
            return expanded;
    }
    led.source =
            join(&walk->spelled, walk->tree->entry.source,
                 walk->relative.len ? lf_buf_str(&walk->relative) : lf_str(""));
    wish.source_name = lf_arena_str(&expander->desired->set.arena, source_name);
    if (!wish.source_name.data || lf_buf_failed(&walk->spelled) ||
        lf_buf_failed(&walk->link)) {
        no_memory(walk);
        return LF_EXPANDED_FAILED;
    }
    enum lf_expanded expanded =
            lf_expand_text(expander, walk->link_dir, &led, &wish.text);
    if (expanded != LF_EXPANDED)
        return expanded;
    return lf_expand_wish(expander, walk->link_dir, name, &wish)
                   ? LF_EXPANDED
                   : LF_EXPANDED_FAILED;
}

static bool push_branch(struct walk *walk, struct branch branch)
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

static bool add_branch(struct walk *walk, const struct branch *above,
                       struct lf_str source_name, struct lf_str name,
                       struct branch branch)
{
    if (above->source.len + source_name.len + 1 > LF_PATH_LIMIT)
        return report_long(walk, LF_CODE_PATH_TOO_LONG, above->source);
    branch.source = lf_path_join(&walk->expander->desired->set.arena,
                                 above->source, source_name);
    branch.path = lf_path_join(&walk->arena, above->path, name);
    return push_branch(walk, branch);
}

/* One name of a directory. */
static bool take(struct walk *walk, const struct branch *branch,
                 const struct child *child)
{
    const struct lf_tree *tree = walk->tree;
    bool is_dir = child->kind == LF_NODE_DIR;
    struct lf_str above = relative_of(walk, branch->source);
    struct lf_str path = join(&walk->relative, above, child->name);
    struct branch below = {.ruling = branch->ruling,
                           .selected = branch->selected};
    struct variant variant;
    if (lf_buf_failed(&walk->relative))
        return no_memory(walk);
    if (child->kind == LF_NODE_NOTHING ||
        lf_pattern_selects(&walk->ignore,
                           lf_patterns_last(&walk->ignore, path, is_dir)))
        return true;
    below.selected =
            below.selected ||
            lf_pattern_selects(&tree->only,
                               lf_patterns_last(&tree->only, path, is_dir));
    if (!is_dir && !below.selected)
        return true;
    apply_rules(walk, path, is_dir, &below.ruling);
    struct lf_str name = renamed(walk, child->name, above.len == 0);
    if (!name.data)
        return no_memory(walk);
    if (name.len > LF_NAME_LIMIT)
        return report_long(walk, LF_CODE_NAME_TOO_LONG, path);
    if (branch->path.len + name.len + 1 > LF_PATH_LIMIT)
        return report_long(walk, LF_CODE_PATH_TOO_LONG, branch->path);
    if (is_dir)
        return add_branch(walk, branch, child->name, name, below);
    if (walk->misplaced)
        return true;
    return find_variant(walk, &below.ruling, &variant) &&
           add_leaf(walk, branch, child->name, name, &variant) !=
                   LF_EXPANDED_FAILED;
}

/* Files in order; directories on the stack, so that they come off in order. */
static bool visit(struct walk *walk, struct branch branch)
{
    int result = read_branch(walk, &branch);
    if (walk->no_memory)
        return no_memory(walk);
    if (result < 0)
        return report_unreadable(walk, branch.source, -result);
    walk->link_dir = lf_str(NULL);
    walk->misplaced = false;
    for (uint32_t i = 0; i < walk->n_children; i++) {
        if (walk->children[i].kind != LF_NODE_DIR &&
            !take(walk, &branch, &walk->children[i]))
            return false;
    }
    for (uint32_t i = walk->n_children; i-- > 0;) {
        if (walk->children[i].kind == LF_NODE_DIR &&
            !take(walk, &branch, &walk->children[i]))
            return false;
    }
    return true;
}

static bool begin(struct walk *walk)
{
    struct lf_expander *expander = walk->expander;
    const struct lf_tree *tree = walk->tree;
    struct lf_str dir;
    int error;
    void *sources = expander->sources;
    if (!lf_resolve_dir(expander->request->resolver, tree->entry.source, &dir,
                        &error, expander->err))
        return false;
    if (error)
        return report_unreadable(walk, lf_str(""), error);
    struct branch top = {
            .source = lf_arena_str(&expander->desired->set.arena, dir),
            .path = tree->entry.path,
            .ruling = {NO_RULE, NO_RULE, NO_RULE},
            .selected = !tree->has_only,
    };
    walk->top = dir.len == 1 ? 1 : dir.len + 1;
    if (!lf_array_reserve(&sources, expander->n_sources,
                          &expander->source_capacity, sizeof(dir)) ||
        !lf_patterns_append(&walk->ignore, &expander->manifest->ignore) ||
        !lf_patterns_append(&walk->ignore, &tree->ignore))
        return no_memory(walk);
    expander->sources = sources;
    expander->sources[expander->n_sources++] = top.source;
    return push_branch(walk, top);
}

bool lf_expand_tree(struct lf_expander *expander, const struct lf_tree *tree)
{
    struct walk walk = {.expander = expander, .tree = tree};
    bool ok = begin(&walk);
    while (ok && walk.depth)
        ok = visit(&walk, walk.stack[--walk.depth]);
    lf_patterns_finish(&walk.ignore);
    lf_arena_finish(&walk.arena);
    lf_arena_finish(&walk.names);
    lf_buf_finish(&walk.relative);
    lf_buf_finish(&walk.spelled);
    lf_buf_finish(&walk.link);
    free(walk.stack);
    free(walk.children);
    free(walk.variants);
    return ok;
}
