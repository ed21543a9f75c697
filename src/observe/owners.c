/* SPDX-License-Identifier: MIT */
/*
 * owners.c - ways that lead through what someone else may have put there
 */
#include "observe/owners.h"

#include "base/path.h"
#include <errno.h>
#include <string.h>

enum {
    ROOT = 0,
    OTHERS_WRITE = 022, /* with an access list, the group's bits are its mask */
};

static bool others_may_write(const struct lf_node *dir)
{
    return dir->uid != ROOT || dir->mode & OTHERS_WRITE;
}

static bool is_passable(struct lf_passable passable, struct lf_str path)
{
    for (uint32_t i = 0; i < passable.count; i++)
        if (lf_str_equal(passable.dirs[i], path))
            return true;
    return false;
}

/* Open `name` in `at` and look at what was opened. */
static int enter(struct lf_fs *fs, int at, struct lf_str name,
                 struct lf_node *ret)
{
    char text[LF_NAME_LIMIT + 1];
    if (name.len > LF_NAME_LIMIT)
        return -ENAMETOOLONG;
    memcpy(text, name.data, name.len);
    text[name.len] = '\0';
    int fd = fs->open_dir(fs, at, text, LF_DIR_PATH);
    int result = fd < 0 ? fd : fs->stat(fs, fd, "", ret);
    if (result < 0 && fd >= 0)
        fs->close(fs, fd);
    return result < 0 ? result : fd;
}

int lf_owners_open(struct lf_fs *fs, int root_fd, struct lf_str path,
                   struct lf_passable passable, struct lf_way_owners *ret)
{
    struct lf_str rest = path;
    struct lf_node above, node;
    *ret = (struct lf_way_owners){0};
    LF_AUTO_CLOSE struct lf_fd at = {
            fs, fs->open_dir(fs, root_fd, "", LF_DIR_PATH)};
    int result = at.fd < 0 ? at.fd : fs->stat(fs, at.fd, "", &above);
    if (result < 0)
        return result;
    for (;;) {
        bool shared = others_may_write(&above);
        struct lf_str name = lf_path_next(&rest);
        ret->shared |= shared;
        if (name.len == 0)
            break;
        int fd = enter(fs, at.fd, name, &node);
        if (fd < 0)
            return fd;
        lf_auto_close(&at);
        at.fd = fd;
        struct lf_str upto = lf_str_of(
                path.data, (size_t)(name.data - path.data) + name.len);
        if (shared && node.uid != ROOT && node.uid != above.uid &&
            !is_passable(passable, upto)) {
            ret->foreign = upto.len;
            ret->owner = node.uid;
            ret->above_owner = above.uid;
            ret->above_mode = above.mode;
            return -EPERM;
        }
        above = node;
    }
    int fd = at.fd;
    at.fd = -1;
    return fd;
}
