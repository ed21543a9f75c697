/* SPDX-License-Identifier: MIT */
/*
 * fs_linux.c - the operations that Linux has better than POSIX
 *
 * Each tries Linux's own call first and hands over to fs_posix.c's when the
 * kernel lacks it or a sandbox forbids it. What was missing is not remembered:
 * that would be state, and a failing call costs nothing worth saving.
 */
#define _GNU_SOURCE
#include "base/path.h"
#include "base/util.h"
#include "platform/fs_posix.h"
#include "platform/sys.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/openat2.h>
/* The kernel's own: musl had no statx(2) before 1.2.5, and has no mount id in its
 * struct. Its <sys/stat.h>, which has one of the same name, must not come too. */
#include <linux/stat.h>
#include <stdalign.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Missing from the headers of older C libraries; the same on every machine
 * but alpha. */
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE (1 << 0)
#define RENAME_EXCHANGE (1 << 1)
#endif

/* Linux 6.8; a bit that an older kernel does not know is passed over. */
#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x00004000U
#endif

/* A seccomp profile older than a call answers EPERM for it. */
static bool is_missing(int error)
{
    return error == ENOSYS || error == EPERM;
}

/* The last part of a path is `.`, if that has to be reached. EAGAIN for a path
 * that has no room for it, which those who go name by name need not make. */
static int open_beneath(int at, const char *path, unsigned how)
{
    char inside[LF_PATH_LIMIT + 3];
    size_t len = strlen(path);
    struct open_how open_how = {
            .flags = (unsigned)lf_dir_flags(how),
            .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
                       RESOLVE_NO_MAGICLINKS,
    };
    if (how & LF_DIR_SEARCH && len > 0) {
        if (len + 2 > LF_PATH_LIMIT)
            return -EAGAIN;
        memcpy(inside, path, len);
        memcpy(inside + len, "/.", sizeof("/."));
        path = inside;
    }
    long fd;
    LF_REPEAT(fd,
              syscall(SYS_openat2, at, path[0] ? path : ".", &open_how,
                      sizeof(open_how)),
              errno == EINTR || errno == EAGAIN);
    return fd < 0 ? -errno : (int)fd;
}

static int linux_open_dir(struct lf_fs *fs, int at, const char *path,
                          unsigned how)
{
    if (how & LF_DIR_FOLLOW)
        return lf_fs_posix.open_dir(fs, at, path, how);
    int wrong = lf_check_path(path);
    if (wrong)
        return wrong;
    int fd = open_beneath(at, path, how);
    /* one component at a time is as safe, and cannot be made to wait by
     * renames elsewhere */
    return fd == -EAGAIN || (fd < 0 && is_missing(-fd))
                   ? lf_fs_posix.open_dir(fs, at, path, how)
                   : fd;
}

static int64_t nanoseconds(struct statx_timestamp time)
{
    return lf_posix_time(time.tv_sec, time.tv_nsec);
}

/* Of `at` itself where `path` is empty. */
static long call_statx(int at, const char *path, unsigned mask,
                       struct statx *ret)
{
    return syscall(SYS_statx, at, path,
                   AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT |
                           (path[0] ? 0 : AT_EMPTY_PATH),
                   mask, ret);
}

/* `path` was checked. The number of a mount is one that no later mount has, where the
 * kernel gives such; else one that is given again once it is unmounted. */
static int look(int at, const char *path, struct lf_node *ret)
{
    struct statx st;
    long result;
    LF_RETRY(result,
             call_statx(at, path,
                        STATX_BASIC_STATS | STATX_MNT_ID | STATX_MNT_ID_UNIQUE,
                        &st));
    if (result < 0)
        return -errno;
    *ret = (struct lf_node){
            .kind = lf_kind_of_mode(st.stx_mode),
            .mode = st.stx_mode & 07777,
            .uid = st.stx_uid,
            .gid = st.stx_gid,
            .links = st.stx_nlink,
            .dev = makedev(st.stx_dev_major, st.stx_dev_minor),
            .ino = st.stx_ino,
            .mount = st.stx_mask & (STATX_MNT_ID | STATX_MNT_ID_UNIQUE)
                             ? st.stx_mnt_id
                             : 0,
            .size = st.stx_size,
            .mtime = nanoseconds(st.stx_mtime),
            .ctime = nanoseconds(st.stx_ctime),
    };
    return 0;
}

