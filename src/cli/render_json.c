/* SPDX-License-Identifier: MIT */
/*
 * render_json.c - plans for programs
 */
#include "cli/render_json.h"

#include "cli/words.h"
#include <linkfarm/linkfarm.h>

#include <errno.h>

static void put_profiles(struct lf_json *object,
                         const struct lf_session *session)
{
    struct lf_json profiles = lf_json_array();
    size_t count;
    const struct lf_str *names = lf_plan_profiles(session->plan, &count);
    for (size_t i = 0; i < count; i++)
        lf_json_push_text(&profiles, names[i]);
    lf_json_put(object, "profiles", profiles);
}

struct lf_json lf_json_version(const struct lf_session *session)
{
    const struct lf_options *options = &session->cli->options;
    struct lf_json object = lf_json_new("version");
    struct lf_json vars = lf_json_array();
    lf_json_string(&object, "version", lf_version());
    lf_json_text(&object, "farm", lf_plan_farm(session->plan));
    lf_json_text(&object, "manifest", lf_plan_manifest(session->plan));
    put_profiles(&object, session);
    for (size_t i = 0; i < options->vars.count; i++)
        lf_json_push_text(&vars, lf_str(options->vars.items[i]));
    lf_json_put(&object, "vars", vars);
    if (session->root)
        lf_json_string(&object, "root", session->root);
    lf_json_string(&object, "state_dir", session->state_dir);
    return object;
}

/* ---- what is recorded ---- */

static const char *origin_name(enum lf_origin origin)
{
    switch (origin) {
    case LF_ORIGIN_CLAIMED:
        return "claimed";
    case LF_ORIGIN_ADOPTED:
        return "adopted";
    case LF_ORIGIN_MADE:
        break;
    }
    return "made";
}

struct lf_json lf_json_item(const struct lf_farm_item *item)
{
    struct lf_json object = lf_json_part();
    lf_json_text(&object, "path", item->path);
    lf_json_string(&object, "kind",
                   item->kind == LF_RECORD_DIR ? "directory" : "link");
    lf_json_text_if(&object, "text", item->text);
    lf_json_string(&object, "origin", origin_name(item->origin));
    lf_json_number(&object, "generation", item->generation);
    lf_json_text_if(&object, "displaced", item->displaced_path);
    return object;
}

/* ---- actions ---- */

static struct lf_pair expected_text(const struct lf_action *action)
{
    if (action->expect.text.len > 0)
        return lf_pair_of(action->expect.text);
    return lf_pair_len(action->text) > 0 ? action->text : action->old_text;
}

static struct lf_json expect_of(const struct lf_action *action)
{
    const struct lf_node *node = &action->expect;
    struct lf_json expect = lf_json_part();
    lf_json_string(&expect, "kind", lf_node_kind_name(node->kind));
    if (node->kind == LF_NODE_NOTHING || node->kind == LF_NODE_UNKNOWN)
        return expect;
    lf_json_number(&expect, "ino", node->ino);
    if (node->kind == LF_NODE_FILE)
        lf_json_number(&expect, "size", node->size);
    if (node->kind == LF_NODE_LINK)
        lf_json_pair_if(&expect, "text", expected_text(action));
    return expect;
}

static void put_proof(struct lf_json *object, const struct lf_action *action)
{
    if (action->is_dir || action->links == 0)
        return;
    struct lf_json proof = lf_json_part();
    if (action->direct)
        lf_json_place(&proof, "resolves_to", action->source_dir,
                      action->source_name);
    else if (action->resolves_to.len > 0)
        lf_json_text(&proof, "resolves_to", action->resolves_to);
    else
        lf_json_null(&proof, "resolves_to");
    lf_json_number(&proof, "links", action->links);
    lf_json_put(object, "proof", proof);
}

void lf_json_at(struct lf_json *object, const struct lf_at *at)
{
    struct lf_buf text = {0};
    if (at->name.len == 0)
        return;
    lf_buf_add(&text, at->name);
    lf_buf_add_format(&text, ":%u:%u", at->line, at->column);
    object->failed |= lf_buf_failed(&text);
    lf_json_text_if(object, "at", lf_buf_str(&text));
    lf_buf_finish(&text);
}

struct lf_json lf_json_action(const struct lf_plan *plan,
                              const struct lf_action *action)
{
    bool stuck = action->kind == LF_ACTION_CONFLICT;
    struct lf_json object = lf_json_new(stuck ? "conflict" : "action");
    lf_json_string(&object, "op", lf_action_kind_name(action->kind));
    lf_json_string(&object, "kind", action->is_dir ? "directory" : "link");
    lf_json_place(&object, "path", action->dir, action->name);
    lf_json_text(&object, "farm", lf_plan_farm(plan));
    lf_json_at(&object, &action->at);
    lf_json_number(&object, "row", action->row);
    lf_json_pair_if(&object, "text", action->text);
    lf_json_pair_if(&object, "was", action->old_text);
    if (action->source_dir.len > 0)
        lf_json_place(&object, "source", action->source_dir,
                      action->source_name);
    if (action->exact_mode)
        lf_json_mode(&object, "mode", action->mode);
    lf_json_put(&object, "expect", expect_of(action));
    lf_json_text_if(&object, "reason", action->reason);
    lf_json_text_if(&object, "help", action->help);
    put_proof(&object, action);
    return object;
}

