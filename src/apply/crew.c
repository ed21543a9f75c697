/* SPDX-License-Identifier: MIT */
/*
 * crew.c - several runners at steps that need no order
 *
 * The threads take stretches of the list, one after the other, that end where a
 * directory does: two in one directory would wait for each other. When a step
 * fails, those before it go on to be carried out and those behind it are left,
 * so that the first failure of the list is found, as by one thread.
 */
#include "apply/crew.h"

#include <errno.h>
#include <stdatomic.h>

enum { STRETCH = 64 }; /* steps, and more up to the end of a directory */

struct share {
    struct lf_crew *crew;
    const struct lf_crew_work *work;
    atomic_uint_least32_t next;   /* step that nobody has taken */
    atomic_uint_least32_t done;   /* steps gone through */
    atomic_uint_least32_t failed; /* the first step that failed; `to`: none */
    atomic_bool cancelled;
    int results[LF_THREADS_MOST]; /* of the step in `failures` */
    uint32_t failures[LF_THREADS_MOST];
};

struct member {
    struct share *share;
    struct lf_runner *runner;
    uint32_t index; /* of the present step */
};

void lf_crew_init(struct lf_crew *crew, struct lf_runner *lead,
                  unsigned threads)
{
    crew->lead = lead;
    crew->least = LF_CREW_LEAST;
    crew->count = threads < 1                 ? 1
                  : threads > LF_THREADS_MOST ? LF_THREADS_MOST
                                              : threads;
    for (unsigned i = 0; i + 1 < crew->count; i++) {
        struct lf_runner *other = &crew->others[i];
        lf_runner_init(other, lead->fs, lead->root_fd, lead->state_fd);
        other->guarded = lead->guarded;
        lf_runner_set_root(other, lead->root_was, lead->root_dev);
        lf_held_way_init(&other->way, lead->fs, lead->root_fd,
                         lead->way.passable);
    }
}

bool lf_crew_pays(const struct lf_crew *crew, uint32_t steps)
{
    return crew->count > 1 && steps > 0 && steps >= crew->least;
}

bool lf_crew_is_free(const struct lf_steps *steps, uint32_t index)
{
    enum lf_op op = lf_steps_op(steps, index);
    if (op != LF_OP_LINK && op != LF_OP_EXCHANGE && op != LF_OP_TAKE)
        return false;
    if (lf_steps_is_of_link(steps, index))
        return true;
    struct lf_spare_room room;
    struct lf_step step = lf_steps_get(steps, index, &room);
    return step.before.kind != LF_NODE_DIR && step.after.kind != LF_NODE_DIR;
}

/* ---- sharing ---- */

static uint32_t end_of_stretch(const struct share *share, uint32_t from)
{
    const struct lf_crew_work *work = share->work;
    uint32_t least =
            share->crew->least < STRETCH ? share->crew->least : STRETCH;
    uint32_t end = from + 1;
    while (end < work->to &&
           (end - from < least || lf_steps_stays(work->steps, end)))
        end++;
    return end;
}

static bool take_stretch(struct share *share, uint32_t *ret_from,
                         uint32_t *ret_to)
{
    uint32_t from = atomic_load(&share->next), to;
    do {
        if (from >= share->work->to)
            return false;
        to = end_of_stretch(share, from);
    } while (!atomic_compare_exchange_weak(&share->next, &from, to));
    *ret_from = from;
    *ret_to = to;
    return true;
}

/* The earliest failure counts. */
static void fail(struct share *share, unsigned index, uint32_t step, int result)
{
    uint32_t first = atomic_load(&share->failed);
    while (step < first &&
           !atomic_compare_exchange_weak(&share->failed, &first, step))
        ;
    /* a thread comes to no earlier step than it had, so its first is enough */
    if (share->results[index] == 0) {
        share->results[index] = result;
        share->failures[index] = step;
    }
}

/* For lf_runner.note: that there is something to note. */
static void mark_again(void *arg, struct lf_str dir, struct lf_str name,
                       const char *message)
{
    struct member *member = arg;
    (void)dir;
    (void)name;
    (void)message;
    lf_steps_mark(member->share->work->steps, member->index, LF_MARK_AGAIN);
}

static bool goes_on(struct share *share, unsigned index, uint32_t step)
{
    const struct lf_crew_work *work = share->work;
    if (index == 0 && work->between &&
        work->between(work->arg, atomic_load(&share->done)))
        atomic_store(&share->cancelled, true);
    return !atomic_load(&share->cancelled) &&
           step < atomic_load(&share->failed);
}

static void run_one(struct member *member, unsigned index,
                    const struct lf_step *step)
{
    struct share *share = member->share;
    int result = share->work->run(member->runner, step);
    if (result == 0)
        return;
    if (result == LF_STEP_AWAY) {
        lf_steps_mark(share->work->steps, member->index, LF_MARK_AGAIN);
        return;
    }
    if (!lf_op_is_judged(step->op) || !member->runner->began)
        lf_steps_mark(share->work->steps, member->index, LF_MARK_NOT_RUN);
    fail(share, index, member->index, result);
}

static void run_stretch(struct member *member, unsigned index, uint32_t from,
                        uint32_t to)
{
    struct share *share = member->share;
    const struct lf_crew_work *work = share->work;
    for (uint32_t i = from; i < to; i++) {
        if (work->wanted && !work->wanted(work->steps, i))
            continue;
        struct lf_spare_room room;
        struct lf_step step = lf_steps_get(work->steps, i, &room);
        member->index = i;
        if (goes_on(share, index, i))
            run_one(member, index, &step);
        else
            lf_steps_mark(work->steps, i, LF_MARK_NOT_RUN);
    }
    atomic_fetch_add(&share->done, to - from);
}

static void run_share(void *arg, unsigned index)
{
    struct share *share = arg;
    struct lf_crew *crew = share->crew;
    struct lf_runner *runner =
            index == 0 ? crew->lead : &crew->others[index - 1];
    struct member member = {.share = share, .runner = runner};
    uint32_t from, to;
    runner->note = mark_again;
    runner->note_arg = &member;
    while (take_stretch(share, &from, &to))
        run_stretch(&member, index, from, to);
}

static int first_failure(const struct share *share, uint32_t *ret_failed)
{
    *ret_failed = atomic_load(&share->failed);
    for (unsigned i = 0; i < share->crew->count; i++)
        if (share->results[i] != 0 && share->failures[i] == *ret_failed)
            return share->results[i];
    return 0;
}

int lf_crew_run(struct lf_crew *crew, const struct lf_crew_work *work,
                uint32_t *ret_failed)
{
    struct share share = {.crew = crew, .work = work};
    void (*note)(void *, struct lf_str, struct lf_str, const char *) =
            crew->lead->note;
    void *note_arg = crew->lead->note_arg;
    atomic_init(&share.next, work->from);
    atomic_init(&share.done, 0);
    atomic_init(&share.failed, work->to);
    atomic_init(&share.cancelled, false);
    for (unsigned i = 0; i + 1 < crew->count; i++)
        crew->others[i].changed = crew->lead->changed;
    lf_threads_run(crew->count, run_share, &share);
    crew->lead->note = note;
    crew->lead->note_arg = note_arg;
    int result = atomic_load(&share.cancelled)
                         ? -ECANCELED
                         : first_failure(&share, ret_failed);
    for (unsigned i = 0; i + 1 < crew->count; i++) {
        int joined = lf_runner_join(crew->lead, &crew->others[i]);
        if (joined < 0 && result == 0) {
            result = joined;
            *ret_failed = work->to;
        }
    }
    return result;
}