static int linux_stat(struct lf_fs *fs, int at, const char *name,
                      struct lf_node *ret)
{
    int wrong = name[0] ? lf_check_name(name) : 0;
    if (wrong)
        return wrong;
    int result = look(at, name, ret);
    return result < 0 && is_missing(-result)
                   ? lf_fs_posix.stat(fs, at, name, ret)
                   : result;
}

static int linux_stat_path(struct lf_fs *fs, int at, const char *path,
                           struct lf_node *ret)
{
    int wrong = lf_check_path(path);
    if (wrong)
        return wrong;
    int result = look(at, path, ret);
    return result < 0 && is_missing(-result)
                   ? lf_fs_posix.stat_path(fs, at, path, ret)
                   : result;
}

/* One record of getdents64(2), as the kernel writes it. */
struct record {
    uint64_t ino;
    int64_t offset;
    uint16_t len;
    uint8_t type;
    char name[];
};

/* False when `fn` wants no more. */
static bool list_records(const char *at, const char *end, lf_list_fn *fn,
                         void *arg)
{
    while (at < end) {
        const struct record *record = (const void *)at;
        struct lf_str name = lf_str(at + offsetof(struct record, name));
        at += record->len;
        if (lf_str_equal(name, LF_STR(".")) || lf_str_equal(name, LF_STR("..")))
            continue;
        if (!fn(arg, name, lf_kind_of_type(record->type)))
            return false;
    }
    return true;
}

static int rewind_dir(int fd)
{
    return lseek(fd, 0, SEEK_SET) < 0 ? -errno : 0;
}

/*
 * By the system call itself: no heap, and one call for some 500 entries. A
 * listing ends at the end or is rewound, so that one that finds nothing, not
 * even `.` and `..`, has begun at the end of an earlier one. Most directories
 * are listed once, and need no rewinding.
 */
static int linux_list(struct lf_fs *fs, int fd, lf_list_fn *fn, void *arg)
{
    (void)fs;
    alignas(struct record) char records[16384];
    for (bool first = true;; first = false) {
        long len;
        LF_RETRY(len, syscall(SYS_getdents64, fd, records, sizeof(records)));
        if (len < 0)
            return -errno;
        if (len == 0 && !first)
            return 0;
        if (len > 0 && list_records(records, records + len, fn, arg))
            continue;
        int result = rewind_dir(fd);
        if (len > 0 || result < 0)
            return result;
    }
}

static int linux_chmod(struct lf_fs *fs, int at, const char *name,
                       uint32_t mode)
{
    int wrong = name[0] ? lf_check_name(name) : 0;
    if (wrong)
        return wrong;
    long result;
    LF_RETRY(result, syscall(SYS_fchmodat2, at, name, (mode_t)mode,
                             name[0] ? AT_SYMLINK_NOFOLLOW : AT_EMPTY_PATH));
    if (result == 0)
        return 0;
    /* EPERM may be meant: then the other way says so too */
    return is_missing(errno) ? lf_fs_posix.chmod(fs, at, name, mode) : -errno;
}

static int linux_rename(struct lf_fs *fs, int at, const char *name, int to,
                        const char *new_name, enum lf_rename how)
{
    static const unsigned flags[] = {
            [LF_RENAME_NOREPLACE] = RENAME_NOREPLACE,
            [LF_RENAME_EXCHANGE] = RENAME_EXCHANGE,
            [LF_RENAME_REPLACE] = 0,
    };
    int wrong = lf_check_name(name);
    wrong = wrong ? wrong : lf_check_name(new_name);
    if (wrong)
        return wrong;
    long result;
    LF_RETRY(result,
             syscall(SYS_renameat2, at, name, to, new_name, flags[how]));
    if (result == 0)
        return 0;
    /* EINVAL is how a file system says that it does not know the flag */
    int error = errno;
    if (error == EPERM && !lf_sys_offers(LF_CALL_RENAMEAT2))
        error = ENOSYS;
    if (how != LF_RENAME_EXCHANGE && (error == ENOSYS || error == EINVAL))
        return lf_fs_posix.rename(fs, at, name, to, new_name, how);
    return -error;
}

static int linux_on_proc(struct lf_fs *fs, int at)
{
    (void)fs;
    struct statfs info;
    int result;
    LF_RETRY(result, fstatfs(at, &info));
    return result < 0 ? -errno : info.f_type == PROC_SUPER_MAGIC;
}

/* Whether `fd` lies on a file system of one of these kinds. */
static int is_one_of(int fd, const uint32_t *kinds, size_t count)
{
    struct statfs info;
    int result;
    LF_RETRY(result, fstatfs(fd, &info));
    for (size_t i = 0; result == 0 && i < count; i++)
        /* of 32 bits, in a type that each system has another of */
        if ((uint32_t)info.f_type == kinds[i])
            return 1;
    return result < 0 ? -errno : 0;
}

