/* SPDX-License-Identifier: MIT */
/*
 * saved_plan.h - a plan in a file, to be looked at and then carried out
 *
 * The file holds the lines of `plan --json`. The first says what was asked:
 * manifest, profiles, variables, root and state directory. To carry it out,
 * the same is asked again, and every line must come out the same, byte for
 * byte; so a saved plan is never trusted, only compared.
 */
#ifndef LF_CLI_SAVED_PLAN_H
#define LF_CLI_SAVED_PLAN_H

#include "cli/session.h"

/** What a saved plan asks for; owns its memory. */
struct lf_saved_plan {
    char *text; /* the whole file */
    size_t len;
    size_t body; /* where the second line begins */
    char *manifest;
    struct lf_texts profiles, vars; /* the texts are owned too */
    char *root;                     /* NULL: none */
    char *state_dir;
};

/** Write the session's plan to where `--output` says. LF_CODE_FILE_EXISTS,
 *  LF_CODE_FILE_UNWRITABLE. */
bool lf_saved_plan_write(struct lf_session *session, struct lf_error *err);

/**
 * Read a saved plan; `-` is standard input. The caller frees it with
 * lf_saved_plan_finish(). LF_CODE_NO_PLAN_FILE, LF_CODE_PLAN_FILE.
 */
bool lf_saved_plan_read(const char *file, struct lf_saved_plan *ret_saved,
                        struct lf_error *err);
void lf_saved_plan_finish(struct lf_saved_plan *saved);

/** Compare with the session's plan. LF_CODE_PLAN_STALE, with the first line
 *  that differs. */
bool lf_saved_plan_check(const struct lf_saved_plan *saved,
                         const struct lf_plan *plan, struct lf_error *err);

#endif
