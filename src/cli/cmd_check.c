/* SPDX-License-Identifier: MIT */
/*
 * cmd_check.c - linkfarm check: the gate for CI
 *
 * Says which conditions hold, what apply would refuse, and what the manifest's
 * policy denies: faults of the manifest, sources that are missing, rules that
 * the result would break, conflicts. Writes nothing.
 */
#include "base/escape.h"
#include "cli/commands.h"
#include "cli/cures.h"
#include "cli/flow.h"
#include "cli/porcelain.h"
#include "cli/render_json.h"
#include "cli/render_text.h"

/* Remarks of one severity. */
static size_t remarks_of(const struct lf_plan *plan, enum lf_severity severity)
{
    size_t count = 0;
    for (size_t i = 0; plan && i < lf_plan_remarks(plan); i++)
        count += lf_plan_remark(plan, i)->severity == severity;
    return count;
}

/* ---- JSON ---- */

static struct lf_json diag_of(const struct lf_diag *diag)
{
    char code[16];
    struct lf_json object = lf_json_part();
    snprintf(code, sizeof(code), "LF%03d", (int)diag->code);
    lf_json_string(&object, "code", code);
    lf_json_string(&object, "severity", lf_json_severity(diag->severity));
    if (diag->mark.source) {
        lf_json_text(&object, "file", diag->mark.source->name);
        lf_json_number(&object, "line", diag->mark.line);
        lf_json_number(&object, "column", diag->mark.column);
    }
    lf_json_text(&object, "message", diag->message);
    lf_json_text_if(&object, "help", diag->help);
    return object;
}

static void put_diags(struct lf_json *object, const struct lf_diags *diags)
{
    struct lf_json list = lf_json_array();
    for (size_t i = 0; diags && i < lf_diags_count(diags); i++)
        lf_json_push(&list, diag_of(lf_diags_at(diags, i)));
    lf_json_put(object, "diagnostics", list);
}

static struct lf_at at_of(const struct lf_condition *condition)
{
    const struct lf_mark *mark = &condition->mark;
    return (struct lf_at){mark->source->name, mark->line, mark->column};
}

static struct lf_json condition_of(const struct lf_condition *condition)
{
    struct lf_at at = at_of(condition);
    struct lf_json object = lf_json_part();
    lf_json_at(&object, &at);
    lf_json_text(&object, "subject", condition->subject);
    lf_json_bool(&object, "holds", condition->holds);
    return object;
}

static void put_conditions(struct lf_json *object,
                           const struct lf_manifest *manifest)
{
    struct lf_json list = lf_json_array();
    for (size_t i = 0; i < lf_manifest_conditions(manifest); i++)
        lf_json_push(&list, condition_of(lf_manifest_condition(manifest, i)));
    lf_json_put(object, "conditions", list);
}

static void put_plan(struct lf_json *object, const struct lf_plan *plan)
{
    struct lf_json findings = lf_json_array();
    struct lf_json conflicts = lf_json_array();
    for (size_t i = 0; plan && i < lf_plan_findings(plan); i++)
        lf_json_push(&findings, lf_json_finding(lf_plan_finding(plan, i)));
    for (size_t i = 0; plan && i < lf_plan_remarks(plan); i++)
        lf_json_push(&findings, lf_json_finding(lf_plan_remark(plan, i)));
    struct lf_action action;
    for (size_t i = 0; plan && lf_plan_action(plan, i, &action); i++) {
        if (action.kind == LF_ACTION_CONFLICT)
            lf_json_push(&conflicts, lf_json_action(plan, &action));
    }
    lf_json_put(object, "findings", findings);
    lf_json_put(object, "conflicts", conflicts);
}

static void write_json(struct lf_session *session, int status)
{
    struct lf_json object = lf_json_new("check");
    if (session->manifest) {
        lf_json_text_if(&object, "farm", lf_manifest_name(session->manifest));
        lf_json_text(&object, "manifest", lf_manifest_file(session->manifest));
        put_conditions(&object, session->manifest);
    }
    lf_json_bool(&object, "ok", status == 0);
    put_diags(&object, session->diags);
    put_plan(&object, session->plan);
    lf_json_write(&session->cli->out, object);
}

/* ---- text ---- */

/* The place in the manifest, and unless it was said just before, the cure. */
static void warn_conflict(struct lf_session *session,
                          const struct lf_look *look,
                          const struct lf_action *action, struct lf_str *last)
{
    struct lf_buf line = {0}, help = {0};
    lf_word_place(&line, look, action->dir, action->name, action->is_dir);
    lf_buf_add(&line, LF_STR(": "));
    lf_word_note(&line, look, action);
    if (action->at.name.len > 0) {
        lf_buf_add(&line, LF_STR(" ("));
        lf_word_at(&line, &action->at);
        lf_buf_add_char(&line, ')');
    }
    if (!lf_buf_failed(&line))
        lf_cli_warn(session->cli, "%s", line.data);
    if (!lf_str_equal(*last, action->help)) {
        lf_cure_help_add(&help, session->cli->err.color, &session->cli->options,
                         action->help);
        lf_cli_say(session->cli, &help);
    }
    *last = action->help;
    lf_buf_finish(&line);
}

