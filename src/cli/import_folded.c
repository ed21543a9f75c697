/* SPDX-License-Identifier: MIT */
/*
 * import_folded.c - directories that Stow folded over a name that it leaves out
 *
 * Where a directory became one link, what Stow ignores is seen through it all the
 * same. A tree folds no directory below which a name is left out: of one that
 * stands folded, all is taken back.
 */
#include "cli/import.h"

#include "base/path.h"
#include "base/source.h"
#include "base/util.h"
#include "base/yaml.h"

#include <stdlib.h>

/* What a tree takes back. */
struct back {
    uint32_t line;         /* of the tree, in the manifest */
    struct lf_str pattern; /* as it is written there */
};

struct search {
    struct lf_import *import;
    struct back *items;
    uint32_t count, capacity;
    struct lf_error *err;
};

/* ---- finding ---- */

/* Whether `line` of the manifest is the tree of `package`. */
static bool is_tree_of(struct search *search, struct lf_str package,
                       uint32_t line, bool *ret)
{
    struct lf_source source = {.text = lf_buf_str(&search->import->text)};
    struct lf_buf entry = {0};
    lf_buf_add(&entry, LF_STR("  - {from: "));
    struct lf_str name = lf_path_name(package);
    /* one that begins so is named by its path */
    bool told = *name.data == '~' ? lf_yaml_add_path(&entry, package,
                                                     search->import->home)
                                  : lf_yaml_add(&entry, name);
    lf_buf_add_char(&entry, ',');
    *ret = told &&
           lf_str_starts(lf_source_line(&source, line), lf_buf_str(&entry));
    bool done = !lf_buf_failed(&entry);
    lf_buf_finish(&entry);
    return done || lf_error_oom(search->err);
}

/* The pattern of all that is in the directory `name` of a package, which begins
 * with a slash; empty where there is none: what is no UTF-8 no manifest can say. */
static bool pattern_of(struct search *search, struct lf_str name,
                       struct lf_str *ret)
{
    struct lf_buf pattern = {0}, shown = {0};
    lf_buf_add_char(&pattern, '!');
    for (size_t i = 0; i < name.len; i++) {
        if (memchr("*?[\\", name.data[i], 4))
            lf_buf_add_char(&pattern, '\\');
        lf_buf_add_char(&pattern, name.data[i]);
    }
    lf_buf_add(&pattern, LF_STR("/**"));
    lf_yaml_add_pattern(&shown, lf_buf_str(&pattern));
    *ret = lf_arena_str(&search->import->arena, lf_buf_str(&shown));
    bool done = !lf_buf_failed(&pattern) && !lf_buf_failed(&shown) && ret->data;
    lf_buf_finish(&pattern);
    lf_buf_finish(&shown);
    return done || lf_error_oom(search->err);
}

static bool add(struct search *search, uint32_t line, struct lf_str name)
{
    void *items = search->items;
    struct back back = {.line = line};
    if (!pattern_of(search, name, &back.pattern))
        return false;
    if (back.pattern.len == 0)
        return true;
    if (!lf_array_reserve(&items, search->count, &search->capacity,
                          sizeof(*search->items)))
        return lf_error_oom(search->err);
    search->items = items;
    search->items[search->count++] = back;
    return true;
}

/* `place` is where the link leads that stands where the tree in `line` would have a
 * directory. */
static bool take(struct search *search, uint32_t line, struct lf_str place)
{
    struct lf_import *import = search->import;
    struct lf_str package = lf_import_package_of(import, place);
    bool found;
    if (package.len == 0)
        return true;
    if (!is_tree_of(search, package, line, &found))
        return false;
    return !found ||
           add(search, line,
               lf_str_of(place.data + package.len, place.len - package.len));
}

static bool look_at(struct search *search, const struct lf_action *action)
{
    struct lf_import *import = search->import;
    struct lf_resolution *walk;
    struct lf_resolve_request request = {
            .path = lf_path_join(&import->arena, action->dir, action->name),
    };
    if (!request.path.data)
        return lf_error_oom(search->err);
    if (!lf_resolve(import->disk.resolver, &request, &walk, search->err))
        return false;
    bool done = walk->error != 0 || take(search, action->at.line, walk->path);
    lf_resolution_free(walk);
    return done;
}

static bool find(struct search *search)
{
    const struct lf_plan *plan = search->import->session->plan;
    struct lf_action action;
    for (size_t i = 0; lf_plan_action(plan, i, &action); i++) {
        if (action.kind == LF_ACTION_CONFLICT && action.is_dir &&
            action.expect.kind == LF_NODE_LINK && !look_at(search, &action))
            return false;
    }
    return true;
}

/* ---- writing ---- */

/* A tree's line, which ends in a brace; in a bracket before it, where the tree leaves
 * something out. */
static void add_tree(struct lf_buf *buf, struct lf_str line,
                     const struct search *search, uint32_t number)
{
    bool any = lf_str_ends(line, LF_STR("]}"));
    lf_buf_add(buf, lf_str_of(line.data, line.len - 1 - any));
    for (uint32_t i = 0; i < search->count; i++) {
        if (search->items[i].line != number)
            continue;
        lf_buf_add(buf, any ? LF_STR(", ") : LF_STR(", ignore: ["));
        lf_buf_add(buf, search->items[i].pattern);
        any = true;
    }
    lf_buf_add(buf, any ? LF_STR("]}") : LF_STR("}"));
}

static void rewrite(const struct search *search)
{
    struct lf_import *import = search->import;
    struct lf_str rest = lf_buf_str(&import->text);
    struct lf_buf text = {0};
    for (uint32_t number = 1; rest.len > 0; number++) {
        struct lf_source source = {.text = rest};
        struct lf_str line = lf_source_line(&source, 1);
        if (lf_str_starts(line, LF_STR("  - {")))
            add_tree(&text, line, search, number);
        else
            lf_buf_add(&text, line);
        lf_buf_add_char(&text, '\n');
        size_t len = line.len < rest.len ? line.len + 1 : line.len;
        rest = lf_str_of(rest.data + len, rest.len - len);
    }
    lf_buf_finish(&import->text);
    import->text = text;
}

bool lf_import_folded(struct lf_import *import, struct lf_error *err)
{
    struct search search = {.import = import, .err = err};
    bool done = find(&search);
    if (done && search.count > 0) {
        rewrite(&search);
        /* the trees are other ones now */
        import->checked = import->head;
        done = lf_import_check(import, err);
    }
    free(search.items);
    return done;
}
