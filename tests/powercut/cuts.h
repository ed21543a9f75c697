/* SPDX-License-Identifier: MIT */
/*
 * cuts.h - what disks may hold when the power goes
 *
 * Whatever was written before the last flush of a disk is on it. Of what was
 * written since, each write may be there or not, in any order, and a write of
 * many blocks in part. Blocks are of 4,096 bytes: no file system survives half
 * of its superblock, which ext4 and btrfs write as one.
 */
#ifndef LF_POWERCUT_CUTS_H
#define LF_POWERCUT_CUTS_H

#include "recorder.h"

#include <stdbool.h>
#include <stddef.h>

/** How much of what is not safe is on the disks. */
enum cut {
    CUT_NONE,
    CUT_ALL,
    CUT_PREFIX, /* what was written first */
    CUT_SOME,   /* each write or not */
    CUT_TORN,   /* the same, and single blocks of some */
};

struct cuts {
    char *log;
    size_t size, at;  /* bytes; `at` of the next event */
    int disks[DISKS]; /* files: what is safe */
    size_t *pending;  /* where in the log writes stand that are not, in order */
    size_t n_pending, capacity;
    unsigned marks; /* passed */
    uint64_t state; /* of the generator */
};

/** Take over the log, and `safe`, which hold what the disks held at first. */
void cuts_begin(struct cuts *cuts, const char *log,
                const char *const safe[DISKS], uint64_t seed);
void cuts_end(struct cuts *cuts);

/** Go on to where the next flush, or the end, stands; false behind the end. */
bool cuts_next(struct cuts *cuts);

/** Pass that flush. */
void cuts_pass(struct cuts *cuts);

/** Make the files `images`, which hold what is safe, into what the disks hold
 *  if the power goes now, with `how` much of what is not. */
void cuts_make(struct cuts *cuts, enum cut how,
               const char *const images[DISKS]);

#endif
