/* SPDX-License-Identifier: MIT */
/*
 * fs_posix.h - what fs_posix.c lends to the file of one system
 *
 * Private to src/platform.
 */
#ifndef LF_PLATFORM_FS_POSIX_H
#define LF_PLATFORM_FS_POSIX_H

#include "platform/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>

struct stat; /* of <sys/stat.h>, which fs_linux.c must not include */

#ifndef O_PATH
#define O_PATH O_RDONLY
#endif

/* An interrupted call is made again, but not for ever: something that
 * interrupts each of so many calls will not stop, and the caller must know. */
enum { LF_TRIES = 64 };

/** Set `result` to what `call` returns, calling again while `again`. */
#define LF_REPEAT(result, call, again)                                         \
    do {                                                                       \
        int left_ = LF_TRIES;                                                  \
        do {                                                                   \
            (result) = (call);                                                 \
        } while ((result) < 0 && (again) && --left_ > 0);                      \
    } while (0)

#define LF_RETRY(result, call) LF_REPEAT(result, call, errno == EINTR)

/** The same, for calls whose results are 0 or -1 and an errno. */
#define LF_RETURN_STATUS(call)                                                 \
    do {                                                                       \
        int result_;                                                           \
        LF_RETRY(result_, call);                                               \
        return result_ < 0 ? -errno : 0;                                       \
    } while (0)

/** The operations that need nothing but POSIX (and O_PATH, where it exists). */
extern const struct lf_fs lf_fs_posix;

/** 0 if `name` is one component and not `..`; -EINVAL, or -EXDEV for `..`. */
int lf_check_name(const char *name);

/**
 * 0 if `path` may be opened without following: relative (-EXDEV), without `..`
 * (-EXDEV), not too long (-ENAMETOOLONG).
 */
int lf_check_path(const char *path);

/** The flags of open(2) for `how` of enum lf_open_dir, less O_NOFOLLOW. */
int lf_dir_flags(unsigned how);

/** As stat of the table, in the system's own form. */
int lf_posix_look(int at, const char *name, struct stat *ret);

enum lf_node_kind lf_kind_of_mode(mode_t mode);

/** The kind that d_type of a directory entry stands for. */
enum lf_node_kind lf_kind_of_type(unsigned char type);

/* fs_posix_change.c: operations of the table */
int lf_posix_symlink(struct lf_fs *fs, const char *text, int at,
                     const char *name);
int lf_posix_mkdir(struct lf_fs *fs, int at, const char *name, uint32_t mode);
int lf_posix_chmod(struct lf_fs *fs, int at, const char *name, uint32_t mode);
int lf_posix_rename(struct lf_fs *fs, int at, const char *name, int to,
                    const char *new_name, enum lf_rename how);
int lf_posix_link(struct lf_fs *fs, int at, const char *name, int to,
                  const char *new_name);
int lf_posix_unlink(struct lf_fs *fs, int at, const char *name);
int lf_posix_rmdir(struct lf_fs *fs, int at, const char *name);

/* A file may be of the year 2446, which 64 bits of nanoseconds do not reach: such a
 * time is taken modulo 2^64, and is told from others all the same. */
static inline int64_t lf_posix_time(int64_t seconds, int64_t nanoseconds)
{
    return (int64_t)((uint64_t)seconds * 1000000000 + (uint64_t)nanoseconds);
}

/* fs_posix_rights.c: operations of the table */
int lf_posix_may_change(struct lf_fs *fs, int fd);
int lf_posix_may_take(struct lf_fs *fs, int at, const char *name);

/** The same for who has no rights but an owner's, root too: -EACCES. */
int lf_posix_owns(int at, const char *name);

#endif
