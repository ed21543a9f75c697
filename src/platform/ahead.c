/* SPDX-License-Identifier: MIT */
/*
 * ahead.c - pieces of work, done before they are asked for
 */
#include "platform/ahead.h"

#include "platform/threads.h"

#include <pthread.h>
#include <stddef.h>

/* Tasks that are up: for fewer, a helper would sleep again before long, and to
 * wake it costs the owner as much as a task does. */
enum { WORTH_WAKING = 8 };

enum state {
    UP,
    BEGUN,
    DONE,
};

struct lf_ahead {
    const struct lf_ahead_work *work;
    pthread_mutex_t lock;
    pthread_cond_t up; /* for helpers: something may be begun, or all is over */
    pthread_cond_t done; /* for the owner */
    struct lf_ahead_task *top;
    unsigned n_up;    /* tasks that nobody has begun */
    unsigned untaken; /* begun or done, and not yet taken */
    unsigned
            idle; /* helpers that wait and were not woken: others need not be */
    const struct lf_ahead_task *awaited; /* the owner waits for it */
    bool over;
};

/* Locks and conditions of one process fail only when they are used wrongly. */
static void lock(struct lf_ahead *ahead)
{
    (void)pthread_mutex_lock(&ahead->lock);
}

static void unlock(struct lf_ahead *ahead)
{
    (void)pthread_mutex_unlock(&ahead->lock);
}

static void unlink_task(struct lf_ahead *ahead, struct lf_ahead_task *task)
{
    ahead->n_up--;
    if (task->above)
        task->above->below = task->below;
    else
        ahead->top = task->below;
    if (task->below)
        task->below->above = task->above;
}

/* The owner takes the topmost next, and begins it itself at once: a helper that
 * did it would only be waited for. */
static struct lf_ahead_task *begin(struct lf_ahead *ahead)
{
    struct lf_ahead_task *task = ahead->top;
    if (!task || ahead->untaken >= ahead->work->most)
        return NULL;
    if (task->below)
        task = task->below;
    unlink_task(ahead, task);
    task->state = BEGUN;
    ahead->untaken++;
    return task;
}

static void help(struct lf_ahead *ahead, unsigned index)
{
    lock(ahead);
    while (!ahead->over) {
        struct lf_ahead_task *task = begin(ahead);
        if (!task) {
            ahead->idle++; /* who wakes it takes it off */
            (void)pthread_cond_wait(&ahead->up, &ahead->lock);
            continue;
        }
        unlock(ahead);
        ahead->work->help(ahead->work->arg, index, task);
        lock(ahead);
        task->state = DONE;
        if (ahead->awaited == task)
            (void)pthread_cond_signal(&ahead->done);
    }
    unlock(ahead);
}

static void run(void *arg, unsigned index)
{
    struct lf_ahead *ahead = arg;
    if (index > 0) {
        help(ahead, index);
        return;
    }
    ahead->work->own(ahead->work->arg, ahead);
    lock(ahead);
    ahead->over = true;
    (void)pthread_cond_broadcast(&ahead->up);
    unlock(ahead);
}

void lf_ahead_run(const struct lf_ahead_work *work, unsigned threads)
{
    struct lf_ahead ahead = {
            .work = work,
            .lock = PTHREAD_MUTEX_INITIALIZER,
            .up = PTHREAD_COND_INITIALIZER,
            .done = PTHREAD_COND_INITIALIZER,
    };
    lf_threads_run(threads, run, &ahead);
    (void)pthread_cond_destroy(&ahead.done);
    (void)pthread_cond_destroy(&ahead.up);
    (void)pthread_mutex_destroy(&ahead.lock);
}

/* Unlocks. A helper that was woken before would only run into the lock. */
static void unlock_and_wake(struct lf_ahead *ahead)
{
    bool wakes = ahead->idle > 0 && ahead->n_up >= WORTH_WAKING &&
                 ahead->untaken < ahead->work->most;
    if (wakes)
        ahead->idle--;
    unlock(ahead);
    if (wakes)
        (void)pthread_cond_signal(&ahead->up);
}

void lf_ahead_put(struct lf_ahead *ahead, struct lf_ahead_task *task)
{
    lock(ahead);
    *task = (struct lf_ahead_task){.below = ahead->top, .state = UP};
    if (ahead->top)
        ahead->top->above = task;
    ahead->top = task;
    ahead->n_up++;
    unlock_and_wake(ahead);
}

bool lf_ahead_take(struct lf_ahead *ahead, struct lf_ahead_task *task)
{
    lock(ahead);
    bool helped = task->state != UP;
    if (!helped)
        unlink_task(ahead, task);
    ahead->awaited = task;
    while (helped && task->state != DONE)
        (void)pthread_cond_wait(&ahead->done, &ahead->lock);
    ahead->awaited = NULL;
    if (helped)
        ahead->untaken--;
    unlock_and_wake(ahead);
    return helped;
}
