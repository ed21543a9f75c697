/* SPDX-License-Identifier: MIT */
/*
 * fs.h - the only way to the file system
 *
 * A table of operations on directory descriptors. Names are single components
 * unless a comment says "path": no operation ever follows a symbolic link in
 * its last component, and none but open_dir() and stat_path() takes more than
 * one component, so what a caller holds open is what it acts on (openat(2)).
 * This is enforced: a name that is empty, where that means nothing, or that has
 * a slash in it is EINVAL, and `..` is EXDEV.
 *
 * Every operation returns 0 (or a descriptor, or a count) on success and a
 * negative errno on failure. EINTR is retried inside, as is EAGAIN of
 * openat2(2), both a bounded number of times. Descriptors are closed by exec.
 *
 * Tests replace single operations to fail, or to stop for good, at the nth
 * call. Callers pass the table along; there is no global one.
 */
#ifndef LF_PLATFORM_FS_H
#define LF_PLATFORM_FS_H

#include <linkfarm/node.h>
#include <linkfarm/str.h>
#include <stdint.h>

struct lf_fs;

/** How to open a directory; or-ed. */
enum lf_open_dir {
    LF_DIR_PATH = 0,        /* only to reach what is below it (O_PATH) */
    LF_DIR_READ = 1 << 0,   /* also to list, sync or lock it */
    LF_DIR_SEARCH = 1 << 3, /* EACCES where what is in it cannot be reached: to
                               list a directory takes less than that
                               (path_resolution(7)) */
    LF_DIR_FOLLOW = 1 << 1, /* a path in the process's own terms, links and all:
                               for the few places that a user names directly */
};

/** How to open a file; or-ed. Never follows a link, never blocks on a FIFO. */
enum lf_open_file {
    LF_FILE_READ = 0,
    LF_FILE_WRITE = 1 << 0,     /* read and write */
    LF_FILE_CREATE = 1 << 1,    /* if missing */
    LF_FILE_EXCLUSIVE = 1 << 2, /* with CREATE: it must be missing */
    LF_FILE_FOLLOW = 1 << 3,    /* for files that a user names: a path, and
                                   links are followed; of a device, a FIFO or a
                                   socket the descriptor is only to look at */
};

enum lf_rename {
    LF_RENAME_NOREPLACE, /* EEXIST if the new name is taken. Where the system
                            has no such rename: a link and an unlink, so that a
                            crash can leave both names; for directories a look
                            and a rename */
    LF_RENAME_EXCHANGE,  /* both must exist; EINVAL or ENOSYS where missing */
    LF_RENAME_REPLACE,   /* rename(2): only where EXCHANGE is missing */
};

/**
 * Called for each entry but `.` and `..`; `name` is NUL-ended and lives for
 * the call. False ends the listing early, without an error.
 */
typedef bool lf_list_fn(void *arg, struct lf_str name, enum lf_node_kind kind);

