/* SPDX-License-Identifier: MIT */
/*
 * import_stands.c - the text of a link that dotbot has made
 *
 * dotbot writes a source as it is spelled, with `..` and with links on the way; a
 * manifest says the shortest text, or where it leads. Where the link stands, its text
 * is taken as it is.
 */
#include "cli/import_dotbot.h"

#include "base/path.h"
#include "base/util.h"

/* The link that stands at `path`; without a text where there is none. */
static bool look_at(struct lf_import *import, struct lf_str path,
                    struct lf_listed *ret, struct lf_error *err)
{
    struct lf_resolution *walk;
    struct lf_resolve_request request = {.path = path,
                                         .flags = LF_RESOLVE_NOFOLLOW};
    if (!lf_resolve(import->disk.resolver, &request, &walk, err))
        return false;
    bool done = true;
    *ret = (struct lf_listed){0};
    if (walk->error == 0 && walk->node.kind == LF_NODE_LINK) {
        ret->path = lf_arena_str(&import->arena, walk->path);
        ret->text = lf_arena_str(&import->arena, walk->node.text);
        done = (ret->path.data && ret->text.data) || lf_error_oom(err);
    }
    lf_resolution_free(walk);
    return done;
}

/* The text that the entry would have the link get, in heap memory. */
static bool usual_text(const struct lf_import_link *link,
                       const struct lf_listed *there, struct lf_str place,
                       struct lf_str *ret, struct lf_error *err)
{
    if (!link->style)
        return lf_relative_text(lf_path_dir(there->path), lf_path_dir(place),
                                lf_path_name(place), ret, err);
    struct lf_buf text = {0};
    lf_buf_add(&text, link->source);
    *ret = lf_buf_str(&text);
    return !lf_buf_failed(&text) || lf_error_oom(err);
}

bool lf_dotbot_stands(struct lf_import *import, struct lf_import_link *link,
                      struct lf_error *err)
{
    struct lf_listed there, source = {lf_str("/"), LF_NODE_LINK, link->source};
    struct lf_str place, wanted, usual;
    if (!look_at(import, link->key, &there, err))
        return false;
    /* one of the other kind it would write anew */
    if (there.text.len == 0 ||
        lf_str_starts(there.text, LF_STR("/")) != (link->style != NULL))
        return true;
    if (!lf_import_place_of(import, &there, &place, err) ||
        !lf_import_place_of(import, &source, &wanted, err))
        return false;
    if (place.len <= 1 || !lf_str_equal(place, wanted))
        return true;
    if (!usual_text(link, &there, place, &usual, err))
        return false;
    if (!lf_str_equal(there.text, usual)) {
        link->source = lf_str("");
        link->text = there.text;
        link->style = NULL;
    }
    lf_free_const(usual.data);
    return true;
}
