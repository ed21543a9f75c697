/* SPDX-License-Identifier: MIT */
/*
 * signal.c - being asked to stop
 */
#include "platform/signal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

/* A handler can only reach what has static storage; these three are all. */
static volatile sig_atomic_t deferred;
static volatile sig_atomic_t caught;
static volatile sig_atomic_t painted = -1;

/* Never waits: a terminal that takes nothing shows nothing either. */
static void end_paint(void)
{
    static const char reset[] = "\033[0m";
    struct pollfd terminal = {.fd = painted, .events = POLLOUT};
    if (painted < 0 || poll(&terminal, 1, 0) != 1 ||
        write(painted, reset, sizeof(reset) - 1) < 0)
        return;
}

static void on_signal(int number)
{
    if (!deferred) {
        end_paint();
        _exit(128 + number);
    }
    if (!caught)
        caught = number;
}

int lf_signals_catch(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    static const int errors[] = {SIGPIPE, SIGXFSZ}; /* as what a call says */
    /* what is only remembered breaks nothing off: else output would be torn */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
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
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        if (sigaction(errors[i], &action, NULL) < 0)
            return -errno;
    }
    return 0;
}

void lf_signals_paint(int fd)
{
    painted = fd;
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
