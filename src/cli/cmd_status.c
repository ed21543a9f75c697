/* SPDX-License-Identifier: MIT */
/*
 * cmd_status.c - linkfarm status: what drifted, and what apply would do
 *
 * Two plans are merged place by place: one whose desired set is what the ledger
 * holds, which shows the drift, and the manifest's.
 */
#include "base/escape.h"
#include "base/set.h"
#include "cli/commands.h"
#include "cli/flow.h"
#include "cli/porcelain.h"
#include "cli/render_json.h"
#include "cli/render_text.h"

/* One place, seen in one plan or in both. */
struct row {
    const struct lf_action *drift; /* of the ledger's plan; NULL: not in it */
    const struct lf_action
            *change; /* of the manifest's plan; NULL: not in it */
    struct lf_action recorded, desired; /* which these are */
};

/* The two plans, and where the walk through them is. */
struct walk {
    const struct lf_plan *ledger, *manifest; /* either may be NULL */
    size_t at_ledger, at_manifest;
};

struct totals {
    size_t drifted, pending;
    size_t left, conflicts; /* of these, what no apply would change */
    size_t findings;        /* rules that what apply would do breaks */
    bool records; /* none of these, but apply would change the ledger */
};

static bool is_clean(const struct totals *totals)
{
    return totals->drifted + totals->pending + totals->findings == 0 &&
           !totals->records;
}

static const struct lf_action *action_at(const struct lf_plan *plan,
                                         size_t index, struct lf_action *action)
{
    return plan && lf_plan_action(plan, index, action) ? action : NULL;
}

static bool next_row(struct walk *walk, struct row *ret_row)
{
    const struct lf_action *a =
            action_at(walk->ledger, walk->at_ledger, &ret_row->recorded);
    const struct lf_action *b =
            action_at(walk->manifest, walk->at_manifest, &ret_row->desired);
    if (a && b) {
        int order = lf_place_compare(a->dir, a->name, b->dir, b->name);
        if (order < 0)
            b = NULL;
        else if (order > 0)
            a = NULL;
    }
    walk->at_ledger += a != NULL;
    walk->at_manifest += b != NULL;
    ret_row->drift = a;
    ret_row->change = b;
    return a || b;
}

/* ' ' none, 'D' deleted, 'M' another text or mode, 'T' something else. */
static char drift_of(const struct row *row)
{
    const struct lf_action *action = row->drift;
    if (!action || action->kind == LF_ACTION_KEEP)
        return ' ';
    if (action->expect.kind == LF_NODE_NOTHING)
        return 'D';
    if (action->kind == LF_ACTION_CHMOD || action->kind == LF_ACTION_DRIFT)
        return 'M';
    return !action->is_dir && action->expect.kind == LF_NODE_LINK ? 'M' : 'T';
}

static char change_of(const struct row *row)
{
    return row->change ? lf_word_symbol(row->change) : ' ';
}

static bool is_noted(const struct row *row)
{
    return row->change && lf_text_is_shown(row->change);
}

static bool is_shown(const struct row *row, bool all)
{
    return all || drift_of(row) != ' ' || is_noted(row);
}

/* ---- text ---- */

static void add_drift(struct lf_buf *note, const struct row *row)
{
    switch (drift_of(row)) {
    case 'D':
        lf_buf_add(note, LF_STR("is gone"));
        break;
    case 'M':
    case 'T':
        if (row->drift->expect.kind == LF_NODE_DIR && row->drift->is_dir)
            lf_buf_add_format(note, "mode is %04o now",
                              (unsigned)row->drift->expect.mode);
        else {
            lf_buf_add(note, LF_STR("now a "));
            lf_word_node(note, &row->drift->expect);
        }
        break;
    default:
        break;
    }
}

static void make_cells(struct lf_cells *cells, const struct lf_look *look,
                       const struct row *row)
{
    const struct lf_action *action = row->change ? row->change : row->drift;
    lf_cells_begin(cells, look, action);
    if (is_noted(row))
        lf_word_note(&cells->note, look, row->change);
    if (cells->note.len == 0)
        add_drift(&cells->note, row);
    lf_cells_end(cells, look, action);
}

static void write_row(struct lf_stream *out, const struct lf_columns *columns,
                      struct lf_cells *cells, const struct row *row)
{
    char drift = drift_of(row), change = change_of(row);
    lf_paint_add(&cells->line, out->color, LF_PAINT_RED, lf_str_of(&drift, 1));
    lf_paint_add(&cells->line, out->color,
                 row->change ? lf_word_paint(row->change) : LF_PAINT_NONE,
                 lf_str_of(&change, 1));
    lf_buf_add_char(&cells->line, ' ');
    lf_cells_put(cells, columns, out);
}

