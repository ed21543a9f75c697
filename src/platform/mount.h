/* SPDX-License-Identifier: MIT */
/*
 * mount.h - what the system tells of the mount that a directory is on
 *
 * The source is /proc/self/mountinfo, see proc_pid_mountinfo(5). A system
 * without it, or a mount that it does not show, is not known.
 */
#ifndef LF_PLATFORM_MOUNT_H
#define LF_PLATFORM_MOUNT_H

#include "platform/fs.h"

/** How long what is written to a mount keeps. */
enum lf_mount_keeps {
    LF_MOUNT_KEEPS,    /* as a disk does, as far as can be told */
    LF_MOUNT_MEMORY,   /* until it is unmounted: tmpfs(5), ramfs */
    LF_MOUNT_VOLATILE, /* an overlay that was told not to sync */
};

struct lf_mount {
    /* of the file system, as stat(2) has it; on btrfs the nodes' is another */
    uint64_t device;
    enum lf_mount_keeps keeps;
};

/**
 * Find the mount with the number `id` (lf_sys_mount()) in `text`, which has the form
 * of mountinfo. Lines that do not have it are passed over. False: not there.
 */
bool lf_mount_find(struct lf_str text, uint64_t id, struct lf_mount *ret);

/** The mount that `fd` is on: 0; -ENOENT if it is not known; -errno. */
int lf_mount_of(struct lf_fs *fs, int fd, struct lf_mount *ret);

#endif
