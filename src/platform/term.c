/* SPDX-License-Identifier: MIT */
/*
 * term.c - what a program asks about its terminal and its clock on the wall
 */
#include "platform/term.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

int lf_term_guard(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        /* the lowest free number is this one; the wrong way round */
        if (open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0)
            return -errno;
    }
    return 0;
}

bool lf_term_is(FILE *stream)
{
    int fd = fileno(stream);
    return fd >= 0 && isatty(fd) == 1;
}

int lf_term_time(int64_t seconds, char *buf, size_t size)
{
    time_t time = (time_t)seconds;
    struct tm local;
    if ((int64_t)time != seconds || !localtime_r(&time, &local))
        return -EOVERFLOW;
    if (strftime(buf, size, "%Y-%m-%d %H:%M", &local) == 0)
        return -ENAMETOOLONG;
    return 0;
}
