/* SPDX-License-Identifier: MIT */
/* test_ahead.c - ahead.h */
#include "platform/ahead.h"
#include "platform/threads.h"
#include "support/check.h"

#include <stdatomic.h>
#include <string.h>

/* A tree of tasks, walked depth first, as directories are. */
enum { WIDE = 6, DEEP = 5, TASKS = 9331 /* 1 + 6 + ... + 6^5 */, MOST = 8 };

struct task {
    struct lf_ahead_task task;
    uint32_t depth;
    atomic_uint ran; /* how often */
    unsigned by;
};

static struct walk {
    struct task tasks[TASKS];
    uint32_t n, stack[TASKS], height;
    uint32_t taken, helped, left; /* by whom; still up at the end */
    atomic_int ahead, most;       /* done by helpers and not taken */
    uint32_t stop_at;             /* tasks taken; 0: go to the end */
} walk;

static void work_at(struct task *task, unsigned by)
{
    task->by = by;
    task->ran++;
}

static void help(void *arg, unsigned index, struct lf_ahead_task *task)
{
    struct walk *w = arg;
    int ahead = ++w->ahead, most = w->most;
    while (ahead > most &&
           !atomic_compare_exchange_weak(&w->most, &most, ahead))
        ;
    work_at((struct task *)task, index);
}

static void put(struct walk *w, struct lf_ahead *ahead, uint32_t depth)
{
    struct task *task = &w->tasks[w->n];
    task->depth = depth;
    w->stack[w->height++] = w->n++;
    lf_ahead_put(ahead, &task->task);
}

static void own(void *arg, struct lf_ahead *ahead)
{
    struct walk *w = arg;
    put(w, ahead, 0);
    while (w->height && (!w->stop_at || w->taken < w->stop_at)) {
        struct task *task = &w->tasks[w->stack[--w->height]];
        if (lf_ahead_take(ahead, &task->task)) {
            w->helped++;
            w->ahead--;
        } else {
            work_at(task, 0);
        }
        w->taken++;
        for (int i = 0; i < WIDE && task->depth < DEEP; i++)
            put(w, ahead, task->depth + 1);
    }
    w->left = w->height;
}

static void go(unsigned threads, uint32_t stop_at)
{
    const struct lf_ahead_work work = {
            .own = own, .help = help, .arg = &walk, .most = MOST};
    memset(&walk, 0, sizeof(walk));
    walk.stop_at = stop_at;
    lf_ahead_run(&work, threads);
}

static void test_each_task_is_done_once(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= LF_THREADS_MOST; threads++) {
        go(threads, 0);
        assert_int_equal(walk.n, TASKS);
        assert_int_equal(walk.taken, TASKS);
        for (uint32_t i = 0; i < TASKS; i++) {
            assert_int_equal(walk.tasks[i].ran, 1);
            assert_true(walk.tasks[i].by < threads);
        }
        if (threads == 1)
            assert_int_equal(walk.helped, 0);
    }
}

static void test_helpers_do_not_run_away(void **state)
{
    (void)state;
    go(4, 0);
    /* one more may be begun before the walk has counted the one it took */
    assert_true(walk.most <= MOST + 1);
}

/* The owner may end with tasks that are up; none is begun after that. */
static void test_what_is_left_is_dropped(void **state)
{
    (void)state;
    for (uint32_t stop_at = 1; stop_at < 500; stop_at += 7) {
        uint32_t ran = 0;
        go(3, stop_at);
        assert_int_equal(walk.taken, stop_at);
        for (uint32_t i = 0; i < walk.n; i++) {
            assert_true(walk.tasks[i].ran <= 1);
            ran += walk.tasks[i].ran;
        }
        assert_true(ran >= stop_at && ran <= stop_at + MOST);
        assert_int_equal(walk.n, stop_at + walk.left);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_each_task_is_done_once),
            cmocka_unit_test(test_helpers_do_not_run_away),
            cmocka_unit_test(test_what_is_left_is_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
