/* SPDX-License-Identifier: MIT */
/*
 * flow.c - showing a plan and carrying it out
 */
#include "cli/flow.h"

#include "base/escape.h"
#include "cli/places.h"
#include "cli/porcelain.h"
#include "cli/render_diag.h"
#include "cli/render_json.h"
#include "cli/render_text.h"
#include "platform/signal.h"

/* ---- what a plan breaks ---- */

/* How the path leads there, a line a link. */
static void add_trace(struct lf_buf *buf, struct lf_str trace)
{
    while (trace.len > 0) {
        const char *end = memchr(trace.data, '\n', trace.len);
        size_t len = end ? (size_t)(end - trace.data) : trace.len;
        lf_buf_add(buf, LF_STR("  "));
        lf_escape_shown(buf, lf_str_of(trace.data, len));
        lf_buf_add_char(buf, '\n');
        len += end != NULL;
        trace = lf_str_of(trace.data + len, trace.len - len);
    }
}

static void say_finding(struct lf_cli *cli, const struct lf_finding *finding,
                        struct lf_source_finder *finder)
{
    struct lf_buf text = {0};
    struct lf_diag diag = {finding->code, finding->severity, finding->mark,
                           finding->message, finding->help};
    if (cli->options.quiet && finding->severity != LF_SEVERITY_ERROR)
        return;
    lf_render_diag(&text, &diag, finder, cli->err.color);
    add_trace(&text, finding->trace);
    lf_cli_say(cli, &text);
}

void lf_flow_findings(struct lf_cli *cli, const struct lf_plan *plan)
{
    struct lf_source_finder finder = {0};
    for (size_t i = 0; i < lf_plan_findings(plan); i++)
        say_finding(cli, lf_plan_finding(plan, i), &finder);
    lf_source_finder_finish(&finder);
}

void lf_flow_remarks(struct lf_cli *cli, const struct lf_plan *plan)
{
    struct lf_source_finder finder = {0};
    for (size_t i = 0; i < lf_plan_remarks(plan); i++)
        say_finding(cli, lf_plan_remark(plan, i), &finder);
    lf_source_finder_finish(&finder);
}

/* ---- text ---- */

static struct lf_look look_of(struct lf_session *session,
                              const struct lf_flow *flow)
{
    struct lf_look look = lf_session_look(session);
    if (flow->gone)
        look.gone = flow->gone;
    return look;
}

static void show_text(struct lf_session *session, const struct lf_flow *flow,
                      bool summary)
{
    struct lf_cli *cli = session->cli;
    const struct lf_plan *plan = session->plan;
    bool ok = lf_plan_ok(plan);
    if (cli->options.quiet && ok)
        return;
    struct lf_look look = look_of(session, flow);
    /* quiet is not silent about what stops it */
    lf_text_actions(cli->options.quiet ? &cli->err : &cli->out, &look, plan);
    if (cli->options.quiet)
        return;
    if (ok && !lf_plan_changes(plan))
        lf_text_unchanged(&cli->out, plan);
    else if (summary || !ok)
        lf_text_plan_summary(&cli->out, plan);
}

/* ---- JSON ---- */

static struct lf_json actions_of(const struct lf_plan *plan, bool all)
{
    struct lf_json actions = lf_json_array();
    struct lf_action action;
    for (size_t i = 0; lf_plan_action(plan, i, &action); i++) {
        if (all || action.kind != LF_ACTION_KEEP)
            lf_json_push(&actions, lf_json_action(plan, &action));
    }
    return actions;
}

static struct lf_json findings_of(const struct lf_plan *plan)
{
    struct lf_json findings = lf_json_array();
    for (size_t i = 0; i < lf_plan_findings(plan); i++)
        lf_json_push(&findings, lf_json_finding(lf_plan_finding(plan, i)));
    return findings;
}

/* The object of a command that is not `plan` or `apply`; `report` is NULL
 * when nothing was done. */
static void write_object(struct lf_session *session, const struct lf_flow *flow,
                         const struct lf_report *report)
{
    const struct lf_plan *plan = session->plan;
    struct lf_json object = lf_json_new(flow->type);
    lf_json_text(&object, "farm", lf_plan_farm(plan));
    lf_json_put(&object, "actions",
                actions_of(plan, session->cli->options.verbose > 0));
    lf_json_put(&object, "findings", findings_of(plan));
    lf_json_put(&object, "summary", lf_json_summary(plan));
    if (report)
        lf_json_put(&object, "applied", lf_json_applied(plan, report));
    else
        lf_json_null(&object, "applied");
    lf_json_write(&session->cli->out, object);
}

static void show_json(struct lf_session *session, const struct lf_flow *flow)
{
    struct lf_stream *out = &session->cli->out;
    if (flow->type)
        return;
    lf_json_write(out, lf_json_version(session));
    lf_json_write_plan(out, session->plan, session->cli->options.verbose > 0);
}

/* ---- all forms ---- */

