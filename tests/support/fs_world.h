/* SPDX-License-Identifier: MIT */
/*
 * fs_world.h - one test over both tables of the system's operations
 *
 * FS_BOTH(test) makes two tests of it: with all that the system has, and with
 * the fall-backs only. The state is a `struct fs_world *`.
 */
#ifndef LF_SUPPORT_FS_WORLD_H
#define LF_SUPPORT_FS_WORLD_H

#include "platform/fs.h"
#include "support/check.h"
#include "support/scratch.h"

#include <errno.h>
#include <stdlib.h>

struct fs_world {
    struct lf_fs fs;
    struct scratch *scratch;
    int at; /* the scratch directory, opened to be read */
    bool fallback;
};

/** Fail, with the names of both, unless `call` gives errno `want` (0: none). */
#define assert_errno(call, want)                                               \
    check_errno((call), (want), #call, __FILE__, __LINE__)

static inline void check_errno(long got, int want, const char *call,
                               const char *file, int line)
{
    if (want == 0 ? got >= 0 : got == -want)
        return;
    print_error("%s: got %ld (%s), want %d (%s)\n", call, got,
                got < 0 ? strerror((int)-got) : "success", -want,
                want ? strerror(want) : "success");
    _fail(file, line);
}

static inline int fs_world_setup(void **state)
{
    struct fs_world *world = calloc(1, sizeof(*world));
    assert_non_null(world);
    world->fallback = *state != NULL;
    if (world->fallback)
        lf_fs_system_fallback(&world->fs);
    else
        lf_fs_system(&world->fs);
    world->scratch = scratch_new();
    world->at = world->fs.open_dir(&world->fs, -1, world->scratch->path,
                                   LF_DIR_READ | LF_DIR_FOLLOW);
    assert_true(world->at >= 0);
    *state = world;
    return 0;
}

static inline int fs_world_teardown(void **state)
{
    struct fs_world *world = *state;
    world->fs.close(&world->fs, world->at);
    scratch_free(world->scratch);
    free(world);
    return 0;
}

/* Any initial state but NULL asks fs_world_setup() for the fall-backs. */
/* clang-format off */
#define FS_SYSTEM(test) {#test, test, fs_world_setup, fs_world_teardown, NULL}
#define FS_FALLBACK(test)                                                      \
    {#test "_by_fallbacks", test, fs_world_setup, fs_world_teardown, (int[]){1}}
#define FS_BOTH(test) FS_SYSTEM(test), FS_FALLBACK(test)
/* clang-format on */

#endif
