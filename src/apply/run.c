/* SPDX-License-Identifier: MIT */
/*
 * run.c - lists of steps, back and to their end
 */
#include "apply/journal.h"
#include "apply/transaction.h"
#include <errno.h>

#include <string.h>

bool lf_steps_undo(struct lf_runner *runner, const struct lf_steps *steps,
                   uint32_t count, struct lf_error *err)
{
    for (uint32_t i = count; i-- > 0;) {
        const struct lf_step *step = &steps->list[i];
        if (step->phase == LF_PHASE_CLEAN)
            continue;
        int result = lf_step_undo(runner, step);
        if (result < 0) {
            lf_error_set(err, LF_CODE_RECOVERY, -result,
                         "cannot undo at %.*s/%.*s: %s", (int)step->dir.len,
                         step->dir.data, (int)step->name.len, step->name.data,
                         strerror(-result));
            lf_error_help(err, "remove the cause, then run: linkfarm recover");
            return false;
        }
    }
    /* the journal goes next: what it would undo has to be undone for good */
    int result = lf_runner_sync(runner);
    if (result < 0)
        lf_error_set(err, LF_CODE_RECOVERY, -result,
                     "what was undone cannot be synced: %s", strerror(-result));
    return result == 0;
}

bool lf_steps_clean(struct lf_runner *runner, const struct lf_steps *steps,
                    struct lf_error *err)
{
    uint32_t cleaned = 0;
    for (uint32_t i = 0; i < steps->n; i++) {
        const struct lf_step *step = &steps->list[i];
        if (step->phase != LF_PHASE_CLEAN)
            continue;
        cleaned++;
        int result = lf_step_clean(runner, step);
        if (result < 0) {
            lf_error_set(err, LF_CODE_CLEAN_UP, -result,
                         "applied, but cannot %s %.*s/%.*s: %s",
                         lf_step_verb(step), (int)step->dir.len, step->dir.data,
                         (int)step->name.len, step->name.data,
                         strerror(-result));
            lf_error_help(err, "remove the cause, then run: linkfarm recover");
            return false;
        }
    }
    int result = cleaned ? lf_runner_sync(runner) : 0;
    if (result < 0)
        lf_error_set(err, LF_CODE_CLEAN_UP, -result,
                     "applied, but what was cleaned up cannot be synced: %s",
                     strerror(-result));
    return result == 0;
}

bool lf_journal_drop(struct lf_state *state, struct lf_error *err)
{
    int result = state->fs->unlink(state->fs, state->fd, LF_JOURNAL_FILE);
    if (result == 0 || result == -ENOENT)
        return true;
    lf_error_set(err, LF_CODE_RECOVERY, -result,
                 "the journal in %.*s cannot be removed: %s",
                 (int)state->path.len, state->path.data, strerror(-result));
    return false;
}
