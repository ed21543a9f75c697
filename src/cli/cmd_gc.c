/* SPDX-License-Identifier: MIT */
/*
 * cmd_gc.c - linkfarm gc: drop old generations and what only they keep
 */
#include "base/escape.h"
#include "cli/commands.h"
#include "cli/render_json.h"
#include "cli/words.h"
#include "platform/signal.h"
#include "platform/term.h"
#include <linkfarm/garbage.h>

#include <inttypes.h>

/* ---- text ---- */

static void add_generation(struct lf_buf *buf,
                           const struct lf_old_generation *old)
{
    char time[32];
    lf_escape_shown(buf, old->farm);
    lf_buf_add_format(buf, " generation %" PRIu64, old->number);
    if (old->damaged) {
        lf_buf_add(buf, LF_STR("  cannot be read, and stays"));
        return;
    }
    lf_buf_add(buf, LF_STR("  "));
    if (lf_term_time(old->time, time, sizeof(time)) == 0)
        lf_buf_add_format(buf, "%s  ", time);
    lf_word_count(buf, old->links, "link", "links");
}

static void add_node(struct lf_buf *buf, const struct lf_look *look,
                     const struct lf_garbage_node *garbage)
{
    struct lf_node node = {.kind = garbage->kind, .size = garbage->size};
    lf_word_path(buf, look, garbage->path, garbage->kind == LF_NODE_DIR);
    lf_buf_add(buf, LF_STR("  "));
    /* its text is of no account here, and is not known */
    if (garbage->kind == LF_NODE_LINK)
        lf_buf_add(buf, LF_STR("link"));
    else
        lf_word_node(buf, &node);
    lf_buf_add(buf, LF_STR(", moved aside for "));
    lf_word_path(buf, look, garbage->place, false);
}

static void write_line(struct lf_stream *out, char sign, struct lf_buf *line)
{
    struct lf_buf whole = {0};
    const char text[] = {' ', ' ', sign, ' '};
    lf_buf_add(&whole, lf_str_of(text, sizeof(text)));
    lf_buf_add(&whole, lf_buf_str(line));
    lf_buf_add_char(&whole, '\n');
    lf_stream_put(out, &whole);
    lf_buf_finish(&whole);
    lf_buf_clear(line);
}

static void show_lines(struct lf_session *session,
                       const struct lf_garbage *garbage)
{
    struct lf_stream *out = &session->cli->out;
    struct lf_look look = lf_session_look(session);
    struct lf_buf line = {0};
    for (size_t i = 0; i < lf_garbage_generations(garbage); i++) {
        const struct lf_old_generation *old = lf_garbage_generation(garbage, i);
        add_generation(&line, old);
        write_line(out, old->damaged ? '.' : '-', &line);
    }
    for (size_t i = 0; i < lf_garbage_nodes(garbage); i++) {
        add_node(&line, &look, lf_garbage_node(garbage, i));
        write_line(out, '-', &line);
    }
    for (size_t i = 0; i < lf_garbage_farms(garbage); i++) {
        lf_escape_shown(&line, lf_garbage_farm(garbage, i));
        lf_buf_add(&line, LF_STR(" owns nothing, and is forgotten"));
        write_line(out, '-', &line);
    }
    lf_buf_finish(&line);
}

static size_t readable(const struct lf_garbage *garbage)
{
    size_t count = 0;
    for (size_t i = 0; i < lf_garbage_generations(garbage); i++)
        count += !lf_garbage_generation(garbage, i)->damaged;
    return count;
}

static bool is_nothing(const struct lf_garbage *garbage)
{
    return readable(garbage) == 0 && lf_garbage_nodes(garbage) == 0 &&
           lf_garbage_farms(garbage) == 0 && !lf_garbage_interrupted(garbage);
}

static void show_summary(struct lf_cli *cli, const struct lf_garbage *garbage)
{
    struct lf_buf line = {0};
    if (is_nothing(garbage)) {
        lf_stream_print(&cli->out, "Nothing to drop.\n");
        return;
    }
    lf_buf_add(&line, lf_str(cli->options.dry_run ? "To drop: " : "Dropped: "));
    lf_word_count(&line, readable(garbage), "generation", "generations");
    lf_buf_add(&line, LF_STR(", "));
    lf_word_count(&line, lf_garbage_nodes(garbage), "node of the store",
                  "nodes of the store");
    lf_buf_add(&line, LF_STR(".\n"));
    lf_stream_put(&cli->out, &line);
    lf_buf_finish(&line);
}

