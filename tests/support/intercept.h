/* SPDX-License-Identifier: MIT */
/*
 * intercept.h - a kernel that lacks calls, fails them, or is raced against
 *
 * Chosen system calls of a child process are answered by a function of the
 * test: it may refuse them, change what they do, or do something first, as
 * another process could. By seccomp(2), so it works without any rights, and on
 * whatever C library makes the calls.
 */
#ifndef LF_SUPPORT_INTERCEPT_H
#define LF_SUPPORT_INTERCEPT_H

#include <stdbool.h>
#include <stddef.h>

/** Answers call `number`: its result, or a negative errno. */
typedef long intercept_fn(long number, const long args[6]);

/** Whether this machine can intercept calls. */
bool intercept_works(void);

/**
 * In this process and for good, let `answer` answer the calls in `numbers`
 * (at most 8). To be called in a child of intercept_run() only.
 */
void intercept_calls(intercept_fn *answer, const long *numbers, size_t n);

/** Make a call that is intercepted, for real. Only within `answer`. */
long intercept_pass(long number, const long args[6]);

/**
 * Run `body` in a child process; false if it did not return true. Within it,
 * use require() and not cmocka's assertions, which would jump to the parent's
 * place in the child.
 */
bool intercept_run(bool (*body)(void *arg), void *arg);

/** Say what does not hold and return false from the body. */
#define require(condition)                                                     \
    do {                                                                       \
        if (!(condition)) {                                                    \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,  \
                    #condition);                                               \
            return false;                                                      \
        }                                                                      \
    } while (0)

#endif
