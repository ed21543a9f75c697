/* SPDX-License-Identifier: MIT */
/*
 * clock_preload.c - another time of day for any program
 *
 * For LD_PRELOAD: the clocks that tell the time of day are off by $CLOCK_SHIFT
 * seconds, and the one that tells how long the system is up by $UPTIME_SHIFT. What
 * measures only how long something takes stays as it is, and so does what the kernel
 * stamps files with.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *ret)
{
    const char *shift = NULL;
    long result = syscall(SYS_clock_gettime, clock, ret);
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)
        shift = getenv("CLOCK_SHIFT");
    else if (clock == CLOCK_BOOTTIME)
        shift = getenv("UPTIME_SHIFT");
    if (result == 0 && shift)
        ret->tv_sec += strtol(shift, NULL, 10);
    return (int)result;
}
