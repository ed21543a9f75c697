/* SPDX-License-Identifier: MIT */
/*
 * sys.h - what the process asks the system besides files
 *
 * Facts of the machine, the user, time, randomness. As with fs.h: negative
 * errno on failure, nothing global.
 */
#ifndef LF_PLATFORM_SYS_H
#define LF_PLATFORM_SYS_H

#include <linkfarm/str.h>
#include <stdint.h>

/**
 * Give the whole pages of a part of the heap back to the system, though it is not
 * freed yet: what it holds is void (madvise(2), MADV_DONTNEED). Where that cannot be
 * it stays.
 */
void lf_sys_give_back(void *from, size_t size);

/** Copy a text and its NUL; -ENAMETOOLONG, copying nothing, if `size` bytes are not
 *  enough. */
int lf_sys_copy(char *buf, size_t size, const char *text);

/** Copy the node name of uname(2) into `buf`; -ENAMETOOLONG if too small. */
int lf_sys_host(char *buf, size_t size);

/** "linux", "darwin", "freebsd", ...: the kernel's name in lower case. */
int lf_sys_os(char *buf, size_t size);

/** uname(2)'s machine: "x86_64", "aarch64". */
int lf_sys_arch(char *buf, size_t size);

/** Name and home of the effective user from the password database; -ENOENT. A
 *  program may bring its own, as linkfarm does (platform/user_getent.h). */
int lf_sys_user(char *name, size_t name_size, char *home, size_t home_size);

uint32_t lf_sys_uid(void); /* effective */
bool lf_sys_setuid(void);  /* real and effective ids differ (AT_SECURE) */
int64_t lf_sys_pid(void);

/** Seconds since 1970-01-01 UTC, for people. */
int64_t lf_sys_time(void);
/** Nanoseconds since 1970-01-01 UTC, of the clock that files are stamped by. */
int64_t lf_sys_realtime(void);
/** When the system was started, by the same clock, as it stands now. */
int64_t lf_sys_started(void);
/** Nanoseconds of a clock that never goes back, for waiting. */
int64_t lf_sys_monotonic(void);
void lf_sys_sleep_ms(unsigned ms);

/** The number by which mountinfo knows the mount of `fd`, also where lf_fs.stat() tells
 *  none (Linux before 5.8, or no statx(2)); 0: not known. */
uint64_t lf_sys_mount(int fd);

/** 64 unpredictable bits (getrandom(2)); -errno if the system has none. */
int lf_sys_random(uint64_t *ret);

/** A device number as stat(2) has it, from its two parts. */
uint64_t lf_sys_device(unsigned major_number, unsigned minor_number);

/** Calls that have a fall-back: see lf_fs_system(). */
enum lf_call {
    LF_CALL_OPENAT2,
    LF_CALL_RENAMEAT2,
    LF_CALL_STATX,
};
#define LF_CALLS ((size_t)LF_CALL_STATX + 1)

/** Whether the system has the call and lets us use it. Changes nothing. */
bool lf_sys_offers(enum lf_call call);

/** The current directory, absolute, in `buf`. */
int lf_sys_cwd(char *buf, size_t size);

#endif