/* ---- JSON ---- */

static void put_generations(struct lf_json *object,
                            const struct lf_garbage *garbage)
{
    struct lf_json list = lf_json_array();
    for (size_t i = 0; i < lf_garbage_generations(garbage); i++) {
        const struct lf_old_generation *old = lf_garbage_generation(garbage, i);
        struct lf_json part = lf_json_part();
        lf_json_text(&part, "farm", old->farm);
        lf_json_number(&part, "generation", old->number);
        lf_json_bool(&part, "damaged", old->damaged);
        if (!old->damaged) {
            lf_json_time(&part, "time", old->time);
            lf_json_number(&part, "links", old->links);
        }
        lf_json_push(&list, part);
    }
    lf_json_put(object, "generations", list);
}

static void put_nodes(struct lf_json *object, const struct lf_garbage *garbage)
{
    struct lf_json list = lf_json_array();
    for (size_t i = 0; i < lf_garbage_nodes(garbage); i++) {
        const struct lf_garbage_node *node = lf_garbage_node(garbage, i);
        struct lf_json part = lf_json_part();
        lf_json_text(&part, "path", node->path);
        lf_json_text(&part, "place", node->place);
        lf_json_string(&part, "kind", lf_node_kind_name(node->kind));
        if (node->kind == LF_NODE_FILE)
            lf_json_number(&part, "size", node->size);
        lf_json_push(&list, part);
    }
    lf_json_put(object, "displaced", list);
}

/* `report` is NULL when nothing was dropped. */
static void write_json(struct lf_cli *cli, const struct lf_garbage *garbage,
                       const struct lf_report *report)
{
    struct lf_json object = lf_json_new("gc");
    struct lf_json farms = lf_json_array();
    for (size_t i = 0; i < lf_garbage_farms(garbage); i++)
        lf_json_push_text(&farms, lf_garbage_farm(garbage, i));
    lf_json_number(&object, "keep", cli->options.keep);
    put_generations(&object, garbage);
    put_nodes(&object, garbage);
    lf_json_put(&object, "farms", farms);
    lf_json_bool(&object, "dropped", report != NULL);
    lf_json_put(&object, "notes",
                report ? lf_json_notes(report) : lf_json_array());
    lf_json_write(&cli->out, object);
}

/* ---- the command ---- */

static int drop(struct lf_session *session, const struct lf_garbage *garbage)
{
    struct lf_error err;
    struct lf_cli *cli = session->cli;
    const struct lf_options *options = &cli->options;
    const struct lf_report *report = NULL;
    bool text = options->form == LF_FORM_TEXT && !options->quiet;
    if (text)
        show_lines(session, garbage);
    if (!options->dry_run) {
        lf_signals_defer();
        bool dropped =
                lf_garbage_drop(session->transaction, garbage, &report, &err);
        lf_session_tell_confined(session);
        if (!dropped)
            return lf_session_fail(session, &err);
    }
    lf_progress_end(&cli->progress);
    if (options->form == LF_FORM_JSON)
        write_json(cli, garbage, report);
    else if (text)
        show_summary(cli, garbage);
    if (report)
        lf_cli_report(cli, report);
    return LF_EXIT_DONE;
}

static int run(struct lf_session *session)
{
    struct lf_error err;
    struct lf_garbage *garbage;
    const struct lf_options *options = &session->cli->options;
    int status = lf_session_begin(session, !options->dry_run);
    if (status != 0)
        return status;
    if (!lf_garbage_find(session->transaction, options->keep, &garbage, &err))
        return lf_session_fail(session, &err);
    status = drop(session, garbage);
    lf_garbage_free(garbage);
    return status;
}

int lf_cmd_gc(struct lf_cli *cli)
{
    struct lf_session session;
    int status = lf_session_open(cli, &session);
    if (status == 0)
        status = run(&session);
    lf_session_close(&session);
    return status;
}
