/* SPDX-License-Identifier: MIT */
/*
 * tracee.h - a real program, struck at its nth system call
 *
 * Runs a program under ptrace(2) and counts its calls, or only those that
 * change a file system. At the nth it is killed before or after the call, the
 * call is made to fail, a signal is sent, or it is held there. On x86-64 and
 * aarch64 with Linux 5.3 or newer.
 */
#ifndef LF_SUPPORT_TRACEE_H
#define LF_SUPPORT_TRACEE_H

#include <stdbool.h>
#include <sys/types.h>

enum tracee_blow {
    TRACEE_WATCH,       /* only count */
    TRACEE_KILL_BEFORE, /* the call is not made */
    TRACEE_KILL_AFTER,  /* it has been made */
    TRACEE_FAIL,        /* it is not made, and gives `error` */
    TRACEE_SIGNAL,      /* `signal` is sent while it is made */
    TRACEE_HOLD,        /* tracee_strike() returns; tracee_end() kills */
};

struct tracee {
    /* what to do */
    enum tracee_blow blow;
    unsigned long at;  /* number of the call, from 1 */
    bool all_calls;    /* count all calls from execve(2) on, not only
                          those that change something */
    bool lacks_rename; /* the kernel has no renameat2(2) */
    int error, signal;
    unsigned again;   /* TRACEE_SIGNAL: at this many later calls, too */
    const char *said; /* file for what the program prints; NULL: thrown away */

    /* what has happened */
    pid_t pid;
    unsigned long calls;
    bool struck;
    int status;       /* of waitpid(2); not with TRACEE_HOLD */
    const char *name; /* of the call that was struck; static */
};

/** Whether programs can be traced here; if not, `*ret_why` says why. */
bool tracee_works(const char **ret_why);

/** Run `argv[0]`, a path, to its end, or to where it is held. The test fails
 *  when the system refuses. */
void tracee_strike(struct tracee *tracee, char *const argv[],
                   char *const environment[]);

/** Kill a program that is held, and wait for its end. */
void tracee_end(struct tracee *tracee);

#endif
