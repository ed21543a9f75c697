/* SPDX-License-Identifier: MIT */
/*
 * user_getent.h - the ways in which the program's own lf_sys_user() finds a user
 *
 * user_getent.c is linked into the program before the library's archive, which has a
 * lf_sys_user() too: so that one is not taken. Here is what tests need of it.
 */
#ifndef LF_PLATFORM_USER_GETENT_H
#define LF_PLATFORM_USER_GETENT_H

#include <stddef.h>
#include <stdint.h>

/** Where the name and the home of a user go, NUL-terminated. */
struct lf_user_room {
    char *name, *home;
    size_t name_size, home_size; /* bytes */
};

/**
 * The first entry of a user in a file of the form of passwd(5); -ENOENT if it has
 * none, -ENAMETOOLONG if the room is too small. A line of more than 64 KiB ends the
 * search with -ERANGE.
 */
int lf_user_in_file(const char *file, uint32_t uid, struct lf_user_room room);

/**
 * The same from what a program prints that is called as getent(1) is, in an
 * environment of its own and without a terminal; a negative errno also when it
 * cannot be started, as in a sandbox (sandbox.h). Waits for it to end.
 */
int lf_user_by_program(const char *program, uint32_t uid,
                       struct lf_user_room room);

#endif