const char *lf_json_severity(enum lf_severity severity)
{
    static const char *const names[] = {"note", "warning", "error"};
    return names[severity];
}

struct lf_json lf_json_finding(const struct lf_finding *finding)
{
    char code[16];
    struct lf_json object = lf_json_new("finding");
    snprintf(code, sizeof(code), "LF%03d", (int)finding->code);
    lf_json_string(&object, "code", code);
    lf_json_string(&object, "severity", lf_json_severity(finding->severity));
    lf_json_text(&object, "path", finding->path);
    lf_json_text_if(&object, "at", finding->at);
    lf_json_text(&object, "message", finding->message);
    lf_json_text_if(&object, "help", finding->help);
    lf_json_text_if(&object, "trace", finding->trace);
    return object;
}

/* ---- the whole ---- */

static struct lf_json counts_of(const struct lf_plan *plan, bool is_dir)
{
    struct lf_json counts = lf_json_part();
    for (size_t i = 0; i < LF_ACTION_KINDS; i++) {
        enum lf_action_kind kind = (enum lf_action_kind)i;
        size_t count = lf_plan_count_of(plan, kind, is_dir);
        if (count > 0)
            lf_json_number(&counts, lf_action_kind_name(kind), count);
    }
    return counts;
}

struct lf_json lf_json_summary(const struct lf_plan *plan)
{
    struct lf_json object = lf_json_new("summary");
    lf_json_text(&object, "farm", lf_plan_farm(plan));
    lf_json_put(&object, "links", counts_of(plan, false));
    lf_json_put(&object, "directories", counts_of(plan, true));
    lf_json_number(&object, "findings", lf_plan_findings(plan));
    lf_json_bool(&object, "changes", lf_plan_changes(plan));
    lf_json_bool(&object, "ok", lf_plan_ok(plan));
    lf_json_number(&object, "generation", lf_plan_generation(plan));
    return object;
}

struct lf_json lf_json_notes(const struct lf_report *report)
{
    struct lf_json notes = lf_json_array();
    for (size_t i = 0; i < report->n_notes; i++) {
        struct lf_json note = lf_json_part();
        lf_json_text_if(&note, "path", report->notes[i].path);
        lf_json_text(&note, "message", report->notes[i].message);
        lf_json_push(&notes, note);
    }
    return notes;
}

struct lf_json lf_json_applied(const struct lf_plan *plan,
                               const struct lf_report *report)
{
    struct lf_json object = lf_json_new("applied");
    lf_json_text(&object, "farm", lf_plan_farm(plan));
    lf_json_number(&object, "generation", report->generation);
    lf_json_number(&object, "transaction", report->transaction);
    lf_json_number(&object, "actions", report->applied);
    lf_json_put(&object, "notes", lf_json_notes(report));
    return object;
}

/* One line at a time: a plan may have millions. */
struct lines {
    struct lf_buf buf;
    bool (*line)(void *arg, struct lf_str text);
    void *arg;
};

static bool hand_over(struct lines *lines, struct lf_json object)
{
    lf_buf_clear(&lines->buf);
    lf_json_add_line(&lines->buf, object);
    return !lf_buf_failed(&lines->buf) &&
           lines->line(lines->arg, lf_buf_str(&lines->buf));
}

static bool hand_over_all(struct lines *lines, const struct lf_plan *plan,
                          bool all)
{
    struct lf_action action;
    for (size_t i = 0; lf_plan_action(plan, i, &action); i++) {
        if ((all || action.kind != LF_ACTION_KEEP) &&
            !hand_over(lines, lf_json_action(plan, &action)))
            return false;
    }
    for (size_t i = 0; i < lf_plan_findings(plan); i++) {
        if (!hand_over(lines, lf_json_finding(lf_plan_finding(plan, i))))
            return false;
    }
    return hand_over(lines, lf_json_summary(plan));
}

bool lf_json_each_line(const struct lf_plan *plan, bool all,
                       bool (*line)(void *arg, struct lf_str text), void *arg)
{
    struct lines lines = {{0}, line, arg};
    bool done = hand_over_all(&lines, plan, all);
    lf_buf_finish(&lines.buf);
    return done;
}

static bool write_line(void *arg, struct lf_str text)
{
    lf_stream_write(arg, text);
    return true;
}

void lf_json_write_plan(struct lf_stream *out, const struct lf_plan *plan,
                        bool all)
{
    if (!lf_json_each_line(plan, all, write_line, out) && !out->error)
        out->error = ENOMEM;
}
