/* SPDX-License-Identifier: MIT */
/*
 * threads.c - several threads at one piece of work
 */
#define _GNU_SOURCE
#include "platform/threads.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

enum { STACK_SIZE = 512 * 1024 }; /* some paths of PATH_MAX, and libc's own */

unsigned lf_threads_processors(void)
{
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0)
        return (unsigned)CPU_COUNT(&set);
#endif
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (unsigned)count : 1;
}

struct helper {
    void (*work)(void *arg, unsigned index);
    void *arg;
    pthread_mutex_t *gate; /* shut until all are where they begin */
    pthread_t thread;
    unsigned index;
    bool started;
};

static void *help(void *arg)
{
    const struct helper *helper = arg;
    helper->work(helper->arg, helper->index);
    /* of a thread that has ended, pthread_setaffinity_np(3) of glibc takes the calling
     * one for it */
    (void)pthread_mutex_lock(helper->gate);
    (void)pthread_mutex_unlock(helper->gate);
    return NULL;
}

/*
 * A new thread may be put behind the one that makes it, on its processor, though others
 * are idle, and then begins when a slice of time is over: milliseconds, of work that
 * takes a few. So each begins on another one, and may go where it likes from then on.
 */
struct places {
    bool known;
#ifdef __linux__
    cpu_set_t all, others;
#endif
};

static struct places find_places(void)
{
    struct places ret = {0};
#ifdef __linux__
    int own = sched_getcpu();
    if (own < 0 || own >= CPU_SETSIZE ||
        sched_getaffinity(0, sizeof(ret.all), &ret.all) < 0)
        return ret;
    ret.others = ret.all;
    CPU_CLR((unsigned)own, &ret.others);
    ret.known = CPU_COUNT(&ret.others) > 0;
#endif
    return ret;
}

static void put_elsewhere(pthread_t thread, const struct places *places)
{
#ifdef __linux__
    if (places->known && pthread_setaffinity_np(thread, sizeof(places->others),
                                                &places->others) == 0)
        (void)pthread_setaffinity_np(thread, sizeof(places->all), &places->all);
#else
    (void)thread;
    (void)places;
#endif
}

static void start(struct helper *helper, const struct places *places)
{
    pthread_attr_t attr;
    if (pthread_attr_init(&attr) != 0)
        return;
    (void)pthread_attr_setstacksize(&attr, STACK_SIZE);
    helper->started = pthread_create(&helper->thread, &attr, help, helper) == 0;
    (void)pthread_attr_destroy(&attr);
    if (helper->started)
        put_elsewhere(helper->thread, places);
}

void lf_threads_run(unsigned count, void (*work)(void *arg, unsigned index),
                    void *arg)
{
    struct helper helpers[LF_THREADS_MOST - 1] = {0};
    sigset_t all, before;
    if (count > LF_THREADS_MOST)
        count = LF_THREADS_MOST;
    if (count <= 1) {
        if (count == 1)
            work(arg, 0);
        return;
    }
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    const struct places places = find_places();
    (void)pthread_mutex_lock(&gate);
    /* a thread begins with the mask of the one that makes it */
    sigfillset(&all);
    bool masked = pthread_sigmask(SIG_SETMASK, &all, &before) == 0;
    for (unsigned i = 0; i + 1 < count; i++) {
        helpers[i] = (struct helper){
                .work = work, .arg = arg, .gate = &gate, .index = i + 1};
        start(&helpers[i], &places);
    }
    (void)pthread_mutex_unlock(&gate);
    if (masked)
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    work(arg, 0);
    for (unsigned i = 0; i + 1 < count; i++)
        if (helpers[i].started)
            (void)pthread_join(helpers[i].thread, NULL);
    (void)pthread_mutex_destroy(&gate);
}
