/* SPDX-License-Identifier: MIT */
/*
 * import_target.c - where the links of packages stand, if not where they are expected
 *
 * Stow is told its target on the command line or in a .stowrc, so it may be anywhere.
 * It is looked for in the home directory and above the packages, by what is in these:
 * the link that Stow would make for it tells.
 */
#include "cli/import.h"

#include "base/escape.h"
#include "base/path.h"
#include "cli/words.h"

#include <stdlib.h>

struct hunt {
    struct lf_import *import;
    struct lf_listing targets; /* directories to look in */
    struct lf_error *err;
};

/* ---- whether it needs a word ---- */

/* None of what the trees want stands, not even something else in its place. */
static bool none_stands(const struct lf_plan *plan)
{
    struct lf_action action;
    bool any = false;
    for (size_t i = 0; lf_plan_action(plan, i, &action); i++) {
        if (action.kind == LF_ACTION_KEEP || action.kind == LF_ACTION_CLAIM ||
            action.kind == LF_ACTION_CONFLICT)
            return false;
        any |= action.kind == LF_ACTION_CREATE;
    }
    return any;
}

/* ---- looking ---- */

static bool list(struct hunt *hunt, struct lf_str dir, struct lf_listing *names)
{
    /* what cannot be looked at is no help */
    return lf_disk_list(&hunt->import->disk, dir, &hunt->import->arena, names,
                        hunt->err) ||
           hunt->err->code == LF_CODE_SYSTEM;
}

/* What stands in `dir` for `item` of a package: `*ret_link`, the link to it;
 * `*ret_dir`, a directory for one. */
static bool look_for(struct hunt *hunt, const struct lf_listed *item,
                     struct lf_str dir, struct lf_str name, bool *ret_link,
                     struct lf_str *ret_dir)
{
    struct lf_import *import = hunt->import;
    struct lf_resolution *walk;
    struct lf_str place;
    struct lf_resolve_request request = {.flags = LF_RESOLVE_NOFOLLOW};
    request.path = lf_path_join(&import->arena, dir, name);
    *ret_dir = lf_str("");
    if (!request.path.data)
        return lf_error_oom(hunt->err);
    if (!lf_resolve(import->disk.resolver, &request, &walk, hunt->err))
        return false;
    struct lf_listed there = {.path = request.path, .kind = walk->node.kind};
    if (walk->error == 0 && there.kind == LF_NODE_LINK)
        there.text = lf_arena_str(&import->arena, walk->node.text);
    bool is_link = there.text.len > 0;
    if (walk->error == 0 && there.kind == LF_NODE_DIR &&
        item->kind == LF_NODE_DIR)
        *ret_dir = there.path;
    lf_resolution_free(walk);
    if (!is_link)
        return true;
    if (!lf_import_place_of(import, &there, &place, hunt->err))
        return false;
    *ret_link |= lf_str_equal(place, item->path);
    return true;
}

/* A name `dot-x` may stand as `.x`. */
static bool take_name(struct hunt *hunt, struct lf_listing *dirs,
                      const struct lf_listed *item, struct lf_str dir,
                      bool *ret)
{
    struct lf_str name = lf_path_name(item->path);
    struct lf_buf dotted = {0};
    bool done = true;
    if (lf_str_starts(name, LF_STR("dot-")) && name.len > 4) {
        lf_buf_add_char(&dotted, '.');
        lf_buf_add(&dotted, lf_str_of(name.data + 4, name.len - 4));
    }
    if (lf_buf_failed(&dotted))
        done = lf_error_oom(hunt->err);
    const struct lf_str forms[] = {name, lf_buf_str(&dotted)};
    for (size_t i = 0; done && !*ret && i < 2 && forms[i].len > 0; i++) {
        struct lf_listed below = {.path = item->path, .kind = LF_NODE_DIR};
        done = look_for(hunt, item, dir, forms[i], ret, &below.text) &&
               (below.text.len == 0 || lf_listing_add(dirs, &below, hunt->err));
    }
    lf_buf_finish(&dotted);
    return done;
}

/* Whether a link of `package` stands in `target`. Only directories that are in both
 * are looked into. */
static bool has_link(struct hunt *hunt, struct lf_str package,
                     struct lf_str target, bool *ret)
{
    struct lf_listing dirs = {0}, names = {0};
    struct lf_listed top = {package, LF_NODE_DIR, target};
    bool done = lf_listing_add(&dirs, &top, hunt->err);
    *ret = false;
    for (uint32_t i = 0; done && !*ret && i < dirs.count; i++) {
        struct lf_str dir = dirs.items[i].text;
        names.count = 0;
        done = list(hunt, dirs.items[i].path, &names);
        for (uint32_t j = 0; done && !*ret && j < names.count; j++)
            done = take_name(hunt, &dirs, &names.items[j], dir, ret);
    }
    free(dirs.items);
    free(names.items);
    return done;
}