static bool removes(const struct lf_plan *plan)
{
    return lf_plan_count_of(plan, LF_ACTION_PRUNE, false) +
                   lf_plan_count_of(plan, LF_ACTION_RESTORE, false) +
                   lf_plan_count_of(plan, LF_ACTION_RMDIR, true) >
           0;
}

/* Two manifests may have been given one name by mistake: then each takes away what the
 * other one has made. */
static void warn_of_other(struct lf_session *session)
{
    const struct lf_plan *plan = session->plan;
    struct lf_str farm = lf_plan_farm(plan), other = lf_plan_moved_from(plan);
    if (lf_place_stands(other) && removes(plan))
        lf_cli_warn(session->cli,
                    "farm '%.*s' came from %.*s, which is there still: what "
                    "only that one has goes; two farms need two names",
                    (int)farm.len, farm.data, (int)other.len, other.data);
}

static void warn_of_lost(struct lf_session *session)
{
    struct lf_cli *cli = session->cli;
    struct lf_buf dir = {0};
    if (!lf_transaction_lost_ledger(session->transaction))
        return;
    lf_escape_shown(&dir, lf_str(session->state_dir));
    lf_cli_warn(cli,
                "there is no ledger in %s, though there was one: what was "
                "moved aside is not put back by itself any more",
                lf_buf_str(&dir).data);
    lf_cli_note(cli, "to go on from there, put it back before anything is "
                     "applied, or copy the newest file in 'farms' there, if "
                     "there is one, to its place");
    lf_buf_finish(&dir);
}

static void show(struct lf_session *session, const struct lf_flow *flow,
                 bool summary)
{
    struct lf_cli *cli = session->cli;
    switch (cli->options.form) {
    case LF_FORM_TEXT:
        show_text(session, flow, summary);
        break;
    case LF_FORM_JSON:
        show_json(session, flow);
        break;
    case LF_FORM_PORCELAIN:
        lf_porcelain_plan(&cli->out, cli->options.nul, session->plan);
        break;
    }
    lf_flow_findings(cli, session->plan);
    warn_of_other(session);
    warn_of_lost(session);
}

static void end_json(struct lf_session *session, const struct lf_flow *flow,
                     const struct lf_report *report)
{
    if (session->cli->options.form != LF_FORM_JSON)
        return;
    if (flow->type)
        write_object(session, flow, report);
    else if (report)
        lf_json_write(&session->cli->out,
                      lf_json_applied(session->plan, report));
}

int lf_flow_status(const struct lf_session *session)
{
    if (!lf_plan_ok(session->plan))
        return LF_EXIT_CONFLICT;
    return session->cli->options.exit_code && lf_plan_changes(session->plan)
                   ? LF_EXIT_PENDING
                   : LF_EXIT_DONE;
}

int lf_flow_show(struct lf_session *session, const struct lf_flow *flow)
{
    show(session, flow, true);
    end_json(session, flow, NULL);
    return lf_flow_status(session);
}

static int refuse(struct lf_session *session, const struct lf_flow *flow)
{
    size_t conflicts = lf_text_conflicts(session->plan);
    size_t findings = lf_plan_findings(session->plan);
    end_json(session, flow, NULL);
    if (conflicts > 0)
        lf_cli_warn(session->cli, "nothing was written: %zu conflict%s",
                    conflicts, conflicts == 1 ? "" : "s");
    else
        lf_cli_warn(session->cli, "nothing was written: %zu rule%s broken",
                    findings, findings == 1 ? "" : "s");
    return LF_EXIT_CONFLICT;
}

/* What the error leaves unsaid: how the disk is now. */
static int failed(struct lf_session *session, const struct lf_report *report,
                  struct lf_error *err)
{
    int status = lf_session_fail(session, err);
    lf_cli_report(session->cli, report);
    if (err->code != LF_CODE_RECOVERY && err->code != LF_CODE_SYNC &&
        err->code != LF_CODE_CLEAN_UP)
        lf_cli_note(
                session->cli,
                report->n_notes > 0
                        ? "but for that, the file system is as it was before"
                        : "the file system is as it was before");
    return status;
}

int lf_flow_apply(struct lf_session *session, const struct lf_flow *flow)
{
    struct lf_cli *cli = session->cli;
    const struct lf_report *report;
    struct lf_error err;
    show(session, flow, false);
    if (!lf_plan_ok(session->plan))
        return refuse(session, flow);
    lf_signals_defer();
    bool applied = lf_transaction_apply(session->transaction, session->plan,
                                        &report, &err);
    lf_session_tell_confined(session);
    if (!applied)
        return failed(session, report, &err);
    lf_progress_end(&cli->progress);
    end_json(session, flow, report);
    if (cli->options.form == LF_FORM_TEXT && !cli->options.quiet &&
        lf_plan_changes(session->plan))
        lf_text_done_summary(&cli->out, session->plan, flow->done,
                             report->generation);
    lf_cli_report(cli, report);
    return LF_EXIT_DONE;
}
