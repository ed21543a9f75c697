/* SPDX-License-Identifier: MIT */
/*
 * sandbox.h - giving up the right to change what is not to be changed
 *
 * By Landlock, where the kernel has it. What is given up is given up for good,
 * by the calling thread and by the threads and processes that it makes later;
 * other threads keep their rights. Reading is never restricted.
 *
 * Calling sequence: begin, allow for each directory, enter, finish.
 */
#ifndef LF_PLATFORM_SANDBOX_H
#define LF_PLATFORM_SANDBOX_H

#include <stdint.h>

struct lf_sandbox {
    int ruleset;      /* -1: none */
    unsigned abi;     /* of the kernel's Landlock; 0: it has none */
    uint64_t handled; /* the rights that are taken away */
};

/** What may still be done in a directory and below; or-ed. */
enum lf_sandbox_right {
    LF_SANDBOX_NAMES = 1 << 0,  /* make, rename and remove nodes */
    LF_SANDBOX_FILES = 1 << 1,  /* open files for writing, and cut them */
    LF_SANDBOX_EMPTIES = 1 << 2 /* remove empty directories */
};

/**
 * Begin a sandbox in which nothing may be changed. It takes away every right
 * that the kernel knows but those to read: to make, rename, remove and write,
 * to run programs, to control devices, to use TCP, to signal others. -ENOSYS
 * or -EOPNOTSUPP where the kernel has no Landlock, has it switched off, or has
 * its first version only, which lets nothing be moved between directories;
 * -EPERM or others where it is forbidden.
 */
int lf_sandbox_begin(struct lf_sandbox *ret_sandbox);

/** Leave these rights (enum lf_sandbox_right) in the directory `fd` and below;
 *  they add up with those of a directory above it. */
int lf_sandbox_allow(struct lf_sandbox *sandbox, int fd, unsigned rights);

/** From now on. The thread can gain no rights by set-user-ID programs either
 *  (PR_SET_NO_NEW_PRIVS). */
int lf_sandbox_enter(struct lf_sandbox *sandbox);

void lf_sandbox_finish(struct lf_sandbox *sandbox);

#endif