struct lf_fs {
    /* path of one or more components below `at` (or absolute with FOLLOW;
     * `at` may then be -1). Without FOLLOW no component may be a symlink
     * (ELOOP), none may be `..` and the path not absolute (EXDEV). At most
     * 4095 bytes (ENAMETOOLONG); deeper is reached in several calls. "" opens
     * `at` again, as a description of its own. */
    int (*open_dir)(struct lf_fs *fs, int at, const char *path, unsigned how);
    int (*close)(struct lf_fs *fs, int fd);
    /* name "" means the descriptor itself; `ret->text` is not set */
    int (*stat)(struct lf_fs *fs, int at, const char *name,
                struct lf_node *ret);
    /* the same of a path of one or more components below `at` ("" is `at`
     * itself); links before the last component are followed, so whoever must
     * know that there are none looks at those names first */
    int (*stat_path)(struct lf_fs *fs, int at, const char *path,
                     struct lf_node *ret);
    /* bytes written, at most `size`; no NUL. A longer text is cut, so a result
     * of `size` means "ask with more". name "" for an O_PATH link */
    long (*readlink)(struct lf_fs *fs, int at, const char *name, char *buf,
                     size_t size);
    /* entries in the order of the file system; kind LF_NODE_UNKNOWN where the
     * file system does not tell. From the beginning each time. `fd` was opened
     * with LF_DIR_READ; `fn` must not list the same `fd` */
    int (*list)(struct lf_fs *fs, int fd, lf_list_fn *fn, void *arg);
    int (*symlink)(struct lf_fs *fs, const char *text, int at,
                   const char *name);
    /* as mkdir(2): the umask takes bits away; chmod() then says exactly */
    int (*mkdir)(struct lf_fs *fs, int at, const char *name, uint32_t mode);
    /* EOPNOTSUPP for a link. name "" means the descriptor itself */
    int (*chmod)(struct lf_fs *fs, int at, const char *name, uint32_t mode);
    int (*rename)(struct lf_fs *fs, int at, const char *name, int to,
                  const char *new_name, enum lf_rename how);
    /* a hard link; of a symlink, to the symlink itself */
    int (*link)(struct lf_fs *fs, int at, const char *name, int to,
                const char *new_name);
    int (*unlink)(struct lf_fs *fs, int at, const char *name);
    /* ENOTEMPTY if something is in it */
    int (*rmdir)(struct lf_fs *fs, int at, const char *name);
    int (*open_file)(struct lf_fs *fs, int at, const char *name, unsigned how,
                     uint32_t mode);
    /* as read(2) and write(2), whole: short only at the end of the file. Files
     * are opened not to block, so a FIFO or terminal with nothing to read is
     * EAGAIN */
    long (*read)(struct lf_fs *fs, int fd, void *buf, size_t size);
    int (*write)(struct lf_fs *fs, int fd, const void *buf, size_t size);
    int (*truncate)(struct lf_fs *fs, int fd, uint64_t size);
    int (*fsync)(struct lf_fs *fs, int fd);
    int (*syncfs)(struct lf_fs *fs, int fd);
    /* exclusive flock(2), not waiting: EWOULDBLOCK if another description
     * holds it. Released when the last copy of this one is closed, in this process
     * and in all that it forked; or at once, for all of them, by unlock() */
    int (*lock)(struct lf_fs *fs, int fd);
    int (*unlock)(struct lf_fs *fs, int fd);
    /* 1 if the node that `fd` refers to lies on a proc file system, whose
     * "magic" links lead elsewhere than their text says; else 0. NULL where
     * the system has none */
    int (*on_proc)(struct lf_fs *fs, int fd);
    /* 1 if the directory `fd` lies on a file system of a kind that is known to
     * stamp a directory's ctime with the system's clock at every change of a
     * name in it; else 0. NULL where no such kind is known */
    int (*keeps_clock)(struct lf_fs *fs, int fd);
    /* 1 if the directory `fd` lies on a file system of a kind on which any
     * directory can be renamed; else 0: on an overlay, those below it cannot.
     * NULL where no such kind is known */
    int (*moves_dirs)(struct lf_fs *fs, int fd);
    /* 0 if names may be made, renamed and removed in the directory `fd`, as far
     * as that can be told without doing it; -EACCES, -EROFS, or -EPERM if it is
     * immutable or append-only. NULL where nobody is asked */
    int (*may_change)(struct lf_fs *fs, int fd);
    /* 0 if the node `name` in such a directory may be renamed or removed, as
     * far as that can be told; -EACCES if the directory is sticky and the node
     * another user's, -EPERM if it is immutable or append-only, -EBUSY if it
     * is a mount point. NULL as above */
    int (*may_take)(struct lf_fs *fs, int at, const char *name);
};

/**
 * Fill `ret` with the operations of this system. On Linux: openat2(2) with
 * RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS and RESOLVE_NO_MAGICLINKS, component by
 * component with O_NOFOLLOW where it is missing (ENOSYS, or EPERM under old
 * seccomp profiles); renameat2(2); statx(2) for the mount id; fchmodat2(2),
 * the node's name in /proc/self/fd where it is missing.
 */
void lf_fs_system(struct lf_fs *ret);

/**
 * The system's operations with openat2, renameat2, statx and fchmodat2 taken
 * as missing, so that every fall-back can be tested where they exist.
 */
void lf_fs_system_fallback(struct lf_fs *ret);

/** Closes the variable's descriptor, if not negative, when it goes out of
 *  scope: `LF_AUTO_CLOSE struct lf_fd fd = {fs, -1};` */
struct lf_fd {
    struct lf_fs *fs;
    int fd;
};

static inline void lf_auto_close(struct lf_fd *fd)
{
    if (fd->fd >= 0)
        fd->fs->close(fd->fs, fd->fd);
}

#define LF_AUTO_CLOSE __attribute__((cleanup(lf_auto_close)))

#endif
