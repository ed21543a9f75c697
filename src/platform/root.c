/* SPDX-License-Identifier: MIT */
/*
 * root.c - the directory that threads begin at
 */
#include "platform/root.h"

#include "base/path.h"

#include <errno.h>
#include <string.h>

int lf_root_for(struct lf_fs *fs, int root_fd, unsigned index)
{
    int own = index == 0 ? -1 : fs->open_dir(fs, root_fd, "", LF_DIR_PATH);
    return own < 0 ? root_fd : own;
}

void lf_root_done(struct lf_fs *fs, int root_fd, int own)
{
    if (own != root_fd)
        fs->close(fs, own);
}

int lf_root_open(struct lf_fs *fs, int root_fd, struct lf_str path,
                 unsigned how)
{
    char text[LF_PATH_LIMIT + 1];
    if (path.len > LF_PATH_LIMIT)
        return -ENAMETOOLONG;
    memcpy(text, path.data + 1, path.len - 1);
    text[path.len - 1] = '\0';
    return fs->open_dir(fs, root_fd, text, how);
}