/* The first target but `known` in which one of these packages has a link; empty: there
 * is none. */
static bool find(struct hunt *hunt, const struct lf_str *packages, size_t count,
                 struct lf_str known, struct lf_str *ret)
{
    *ret = lf_str("");
    for (uint32_t i = 0; i < hunt->targets.count; i++) {
        struct lf_str target = hunt->targets.items[i].path;
        for (size_t j = 0; j < count && !lf_str_equal(target, known); j++) {
            bool found;
            if (!has_link(hunt, packages[j], target, &found))
                return false;
            if (found) {
                *ret = target;
                return true;
            }
        }
    }
    return true;
}

static bool add_target(struct hunt *hunt, struct lf_str dir)
{
    struct lf_listed target = {.path = dir, .kind = LF_NODE_DIR};
    return dir.len == 0 || lf_listing_add(&hunt->targets, &target, hunt->err);
}

/* Where Stow may have been told to work, the likely places first. */
static bool add_targets(struct hunt *hunt)
{
    struct lf_import *import = hunt->import;
    struct lf_str dir = import->stow_dir;
    bool done = add_target(hunt, import->home) && add_target(hunt, dir);
    while (done && dir.len > 1) {
        dir = lf_path_dir(dir);
        done = add_target(hunt, dir);
    }
    return done;
}

/* ---- telling ---- */

/* In a form that a shell expands. */
static void add_dir(struct hunt *hunt, struct lf_buf *buf, struct lf_str dir)
{
    struct lf_str home = hunt->import->home;
    if (home.len > 1 && lf_path_within(dir, home)) {
        lf_buf_add_char(buf, '~');
        dir = lf_str_of(dir.data + home.len, dir.len - home.len);
        if (dir.len > 0)
            lf_buf_add_char(buf, '/');
        dir = lf_str_of(dir.data + (dir.len > 0), dir.len - (dir.len > 0));
    }
    if (dir.len > 0)
        lf_escape_argument(buf, dir);
}

static void tell_none(struct hunt *hunt, struct lf_buf *help)
{
    lf_buf_add(help, LF_STR("no link of theirs stands in "));
    add_dir(hunt, help, hunt->import->stow_into);
    lf_buf_add(help, LF_STR("; if they are stowed elsewhere: --into DIR"));
}

static void tell_target(struct hunt *hunt, struct lf_buf *help,
                        struct lf_str target)
{
    lf_buf_add(help, LF_STR("links of theirs stand in "));
    add_dir(hunt, help, target);
    lf_buf_add(help, LF_STR(": --into "));
    add_dir(hunt, help, target);
}

/* The directories in a stow directory are its packages. */
static void tell_packages(struct hunt *hunt, struct lf_buf *help,
                          struct lf_str stow_dir, struct lf_str target)
{
    lf_buf_add(help, LF_STR("what is stowed are the directories in it: "
                            "linkfarm import stow "));
    add_dir(hunt, help, stow_dir);
    lf_buf_add(help, LF_STR("/*/"));
    if (lf_str_equal(target, lf_path_dir(stow_dir)))
        return;
    lf_buf_add(help, LF_STR(" --into "));
    add_dir(hunt, help, target);
}

/* A stow directory that was taken for a package. */
static bool find_stow_dir(struct hunt *hunt, struct lf_str dir,
                          struct lf_str *ret_target)
{
    struct lf_listing names = {0};
    bool done = list(hunt, dir, &names);
    *ret_target = lf_str("");
    for (uint32_t i = 0; done && ret_target->len == 0 && i < names.count; i++) {
        if (names.items[i].kind == LF_NODE_DIR)
            done = find(hunt, &names.items[i].path, 1, lf_str(""), ret_target);
    }
    free(names.items);
    return done;
}

static bool search(struct hunt *hunt, struct lf_buf *help)
{
    struct lf_import *import = hunt->import;
    struct lf_str target;
    if (!add_targets(hunt) || !find(hunt, import->packages, import->n_packages,
                                    import->stow_into, &target))
        return false;
    if (target.len > 0) {
        tell_target(hunt, help, target);
        return true;
    }
    /* who names several has taken them from one */
    if (import->n_packages == 1 &&
        !find_stow_dir(hunt, import->packages[0], &target))
        return false;
    if (target.len > 0)
        tell_packages(hunt, help, import->packages[0], target);
    else
        tell_none(hunt, help);
    return true;
}

bool lf_import_target(struct lf_import *import, struct lf_error *err)
{
    struct hunt hunt = {.import = import, .err = err};
    struct lf_buf help = {0};
    if (!none_stands(import->session->plan))
        return true;
    bool done = search(&hunt, &help);
    if (done) {
        import->help = lf_arena_str(&import->arena, lf_buf_str(&help));
        done = (!lf_buf_failed(&help) && import->help.data) ||
               lf_error_oom(err);
    }
    lf_buf_finish(&help);
    free(hunt.targets.items);
    return done;
}
