/* SPDX-License-Identifier: MIT */
/*
 * sys.c - what the process asks the system besides files
 */
#define _GNU_SOURCE /* getentropy(3), syscall(2) */
#include "platform/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/types.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/stat.h> /* not the C library's: see fs_linux.c */
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#endif

int lf_sys_copy(char *buf, size_t size, const char *text)
{
    size_t len = strlen(text);
    if (len >= size)
        return -ENAMETOOLONG;
    memcpy(buf, text, len + 1);
    return 0;
}

void lf_sys_give_back(void *from, size_t size)
{
#ifdef __linux__
    long page = sysconf(_SC_PAGESIZE);
    if (page <= 0)
        return;
    uintptr_t mask = (uintptr_t)page - 1;
    uintptr_t first = ((uintptr_t)from + mask) & ~mask;
    uintptr_t end = ((uintptr_t)from + size) & ~mask;
    if (first < end)
        (void)madvise((char *)from + (first - (uintptr_t)from), end - first,
                      MADV_DONTNEED);
#else
    (void)from;
    (void)size;
#endif
}

int lf_sys_host(char *buf, size_t size)
{
    struct utsname name;
    return uname(&name) < 0 ? -errno : lf_sys_copy(buf, size, name.nodename);
}

int lf_sys_os(char *buf, size_t size)
{
    struct utsname name;
    if (uname(&name) < 0)
        return -errno;
    for (char *at = name.sysname; *at; at++) {
        /* not tolower(3): that depends on the locale */
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    }
    return lf_sys_copy(buf, size, name.sysname);
}

int lf_sys_arch(char *buf, size_t size)
{
    struct utsname name;
    return uname(&name) < 0 ? -errno : lf_sys_copy(buf, size, name.machine);
}

uint32_t lf_sys_uid(void)
{
    return geteuid();
}

bool lf_sys_setuid(void)
{
#ifdef __linux__
    if (getauxval(AT_SECURE))
        return true;
#endif
    return getuid() != geteuid() || getgid() != getegid();
}

int64_t lf_sys_pid(void)
{
    return getpid();
}

int64_t lf_sys_time(void)
{
    return time(NULL);
}

static int64_t read_clock(clockid_t clock)
{
    struct timespec now = {0};
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t lf_sys_realtime(void)
{
    return read_clock(CLOCK_REALTIME);
}

/* A sleep of the machine is no start, so that it counts. */
int64_t lf_sys_started(void)
{
#ifdef __linux__
    return read_clock(CLOCK_REALTIME) - read_clock(CLOCK_BOOTTIME);
#else
    return read_clock(CLOCK_REALTIME) - read_clock(CLOCK_MONOTONIC);
#endif
}

int64_t lf_sys_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

void lf_sys_sleep_ms(unsigned ms)
{
    struct timespec left = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
    nanosleep(&left, NULL);
}

int lf_sys_random(uint64_t *ret)
{
    return getentropy(ret, sizeof(*ret)) < 0 ? -errno : 0;
}

uint64_t lf_sys_device(unsigned major_number, unsigned minor_number)
{
    return makedev(major_number, minor_number);
}

#ifdef __linux__
/* Of proc(5), "mnt_id:\t29" is the third line. */
static uint64_t mount_in_proc(int fd)
{
    char path[64], text[512];
    ssize_t len = -1;
    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    do {
        len = read(file, text, sizeof(text) - 1);
    } while (len < 0 && errno == EINTR);
    close(file);
    text[len > 0 ? len : 0] = '\0';
    const char *line = strstr(text, "\nmnt_id:");
    return line ? strtoull(line + strlen("\nmnt_id:"), NULL, 10) : 0;
}
#endif

/* What lf_fs.stat() tells may be the one that no later mount has. */
uint64_t lf_sys_mount(int fd)
{
#ifdef __linux__
    struct statx st;
    if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) == 0 &&
        st.stx_mask & STATX_MNT_ID)
        return st.stx_mnt_id;
    return mount_in_proc(fd);
#else
    (void)fd;
    return 0;
#endif
}

/* A call that is there finds fault with its arguments. */
bool lf_sys_offers(enum lf_call call)
{
    long result = -1;
    errno = ENOSYS;
#ifdef __linux__
    switch (call) {
    case LF_CALL_OPENAT2:
        result = syscall(SYS_openat2, -1, "", NULL, (size_t)0);
        break;
    case LF_CALL_RENAMEAT2:
        result = syscall(SYS_renameat2, -1, "", -1, "", ~0U);
        break;
    case LF_CALL_STATX:
        result = syscall(SYS_statx, -1, "", 0, 1U << 31, NULL);
        break;
    }
#else
    (void)call;
#endif
    return result >= 0 || (errno != ENOSYS && errno != EPERM);
}

int lf_sys_cwd(char *buf, size_t size)
{
    if (!getcwd(buf, size))
        return errno == ERANGE ? -ENAMETOOLONG : -errno;
    /* Linux has "(unreachable)" in front of one outside of the root */
    return buf[0] == '/' ? 0 : -ENOENT;
}
