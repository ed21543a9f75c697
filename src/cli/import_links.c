/* SPDX-License-Identifier: MIT */
/*
 * import_links.c - entries for the links that stand in a directory
 *
 * The source is named where linkfarm would write the very text for it; else the
 * text is, as it stands.
 */
#include "cli/import.h"

#include "base/path.h"
#include "base/util.h"
#include "cli/owned.h"

bool lf_import_place_of(struct lf_import *import, const struct lf_listed *link,
                        struct lf_str *ret, struct lf_error *err)
{
    struct lf_resolution *walk;
    struct lf_resolve_request request = {
            .path = link->text,
            .start = lf_path_dir(link->path),
            .flags = LF_RESOLVE_NOFOLLOW | LF_RESOLVE_MISSING_TAIL,
    };
    if (!lf_resolve(import->disk.resolver, &request, &walk, err))
        return false;
    *ret = walk->error ? lf_str("") : lf_arena_str(&import->arena, walk->path);
    lf_resolution_free(walk);
    return ret->data || lf_error_oom(err);
}

static bool dangles(struct lf_import *import, struct lf_str path, bool *ret,
                    struct lf_error *err)
{
    struct lf_resolution *walk;
    struct lf_resolve_request request = {.path = path};
    if (!lf_resolve(import->disk.resolver, &request, &walk, err))
        return false;
    *ret = walk->error != 0;
    lf_resolution_free(walk);
    return true;
}

bool lf_import_found(struct lf_import *import, const struct lf_listed *link,
                     struct lf_error *err)
{
    struct lf_import_link entry = {.key = link->path, .text = link->text};
    struct lf_str place, text;
    if (!lf_import_place_of(import, link, &place, err) ||
        !dangles(import, link->path, &entry.allow_dangling, err))
        return false;
    if (place.len > 1) {
        if (!lf_relative_text(lf_path_dir(link->path), lf_path_dir(place),
                              lf_path_name(place), &text, err))
            return false;
        bool relative = lf_str_equal(text, link->text);
        bool absolute = lf_str_equal(place, link->text);
        if (relative || absolute)
            entry.source = place;
        if (absolute && !relative)
            entry.style = "absolute";
        lf_free_const(text.data);
    }
    lf_import_link(import, &entry);
    return true;
}

/* What a farm owns is in a manifest already. */
static bool add_links(struct lf_import *import, struct lf_str dir,
                      const struct lf_listing *owned, struct lf_listing *seen,
                      struct lf_error *err)
{
    size_t skipped = 0;
    if (!lf_disk_list(&import->disk, dir, &import->arena, seen, err))
        return false;
    /* the list grows while it is worked on */
    for (uint32_t i = 0; i < seen->count; i++) {
        struct lf_listed item = seen->items[i];
        if (item.kind == LF_NODE_DIR &&
            !lf_disk_list(&import->disk, item.path, &import->arena, seen, err))
            return false;
        if (item.kind != LF_NODE_LINK)
            continue;
        bool is_owned = lf_owned_has(owned, &item);
        skipped += is_owned;
        if (!is_owned && !lf_import_found(import, &item, err))
            return false;
    }
    if (skipped > 0)
        lf_cli_note(import->session->cli, "left out: %zu link%s that farms own",
                    skipped, skipped == 1 ? "" : "s");
    return true;
}

bool lf_import_links(struct lf_import *import, const char *dir,
                     struct lf_error *err)
{
    struct lf_listing owned = {0}, seen = {0};
    struct lf_str path;
    if (!lf_disk_dir(&import->disk, dir, &import->arena, &path, err))
        return false;
    (void)lf_import_head(import, path, path);
    lf_buf_add(&import->text, LF_STR("links:\n"));
    bool done = lf_owned_load(import->session, &import->arena, &owned, err) &&
                add_links(import, path, &owned, &seen, err);
    free(owned.items);
    free(seen.items);
    return done;
}
