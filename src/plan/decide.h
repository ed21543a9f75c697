/* SPDX-License-Identifier: MIT */
/*
 * decide.h - the decision table
 *
 * What to do at one place follows from four things and nothing else: what is
 * wanted there, what we had recorded there, what is seen there, and what the
 * manifest says about conflicts. The table is data; docs/decisions.md explains
 * each row under the same number.
 */
#ifndef LF_PLAN_DECIDE_H
#define LF_PLAN_DECIDE_H

#include <linkfarm/manifest.h>
#include <linkfarm/plan.h>

enum lf_want {
    LF_WANT_LINK,
    LF_WANT_DIR,
    LF_WANT_NOTHING, /* recorded, and no longer desired */
    LF_WANT_GONE,    /* the same, because the farm is removed or rolled back */
    LF_WANTS
};

enum lf_had {
    LF_HAD_NONE,
    LF_HAD_LINK,
    LF_HAD_COVER, /* a link, and what it displaced is in the store */
    LF_HAD_DIR,
    LF_HADS
};

enum lf_sight {
    LF_SIGHT_NOTHING,
    LF_SIGHT_RIGHT,    /* what is wanted: the link with its text, a directory */
    LF_SIGHT_MODE,     /* the directory that is wanted, with another mode */
    LF_SIGHT_RECORDED, /* as recorded, but not what is wanted; a directory
                             only if all that is in it goes with this plan */
    LF_SIGHT_OCCUPIED, /* our directory, with something in it that stays */
    LF_SIGHT_SHARED,   /* our directory, which another farm recorded too */
    LF_SIGHT_FOREIGN,  /* anything else that is not a directory */
    LF_SIGHT_FOREIGN_DIR, /* a directory that is not ours to replace */
    LF_SIGHT_OTHER_FARM,  /* another farm owns what is here, or is in it */
    LF_SIGHT_UNKNOWN,     /* the look failed */
    LF_SIGHTS
};

struct lf_row {
    unsigned number;
    enum lf_action_kind kind;
};

/**
 * The row for a place. Every combination that can be seen has exactly one
 * first match; one that cannot (nothing wanted and nothing had, say) gives
 * number 0 and kind CONFLICT, so that a mistake stops and does not act.
 */
struct lf_row lf_decide(enum lf_want want, enum lf_had had, enum lf_sight sight,
                        enum lf_conflict conflict);

/** The table's rows as text for the test that compares documents: the
 *  `index`th as "want had sight conflict kind", NULL past the end. */
const char *lf_decide_row_text(size_t index, unsigned *ret_number);

#endif
