/* SPDX-License-Identifier: MIT */
/*
 * cmd_unmanaged.c - linkfarm unmanaged: what in a directory no farm owns
 *
 * A directory in which no farm owns anything is one line, as a whole: else a
 * home would be listed file by file.
 */
#include "base/escape.h"
#include "base/path.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/listing.h"
#include "cli/porcelain.h"
#include "cli/session.h"

struct search {
    struct lf_session *session;
    struct lf_disk disk;
    struct lf_arena arena;
    struct lf_str dir;
    struct lf_listing owned; /* by all farms, sorted */
    struct lf_listing found;
    struct lf_listing seen; /* of which directories are to be listed */
};

/* ---- what the farms own ---- */

static bool add_farm(struct search *search, struct lf_farms *farms,
                     struct lf_str name, struct lf_error *err)
{
    struct lf_generation *generation;
    bool done = true;
    if (!lf_generation_open(farms, name, 0, &generation, err))
        return false;
    for (size_t i = 0; done && i < lf_generation_count(generation); i++) {
        struct lf_farm_item item;
        if (!lf_generation_item(generation, i, &item, err)) {
            done = false;
            break;
        }
        struct lf_listed owned = {
                .path = lf_arena_str(&search->arena, item.path),
                .kind = item.kind == LF_RECORD_DIR ? LF_NODE_DIR : LF_NODE_LINK,
                .text = lf_arena_str(&search->arena, item.text),
        };
        done = owned.path.data && owned.text.data
                       ? lf_listing_add(&search->owned, &owned, err)
                       : lf_error_oom(err);
    }
    lf_generation_free(generation);
    return done;
}

static bool add_farms(struct search *search, struct lf_error *err)
{
    struct lf_farms *farms;
    if (!lf_session_farms(search->session, &farms, err))
        return false;
    for (size_t i = 0; i < lf_farms_count(farms); i++)
        if (!add_farm(search, farms, lf_farms_info(farms, i)->name, err))
            return false;
    lf_listing_sort(&search->owned);
    return true;
}

/* Recorded, and as it was made: what was changed by hand is not ours. Two farms
 * may have made one directory. */
static bool is_owned(const struct search *search, const struct lf_listed *item)
{
    const struct lf_listing *owned = &search->owned;
    for (uint32_t i = lf_listing_find(owned, item->path);
         i < owned->count && lf_str_equal(owned->items[i].path, item->path);
         i++) {
        if (owned->items[i].kind == item->kind &&
            lf_str_equal(owned->items[i].text, item->text))
            return true;
    }
    return false;
}

static bool has_owned_below(const struct search *search, struct lf_str path)
{
    const struct lf_listing *owned = &search->owned;
    uint32_t i = lf_listing_find(owned, path);
    while (i < owned->count && lf_str_equal(owned->items[i].path, path))
        i++;
    return i < owned->count && lf_path_within(owned->items[i].path, path);
}

/* ---- the search ---- */

static bool take(struct search *search, const struct lf_listed *item,
                 struct lf_error *err)
{
    bool owned = is_owned(search, item);
    if (item->kind == LF_NODE_DIR &&
        (owned || has_owned_below(search, item->path)))
        return true; /* its turn comes */
    return owned || lf_listing_add(&search->found, item, err);
}

static bool look_through(struct search *search, struct lf_error *err)
{
    struct lf_listing *seen = &search->seen;
    if (!lf_disk_list(&search->disk, search->dir, &search->arena, seen, err))
        return false;
    /* the list grows while it is worked on */
    for (uint32_t i = 0; i < seen->count; i++) {
        struct lf_listed item = seen->items[i];
        uint32_t found = search->found.count;
        if (!take(search, &item, err))
            return false;
        if (item.kind == LF_NODE_DIR && search->found.count == found &&
            !lf_disk_list(&search->disk, item.path, &search->arena, seen, err))
            return false;
    }
    lf_listing_sort(&search->found);
    return true;
}

/* ---- output ---- */

static void write_text(struct search *search)
{
    struct lf_stream *out = &search->session->cli->out;
    struct lf_look look = lf_session_look(search->session);
    struct lf_buf line = {0};
    for (uint32_t i = 0; i < search->found.count; i++) {
        const struct lf_listed *item = &search->found.items[i];
        lf_buf_clear(&line);
        lf_word_path(&line, &look, item->path, item->kind == LF_NODE_DIR);
        if (item->kind == LF_NODE_LINK) {
            lf_buf_add(&line, LF_STR(" -> "));
            lf_escape_shown(&line, item->text);
        }
        lf_buf_add_char(&line, '\n');
        lf_stream_put(out, &line);
    }
    if (search->found.count == 0) {
        lf_buf_clear(&line);
        lf_word_path(&line, &look, search->dir, true);
        if (!lf_buf_failed(&line))
            lf_cli_note(search->session->cli,
                        "there is nothing in %s that no farm owns", line.data);
    }
    lf_buf_finish(&line);
}

static void write_porcelain(struct search *search)
{
    struct lf_cli *cli = search->session->cli;
    for (uint32_t i = 0; i < search->found.count; i++) {
        const struct lf_listed *item = &search->found.items[i];
        lf_porcelain_place(&cli->out, cli->options.nul, "??", item->path,
                           item->kind == LF_NODE_DIR, item->text);
    }
}

static void write_json(struct search *search)
{
    struct lf_json object = lf_json_new("unmanaged");
    struct lf_json entries = lf_json_array();
    for (uint32_t i = 0; i < search->found.count; i++) {
        const struct lf_listed *item = &search->found.items[i];
        struct lf_json entry = lf_json_part();
        lf_json_text(&entry, "path", item->path);
        lf_json_string(&entry, "kind", lf_node_kind_name(item->kind));
        if (item->kind == LF_NODE_LINK)
            lf_json_text(&entry, "text", item->text);
        lf_json_push(&entries, entry);
    }
    lf_json_text(&object, "directory", search->dir);
    lf_json_put(&object, "entries", entries);
    lf_json_write(&search->session->cli->out, object);
}

/* ---- the command ---- */

static int run(struct search *search)
{
    struct lf_error err;
    struct lf_session *session = search->session;
    if (!lf_disk_open(session->root, &search->disk, &err) ||
        !lf_disk_dir(&search->disk, session->cli->options.operands.items[0],
                     &search->arena, &search->dir, &err) ||
        !add_farms(search, &err) || !look_through(search, &err))
        return lf_session_fail(session, &err);
    switch (session->cli->options.form) {
    case LF_FORM_TEXT:
        write_text(search);
        break;
    case LF_FORM_JSON:
        write_json(search);
        break;
    case LF_FORM_PORCELAIN:
        write_porcelain(search);
        break;
    }
    return LF_EXIT_DONE;
}

int lf_cmd_unmanaged(struct lf_cli *cli)
{
    struct lf_session session;
    struct search search = {.session = &session, .disk = {.root_fd = -1}};
    int status = lf_session_open(cli, &session);
    if (status == 0)
        status = run(&search);
    lf_disk_close(&search.disk);
    lf_arena_finish(&search.arena);
    free(search.owned.items);
    free(search.found.items);
    free(search.seen.items);
    lf_session_close(&session);
    return status;
}
