/* SPDX-License-Identifier: MIT */
/*
 * render_text.c - plans for people
 */
#include "cli/render_text.h"

#include "base/escape.h"
#include "base/util.h"
#include "cli/cures.h"

#include <inttypes.h>
#include <string.h>

/* A few long names do not push the others' texts off the screen. */
enum { PATH_COLUMNS = 44, TEXT_COLUMNS = 36 };

/* ---- columns ---- */

void lf_columns_fit(struct lf_columns *columns, struct lf_str path,
                    struct lf_str text)
{
    size_t wide = lf_width(path);
    if (wide > columns->path && wide <= PATH_COLUMNS)
        columns->path = wide;
    wide = lf_width(text);
    if (wide > columns->text && wide <= TEXT_COLUMNS)
        columns->text = wide;
}

void lf_columns_add(struct lf_buf *buf, const struct lf_columns *columns,
                    struct lf_str path, struct lf_str text, struct lf_str note)
{
    lf_buf_add(buf, path);
    if (text.len == 0 && note.len == 0)
        return;
    lf_pad(buf, lf_width(path), columns->path);
    if (text.len > 0) {
        lf_buf_add(buf, LF_STR("  -> "));
        lf_buf_add(buf, text);
    } else {
        lf_buf_add(buf, LF_STR("     "));
    }
    if (note.len == 0)
        return;
    lf_pad(buf, lf_width(text), columns->text);
    lf_buf_add(buf, LF_STR("  "));
    lf_buf_add(buf, note);
}

/* ---- lines ---- */

void lf_cells_begin(struct lf_cells *cells, const struct lf_look *look,
                    const struct lf_action *action)
{
    lf_buf_clear(&cells->path);
    lf_buf_clear(&cells->text);
    lf_buf_clear(&cells->note);
    lf_buf_clear(&cells->line);
    lf_word_place(&cells->path, look, action->dir, action->name,
                  action->is_dir);
    /* what stays or goes is told by its path; a conflict by what is there */
    if (action->kind != LF_ACTION_PRUNE && action->kind != LF_ACTION_CONFLICT)
        lf_word_text(&cells->text, action->text);
}

void lf_cells_end(struct lf_cells *cells, const struct lf_look *look,
                  const struct lf_action *action)
{
    if (look->verbose && action->at.name.len > 0) {
        lf_buf_add(&cells->note, lf_str(cells->note.len ? " (" : "("));
        lf_word_at(&cells->note, &action->at);
        lf_buf_add_char(&cells->note, ')');
    }
    cells->line.failed = lf_buf_failed(&cells->path) ||
                         lf_buf_failed(&cells->text) ||
                         lf_buf_failed(&cells->note);
}

void lf_cells_fit(const struct lf_cells *cells, struct lf_columns *columns,
                  struct lf_stream *out)
{
    lf_columns_fit(columns, lf_buf_str(&cells->path), lf_buf_str(&cells->text));
    if (lf_buf_failed(&cells->line))
        lf_stream_put(out, &cells->line);
}

void lf_cells_put(struct lf_cells *cells, const struct lf_columns *columns,
                  struct lf_stream *out)
{
    lf_columns_add(&cells->line, columns, lf_buf_str(&cells->path),
                   lf_buf_str(&cells->text), lf_buf_str(&cells->note));
    lf_buf_add_char(&cells->line, '\n');
    lf_stream_put(out, &cells->line);
}

void lf_cells_finish(struct lf_cells *cells)
{
    lf_buf_finish(&cells->path);
    lf_buf_finish(&cells->text);
    lf_buf_finish(&cells->note);
    lf_buf_finish(&cells->line);
}

static void make_cells(struct lf_cells *cells, const struct lf_look *look,
                       const struct lf_action *action)
{
    lf_cells_begin(cells, look, action);
    lf_word_note(&cells->note, look, action);
    lf_cells_end(cells, look, action);
}

bool lf_text_is_shown(const struct lf_action *action)
{
    return action->kind != LF_ACTION_KEEP || action->reason.len > 0;
}

static bool wanted(const struct lf_look *look, const struct lf_action *action)
{
    return look->verbose || lf_text_is_shown(action);
}

