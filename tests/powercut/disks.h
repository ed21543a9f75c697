/* SPDX-License-Identifier: MIT */
/*
 * disks.h - images of disks, mounted through loop devices
 */
#ifndef LF_POWERCUT_DISKS_H
#define LF_POWERCUT_DISKS_H

#include <stdbool.h>
#include <stddef.h>

/** A file system that images are made with. */
struct kind_of_fs {
    const char *name;    /* as mount(2) knows it */
    const char *options; /* of mount(2) */
    size_t size;         /* of an image, bytes */
    const char *make[8]; /* the command, without the image */
};

/** The one of that name, or NULL. */
const struct kind_of_fs *disks_kind(const char *name);

/** Whether kernel and tools have it; else `*ret_why` says what is missing. */
bool disks_have(const struct kind_of_fs *kind, const char **ret_why);

/** Make a file system in the new file `image`. All that follow fail the test. */
void disks_make(const struct kind_of_fs *kind, const char *image);

/** Copy what is not zero into the new file `to`. */
void disks_copy(const char *from, const char *to);

/** Mount the image at `place`. False with errno set. */
bool disks_mount(const struct kind_of_fs *kind, const char *image,
                 const char *place);
/** Take it down, and with it its loop device. */
void disks_unmount(const struct kind_of_fs *kind, const char *place);

#endif
