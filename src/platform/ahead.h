/* SPDX-License-Identifier: MIT */
/*
 * ahead.h - pieces of work, done before they are asked for
 *
 * One thread, the owner, puts up tasks and later takes each of them back, the
 * last one first, as a walk over a tree does with directories. Helpers do what
 * is up meanwhile. What nobody has begun when the owner takes it is the owner's
 * to do, so that it never waits for a thread that has not come to it.
 *
 * Calling sequence: lf_ahead_run(), and in its `own` lf_ahead_put() and
 * lf_ahead_take().
 */
#ifndef LF_PLATFORM_AHEAD_H
#define LF_PLATFORM_AHEAD_H

#include <stdbool.h>

struct lf_ahead;

/** To be the first member of what is to be done. Private. */
struct lf_ahead_task {
    struct lf_ahead_task *below, *above; /* of those that are up */
    int state;
};

struct lf_ahead_work {
    /* by the calling thread; when it returns, what is still up is dropped */
    void (*own)(void *arg, struct lf_ahead *ahead);
    /* a task, by the helper of that index, from 1 on */
    void (*help)(void *arg, unsigned index, struct lf_ahead_task *task);
    void *arg;
    unsigned most; /* tasks that may be done and not yet taken */
};

/**
 * Call `own`, with helpers on `threads` - 1 other threads (see lf_threads_run(),
 * whose words on threads that cannot be started hold here, too).
 */
void lf_ahead_run(const struct lf_ahead_work *work, unsigned threads);

/** Put a task up; it stays the caller's, where it is. */
void lf_ahead_put(struct lf_ahead *ahead, struct lf_ahead_task *task);

/** Take a task back: true if a helper has done it, and false if it is the
 *  caller's to do. Waits for a helper that is at it. */
bool lf_ahead_take(struct lf_ahead *ahead, struct lf_ahead_task *task);

#endif
