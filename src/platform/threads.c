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
    pthread_t thread;
    unsigned index;
    bool started;
};

static void *help(void *arg)
{
    const struct helper *helper = arg;
    helper->work(helper->arg, helper->index);
    return NULL;
}

static void start(struct helper *helper)
{
    pthread_attr_t attr;
    if (pthread_attr_init(&attr) != 0)
        return;
    (void)pthread_attr_setstacksize(&attr, STACK_SIZE);
    helper->started = pthread_create(&helper->thread, &attr, help, helper) == 0;
    (void)pthread_attr_destroy(&attr);
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
    /* a thread begins with the mask of the one that makes it */
    sigfillset(&all);
    bool masked = pthread_sigmask(SIG_SETMASK, &all, &before) == 0;
    for (unsigned i = 0; i + 1 < count; i++) {
        helpers[i] = (struct helper){.work = work, .arg = arg, .index = i + 1};
        start(&helpers[i]);
    }
    if (masked)
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    work(arg, 0);
    for (unsigned i = 0; i + 1 < count; i++)
        if (helpers[i].started)
            (void)pthread_join(helpers[i].thread, NULL);
}
