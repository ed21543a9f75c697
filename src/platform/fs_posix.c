/* SPDX-License-Identifier: MIT */
/*
 * fs_posix.c - the table of operations, by POSIX alone
 *
 * Complete by itself: on Linux it is what is left where a kernel, a sandbox or
 * a file system lacks what fs_linux.c prefers. The operations that change names
 * and modes are in fs_posix_change.c.
 */
#define _GNU_SOURCE /* O_PATH, syncfs(2), DT_* */
#include "platform/fs_posix.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NAME_LIMIT = 255,
    PATH_LIMIT = 4095, /* as the kernel's, so that both ways agree */
};

static bool is_dot_dot(const char *name, size_t len)
{
    return len == 2 && name[0] == '.' && name[1] == '.';
}

int lf_check_name(const char *name)
{
    if (name[0] == '\0' || strchr(name, '/'))
        return -EINVAL;
    return is_dot_dot(name, strlen(name)) ? -EXDEV : 0;
}

int lf_check_path(const char *path)
{
    if (path[0] == '/')
        return -EXDEV;
    const char *at = path;
    while (*at) {
        size_t len = strcspn(at, "/");
        if (is_dot_dot(at, len))
            return -EXDEV;
        at += len;
        at += *at == '/';
    }
    return at - path > PATH_LIMIT ? -ENAMETOOLONG : 0;
}

/* ---- descriptors ---- */

static int or_errno(int fd)
{
    return fd < 0 ? -errno : fd;
}

/* posix_close() is a function of POSIX (2024), which musl's header has. */
static int close_fd(struct lf_fs *fs, int fd)
{
    (void)fs;
    /* the descriptor is gone after EINTR too, so that this is no failure */
    return close(fd) < 0 && errno != EINTR ? -errno : 0;
}

int lf_dir_flags(unsigned how)
{
    int access = how & LF_DIR_READ ? O_RDONLY : O_PATH;
    return access | O_DIRECTORY | O_CLOEXEC;
}

/* One step down; a link is ELOOP, as with openat2(2), where openat(2) says
 * ENOTDIR of it. */
static int open_step(int at, const char *name, int flags)
{
    int fd;
    LF_RETRY(fd, openat(at, name, flags | O_NOFOLLOW));
    if (fd >= 0)
        return fd;
    int error = errno;
    struct stat st;
    if (error == ENOTDIR && lf_posix_look(at, name, &st) == 0 &&
        S_ISLNK(st.st_mode))
        error = ELOOP;
    return -error;
}

/* Copy the next component that is not `.` off `*path`. Empty at the end. */
static int next_step(const char **path, char *step)
{
    size_t len;
    do {
        *path += strspn(*path, "/");
        len = strcspn(*path, "/");
        if (len > NAME_LIMIT)
            return -ENAMETOOLONG;
        memcpy(step, *path, len);
        step[len] = '\0';
        *path += len;
    } while (len == 1 && step[0] == '.');
    return 0;
}

static int open_below(int at, const char *path, unsigned how)
{
    char step[NAME_LIMIT + 1];
    char next[NAME_LIMIT + 1];
    int fd = at;
    int result = next_step(&path, step);
    if (result == 0 && step[0] == '\0')
        return open_step(at, ".", lf_dir_flags(how));
    while (result == 0 && step[0] != '\0') {
        result = next_step(&path, next);
        if (result < 0)
            break;
        result = open_step(fd, step,
                           lf_dir_flags(next[0] == '\0' ? how : LF_DIR_PATH));
        if (fd != at)
            close(fd);
        fd = result;
        if (fd >= 0)
            result = 0;
        memcpy(step, next, sizeof(step));
    }
    if (result < 0 && fd >= 0 && fd != at)
        close(fd);
    return result < 0 ? result : fd;
}

/* By which right a directory is reached, a name in it is. */
static int search(int dir)
{
    struct stat st;
    int result;
    LF_RETRY(result, fstatat(dir, ".", &st, AT_SYMLINK_NOFOLLOW));
    return or_errno(result);
}