static void write_conflicts(struct lf_session *session)
{
    struct lf_look look = lf_session_look(session);
    struct lf_str last = LF_STR("");
    struct lf_action action;
    for (size_t i = 0; lf_plan_action(session->plan, i, &action); i++) {
        if (action.kind == LF_ACTION_CONFLICT)
            warn_conflict(session, &look, &action, &last);
    }
}

/* A part that was left out was not checked: that is worth a line. */
static void write_conditions(struct lf_session *session)
{
    struct lf_buf line = {0};
    for (size_t i = 0; i < lf_manifest_conditions(session->manifest); i++) {
        const struct lf_condition *condition =
                lf_manifest_condition(session->manifest, i);
        struct lf_at at = at_of(condition);
        lf_buf_clear(&line);
        lf_word_at(&line, &at);
        lf_buf_add(&line, condition->holds
                                  ? LF_STR(": the condition holds: ")
                                  : LF_STR(": the condition does not hold: "));
        lf_escape_shown(&line, condition->subject);
        lf_buf_add_char(&line, '\n');
        lf_stream_put(&session->cli->out, &line);
    }
    lf_buf_finish(&line);
}

static void write_text(struct lf_session *session)
{
    const struct lf_plan *plan = session->plan;
    struct lf_buf line = {0};
    size_t found = lf_plan_findings(plan) + lf_text_conflicts(plan) +
                   remarks_of(plan, LF_SEVERITY_ERROR);
    size_t warnings = remarks_of(plan, LF_SEVERITY_WARNING);
    write_conflicts(session);
    if (session->cli->options.quiet)
        return;
    write_conditions(session);
    lf_escape_shown(&line, lf_plan_farm(plan));
    lf_buf_add(&line, LF_STR(": "));
    lf_word_count(&line, lf_manifest_entries(session->manifest), "entry",
                  "entries");
    lf_buf_add(&line, LF_STR(", "));
    if (found == 0)
        lf_buf_add(&line, LF_STR("no findings"));
    else
        lf_word_count(&line, found, "finding", "findings");
    if (warnings > 0) {
        lf_buf_add(&line, LF_STR(", "));
        lf_word_count(&line, warnings, "warning", "warnings");
    }
    lf_buf_add_char(&line, '\n');
    lf_stream_put(&session->cli->out, &line);
    lf_buf_finish(&line);
}

/* ---- for scripts ---- */

/* What apply would refuse, or the policy denies, has the sign of a conflict. */
static void write_porcelain(struct lf_session *session)
{
    struct lf_stream *out = &session->cli->out;
    bool nul = session->cli->options.nul;
    struct lf_action action;
    for (size_t i = 0; lf_plan_action(session->plan, i, &action); i++) {
        if (action.kind == LF_ACTION_CONFLICT)
            lf_porcelain_line(out, nul, ' ', '!', &action);
    }
    for (size_t i = 0; i < lf_plan_findings(session->plan); i++)
        lf_porcelain_place(out, nul, " !",
                           lf_plan_finding(session->plan, i)->path, false,
                           LF_STR(""));
    for (size_t i = 0; i < lf_plan_remarks(session->plan); i++) {
        const struct lf_finding *remark = lf_plan_remark(session->plan, i);
        if (remark->severity == LF_SEVERITY_ERROR)
            lf_porcelain_place(out, nul, " !", remark->path, false, LF_STR(""));
    }
}

/* ---- the command ---- */

static void show(struct lf_session *session, int status)
{
    if (session->cli->options.form == LF_FORM_JSON)
        write_json(session, status);
    else if (session->plan && session->cli->options.form == LF_FORM_PORCELAIN)
        write_porcelain(session);
    else if (session->plan)
        write_text(session);
}

static int run(struct lf_session *session)
{
    session->audit = true;
    int status = lf_session_make_plan(
            session, lf_operand(&session->cli->options), false, false);
    if (status == 0 && (!lf_plan_ok(session->plan) ||
                        remarks_of(session->plan, LF_SEVERITY_ERROR) > 0))
        status = LF_EXIT_PENDING;
    if (session->plan) {
        lf_flow_findings(session->cli, session->plan);
        lf_flow_remarks(session->cli, session->plan);
    }
    show(session, status);
    return status;
}

int lf_cmd_check(struct lf_cli *cli)
{
    struct lf_session session;
    int status = lf_session_open(cli, &session);
    if (status == 0)
        status = run(&session);
    lf_session_close(&session);
    return status;
}
