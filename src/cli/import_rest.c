/* SPDX-License-Identifier: MIT */
/*
 * import_rest.c - links into packages of Stow that their trees do not make
 *
 * Versions of Stow differ in what they leave out, all of them fold directories
 * in which there is nothing, and a source may have gone since. What stands
 * there gets an entry of its own.
 */
#include "cli/import.h"

#include "base/path.h"

#include <errno.h>
#include <stdlib.h>

struct rest {
    struct lf_import *import;
    struct lf_listing made; /* places of the plan */
    struct lf_listing dirs; /* still to look at */
    struct lf_error *err;
};

/* ---- what the trees make ---- */

static bool is_leaving(enum lf_action_kind kind)
{
    return kind == LF_ACTION_PRUNE || kind == LF_ACTION_RESTORE ||
           kind == LF_ACTION_FORGET || kind == LF_ACTION_RMDIR;
}

/* Also what stands otherwise than they would have it: that is said anyway. */
static bool find_made(struct rest *rest)
{
    struct lf_import *import = rest->import;
    const struct lf_plan *plan = import->session->plan;
    struct lf_action action;
    for (size_t i = 0; lf_plan_action(plan, i, &action); i++) {
        if (is_leaving(action.kind))
            continue;
        struct lf_listed place = {
                .path = lf_path_join(&import->arena, action.dir, action.name),
        };
        if (!place.path.data)
            return lf_error_oom(rest->err);
        if (!lf_listing_add(&rest->made, &place, rest->err))
            return false;
    }
    lf_listing_sort(&rest->made);
    return true;
}

static bool is_made(const struct rest *rest, struct lf_str path)
{
    uint32_t i = lf_listing_find(&rest->made, path);
    return i < rest->made.count && lf_str_equal(rest->made.items[i].path, path);
}

/* ---- links into the packages ---- */

static bool in_packages(const struct lf_import *import, struct lf_str path)
{
    return lf_import_package_of(import, path).len > 0;
}

/* As far as the text alone says it. */
static bool names_package(struct rest *rest, const struct lf_listed *link,
                          bool *ret)
{
    struct lf_buf spelled = {0}, path = {0};
    if (!lf_str_starts(link->text, LF_STR("/"))) {
        lf_buf_add(&spelled, lf_path_dir(link->path));
        lf_buf_add_char(&spelled, '/');
    }
    lf_buf_add(&spelled, link->text);
    *ret = lf_path_normalise(&path, lf_buf_str(&spelled)) &&
           in_packages(rest->import, lf_buf_str(&path));
    bool done = !lf_buf_failed(&spelled) && !lf_buf_failed(&path);
    lf_buf_finish(&spelled);
    lf_buf_finish(&path);
    return done || lf_error_oom(rest->err);
}

static bool take_link(struct rest *rest, const struct lf_listed *link)
{
    struct lf_import *import = rest->import;
    struct lf_str place;
    bool leads = false;
    if (!lf_import_place_of(import, link, &place, rest->err))
        return false;
    if (place.len > 0)
        leads = in_packages(import, place);
    else if (!names_package(rest, link, &leads))
        return false;
    if (!leads || is_made(rest, link->path))
        return true;
    return lf_import_found(import, link, rest->err);
}

/* ---- the way through the target ---- */

static bool take_dir(struct rest *rest, const struct lf_listed *dir)
{
    struct lf_listed kept = *dir;
    kept.path = lf_arena_str(&rest->import->arena, dir->path);
    if (!kept.path.data)
        return lf_error_oom(rest->err);
    return lf_listing_add(&rest->dirs, &kept, rest->err);
}

static bool take_names(struct rest *rest, const struct lf_listing *names)
{
    for (uint32_t i = 0; i < names->count; i++) {
        const struct lf_listed *item = &names->items[i];
        if (item->kind == LF_NODE_LINK && !take_link(rest, item))
            return false;
        if (item->kind == LF_NODE_DIR &&
            !lf_str_equal(item->path, rest->import->stow_dir) &&
            !take_dir(rest, item))
            return false;
    }
    return true;
}

/* What cannot be looked at is said; what is gone meanwhile needs no word. */
static bool no_names(struct rest *rest, struct lf_str dir)
{
    int error = rest->err->os_errno;
    if (rest->err->code != LF_CODE_SYSTEM)
        return false;
    if (error != ENOENT)
        lf_import_untold(rest->import, "left out: links in %.*s: %s",
                         (int)dir.len, dir.data, strerror(error));
    return true;
}

/* Names live only as long as their directory is looked at. */
static bool look_into(struct rest *rest, struct lf_str dir)
{
    struct lf_arena room = {0};
    struct lf_listing names = {0};
    bool done = lf_disk_list(&rest->import->disk, dir, &room, &names, rest->err)
                        ? take_names(rest, &names)
                        : no_names(rest, dir);
    free(names.items);
    lf_arena_finish(&room);
    return done;
}

bool lf_import_rest(struct lf_import *import, struct lf_error *err)
{
    struct lf_buf *text = &import->text;
    struct rest rest = {.import = import, .err = err};
    struct lf_listed top = {.path = import->stow_into, .kind = LF_NODE_DIR};
    size_t begin = text->len;
    lf_buf_add(text, LF_STR("links:\n"));
    size_t filled = text->len;
    bool done = find_made(&rest) && take_dir(&rest, &top);
    /* the list grows while it is worked on */
    for (uint32_t i = 0; done && i < rest.dirs.count; i++)
        done = look_into(&rest, rest.dirs.items[i].path);
    if (text->len == filled && !lf_buf_failed(text))
        lf_buf_truncate(text, begin);
    free(rest.made.items);
    free(rest.dirs.items);
    return done;
}