static void write_line(struct lf_stream *out, const struct lf_look *look,
                       const struct lf_columns *columns, struct lf_cells *cells,
                       const struct lf_action *action)
{
    char symbol = lf_word_symbol(action);
    lf_buf_add(&cells->line, LF_STR("  "));
    lf_paint_add(&cells->line, look->color, lf_word_paint(action),
                 lf_str_of(&symbol, 1));
    lf_buf_add_char(&cells->line, ' ');
    lf_cells_put(cells, columns, out);
}

/* The same cure is said once, after the lines. Few have one, or one cause makes many
 * with one cure, so only the last one is compared. */
static void write_help(struct lf_stream *out, const struct lf_look *look,
                       const struct lf_plan *plan)
{
    struct lf_str last = {0};
    struct lf_buf line = {0};
    struct lf_action action;
    for (size_t i = 0; lf_plan_action(plan, i, &action); i++) {
        if (action.help.len == 0 || lf_str_equal(last, action.help))
            continue;
        last = action.help;
        lf_buf_clear(&line);
        lf_cure_help_add(&line, look->color, look->options, action.help);
        lf_stream_put(out, &line);
    }
    lf_buf_finish(&line);
}

void lf_text_actions(struct lf_stream *out, const struct lf_look *look,
                     const struct lf_plan *plan)
{
    struct lf_columns columns = {0};
    struct lf_cells cells = {0};
    struct lf_action action;
    for (size_t i = 0; lf_plan_action(plan, i, &action); i++) {
        if (!wanted(look, &action))
            continue;
        make_cells(&cells, look, &action);
        lf_cells_fit(&cells, &columns, out);
    }
    for (size_t i = 0; lf_plan_action(plan, i, &action); i++) {
        if (!wanted(look, &action))
            continue;
        make_cells(&cells, look, &action);
        write_line(out, look, &columns, &cells, &action);
    }
    lf_cells_finish(&cells);
    write_help(out, look, plan);
}

/* ---- summaries ---- */

/* What is counted, in the order of the summary. CREATE in the second or third
 * place of `kinds` stands for none. */
static const struct {
    enum lf_action_kind kinds[3];
    bool is_dir;
    const char *one,
            *many; /* what is counted; of links it goes without saying */
    const char *plan, *done;
} sums[] = {
#define KIND(kind) LF_ACTION_##kind
#define LINKS(plan, done, ...)                                                 \
    {                                                                          \
        {__VA_ARGS__}, false, "", "", plan, done                               \
    }
#define DIRS(one, many, plan, done, ...)                                       \
    {                                                                          \
        {__VA_ARGS__}, true, one " ", many " ", plan, done                     \
    }
        LINKS("to create", "created", KIND(CREATE)),
        LINKS("to record", "recorded", KIND(CLAIM)),
        LINKS("to relink", "relinked", KIND(RELINK)),
        LINKS("to replace", "replaced", KIND(REPLACE), KIND(BACKUP),
              KIND(ADOPT)),
        LINKS("to remove", "removed", KIND(PRUNE)),
        LINKS("to put back", "put back", KIND(RESTORE)),
        LINKS("to forget", "forgotten", KIND(FORGET)),
        DIRS("directory", "directories", "to make", "made", KIND(MKDIR),
             KIND(REPLACE)),
        DIRS("directory", "directories", "to remove", "removed", KIND(RMDIR)),
        DIRS("mode", "modes", "to set", "set", KIND(CHMOD)),
        LINKS("skipped", "skipped", KIND(SKIP)),
        LINKS("unchanged", "unchanged", KIND(KEEP)),
#undef KIND
#undef LINKS
#undef DIRS
};

static size_t sum_of(const struct lf_plan *plan, size_t row)
{
    size_t sum = lf_plan_count_of(plan, sums[row].kinds[0], sums[row].is_dir);
    for (size_t i = 1; i < LF_COUNT(sums[row].kinds); i++) {
        if (sums[row].kinds[i] != LF_ACTION_CREATE)
            sum += lf_plan_count_of(plan, sums[row].kinds[i], sums[row].is_dir);
    }
    return sum;
}

