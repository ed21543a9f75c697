/* SPDX-License-Identifier: MIT */
/*
 * clock_preload.c - another time of day for any program
 *
 * For LD_PRELOAD: the clocks that tell the time of day are off by $CLOCK_SHIFT
 * seconds. What measures only how long something takes stays as it is, and so
 * does what the kernel stamps files with.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *ret)
{
    const char *shift = getenv("CLOCK_SHIFT");
    long result = syscall(SYS_clock_gettime, clock, ret);
    if (result == 0 && shift &&
        (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        ret->tv_sec += strtol(shift, NULL, 10);
    return (int)result;
}
