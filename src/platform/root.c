/* SPDX-License-Identifier: MIT */
/*
 * root.c - the directory that threads begin at
 */
#include "platform/root.h"

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