/* False: there is nothing to count, and nothing was added. */
static bool add_sums(struct lf_buf *line, const struct lf_plan *plan, bool done)
{
    const char *comma = " ";
    for (size_t i = 0; i < LF_COUNT(sums); i++) {
        size_t sum = sum_of(plan, i);
        if (sum == 0)
            continue;
        lf_buf_add_format(line, "%s%zu %s%s", comma, sum,
                          sum == 1 ? sums[i].one : sums[i].many,
                          done ? sums[i].done : sums[i].plan);
        comma = ", ";
    }
    return *comma == ',';
}

size_t lf_text_conflicts(const struct lf_plan *plan)
{
    return lf_plan_count_of(plan, LF_ACTION_CONFLICT, false) +
           lf_plan_count_of(plan, LF_ACTION_CONFLICT, true);
}

/* Whether anything is done to a place: what is not is called the same before and
 * after. */
static bool acts(const struct lf_plan *plan)
{
    for (size_t i = 0; i < LF_COUNT(sums); i++) {
        if (strcmp(sums[i].plan, sums[i].done) != 0 && sum_of(plan, i) > 0)
            return true;
    }
    return false;
}

/* A mode that is named now, and is what it was, changes nothing but the ledger, and
 * so does a manifest that is somewhere else now. */
static void add_sums_or_nothing(struct lf_buf *line, const struct lf_plan *plan,
                                bool done)
{
    if (lf_text_conflicts(plan) == 0 && lf_plan_changes(plan) && !acts(plan)) {
        lf_buf_add(line, LF_STR(" nothing but the record"));
        size_t begin = line->len;
        lf_buf_add_char(line, ',');
        if (!add_sums(line, plan, done))
            lf_buf_truncate(line, begin);
    } else if (!add_sums(line, plan, done)) {
        lf_buf_add(line, LF_STR(" nothing"));
    }
}

void lf_text_add_summary(struct lf_buf *line, const struct lf_plan *plan)
{
    size_t conflicts = lf_text_conflicts(plan);
    size_t findings = lf_plan_findings(plan);
    lf_buf_add(line, LF_STR("Plan:"));
    add_sums_or_nothing(line, plan, false);
    if (conflicts > 0) {
        lf_buf_add(line, LF_STR("; "));
        lf_word_count(line, conflicts, "conflict", "conflicts");
    }
    if (findings > 0) {
        lf_buf_add(line, LF_STR("; "));
        lf_word_count(line, findings, "rule broken", "rules broken");
    }
    lf_buf_add_char(line, '.');
}

void lf_text_plan_summary(struct lf_stream *out, const struct lf_plan *plan)
{
    struct lf_buf line = {0};
    lf_text_add_summary(&line, plan);
    lf_buf_add_char(&line, '\n');
    lf_stream_put(out, &line);
    lf_buf_finish(&line);
}

/* Adopting by hand is of no farm. */
static void add_farm(struct lf_buf *line, struct lf_str farm,
                     uint64_t generation)
{
    if (farm.len == 0)
        return;
    lf_buf_add(line, LF_STR("; "));
    lf_escape_shown(line, farm);
    if (generation > 0)
        lf_buf_add_format(line, " is at generation %" PRIu64, generation);
    else
        lf_buf_add(line, LF_STR(" owns nothing now"));
}

void lf_text_done_summary(struct lf_stream *out, const struct lf_plan *plan,
                          const char *verb, uint64_t generation)
{
    struct lf_buf line = {0};
    lf_buf_add_format(&line, "%s:", verb);
    add_sums_or_nothing(&line, plan, true);
    add_farm(&line, lf_plan_farm(plan), generation);
    lf_buf_add(&line, LF_STR(".\n"));
    lf_stream_put(out, &line);
    lf_buf_finish(&line);
}

void lf_text_unchanged(struct lf_stream *out, const struct lf_plan *plan)
{
    struct lf_buf line = {0};
    lf_escape_shown(&line, lf_plan_farm(plan));
    lf_buf_add(&line, lf_plan_farm(plan).len ? LF_STR(": nothing to do")
                                             : LF_STR("Nothing to do"));
    size_t begin = line.len;
    lf_buf_add_char(&line, ',');
    if (!add_sums(&line, plan, true))
        lf_buf_truncate(&line, begin);
    lf_buf_add(&line, LF_STR(".\n"));
    lf_stream_put(out, &line);
    lf_buf_finish(&line);
}
