/* SPDX-License-Identifier: MIT */
/* test_threads_run.c - what threads leave as it was, and who gets which index */
#define _GNU_SOURCE
#include "platform/threads.h"
#include "support/check.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

struct seen {
    pthread_t caller;
    atomic_uint calls[LF_THREADS_MOST];
    atomic_bool wrong; /* an index on a thread that it does not belong to */
    atomic_bool open;  /* a signal that a helper would take */
};

static void see(void *arg, unsigned index)
{
    struct seen *seen = arg;
    sigset_t mask;
    atomic_fetch_add(&seen->calls[index], 1);
    bool own = pthread_equal(pthread_self(), seen->caller);
    if (own != (index == 0))
        atomic_store(&seen->wrong, true);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    if (!own && !sigismember(&mask, SIGINT))
        atomic_store(&seen->open, true);
}

static void test_each_index_has_a_thread_of_its_own(void **state)
{
    (void)state;
    for (unsigned count = 0; count <= LF_THREADS_MOST + 1; count++) {
        struct seen seen = {.caller = pthread_self()};
        lf_threads_run(count, see, &seen);
        for (unsigned i = 0; i < LF_THREADS_MOST; i++)
            assert_int_equal(atomic_load(&seen.calls[i]), i < count);
        assert_false(atomic_load(&seen.wrong));
        assert_false(atomic_load(&seen.open));
    }
}

static void do_nothing(void *arg, unsigned index)
{
    (void)arg;
    (void)index;
}

static void test_the_caller_keeps_its_signals_and_processors(void **state)
{
    (void)state;
    sigset_t mask, mask_after;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR2);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
#ifdef __linux__
    cpu_set_t before, after;
    assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
#endif
    /* helpers that end before they are put anywhere, too */
    for (int i = 0; i < 2000; i++) {
        lf_threads_run(3, do_nothing, NULL);
#ifdef __linux__
        assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
        assert_true(CPU_EQUAL(&before, &after));
#endif
    }
    pthread_sigmask(SIG_SETMASK, NULL, &mask_after);
    assert_int_equal(sigismember(&mask_after, SIGUSR2), 1);
    assert_int_equal(sigismember(&mask_after, SIGINT), 0);
    sigemptyset(&mask);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

#ifdef __linux__
struct waits {
    cpu_set_t all;
    atomic_uint free; /* helpers that may run wherever the caller may */
};

/* Where a helper may run while it works: soon, and then for good. */
static void wait_for_all(void *arg, unsigned index)
{
    struct waits *waits = arg;
    cpu_set_t mine;
    do
        assert_int_equal(sched_getaffinity(0, sizeof(mine), &mine), 0);
    while (!CPU_EQUAL(&mine, &waits->all));
    atomic_fetch_add(&waits->free, index > 0);
}

static void test_helpers_may_go_where_the_caller_may(void **state)
{
    (void)state;
    cpu_set_t before, one;
    struct waits waits = {0};
    assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
    waits.all = before;
    lf_threads_run(4, wait_for_all, &waits);
    assert_int_equal(atomic_load(&waits.free), 3);

    /* one processor is all there is */
    CPU_ZERO(&one);
    for (size_t i = 0; CPU_COUNT(&one) == 0; i++)
        if (CPU_ISSET(i, &before))
            CPU_SET(i, &one);
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
    waits.all = one;
    lf_threads_run(4, wait_for_all, &waits);
    assert_int_equal(atomic_load(&waits.free), 6);
    assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_each_index_has_a_thread_of_its_own),
            cmocka_unit_test(test_the_caller_keeps_its_signals_and_processors),
#ifdef __linux__
            cmocka_unit_test(test_helpers_may_go_where_the_caller_may),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