static void write_rows(struct lf_session *session, const struct walk *start)
{
    struct lf_look look = lf_session_look(session);
    struct lf_columns columns = {0};
    struct lf_cells cells = {0};
    for (int pass = 0; pass < 2; pass++) {
        struct walk walk = *start;
        struct row row;
        while (next_row(&walk, &row)) {
            if (!is_shown(&row, look.verbose))
                continue;
            make_cells(&cells, &look, &row);
            if (pass == 0)
                lf_cells_fit(&cells, &columns, &session->cli->out);
            else
                write_row(&session->cli->out, &columns, &cells, &row);
        }
    }
    lf_cells_finish(&cells);
}

static void add_generation(struct lf_buf *line, const struct walk *walk)
{
    if (walk->ledger)
        lf_buf_add_format(line, " (generation %llu)",
                          (unsigned long long)lf_plan_generation(walk->ledger));
    else
        lf_buf_add(line, LF_STR(" (never applied)"));
}

static void add_pending(struct lf_buf *line, const struct totals *totals)
{
    lf_buf_add_format(line, ", %zu to change",
                      totals->pending - totals->left - totals->conflicts);
    if (totals->left > 0)
        lf_buf_add_format(line, ", %zu left alone", totals->left);
    if (totals->conflicts > 0) {
        lf_buf_add(line, LF_STR("; "));
        lf_word_count(line, totals->conflicts, "conflict", "conflicts");
    }
}

static void write_text(struct lf_session *session, const struct walk *walk,
                       const struct totals *totals)
{
    struct lf_buf line = {0};
    if (session->cli->options.quiet)
        return;
    write_rows(session, walk);
    lf_escape_shown(&line, lf_plan_farm(walk->manifest ? walk->manifest
                                                       : walk->ledger));
    lf_buf_add(&line, LF_STR(": "));
    if (is_clean(totals) || totals->records) {
        lf_buf_add(&line, totals->records ? LF_STR("to be recorded, ")
                                          : LF_STR("clean, "));
        lf_word_count(
                &line,
                lf_plan_count_of(walk->ledger ? walk->ledger : walk->manifest,
                                 LF_ACTION_KEEP, false),
                "link", "links");
    } else {
        lf_buf_add_format(&line, "%zu drifted", totals->drifted);
        if (walk->manifest)
            add_pending(&line, totals);
        if (totals->findings > 0) {
            lf_buf_add(&line, LF_STR("; "));
            lf_word_count(&line, totals->findings, "rule broken",
                          "rules broken");
        }
    }
    add_generation(&line, walk);
    lf_buf_add_char(&line, '\n');
    lf_stream_put(&session->cli->out, &line);
    lf_buf_finish(&line);
}

/* ---- for programs ---- */

static void put_drift(struct lf_json *entry, const struct row *row)
{
    switch (drift_of(row)) {
    case 'D':
        lf_json_string(entry, "drift", "deleted");
        break;
    case 'M':
        lf_json_string(entry, "drift", "modified");
        break;
    case 'T':
        lf_json_string(entry, "drift", "replaced");
        break;
    default:
        lf_json_null(entry, "drift");
    }
}

static struct lf_json entry_of(const struct row *row)
{
    struct lf_json entry = lf_json_part();
    const struct lf_action *action = row->change ? row->change : row->drift;
    lf_json_place(&entry, "path", action->dir, action->name);
    lf_json_string(&entry, "kind", action->is_dir ? "directory" : "link");
    put_drift(&entry, row);
    if (row->change && row->change->kind != LF_ACTION_KEEP)
        lf_json_string(&entry, "change",
                       lf_action_kind_name(row->change->kind));
    else
        lf_json_null(&entry, "change");
    lf_json_pair_if(&entry, "text", action->text);
    lf_json_at(&entry, &action->at);
    lf_json_text_if(&entry, "reason", action->reason);
    return entry;
}

