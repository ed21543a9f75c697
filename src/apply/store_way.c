/* SPDX-License-Identifier: MIT */
/*
 * store_way.c - ways to the store that only root can have laid
 */
#include "apply/store_way.h"

#include "base/path.h"
#include "observe/owners.h"
#include "platform/sys.h"
#include <errno.h>
#include <string.h>

bool lf_store_is_guarded(void)
{
    return lf_sys_uid() == 0;
}

bool lf_store_is_alone(const struct lf_node *node)
{
    return node->kind == LF_NODE_DIR &&
           (lf_store_is_guarded() ? !lf_others_write(node->uid, node->mode)
                                  : node->uid == lf_sys_uid());
}

struct lf_str lf_store_path(struct lf_str store)
{
    return store.len ? store : LF_STR(LF_STATE_STORE);
}

/* A way as far as it has been gone. */
struct way {
    struct lf_fs *fs;
    int fd;
    size_t upto;
    bool alone; /* what comes is the store's own */
    struct lf_store_alien *alien;
};

static void leave(struct way *way)
{
    if (way->fd >= 0)
        way->fs->close(way->fs, way->fd);
}

/* The directory that was opened last. */
static int judge(struct way *way)
{
    struct lf_node node;
    if (!lf_store_is_guarded())
        return 0;
    int result = way->fs->stat(way->fs, way->fd, "", &node);
    if (result < 0)
        return result;
    if (way->alone ? !lf_others_write(node.uid, node.mode)
                   : !lf_others_rename(node.uid, node.mode))
        return 0;
    *way->alien = (struct lf_store_alien){
            .met = true,
            .upto = way->upto,
            .owner = node.uid,
            .mode = node.mode,
    };
    return -EPERM;
}

static int enter(struct way *way, struct lf_str name, unsigned how)
{
    char text[LF_NAME_LIMIT + 1];
    if (name.len > LF_NAME_LIMIT)
        return -ENAMETOOLONG;
    memcpy(text, name.data, name.len);
    text[name.len] = '\0';
    int fd = way->fs->open_dir(way->fs, way->fd, text, how);
    if (fd < 0)
        return fd;
    leave(way);
    way->fd = fd;
    return judge(way);
}

/* All names of `path`; the last directory is opened for `how`. */
static int walk(struct way *way, struct lf_str path, unsigned how)
{
    size_t before = way->upto;
    struct lf_str rest = path, name = lf_path_next(&rest);
    int result = 0;
    while (result == 0 && name.len > 0) {
        struct lf_str next = lf_path_next(&rest);
        way->upto = before + (size_t)(name.data - path.data) + name.len;
        result = enter(way, name, next.len > 0 ? LF_DIR_PATH : how);
        name = next;
    }
    return result;
}

static int begin(const struct lf_store_roots *roots, bool physical,
                 unsigned how, struct lf_store_alien *alien, struct way *ret)
{
    int at = physical ? roots->root_fd : roots->state_fd;
    *alien = (struct lf_store_alien){0};
    *ret = (struct way){.fs = roots->fs, .alien = alien, .fd = -ENOENT};
    if (at >= 0)
        ret->fd = roots->fs->open_dir(roots->fs, at, "", how);
    if (ret->fd < 0)
        return ret->fd;
    /* the state directory was judged when it was opened */
    return physical ? judge(ret) : 0;
}

static int end(struct way *way, int result)
{
    if (result == 0)
        return way->fd;
    leave(way);
    return result;
}

int lf_store_open_above(const struct lf_store_roots *roots, struct lf_str dir,
                        unsigned how, struct lf_store_alien *ret)
{
    struct way way;
    bool further = dir.len > (lf_dir_is_physical(dir) ? 1 : 0);
    int result = begin(roots, lf_dir_is_physical(dir),
                       further ? LF_DIR_PATH : how, ret, &way);
    if (result == 0)
        result = walk(&way, dir, how);
    return end(&way, result);
}

int lf_store_open(const struct lf_store_roots *roots, struct lf_str store,
                  struct lf_str folder, unsigned how,
                  struct lf_store_alien *ret)
{
    struct way way;
    struct lf_str path = lf_store_path(store);
    int result = begin(roots, lf_dir_is_physical(path), LF_DIR_PATH, ret, &way);
    if (result == 0)
        result = walk(&way, store.len ? lf_path_dir(path) : lf_str(""),
                      LF_DIR_PATH);
    way.alone = true;
    way.upto = path.len - lf_path_name(path).len;
    if (result == 0)
        result = walk(&way, lf_path_name(path), folder.len ? LF_DIR_PATH : how);
    way.upto = path.len + 1;
    if (result == 0 && folder.len)
        result = walk(&way, folder, how);
    return end(&way, result);
}
