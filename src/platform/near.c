/* SPDX-License-Identifier: MIT */
/*
 * near.c - paths that are looked up from a directory near to them
 */
#include "platform/near.h"

#include <stdlib.h>
#include <string.h>

/* Bytes up to the last slash that both have, and that what both have ends with. */
static size_t common_dir(struct lf_str one, struct lf_str other)
{
    size_t most = one.len < other.len ? one.len : other.len;
    size_t common = 0;
    for (size_t i = 0; i < most && one.data[i] == other.data[i]; i++)
        if (one.data[i] == '/')
            common = i;
    return common;
}

void lf_near_begin(struct lf_near *near, struct lf_fs *fs, int root_fd,
                   struct lf_str one, struct lf_str other)
{
    near->fs = fs;
    near->root_fd = root_fd;
    near->fd = -1;
    near->len = common_dir(one, other);
    near->dir = near->len > 0 ? malloc(near->len + 1) : NULL;
    if (!near->dir)
        return;
    memcpy(near->dir, one.data, near->len);
    near->dir[near->len] = '\0';
    near->fd = fs->open_dir(fs, root_fd, near->dir + 1, LF_DIR_PATH);
}

void lf_near_end(struct lf_near *near)
{
    if (near->fd >= 0)
        near->fs->close(near->fs, near->fd);
    free(near->dir);
}

int lf_near_at(const struct lf_near *near, struct lf_str path,
               const char **ret_rest)
{
    bool below = near->fd >= 0 && path.len > near->len + 1 &&
                 path.data[near->len] == '/' &&
                 memcmp(path.data, near->dir, near->len) == 0;
    *ret_rest = path.data + (below ? near->len + 1 : 1);
    return below ? near->fd : near->root_fd;
}
