/* SPDX-License-Identifier: MIT */
/*
 * root.h - the directory that threads begin at
 *
 * As long as a process has several threads, the kernel counts who uses a descriptor
 * while a call lasts (fdget() of Linux), and two threads that begin at the same one
 * wait for each other to count: looks by two threads then take as long as by one.
 */
#ifndef LF_PLATFORM_ROOT_H
#define LF_PLATFORM_ROOT_H

#include "platform/fs.h"

/**
 * A descriptor of the directory `root_fd` for the thread with that index
 * (lf_threads_run()): `root_fd` itself for the first one, and where no other can be
 * opened. To be given back with lf_root_done().
 */
int lf_root_for(struct lf_fs *fs, int root_fd, unsigned index);
void lf_root_done(struct lf_fs *fs, int root_fd, int own);

/**
 * Open the directory `path`, which begins with a slash and need not end in a NUL, from
 * `root_fd`: lf_fs.open_dir(), with its errors, and -ENAMETOOLONG for more than
 * LF_PATH_LIMIT bytes. The descriptor is the caller's.
 */
int lf_root_open(struct lf_fs *fs, int root_fd, struct lf_str path,
                 unsigned how);

#endif
