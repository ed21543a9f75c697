/* SPDX-License-Identifier: MIT */
/*
 * nosync.c - preloaded: the LF_NOSYNC-th call that makes things safe does not
 *
 * To show that a power cut at the wrong time is found: the call says that it
 * has done its work. Counted from 1 over fsync(2), fdatasync(2) and syncfs(2).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

static bool is_left_out(void)
{
    static unsigned long calls;
    const char *text = getenv("LF_NOSYNC");
    return text && ++calls == strtoul(text, NULL, 10);
}

static int call(const char *name, int fd)
{
    int (*real)(int);
    if (is_left_out())
        return 0;
    *(void **)&real = dlsym(RTLD_NEXT, name);
    return real ? real(fd) : -1;
}

int fsync(int fd)
{
    return call("fsync", fd);
}

int fdatasync(int fd)
{
    return call("fdatasync", fd);
}

int syncfs(int fd)
{
    return call("syncfs", fd);
}
