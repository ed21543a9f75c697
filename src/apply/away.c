/* SPDX-License-Identifier: MIT */
/*
 * away.c - directories that were away while steps were taken back or cleaned up
 */
#include "apply/away.h"

#include "apply/journal.h"
#include "base/buf.h"
#include "base/path.h"
#include "base/util.h"
#include <stdlib.h>

void lf_away_finish(struct lf_away *away)
{
    lf_strmap_finish(&away->waiting);
    lf_arena_finish(&away->arena);
    free(away->missing);
}

static void add(struct lf_away *away, struct lf_str dir, bool replaced)
{
    for (unsigned i = 0; i < away->n; i++)
        if (lf_str_equal(away->dirs[i], dir))
            return;
    if (away->n == LF_AWAY_NAMED) {
        away->more = true;
        return;
    }
    away->replaced[away->n] = replaced;
    away->dirs[away->n++] = dir;
}

/* ---- taking back ---- */

static bool wait_at(struct lf_away *away, struct lf_str dir, struct lf_str name)
{
    uint32_t ignored;
    struct lf_str path = lf_path_join(&away->arena, dir, name);
    return path.data && lf_strmap_add(&away->waiting, path, 0, &ignored);
}

/* What came before a move at its two places is found as the move left it. */
bool lf_away_add(struct lf_away *away, const struct lf_runner *runner,
                 const struct lf_step *step)
{
    add(away, runner->away, runner->replaced);
    return step->op != LF_OP_MOVE || (wait_at(away, step->dir, step->name) &&
                                      wait_at(away, step->dir2, step->name2));
}

static bool waits_at(const struct lf_away *away, struct lf_str dir,
                     struct lf_str name)
{
    uint32_t ignored;
    struct lf_buf room = {0};
    struct lf_str path = lf_path_in(&room, dir, name);
    /* without memory: waiting does no harm */
    bool waits = !path.data || lf_strmap_find(&away->waiting, path, &ignored);
    lf_buf_finish(&room);
    return waits;
}

bool lf_away_holds(struct lf_away *away, const struct lf_step *step)
{
    return away->waiting.count > 0 &&
           (waits_at(away, step->dir, step->name) ||
            (step->name2.len > 0 &&
             waits_at(away, step->dir2.len > 0 ? step->dir2 : step->dir,
                      step->name2)));
}

/* ---- cleaning up ---- */

/*
 * A directory that is missing may have been removed by the run before, as the last
 * of what was to be done in it. Then the step that removes it is still to come, and
 * finds it missing in the one above, which is there; or that one is missing too, and
 * all hangs on it.
 */
static bool miss(struct lf_away *away, struct lf_str dir)
{
    uint32_t index;
    if (!lf_array_reserve((void **)&away->missing, away->n_missing,
                          &away->capacity, sizeof(*away->missing)) ||
        !lf_strmap_add(&away->waiting, dir, away->n_missing, &index))
        return false;
    if (index == away->n_missing)
        away->missing[away->n_missing++] = dir;
    return true;
}

void lf_away_cleaned(struct lf_away *away, const struct lf_step *step)
{
    uint32_t index;
    struct lf_buf room = {0};
    if (step->op != LF_OP_RMDIR || away->n_missing == 0)
        return;
    struct lf_str path = lf_path_in(&room, step->dir, step->name);
    /* without memory: it is named, and the next run finds it removed */
    if (path.data && lf_strmap_find(&away->waiting, path, &index))
        away->missing[index] = lf_str("");
    lf_buf_finish(&room);
}

bool lf_away_miss(struct lf_away *away, const struct lf_runner *runner,
                  const struct lf_step *step)
{
    if (runner->replaced) {
        add(away, runner->away, true);
        return true;
    }
    lf_away_cleaned(away, step);
    return miss(away, runner->away);
}

/* ---- what is said ---- */

static void list(struct lf_buf *buf, const struct lf_away *away,
                 const struct lf_runner *runner)
{
    struct lf_buf room = {0};
    for (unsigned i = 0; i < away->n; i++) {
        struct lf_str dir = lf_runner_shown(runner, away->dirs[i], &room);
        lf_buf_add_format(buf, "%s%.*s (%s)", i > 0 ? ", " : "", (int)dir.len,
                          dir.data,
                          away->replaced[i] ? "another one stands there"
                                            : "it is not there");
    }
    lf_buf_finish(&room);
    if (away->more)
        lf_buf_add(buf, LF_STR(" and others"));
}

bool lf_away_none(struct lf_away *away, const struct lf_runner *runner,
                  enum lf_code code, const char *what, struct lf_error *err)
{
    struct lf_buf buf = {0};
    struct lf_str state = runner->state_path;
    for (uint32_t i = 0; i < away->n_missing; i++)
        if (away->missing[i].len > 0)
            add(away, away->missing[i], false);
    if (away->n == 0)
        return true;
    list(&buf, away, runner);
    struct lf_str text = lf_buf_failed(&buf) ? away->dirs[0] : lf_buf_str(&buf);
    lf_error_set(err, code, 0, "%s %.*s", what, (int)text.len, text.data);
    lf_error_help(err,
                  "mount it or put it back, then run: linkfarm recover; if it "
                  "is gone for good, move %.*s/%s away, which names what was "
                  "to be done in it: all else is done",
                  (int)state.len, state.data, LF_JOURNAL_FILE);
    lf_buf_finish(&buf);
    return false;
}
