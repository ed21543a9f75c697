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
#include "cli/owned.h"
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

/* ---- the search ---- */

static bool take(struct search *search, const struct lf_listed *item,
                 struct lf_error *err)
{
    bool owned = lf_owned_has(&search->owned, item);
    if (item->kind == LF_NODE_DIR &&
        (owned || lf_owned_below(&search->owned, item->path)))
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
        !lf_owned_load(session, &search->arena, &search->owned, &err) ||
        !look_through(search, &err))
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