static void write_json(struct lf_session *session, const struct walk *start,
                       const struct totals *totals)
{
    struct walk walk = *start;
    struct row row;
    struct lf_json object = lf_json_new("status");
    struct lf_json entries = lf_json_array();
    bool all = session->cli->options.verbose > 0;
    while (next_row(&walk, &row)) {
        if (is_shown(&row, all))
            lf_json_push(&entries, entry_of(&row));
    }
    lf_json_text(&object, "farm",
                 lf_plan_farm(walk.manifest ? walk.manifest : walk.ledger));
    if (walk.ledger)
        lf_json_number(&object, "generation", lf_plan_generation(walk.ledger));
    else
        lf_json_null(&object, "generation");
    if (walk.manifest)
        lf_json_text(&object, "manifest", lf_plan_manifest(walk.manifest));
    else
        lf_json_null(&object, "manifest");
    lf_json_bool(&object, "interrupted",
                 lf_transaction_interrupted(session->transaction));
    lf_json_number(&object, "drifted", totals->drifted);
    lf_json_number(&object, "pending", totals->pending);
    lf_json_number(&object, "findings", totals->findings);
    lf_json_bool(&object, "records", totals->records);
    lf_json_put(&object, "entries", entries);
    lf_json_write(&session->cli->out, object);
}

static void write_porcelain(struct lf_session *session,
                            const struct walk *start)
{
    struct walk walk = *start;
    struct row row;
    while (next_row(&walk, &row)) {
        const struct lf_action *action = row.change ? row.change : row.drift;
        if (drift_of(&row) != ' ' ||
            (row.change && row.change->kind != LF_ACTION_KEEP))
            lf_porcelain_line(&session->cli->out, session->cli->options.nul,
                              drift_of(&row), change_of(&row), action);
    }
}

/* ---- the command ---- */

static void count_change(struct totals *totals, const struct lf_action *change)
{
    if (!change || change->kind == LF_ACTION_KEEP)
        return;
    totals->pending++;
    totals->left +=
            change->kind == LF_ACTION_SKIP || change->kind == LF_ACTION_DRIFT;
    totals->conflicts += change->kind == LF_ACTION_CONFLICT;
}

static struct totals count_rows(const struct walk *start)
{
    struct walk walk = *start;
    struct row row;
    struct totals totals = {0};
    if (walk.manifest)
        totals.findings = lf_plan_findings(walk.manifest);
    while (next_row(&walk, &row)) {
        totals.drifted += drift_of(&row) != ' ';
        count_change(&totals, row.change);
    }
    totals.records = is_clean(&totals) && walk.manifest &&
                     lf_plan_changes(walk.manifest);
    return totals;
}

static int show(struct lf_session *session, const struct lf_plan *ledger)
{
    struct walk walk = {.ledger = ledger, .manifest = session->plan};
    struct totals totals = count_rows(&walk);
    switch (session->cli->options.form) {
    case LF_FORM_TEXT:
        write_text(session, &walk, &totals);
        break;
    case LF_FORM_JSON:
        write_json(session, &walk, &totals);
        break;
    case LF_FORM_PORCELAIN:
        write_porcelain(session, &walk);
        break;
    }
    if (session->plan)
        lf_flow_findings(session->cli, session->plan);
    return session->cli->options.exit_code && !is_clean(&totals)
                   ? LF_EXIT_PENDING
                   : LF_EXIT_DONE;
}

/* By the manifest, unless `--name` was given or there is no manifest. */
static int load(struct lf_session *session)
{
    int status =
            lf_session_farm(session, lf_operand(&session->cli->options), false);
    if (status == 0)
        status = lf_session_begin(session, false);
    if (status == 0 && session->manifest)
        status = lf_session_plan(session);
    return status;
}

static int run(struct lf_session *session)
{
    struct lf_error err;
    struct lf_plan *ledger = NULL;
    const struct lf_options *options = &session->cli->options;
    if (!options->name &&
        lf_session_unchanged(session, options->operands.count
                                              ? options->operands.items[0]
                                              : NULL))
        return show(session, lf_plan_generation(session->plan) > 0
                                     ? session->plan
                                     : NULL);
    int status = load(session);
    if (status != 0)
        return status;
    if (!lf_transaction_plan_recorded(session->transaction,
                                      lf_str(session->farm), &ledger, &err) &&
        (err.code != LF_CODE_NO_FARM || !session->plan))
        return lf_session_fail(session, &err);
    status = show(session, ledger);
    lf_plan_free(ledger);
    return status;
}

int lf_cmd_status(struct lf_cli *cli)
{
    struct lf_session session;
    int status = lf_session_open(cli, &session);
    if (status == 0)
        status = run(&session);
    lf_session_close(&session);
    return status;
}
