/* SPDX-License-Identifier: MIT */
/*
 * crew.h - several runners at steps that need no order
 *
 * Most steps of a large transaction make, exchange or take out one link each,
 * at places of their own, in directories that none of them moves. These may be
 * carried out in any order, and so by several threads; the rest stays where it
 * stands in the list. What comes out, which failure is told and what is noted
 * do not depend on how many threads there are.
 */
#ifndef LF_APPLY_CREW_H
#define LF_APPLY_CREW_H

#include "apply/steps.h"
#include "platform/threads.h"

/** As few steps as are worth another thread. */
enum { LF_CREW_LEAST = 512 };

struct lf_crew {
    struct lf_runner *lead; /* the calling thread's; borrowed */
    struct lf_runner others[LF_THREADS_MOST - 1];
    unsigned count; /* of threads, the calling one included */
    uint32_t least; /* steps that are worth them */
};

/** What is to be done with the steps [from, to). */
struct lf_crew_work {
    struct lf_steps *steps;
    uint32_t from, to;
    /* what is not is passed over; NULL: all are */
    bool (*wanted)(const struct lf_steps *steps, uint32_t index);
    int (*run)(struct lf_runner *runner, const struct lf_step *step);
    /* asked, and told how many steps were gone through, between steps of the
     * calling thread; may be NULL. True ends it with -ECANCELED */
    bool (*between)(void *arg, uint32_t done);
    void *arg;
};

/**
 * `threads` at most work as `lead` does, which was set up, and has worked or
 * not. Nothing is started before there is something to do.
 */
void lf_crew_init(struct lf_crew *crew, struct lf_runner *lead,
                  unsigned threads);

/** Whether it pays to share so many steps. */
bool lf_crew_pays(const struct lf_crew *crew, uint32_t steps);

/** Whether a PREPARE or ACT step needs no order among its neighbours of the same
 *  phase for which this is true too. */
bool lf_crew_is_free(const struct lf_steps *steps, uint32_t index);

/**
 * Carry out the steps, which need no order. Returns 0; -ECANCELED; or the
 * failure of the first step that failed, in the order of the list, and its index
 * in `*ret_failed`: all before it were carried out (`to`: all were, and a file
 * system of too many could not be synced). Steps that were not carried out are
 * marked LF_MARK_NOT_RUN; those that had something to note, LF_MARK_AGAIN.
 */
int lf_crew_run(struct lf_crew *crew, const struct lf_crew_work *work,
                uint32_t *ret_failed);

#endif