static int posix_open_dir(struct lf_fs *fs, int at, const char *path,
                          unsigned how)
{
    (void)fs;
    if (how & LF_DIR_FOLLOW) {
        int fd;
        LF_RETRY(fd, openat(at < 0 ? AT_FDCWD : at, path[0] ? path : ".",
                            lf_dir_flags(how)));
        return or_errno(fd);
    }
    int wrong = lf_check_path(path);
    if (wrong)
        return wrong;
    int fd = open_below(at, path, how);
    if (fd >= 0 && how & LF_DIR_SEARCH)
        wrong = search(fd);
    if (wrong)
        close(fd);
    return wrong ? wrong : fd;
}

/* To open a device can be to use it, and a path that is followed may be one that a
 * state directory of somebody else's names. So what is neither a file nor a directory
 * is opened only to be looked at. */
static int flags_to_follow(int at, const char *name, int flags)
{
    struct stat st;
    if (flags & O_CREAT || fstatat(at, name, &st, 0) < 0)
        return flags;
    return S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) ? flags
                                                      : O_PATH | O_CLOEXEC;
}

static int posix_open_file(struct lf_fs *fs, int at, const char *name,
                           unsigned how, uint32_t mode)
{
    (void)fs;
    int flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    flags |= how & LF_FILE_WRITE ? O_RDWR : O_RDONLY;
    flags |= how & LF_FILE_CREATE ? O_CREAT : 0;
    flags |= how & LF_FILE_CREATE && how & LF_FILE_EXCLUSIVE ? O_EXCL : 0;
    if (how & LF_FILE_FOLLOW) {
        at = at < 0 ? AT_FDCWD : at;
        flags = flags_to_follow(at, name, flags);
    } else {
        int wrong = lf_check_name(name);
        if (wrong)
            return wrong;
        flags |= O_NOFOLLOW;
    }
    int fd;
    LF_RETRY(fd, openat(at, name, flags, (mode_t)mode));
    return or_errno(fd);
}

/* ---- looking ---- */

enum lf_node_kind lf_kind_of_mode(mode_t mode)
{
    if (S_ISLNK(mode))
        return LF_NODE_LINK;
    if (S_ISDIR(mode))
        return LF_NODE_DIR;
    return S_ISREG(mode) ? LF_NODE_FILE : LF_NODE_OTHER;
}

enum lf_node_kind lf_kind_of_type(unsigned char type)
{
    switch (type) {
    case DT_LNK:
        return LF_NODE_LINK;
    case DT_DIR:
        return LF_NODE_DIR;
    case DT_REG:
        return LF_NODE_FILE;
    case DT_UNKNOWN:
        return LF_NODE_UNKNOWN;
    default:
        return LF_NODE_OTHER;
    }
}

static int64_t nanoseconds(struct timespec time)
{
    return lf_posix_time(time.tv_sec, time.tv_nsec);
}

int lf_posix_look(int at, const char *name, struct stat *ret)
{
    if (name[0] == '\0')
        LF_RETURN_STATUS(fstat(at, ret));
    int wrong = lf_check_name(name);
    if (wrong)
        return wrong;
    LF_RETURN_STATUS(fstatat(at, name, ret, AT_SYMLINK_NOFOLLOW));
}

static struct lf_node node_of(const struct stat *st)
{
    return (struct lf_node){
            .kind = lf_kind_of_mode(st->st_mode),
            .mode = st->st_mode & 07777,
            .uid = st->st_uid,
            .gid = st->st_gid,
            .links = (uint32_t)st->st_nlink,
            .dev = st->st_dev,
            .ino = st->st_ino,
            .mount = 0, /* not known to POSIX */
            .size = (uint64_t)st->st_size,
            .mtime = nanoseconds(st->st_mtim),
            .ctime = nanoseconds(st->st_ctim),
    };
}

static int posix_stat(struct lf_fs *fs, int at, const char *name,
                      struct lf_node *ret)
{
    (void)fs;
    struct stat st;
    int result = lf_posix_look(at, name, &st);
    if (result == 0)
        *ret = node_of(&st);
    return result;
}

static int posix_stat_path(struct lf_fs *fs, int at, const char *path,
                           struct lf_node *ret)
{
    (void)fs;
    struct stat st;
    int result = lf_check_path(path);
    if (result < 0)
        return result;
    LF_RETRY(result, path[0] ? fstatat(at, path, &st, AT_SYMLINK_NOFOLLOW)
                             : fstat(at, &st));
    if (result < 0)
        return -errno;
    *ret = node_of(&st);
    return 0;
}

