/* SPDX-License-Identifier: MIT */
/*
 * cmd_report.c - linkfarm report: the plan as a page
 *
 * One file that needs no other and runs nothing, so that it can be kept with a
 * run of CI and opened from there. It has no date in it: the same plan is the
 * same page.
 */
#include "base/escape.h"
#include "cli/commands.h"
#include "cli/cures.h"
#include "cli/flow.h"
#include "cli/output_file.h"
#include "cli/render_text.h"

/* By which a page of ours is known. */
#define PAGE_HEAD                                                              \
    "<!DOCTYPE html>\n"                                                        \
    "<html lang=\"en\">\n"                                                     \
    "<head>\n"                                                                 \
    "<meta charset=\"utf-8\"/>\n"                                              \
    "<meta name=\"generator\" content=\"linkfarm\"/>\n"

static const char page_begin[] = PAGE_HEAD
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
        "'none'; style-src 'unsafe-inline'\"/>\n"
        "<meta name=\"viewport\" content=\"width=device-width\"/>\n"
        "<style>\n"
        ":root { color-scheme: light dark }\n"
        "body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto;\n"
        "       max-width: 70rem; padding: 0 1rem }\n"
        "table { border-collapse: collapse; width: 100% }\n"
        "th, td { border-bottom: 1px solid #8884; padding: .2rem .6rem;\n"
        "         text-align: left; vertical-align: top }\n"
        "td, pre { font-family: ui-monospace, monospace; font-size: 13px;\n"
        "          overflow-wrap: anywhere }\n"
        ".good { color: #080 } .change { color: #a60 } .bad { color: #c00 }\n"
        ".dim { color: #888 }\n"
        "@media (prefers-color-scheme: dark) {\n"
        "  .good { color: #6d6 } .change { color: #fb4 } .bad { color: #f77 }\n"
        "}\n"
        "</style>\n";

/* ---- texts ---- */

static void add_html(struct lf_buf *page, struct lf_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '<')
            lf_buf_add(page, LF_STR("&lt;"));
        else if (c == '>')
            lf_buf_add(page, LF_STR("&gt;"));
        else if (c == '&')
            lf_buf_add(page, LF_STR("&amp;"));
        else if (c == '"')
            lf_buf_add(page, LF_STR("&quot;"));
        else
            lf_buf_add_char(page, c);
    }
}

/* Escaped as for a terminal first: a page can be deceived by the same bytes. */
static void add_shown(struct lf_buf *page, struct lf_str text)
{
    struct lf_buf shown = {0};
    lf_escape_shown(&shown, text);
    add_html(page, lf_buf_str(&shown));
    page->failed |= lf_buf_failed(&shown);
    lf_buf_finish(&shown);
}

/* Texts of several lines, each escaped by itself, with `before` before it. */
static void add_lines(struct lf_buf *page, const char *before,
                      struct lf_str text)
{
    while (text.len > 0) {
        const char *end = memchr(text.data, '\n', text.len);
        size_t len = end ? (size_t)(end - text.data) : text.len;
        lf_buf_add(page, lf_str(before));
        add_shown(page, lf_str_of(text.data, len));
        len += end != NULL;
        text = lf_str_of(text.data + len, text.len - len);
    }
}

/* ---- what is done ---- */

static const char *class_of(const struct lf_action *action)
{
    switch (lf_word_paint(action)) {
    case LF_PAINT_GREEN:
        return "good";
    case LF_PAINT_YELLOW:
    case LF_PAINT_BLUE:
        return "change";
    case LF_PAINT_RED:
        return "bad";
    case LF_PAINT_NONE:
    case LF_PAINT_BOLD:
    case LF_PAINT_DIM:
        break;
    }
    return "dim";
}

static void add_cell(struct lf_buf *page, struct lf_buf *cell)
{
    lf_buf_add(page, LF_STR("<td>"));
    add_html(page, lf_buf_str(cell));
    lf_buf_add(page, LF_STR("</td>"));
    page->failed |= lf_buf_failed(cell);
    lf_buf_clear(cell);
}

static void add_action(struct lf_buf *page, const struct lf_look *look,
                       const struct lf_action *action)
{
    struct lf_buf cell = {0};
    lf_buf_add_format(page, "<tr><td class=\"%s\" title=\"%s\">",
                      class_of(action), lf_action_kind_name(action->kind));
    const char sign = lf_word_symbol(action);
    add_html(page, lf_str_of(&sign, 1));
    lf_buf_add(page, LF_STR("</td>"));
    lf_word_place(&cell, look, action->dir, action->name, action->is_dir);
    add_cell(page, &cell);
    lf_word_text(&cell, action->text);
    add_cell(page, &cell);
    lf_buf_add(page, LF_STR("<td>"));
    lf_word_note(&cell, look, action);
    add_html(page, lf_buf_str(&cell));
    page->failed |= lf_buf_failed(&cell);
    lf_buf_clear(&cell);
    if (action->kind == LF_ACTION_CONFLICT) {
        lf_cure_add(&cell, look->options, action->help);
        add_lines(page, "<br/>", lf_buf_str(&cell));
        page->failed |= lf_buf_failed(&cell);
        lf_buf_clear(&cell);
    }
    lf_buf_add(page, LF_STR("</td>"));
    lf_word_at(&cell, &action->at);
    add_cell(page, &cell);
    lf_buf_add(page, LF_STR("</tr>\n"));
    lf_buf_finish(&cell);
}

