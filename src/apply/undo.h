/* SPDX-License-Identifier: MIT */
/*
 * undo.h - what taking back and cleaning up have in common
 */
#ifndef LF_APPLY_UNDO_H
#define LF_APPLY_UNDO_H

#include "apply/step.h"

/** Note that the place of a step is left as it is, and why. Returns 0. */
int lf_undo_leave(struct lf_runner *runner, const struct lf_step *step,
                  const char *message);

/** The same of its spare name, or of the other place. */
int lf_undo_leave_spare(struct lf_runner *runner, const struct lf_step *step,
                        const char *message);

/**
 * Open a directory of a step. One that another process has put aside for a
 * moment comes back, and what is left in it for that would not be where the
 * ledger says; so this waits, but not for ever, however many directories are
 * away. One that is missing may never have been made, or be removed already.
 */
int lf_undo_open(struct lf_runner *runner, struct lf_str dir,
                 const struct lf_dir_id *id);

/** What becomes of a step whose directory could not be opened: LF_STEP_AWAY, 0
 *  where there is nothing to do, or the error. */
int lf_undo_absent(struct lf_runner *runner, const struct lf_step *step,
                   struct lf_str dir, const struct lf_dir_id *id, int error);

/** Rename what was `moved` to the second name of the step in `to` back to its
 *  place in `fd`. */
int lf_undo_back(struct lf_runner *runner, const struct lf_step *step, int fd,
                 int to, const struct lf_image *moved);

/** Take back, or carry out after the commit, a move between two directories. */
int lf_undo_move(struct lf_runner *runner, const struct lf_step *step);
int lf_clean_move(struct lf_runner *runner, const struct lf_step *step);

#endif
