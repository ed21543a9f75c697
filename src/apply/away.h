/* SPDX-License-Identifier: MIT */
/*
 * away.h - directories that were away while steps were taken back or cleaned up
 *
 * All that can be done elsewhere is done, and the journal stays for the rest.
 */
#ifndef LF_APPLY_AWAY_H
#define LF_APPLY_AWAY_H

#include "apply/step.h"
#include "base/arena.h"
#include "base/strmap.h"

enum { LF_AWAY_NAMED = 8 };

/** Zero-initialise. */
struct lf_away {
    struct lf_str dirs[LF_AWAY_NAMED]; /* of the steps, which live as long */
    bool replaced[LF_AWAY_NAMED];
    unsigned n;
    bool more;
    /* both places of moves that could not be taken back; or indices of those that
     * are missing, which a step to come may be to remove */
    struct lf_strmap waiting;
    struct lf_arena arena;  /* of its paths */
    struct lf_str *missing; /* empty: it was to be removed, and is */
    uint32_t n_missing, capacity;
};

void lf_away_finish(struct lf_away *away);

/** A step could not be taken back, as `runner` says. False without memory. */
bool lf_away_add(struct lf_away *away, const struct lf_runner *runner,
                 const struct lf_step *step);

/** Whether taking a step back waits for another that was behind it. */
bool lf_away_holds(struct lf_away *away, const struct lf_step *step);

/** The same of cleaning up: a step could not be carried out (false without
 *  memory), or it was. */
bool lf_away_miss(struct lf_away *away, const struct lf_runner *runner,
                  const struct lf_step *step);
void lf_away_cleaned(struct lf_away *away, const struct lf_step *step);

/** Whether none was away; else sets the error, which names them. */
bool lf_away_none(struct lf_away *away, const struct lf_runner *runner,
                  enum lf_code code, const char *what, struct lf_error *err);

#endif
