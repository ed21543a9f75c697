/* SPDX-License-Identifier: MIT */
/*
 * picture.h - a whole home, byte for byte, and what the ledger says of it
 */
#ifndef LF_CRASH_PICTURE_H
#define LF_CRASH_PICTURE_H

#include "base/buf.h"
#include "world.h"

struct picture {
    struct lf_buf tree;   /* kind, mode, owner, text, content, attributes, and
                             of files the time, of every node of the home */
    struct lf_buf ledger; /* of each farm, and where the disk differs */
    struct lf_buf mine;   /* the user's own nodes, inode by inode, wherever they
                             are, in the home or in the store */
};

/** Take it; the manifest, which is the test's, is not in it. */
struct picture picture_take(const struct world *world);
void picture_free(struct picture *picture);

/** Take out our temporary names, where a lie may have left one. */
void picture_forget_spares(struct picture *picture);

/** Tree and ledger are the same. */
bool picture_same(const struct picture *a, const struct picture *b);

/** The user's nodes alone, to hold later pictures of this world against. */
struct lf_buf picture_mine(const struct world *world);

/** None of the nodes in `mine` is missing or changed in `now`. */
bool picture_keeps(const struct lf_buf *mine, const struct picture *now);

/** Print both, for people who look for a fault. */
void picture_differ(const struct picture *got, const struct picture *want);

#endif
