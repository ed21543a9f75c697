/* SPDX-License-Identifier: MIT */
/*
 * signal.c - being asked to stop
 */
#include "platform/signal.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

/* A handler can only reach what has static storage; these two are all. */
static volatile sig_atomic_t deferred;
static volatile sig_atomic_t caught;

static void on_signal(int number)
{
    if (!deferred)
        _exit(128 + number);
    if (!caught)
        caught = number;
}

int lf_signals_catch(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal};
    struct sigaction old;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (sigaction(numbers[i], NULL, &old) < 0)
            return -errno;
        if (old.sa_handler != SIG_IGN &&
            sigaction(numbers[i], &action, NULL) < 0)
            return -errno;
    }
    action.sa_handler = SIG_IGN;
    return sigaction(SIGPIPE, &action, NULL) < 0 ? -errno : 0;
}

void lf_signals_defer(void)
{
    deferred = 1;
}

int lf_signals_resume(void)
{
    deferred = 0; /* first: one that comes now is not lost */
    return caught;
}

int lf_signals_caught(void)
{
    return caught;
}
