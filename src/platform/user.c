/* SPDX-License-Identifier: MIT */
/*
 * user.c - the effective user, as the C library finds it
 *
 * A file of its own, as a program that brings its own lf_sys_user() must not get
 * this one from the archive as well.
 */
#include "platform/sys.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

/* Sets `*ret_texts`, heap memory that `ret` borrows, also on failure. */
static int look_up_user(struct passwd *ret, char **ret_texts)
{
    enum { FIRST = 1024, LARGEST = 1 << 20 };
    *ret_texts = NULL;
    for (size_t size = FIRST; size <= LARGEST; size *= 2) {
        char *texts = realloc(*ret_texts, size);
        if (!texts)
            return -ENOMEM;
        *ret_texts = texts;
        struct passwd *found = NULL;
        int error = getpwuid_r(geteuid(), ret, texts, size, &found);
        if (error == 0 && found)
            return 0;
        if (error == 0)
            return -ENOENT;
        if (error != ERANGE && error != EINTR)
            return -error;
    }
    return -ERANGE;
}

int lf_sys_user(char *name, size_t name_size, char *home, size_t home_size)
{
    struct passwd user;
    char *texts;
    int result = look_up_user(&user, &texts);
    if (result == 0)
        result = lf_sys_copy(name, name_size, user.pw_name);
    if (result == 0)
        result = lf_sys_copy(home, home_size, user.pw_dir);
    free(texts);
    return result;
}