static long posix_readlink(struct lf_fs *fs, int at, const char *name,
                           char *buf, size_t size)
{
    (void)fs;
    int wrong = name[0] ? lf_check_name(name) : 0;
    if (wrong)
        return wrong;
    ssize_t len;
    LF_RETRY(len, readlinkat(at, name, buf, size));
    return len < 0 ? -errno : len;
}

static int list_stream(DIR *stream, lf_list_fn *fn, void *arg)
{
    int tries = LF_TRIES;
    rewinddir(stream);
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (!entry && errno == EINTR && --tries > 0)
            continue;
        if (!entry)
            return -errno;
        tries = LF_TRIES;
        struct lf_str name = lf_str(entry->d_name);
        if (is_dot_dot(name.data, name.len) || lf_str_equal(name, LF_STR(".")))
            continue;
        if (!fn(arg, name, lf_kind_of_type(entry->d_type)))
            return 0;
    }
}

static int posix_list(struct lf_fs *fs, int fd, lf_list_fn *fn, void *arg)
{
    (void)fs;
    /* closedir(3) closes what it was given */
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0)
        return -errno;
    int tries = LF_TRIES;
    DIR *stream;
    do {
        stream = fdopendir(copy);
    } while (!stream && errno == EINTR && --tries > 0);
    if (!stream) {
        int error = errno;
        close(copy);
        return -error;
    }
    int result = list_stream(stream, fn, arg);
    closedir(stream);
    return result;
}

/* ---- contents ---- */

static long posix_read(struct lf_fs *fs, int fd, void *buf, size_t size)
{
    (void)fs;
    size_t done = 0;
    while (done < size) {
        ssize_t got;
        LF_RETRY(got, read(fd, (char *)buf + done, size - done));
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (long)done;
}

static int posix_write(struct lf_fs *fs, int fd, const void *buf, size_t size)
{
    (void)fs;
    size_t done = 0;
    while (done < size) {
        ssize_t put;
        LF_RETRY(put, write(fd, (const char *)buf + done, size - done));
        if (put <= 0)
            return put < 0 ? -errno : -EIO;
        done += (size_t)put;
    }
    return 0;
}

static int posix_truncate(struct lf_fs *fs, int fd, uint64_t size)
{
    (void)fs;
    off_t length = (off_t)size;
    if (length < 0 || (uint64_t)length != size)
        return -EFBIG;
    LF_RETURN_STATUS(ftruncate(fd, length));
}

static int posix_fsync(struct lf_fs *fs, int fd)
{
    (void)fs;
    LF_RETURN_STATUS(fsync(fd));
}

static int posix_syncfs(struct lf_fs *fs, int fd)
{
    (void)fs;
#ifdef __linux__
    LF_RETURN_STATUS(syncfs(fd));
#else
    sync();
    LF_RETURN_STATUS(fsync(fd));
#endif
}

static int posix_lock(struct lf_fs *fs, int fd)
{
    (void)fs;
    LF_RETURN_STATUS(flock(fd, LOCK_EX | LOCK_NB));
}

static int posix_unlock(struct lf_fs *fs, int fd)
{
    (void)fs;
    LF_RETURN_STATUS(flock(fd, LOCK_UN));
}

const struct lf_fs lf_fs_posix = {
        .open_dir = posix_open_dir,
        .close = close_fd,
        .stat = posix_stat,
        .stat_path = posix_stat_path,
        .readlink = posix_readlink,
        .list = posix_list,
        .symlink = lf_posix_symlink,
        .mkdir = lf_posix_mkdir,
        .chmod = lf_posix_chmod,
        .rename = lf_posix_rename,
        .link = lf_posix_link,
        .unlink = lf_posix_unlink,
        .rmdir = lf_posix_rmdir,
        .open_file = posix_open_file,
        .read = posix_read,
        .write = posix_write,
        .truncate = posix_truncate,
        .fsync = posix_fsync,
        .syncfs = posix_syncfs,
        .lock = posix_lock,
        .unlock = posix_unlock,
        .may_change = lf_posix_may_change,
        .may_take = lf_posix_may_take,
};

void lf_fs_system_fallback(struct lf_fs *ret)
{
    *ret = lf_fs_posix;
}

#ifndef __linux__
void lf_fs_system(struct lf_fs *ret)
{
    *ret = lf_fs_posix;
}
#endif
