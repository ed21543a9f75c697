/* SPDX-License-Identifier: MIT */
/*
 * recorder.h - disks that remember each write and each flush, in order
 *
 * A file system of its own shows images as files. A loop device over such a
 * file hands on what the file system on it writes and flushes, and all of it
 * is appended to one log, whichever disk it is for. The files in which the
 * images are kept do not change.
 */
#ifndef LF_POWERCUT_RECORDER_H
#define LF_POWERCUT_RECORDER_H

#include <stdint.h>
#include <sys/types.h>

enum { DISKS = 2 };

enum event_kind {
    EVENT_WRITE, /* followed by its bytes */
    EVENT_FLUSH, /* what was written to this disk before it is safe */
    EVENT_MARK,  /* the runner has come to the next part */
};

struct event {
    uint32_t kind; /* enum event_kind */
    uint32_t disk;
    uint64_t offset, size; /* bytes; of a write */
};

/**
 * Show copies of `images` as `place`/disk0 and `place`/disk1, and append what
 * happens to them to the file `log`, in a process that ends with this one.
 * `*ret_recorder` is that process. Returns 0 or -1; needs root and /dev/fuse.
 */
int recorder_start(const char *place, const char *const images[DISKS],
                   const char *log, pid_t *ret_recorder);

/** Note that the runner has come to the next part. */
int recorder_mark(const char *place);

/** Unmount, and wait for the process. Nothing may use the files any more. */
int recorder_stop(const char *place, pid_t recorder);

#endif
