/* SPDX-License-Identifier: MIT */
/*
 * threads.h - several threads at one piece of work
 */
#ifndef LF_PLATFORM_THREADS_H
#define LF_PLATFORM_THREADS_H

enum { LF_THREADS_MOST = 8 };

/** How many processors this process may use; at least 1. */
unsigned lf_threads_processors(void);

/**
 * Call `work` with each index below `count` (at most LF_THREADS_MOST), each on a
 * thread of its own, 0 on the calling one; return when all have returned.
 * Signals are left to the calling thread. Where a thread cannot be started its
 * index is left out: so the work is to be shared by taking what is next.
 */
void lf_threads_run(unsigned count, void (*work)(void *arg, unsigned index),
                    void *arg);

#endif
