/* SPDX-License-Identifier: MIT */
/*
 * run.c - lists of steps, back and to their end
 */
#include "apply/away.h"

#include "apply/journal.h"
#include "apply/transaction.h"
#include "base/cures.h"
#include <errno.h>
#include <string.h>

static bool with_cure(struct lf_error *err)
{
    const char *cure = "remove the cause";
    if (lf_met_open_files(err->os_errno))
        cure = "let more files be open at a time (ulimit -n), or fewer "
               "threads work (--threads=1)";
    else if (err->os_errno == ENOSPC || err->os_errno == EDQUOT)
        cure = "make room";
    lf_error_help(err, "%s, then run: linkfarm recover", cure);
    return false;
}

static bool undo_failed(const struct lf_runner *runner,
                        const struct lf_step *step, int error,
                        struct lf_error *err)
{
    struct lf_buf room = {0};
    struct lf_str dir = lf_runner_shown(runner, step->dir, &room);
    lf_error_set(err, LF_CODE_RECOVERY, -error, "cannot undo at %.*s/%.*s: %s",
                 (int)dir.len, dir.data, (int)step->name.len, step->name.data,
                 strerror(-error));
    lf_buf_finish(&room);
    return with_cure(err);
}

static bool undo_sync_failed(int error, struct lf_error *err)
{
    lf_error_set(err, LF_CODE_RECOVERY, -error,
                 "what was undone cannot be synced: %s", strerror(-error));
    return with_cure(err);
}

static bool undo_all(struct lf_runner *runner, const struct lf_steps *steps,
                     uint32_t count, struct lf_away *away, struct lf_error *err)
{
    for (uint32_t i = count; i-- > 0;) {
        struct lf_spare_room room;
        struct lf_step step = lf_steps_get(steps, i, &room);
        if (step.phase == LF_PHASE_CLEAN || step.flags & LF_MARK_NOT_RUN ||
            lf_away_holds(away, &step))
            continue;
        int result = lf_step_undo(runner, &step);
        if (result < 0)
            return undo_failed(runner, &step, result, err);
        if (result == LF_STEP_AWAY && !lf_away_add(away, runner, &step))
            return undo_failed(runner, &step, -ENOMEM, err);
    }
    return true;
}

bool lf_steps_undo(struct lf_runner *runner, const struct lf_steps *steps,
                   uint32_t count, struct lf_error *err)
{
    struct lf_away away = {0};
    bool ok = undo_all(runner, steps, count, &away, err);
    /* the journal goes next: what it would undo has to be undone for good */
    int result = ok ? lf_runner_sync(runner) : 0;
    ok = ok && (result == 0 || undo_sync_failed(result, err)) &&
         lf_away_none(&away, runner, LF_CODE_RECOVERY, "cannot undo in", err);
    lf_away_finish(&away);
    return ok;
}

static bool is_drop(const struct lf_steps *steps, uint32_t index)
{
    struct lf_spare_room room;
    return lf_steps_phase(steps, index) == LF_PHASE_CLEAN &&
           lf_steps_op(steps, index) == LF_OP_DROP &&
           (lf_steps_is_of_link(steps, index) ||
            lf_steps_get(steps, index, &room).before.kind != LF_NODE_DIR);
}

static uint32_t count_drops(const struct lf_steps *steps)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < steps->n; i++)
        count += is_drop(steps, i);
    return count;
}

/* As Documentation/filesystems/fscrypt.rst and chattr(1) have it; nothing tells that
 * before. What has gone from there needs no move. */
static void with_cure_of_move(struct lf_str store, struct lf_error *err)
{
    lf_error_help(err,
                  "%.*s takes in nothing of another project, or that is not "
                  "encrypted as it is: give the node its project (lsattr -p, "
                  "chattr -p), or move it away yourself; then run: linkfarm "
                  "recover",
                  (int)store.len, store.data);
}