static void add_actions(struct lf_buf *page, const struct lf_look *look,
                        const struct lf_plan *plan)
{
    size_t begin = page->len;
    lf_buf_add(page, LF_STR("<table>\n<tr><th></th><th>path</th><th>link "
                            "text</th><th></th><th>asked for "
                            "at</th></tr>\n"));
    size_t filled = page->len;
    struct lf_action action;
    for (size_t i = 0; lf_plan_action(plan, i, &action); i++) {
        if (look->verbose || lf_text_is_shown(&action))
            add_action(page, look, &action);
    }
    if (page->len == filled && !lf_buf_failed(page))
        lf_buf_truncate(page, begin);
    else
        lf_buf_add(page, LF_STR("</table>\n"));
}

/* ---- what is wrong ---- */

static void add_finding(struct lf_buf *page, const struct lf_finding *finding)
{
    lf_buf_add_format(page, "<h3 class=\"bad\">LF%03d: ", (int)finding->code);
    add_shown(page, finding->message);
    lf_buf_add(page, LF_STR("</h3>\n<pre>"));
    add_shown(page, finding->at);
    add_lines(page, "\n", finding->help);
    add_lines(page, "\n  ", finding->trace);
    lf_buf_add(page, LF_STR("</pre>\n"));
}

/* ---- the page ---- */

static void add_page(struct lf_buf *page, const struct lf_look *look,
                     const struct lf_plan *plan)
{
    struct lf_buf text = {0};
    lf_buf_add(page, lf_str(page_begin));
    lf_buf_add(page, LF_STR("<title>linkfarm: "));
    add_shown(page, lf_plan_farm(plan));
    lf_buf_add(page, LF_STR("</title>\n</head>\n<body>\n<h1>"));
    add_shown(page, lf_plan_farm(plan));
    lf_buf_add(page, LF_STR("</h1>\n<p>"));
    lf_word_path(&text, look, lf_plan_manifest(plan), false);
    add_html(page, lf_buf_str(&text));
    page->failed |= lf_buf_failed(&text);
    lf_buf_clear(&text);
    lf_buf_add_format(page, "</p>\n<p class=\"%s\">",
                      lf_plan_ok(plan) ? "good" : "bad");
    lf_text_add_summary(&text, plan);
    add_html(page, lf_buf_str(&text));
    lf_buf_add(page, lf_plan_ok(plan) ? LF_STR("</p>\n")
                                      : LF_STR(" Nothing would be "
                                               "written.</p>\n"));
    for (size_t i = 0; i < lf_plan_findings(plan); i++)
        add_finding(page, lf_plan_finding(plan, i));
    add_actions(page, look, plan);
    lf_buf_add(page, LF_STR("</body>\n</html>\n"));
    page->failed |= lf_buf_failed(&text);
    lf_buf_finish(&text);
}

static bool is_page(struct lf_str text)
{
    return lf_str_starts(text, LF_STR(PAGE_HEAD));
}

static void write_text(struct lf_stream *stream, void *arg)
{
    lf_stream_put(stream, arg);
}

static bool write_page(struct lf_session *session, struct lf_error *err)
{
    static const struct lf_output_kind kind = {"report", is_page, write_text};
    const char *file = session->cli->options.output;
    struct lf_look look = lf_session_look(session);
    struct lf_buf page = {0};
    bool out = lf_output_is_stdout(&session->cli->options);
    add_page(&page, &look, session->plan);
    bool done = !lf_buf_failed(&page) || lf_error_oom(err);
    if (done && out)
        lf_stream_put(&session->cli->out, &page);
    else if (done)
        done = lf_output_file_write(file, &kind, &page, err);
    lf_buf_finish(&page);
    if (done && !out)
        lf_cli_note(session->cli, "wrote %s", file);
    return done;
}

/* ---- the command ---- */

static bool no_output(struct lf_error *err)
{
    lf_error_set(err, LF_CODE_OPERANDS, 0, "'report' needs --output=FILE");
    lf_error_help(err, "linkfarm report -o plan.html; - is standard output");
    return false;
}

static int run(struct lf_session *session)
{
    struct lf_error err;
    const struct lf_options *options = &session->cli->options;
    if ((!options->output && !no_output(&err)) ||
        !lf_output_allowed(options, &err))
        return lf_cli_fail(session->cli, &err);
    int status =
            lf_session_make_plan(session, lf_operand(options), false, false);
    if (status != 0)
        return status;
    if (!write_page(session, &err))
        return lf_cli_fail(session->cli, &err);
    lf_flow_findings(session->cli, session->plan);
    return lf_flow_status(session);
}

int lf_cmd_report(struct lf_cli *cli)
{
    struct lf_session session;
    int status = lf_session_open(cli, &session);
    if (status == 0)
        status = run(&session);
    lf_session_close(&session);
    return status;
}
