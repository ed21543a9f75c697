/* SPDX-License-Identifier: MIT */
/*
 * fs_posix_rights.c - whether a change would be allowed, by POSIX alone
 */
#define _GNU_SOURCE /* S_ISVTX, AT_EACCESS */
#include "platform/fs_posix.h"

#include <sys/stat.h>
#include <unistd.h>

int lf_posix_may_change(struct lf_fs *fs, int fd)
{
    (void)fs;
    LF_RETURN_STATUS(faccessat(fd, ".", W_OK | X_OK, AT_EACCESS));
}

/* In a sticky directory a name belongs to the owner of its node, and all names
 * to the owner of the directory. */
int lf_posix_owns(int at, const char *name)
{
    struct stat dir = {0}, node = {0};
    int result = lf_check_name(name);
    if (result == 0)
        result = lf_posix_look(at, "", &dir);
    if (result == 0)
        result = lf_posix_look(at, name, &node);
    if (result < 0)
        return result;
    uid_t user = geteuid();
    bool sticky = dir.st_mode & S_ISVTX;
    return sticky && user != dir.st_uid && user != node.st_uid ? -EACCES : 0;
}

int lf_posix_may_take(struct lf_fs *fs, int at, const char *name)
{
    (void)fs;
    int result = lf_posix_owns(at, name);
    return result == -EACCES && geteuid() == 0 ? 0 : result;
}