static bool clean_failed(const struct lf_runner *runner,
                         const struct lf_steps *steps, uint32_t index,
                         int error, struct lf_error *err)
{
    struct lf_buf shown = {0};
    struct lf_spare_room room;
    struct lf_step step = lf_steps_get(steps, index, &room);
    struct lf_str dir = lf_runner_shown(runner, step.dir, &shown);
    lf_error_set(err, LF_CODE_CLEAN_UP, -error,
                 "applied, but cannot %s %.*s/%.*s: %s", lf_step_verb(&step),
                 (int)dir.len, dir.data, (int)step.name.len, step.name.data,
                 strerror(-error));
    if (step.op == LF_OP_MOVE && error == -EXDEV)
        with_cure_of_move(lf_runner_shown(runner, step.dir2, &shown), err);
    else
        with_cure(err);
    lf_buf_finish(&shown);
    return false;
}

static bool clean_sync_failed(int error, struct lf_error *err)
{
    lf_error_set(err, LF_CODE_CLEAN_UP, -error,
                 "applied, but what was cleaned up cannot be synced: %s",
                 strerror(-error));
    return with_cure(err);
}

/* What is in the directories that go afterwards. */
static bool clean_drops(struct lf_crew *crew, struct lf_steps *steps,
                        struct lf_error *err)
{
    struct lf_crew_work work = {.steps = steps,
                                .to = steps->n,
                                .wanted = is_drop,
                                .run = lf_step_clean};
    uint32_t failed;
    int result = lf_crew_run(crew, &work, &failed);
    if (result < 0)
        return failed == steps->n
                       ? clean_sync_failed(result, err)
                       : clean_failed(crew->lead, steps, failed, result, err);
    return true;
}

static bool clean_all(struct lf_crew *crew, struct lf_steps *steps,
                      bool dropped, struct lf_away *away, uint32_t *ret_cleaned,
                      struct lf_error *err)
{
    for (uint32_t i = 0; i < steps->n; i++) {
        if (lf_steps_phase(steps, i) != LF_PHASE_CLEAN)
            continue;
        ++*ret_cleaned;
        if (dropped && is_drop(steps, i) &&
            !(lf_steps_flags(steps, i) & LF_MARK_AGAIN))
            continue;
        struct lf_spare_room room;
        struct lf_step step = lf_steps_get(steps, i, &room);
        int result = lf_step_clean(crew->lead, &step);
        if (result < 0)
            return clean_failed(crew->lead, steps, i, result, err);
        if (result != LF_STEP_AWAY)
            lf_away_cleaned(away, &step);
        else if (!lf_away_miss(away, crew->lead, &step))
            return clean_failed(crew->lead, steps, i, -ENOMEM, err);
    }
    return true;
}

bool lf_steps_clean(struct lf_crew *crew, struct lf_steps *steps,
                    struct lf_error *err)
{
    uint32_t cleaned = 0;
    struct lf_away away = {0};
    bool dropped = lf_crew_pays(crew, count_drops(steps));
    if (dropped && !clean_drops(crew, steps, err))
        return false;
    bool ok = clean_all(crew, steps, dropped, &away, &cleaned, err);
    int result = ok && cleaned ? lf_runner_sync(crew->lead) : 0;
    ok = ok && (result == 0 || clean_sync_failed(result, err)) &&
         lf_away_none(&away, crew->lead, LF_CODE_CLEAN_UP,
                      "applied, but cannot clean up in", err);
    lf_away_finish(&away);
    return ok;
}

bool lf_journal_drop(struct lf_state *state, bool committed,
                     struct lf_error *err)
{
    int result = state->fs->unlink(state->fs, state->fd, LF_JOURNAL_FILE);
    if (result == 0 || result == -ENOENT)
        return true;
    lf_error_set(err, committed ? LF_CODE_CLEAN_UP : LF_CODE_RECOVERY, -result,
                 "%s, but the journal in %.*s cannot be removed: %s",
                 committed ? "applied" : "all was undone", (int)state->path.len,
                 state->path.data, strerror(-result));
    return with_cure(err);
}
