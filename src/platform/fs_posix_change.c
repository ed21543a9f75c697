/* SPDX-License-Identifier: MIT */
/*
 * fs_posix_change.c - changing names and modes, by POSIX alone
 *
 * Two operations are weaker than Linux's own, and say how: renaming without
 * replacing takes two steps, and exchanging is missing.
 */
#define _GNU_SOURCE /* O_PATH */
#include "platform/fs_posix.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- changing names ---- */

int lf_posix_symlink(struct lf_fs *fs, const char *text, int at,
                     const char *name)
{
    (void)fs;
    int wrong = lf_check_name(name);
    if (wrong)
        return wrong;
    LF_RETURN_STATUS(symlinkat(text, at, name));
}

int lf_posix_mkdir(struct lf_fs *fs, int at, const char *name, uint32_t mode)
{
    (void)fs;
    int wrong = lf_check_name(name);
    if (wrong)
        return wrong;
    LF_RETURN_STATUS(mkdirat(at, name, (mode_t)mode));
}

int lf_posix_link(struct lf_fs *fs, int at, const char *name, int to,
                  const char *new_name)
{
    (void)fs;
    int wrong = lf_check_name(name);
    wrong = wrong ? wrong : lf_check_name(new_name);
    if (wrong)
        return wrong;
    LF_RETURN_STATUS(linkat(at, name, to, new_name, 0));
}

int lf_posix_unlink(struct lf_fs *fs, int at, const char *name)
{
    (void)fs;
    int wrong = lf_check_name(name);
    if (wrong)
        return wrong;
    LF_RETURN_STATUS(unlinkat(at, name, 0));
}

int lf_posix_rmdir(struct lf_fs *fs, int at, const char *name)
{
    (void)fs;
    int wrong = lf_check_name(name);
    if (wrong)
        return wrong;
    int result;
    LF_RETRY(result, unlinkat(at, name, AT_REMOVEDIR));
    if (result < 0) /* POSIX allows both */
        return errno == EEXIST ? -ENOTEMPTY : -errno;
    return 0;
}

static bool same_node(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/*
 * Give the node `was`, which is not a directory, a second name and take the
 * first away. The new name is never replaced. What is not atomic: both names
 * exist for an instant (and for good, if the process ends just then), and a
 * node that another process puts at the old name between our look and
 * unlinkat(2) would be removed.
 */
static int rename_by_link(int at, const char *name, int to,
                          const char *new_name, const struct stat *was)
{
    struct stat now;
    int result;
    LF_RETRY(result, linkat(at, name, to, new_name, 0));
    if (result < 0)
        return -errno;
    result = lf_posix_look(at, name, &now);
    if (result == 0 && !same_node(was, &now))
        result = -EAGAIN;
    if (result == 0) {
        LF_RETRY(result, unlinkat(at, name, 0));
        result = result < 0 ? -errno : 0;
    }
    if (result < 0) {
        int undone; /* if this fails too, the first failure is what counts */
        LF_RETRY(undone, unlinkat(to, new_name, 0));
        (void)undone;
    }
    return result;
}

/* Whether a link failed because the file system makes none of this node. */
static bool lacks_links(int result)
{
    return result == -EPERM || result == -EOPNOTSUPP || result == -ENOSYS ||
           result == -EMLINK;
}

/*
 * Rename without replacing, in two steps. A directory cannot be linked, nor
 * can anything where the file system knows no hard links: then this looks and
 * renames, and what another process puts at the new name in between is
 * replaced; by a directory only an empty directory can be.
 */
static int rename_noreplace(int at, const char *name, int to,
                            const char *new_name)
{
    struct stat was, taken;
    int result = lf_posix_look(at, name, &was);
    if (result < 0)
        return result;
    if (!S_ISDIR(was.st_mode)) {
        result = rename_by_link(at, name, to, new_name, &was);
        if (!lacks_links(result))
            return result;
    }
    result = lf_posix_look(to, new_name, &taken);
    if (result != -ENOENT)
        return result == 0 ? -EEXIST : result;
    LF_RETURN_STATUS(renameat(at, name, to, new_name));
}

int lf_posix_rename(struct lf_fs *fs, int at, const char *name, int to,
                    const char *new_name, enum lf_rename how)
{
    (void)fs;
    int wrong = lf_check_name(name);
    wrong = wrong ? wrong : lf_check_name(new_name);
    if (wrong)
        return wrong;
    switch (how) {
    case LF_RENAME_NOREPLACE:
        return rename_noreplace(at, name, to, new_name);
    case LF_RENAME_REPLACE:
        LF_RETURN_STATUS(renameat(at, name, to, new_name));
    case LF_RENAME_EXCHANGE:
        break;
    }
    return -ENOSYS;
}

/* ---- changing modes ---- */

/*
 * Change the mode of the very node that `fd` (O_PATH) refers to. fchmod(2)
 * refuses such a descriptor; its name in /proc leads to the node and nowhere
 * else. Without /proc a directory is reached from itself as ".".
 */
static int chmod_path_fd(int fd, mode_t mode)
{
    struct stat st;
    int result = lf_posix_look(fd, "", &st);
    if (result < 0)
        return result;
    if (S_ISLNK(st.st_mode))
        return -EOPNOTSUPP;
    char proc[64];
    snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
    LF_RETRY(result, chmod(proc, mode));
    if (result == 0)
        return 0;
    if (errno != ENOENT && errno != ENOTDIR)
        return -errno;
    if (!S_ISDIR(st.st_mode))
        return -EOPNOTSUPP;
    LF_RETURN_STATUS(fchmodat(fd, ".", mode, 0));
}

int lf_posix_chmod(struct lf_fs *fs, int at, const char *name, uint32_t mode)
{
    (void)fs;
    if (name[0] == '\0') {
        int result;
        LF_RETRY(result, fchmod(at, (mode_t)mode));
        if (result == 0)
            return 0;
        return errno == EBADF ? chmod_path_fd(at, (mode_t)mode) : -errno;
    }
    int wrong = lf_check_name(name);
    if (wrong)
        return wrong;
    int fd;
    LF_RETRY(fd,
             openat(at, name, O_PATH | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (fd < 0)
        return -errno;
    int result = chmod_path_fd(fd, (mode_t)mode);
    close(fd);
    return result;
}
