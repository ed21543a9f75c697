/* SPDX-License-Identifier: MIT */
/*
 * listing.h - what stands in directories of the disk
 *
 * For commands that look around where no manifest points. Paths are physical,
 * as seen from the root directory that the disk was opened with.
 */
#ifndef LF_CLI_LISTING_H
#define LF_CLI_LISTING_H

#include "base/arena.h"
#include "platform/fs.h"
#include <linkfarm/error.h>
#include <linkfarm/resolve.h>

struct lf_disk {
    struct lf_fs fs;
    int root_fd; /* -1: not open */
    struct lf_view *view;
    struct lf_resolver *resolver;
    bool in_root; /* not the system's */
    char *start;  /* where relative paths start; NULL: the root, or not known */
};

/** Open what is below `root`, absolute; NULL is "/". Close it also on failure. */
bool lf_disk_open(const char *root, struct lf_disk *ret_disk,
                  struct lf_error *err);
void lf_disk_close(struct lf_disk *disk);

/** See to it that `disk->start` is known if `path`, as typed, starts there. */
bool lf_disk_start(struct lf_disk *disk, const char *path,
                   struct lf_error *err);

/** The physical path of the directory `path`, as typed, in `arena`.
 *  LF_CODE_UNRESOLVED where it leads nowhere, or to something else. */
bool lf_disk_dir(struct lf_disk *disk, const char *path, struct lf_arena *arena,
                 struct lf_str *ret, struct lf_error *err);

/** Whether `error` says that there is no such directory; else it may be there, and
 *  only cannot be looked at. */
bool lf_disk_has_none(int error);

/** Say that it does not, for the reason `error`. */
bool lf_disk_no_dir(const char *path, int error, struct lf_error *err);

/** A name in a directory. */
struct lf_listed {
    struct lf_str path;
    enum lf_node_kind kind;
    struct lf_str text; /* of a link */
};

struct lf_listing {
    struct lf_listed *items;
    uint32_t count, capacity;
};

/** Append what stands in the directory `path`, in the order of its names, but for what
 *  goes while it is looked at; texts are in `arena`. LF_CODE_SYSTEM. The caller frees
 *  `items`. */
bool lf_disk_list(struct lf_disk *disk, struct lf_str path,
                  struct lf_arena *arena, struct lf_listing *listing,
                  struct lf_error *err);

/** Append one, which is copied as it is. */
bool lf_listing_add(struct lf_listing *listing, const struct lf_listed *item,
                    struct lf_error *err);
/** Order by lf_path_compare(). */
void lf_listing_sort(struct lf_listing *listing);
/** The index of the first item that does not stand before `path`. */
uint32_t lf_listing_find(const struct lf_listing *listing, struct lf_str path);

#endif