/*
 * Kinds that were seen to stamp every change, and on whose server nobody else's
 * clock is. Overlay stamps with the file system that it writes to, which is
 * one of these or a local one like them. Overlay comes last: on the others any
 * directory can be renamed, too.
 */
static const uint32_t known_kinds[] = {
        EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,  BTRFS_SUPER_MAGIC,
        TMPFS_MAGIC,      F2FS_SUPER_MAGIC, OVERLAYFS_SUPER_MAGIC};

static bool tells_mounts_apart(int fd)
{
    struct statx st;
    long result;
    LF_RETRY(result, call_statx(fd, "", STATX_MNT_ID_UNIQUE, &st));
    return result == 0 && st.stx_mask & STATX_MNT_ID_UNIQUE;
}

/* While an overlay is not mounted, its lower layers may change, and a directory that
 * has an upper one keeps that one's times. So it has to be told from the next one. */
static int linux_keeps_clock(struct lf_fs *fs, int fd)
{
    (void)fs;
    int result = is_one_of(fd, known_kinds, LF_COUNT(known_kinds) - 1);
    if (result == 0 && tells_mounts_apart(fd))
        result = is_one_of(fd, known_kinds, LF_COUNT(known_kinds));
    return result;
}

static int linux_moves_dirs(struct lf_fs *fs, int fd)
{
    (void)fs;
    return is_one_of(fd, known_kinds, LF_COUNT(known_kinds) - 1);
}

/* ---- rights ---- */

/* Owner and attributes of a node; all zero where the kernel does not tell. */
static bool ask(int at, const char *name, struct statx *ret)
{
    long result;
    LF_RETRY(result, call_statx(at, name, STATX_UID, ret));
    if (result < 0)
        *ret = (struct statx){0};
    return result == 0;
}

static bool has(const struct statx *st, uint64_t attributes)
{
    return st->stx_attributes & st->stx_attributes_mask & attributes;
}

/* The older call asks for the real user. */
static int may_change_as_real(int fd)
{
    long result;
    if (lf_sys_setuid())
        return -EPERM;
    LF_RETRY(result, syscall(SYS_faccessat, fd, ".", W_OK | X_OK));
    return result < 0 ? -errno : 0;
}

static int linux_may_change(struct lf_fs *fs, int fd)
{
    struct statx st;
    int result = lf_posix_may_change(fs, fd);
    /* EPERM may be meant: then the older call says so too */
    if (result == -EPERM)
        result = may_change_as_real(fd);
    if (result < 0)
        return result;
    (void)ask(fd, "", &st); /* what is not told hinders nobody */
    return has(&st, STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND) ? -EPERM : 0;
}

/* Whether sticky directories do not bind this process. Root's may be without that. */
static bool rules_owners(void)
{
    struct __user_cap_header_struct header = {
            .version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    return syscall(SYS_capget, &header, data) == 0 &&
           data[CAP_TO_INDEX(CAP_FOWNER)].effective & CAP_TO_MASK(CAP_FOWNER);
}

static int linux_may_take(struct lf_fs *fs, int at, const char *name)
{
    struct statx st;
    int result = lf_check_name(name);
    if (result < 0)
        return result;
    (void)fs;
    uint32_t user = lf_sys_uid();
    /* one's own no sticky directory binds; one question costs less than two looks */
    bool is_free = ask(at, name, &st) &&
                   (user == st.stx_uid || (user == 0 && rules_owners()));
    if (!is_free)
        result = lf_posix_owns(at, name);
    if (result < 0 && (result != -EACCES || !rules_owners()))
        return result;
    if (has(&st, STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND))
        return -EPERM;
    return has(&st, STATX_ATTR_MOUNT_ROOT) ? -EBUSY : 0;
}

void lf_fs_system(struct lf_fs *ret)
{
    *ret = lf_fs_posix;
    ret->open_dir = linux_open_dir;
    ret->stat = linux_stat;
    ret->stat_path = linux_stat_path;
    ret->list = linux_list;
    ret->chmod = linux_chmod;
    ret->rename = linux_rename;
    ret->on_proc = linux_on_proc;
    ret->keeps_clock = linux_keeps_clock;
    ret->moves_dirs = linux_moves_dirs;
    ret->may_change = linux_may_change;
    ret->may_take = linux_may_take;
}
