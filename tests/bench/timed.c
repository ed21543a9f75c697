/* SPDX-License-Identifier: MIT */
/*
 * timed.c - run a command and say what it cost
 *
 *     timed REPORT COMMAND [ARG...]
 *
 * Writes one line to the file REPORT: exit status (128 + signal), wall
 * nanoseconds, user and system microseconds, peak memory of the largest process
 * in KiB. It is a program of its own, and small, because the peak that the
 * kernel tells of a child begins with what its parent had when it was made.
 */
#define _GNU_SOURCE
#include <err.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long long)time.tv_sec * 1000000000 + time.tv_nsec;
}

static long long micros(struct timeval time)
{
    return (long long)time.tv_sec * 1000000 + time.tv_usec;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    pid_t pid;
    int status;
    if (argc < 3)
        errx(64, "usage: timed REPORT COMMAND [ARG...]");
    long long begin = now();
    int error = posix_spawnp(&pid, argv[2], NULL, NULL, argv + 2, environ);
    if (error)
        errx(1, "%s: %s", argv[2], strerror(error));
    if (wait4(pid, &status, 0, &usage) < 0)
        err(1, "wait4");
    long long wall = now() - begin;
    FILE *report = fopen(argv[1], "we");
    if (!report)
        err(1, "%s", argv[1]);
    fprintf(report, "%d %lld %lld %lld %ld\n",
            WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
            wall, micros(usage.ru_utime), micros(usage.ru_stime),
            usage.ru_maxrss);
    if (ferror(report) | fclose(report))
        err(1, "%s", argv[1]);
    return 0;
}
