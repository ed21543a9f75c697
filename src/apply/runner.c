/* SPDX-License-Identifier: MIT */
/*
 * runner.c - the directories that steps work in, and looks at names
 *
 * Steps come in directory order, so two descriptors serve any farm. Every
 * directory is opened from the root descriptor without following a link: one
 * that was swapped for a symlink since the plan was made is an error here.
 */
#include "apply/step.h"
#include "apply/store_way.h"
#include "base/pair.h"
#include "base/path.h"
#include "platform/root.h"
#include "platform/sys.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void lf_runner_init(struct lf_runner *runner, struct lf_fs *fs, int root_fd,
                    int state_fd)
{
    *runner = (struct lf_runner){
            .fs = fs,
            .root_fd = root_fd,
            .state_fd = state_fd,
            .patience = LF_PATIENCE,
    };
    runner->open[0].fd = runner->open[1].fd = -1;
    lf_held_way_init(&runner->way, fs, root_fd, (struct lf_passable){0});
}

struct lf_str lf_runner_shown(const struct lf_runner *runner, struct lf_str dir,
                              struct lf_buf *room)
{
    if (lf_dir_is_physical(dir) || runner->state_path.len == 0)
        return dir;
    lf_buf_clear(room);
    lf_path_add(room, runner->state_path, dir);
    return lf_buf_failed(room) ? dir : lf_buf_str(room);
}

static void close_dir(struct lf_runner *runner, unsigned slot)
{
    if (runner->open[slot].fd >= 0)
        lf_held_way_close(&runner->way, runner->open[slot].fd);
    runner->open[slot].fd = -1;
}

void lf_runner_forget(struct lf_runner *runner)
{
    for (unsigned i = 0; i < 2; i++)
        close_dir(runner, i);
    lf_held_way_forget(&runner->way);
}

static void forget_below(struct lf_runner *runner, struct lf_str dir,
                         struct lf_str name)
{
    for (unsigned i = 0; i < 2; i++)
        if (runner->open[i].fd >= 0 &&
            lf_path_below(runner->open[i].path, dir, name))
            close_dir(runner, i);
    if (lf_dir_is_physical(dir))
        lf_held_way_forget_below(&runner->way, dir, name);
}

void lf_runner_forget_moved(struct lf_runner *runner,
                            const struct lf_step *step)
{
    bool moves = step->op == LF_OP_MOVE;
    forget_below(runner, step->dir, step->name);
    if (step->name2.len > 0)
        forget_below(runner, moves ? step->dir2 : step->dir, step->name2);
}

void lf_runner_finish(struct lf_runner *runner)
{
    lf_runner_forget(runner);
    for (unsigned i = 0; i < runner->n_touched; i++)
        runner->fs->close(runner->fs, runner->touched[i].fd);
    runner->n_touched = 0;
}

/* What the plan passed was in order: it is another one now. */
static int open_guarded(struct lf_runner *runner, struct lf_str dir,
                        struct lf_dir_id *ret)
{
    struct lf_way_owners owners;
    int fd = lf_held_way_open(&runner->way, dir, &owners);
    *ret = (struct lf_dir_id){owners.dev, owners.ino};
    return owners.foreign ? -ESTALE : fd;
}

/* Where the last name ends that one call can still take with all before it; 0 if the
 * first is too long by itself. */
static size_t cut_of(const char *path)
{
    size_t cut = LF_PATH_LIMIT;
    while (cut > 0 && path[cut] != '/')
        cut--;
    return cut;
}

/* What lies in a directory that has a spare name has a longer path than before, and
 * it may be longer than one call takes. */
static int open_in_parts(struct lf_fs *fs, int at, const char *path)
{
    char part[LF_PATH_LIMIT + 1];
    LF_AUTO_CLOSE struct lf_fd above = {fs, -1};
    while (strlen(path) > LF_PATH_LIMIT) {
        size_t cut = cut_of(path);
        if (cut == 0)
            return -ENAMETOOLONG;
        memcpy(part, path, cut);
        part[cut] = '\0';
        int fd = fs->open_dir(fs, above.fd < 0 ? at : above.fd, part,
                              LF_DIR_PATH);
        if (fd < 0)
            return fd;
        lf_auto_close(&above);
        above.fd = fd;
        path += cut + 1;
    }
    return fs->open_dir(fs, above.fd < 0 ? at : above.fd, path, LF_DIR_PATH);
}

static int open_by_path(struct lf_runner *runner, struct lf_str dir,
                        struct lf_dir_id *ret)
{
    struct lf_fs *fs = runner->fs;
    bool physical = lf_dir_is_physical(dir);
    int fd = open_in_parts(fs, physical ? runner->root_fd : runner->state_fd,
                           physical ? dir.data + 1 : dir.data);
    if (fd < 0)
        return fd;
    struct lf_node node;
    int result = fs->stat(fs, fd, "", &node);
    if (result < 0)
        fs->close(fs, fd);
    *ret = (struct lf_dir_id){node.dev, node.ino};
    return result < 0 ? result : fd;
}

void lf_runner_set_root(struct lf_runner *runner, uint64_t was, uint64_t now)
{
    runner->root_was = was;
    runner->root_dev = now;
}

/* Directories of one inode on two file systems differ in this at least, that one
 * of them is not the root's. */
static bool is_known(const struct lf_runner *runner, const struct lf_dir_id *id,
                     const struct lf_dir_id *seen)
{
    return !id || id->ino == 0 ||
           (id->ino == seen->ino &&
            (id->dev == runner->root_was) == (seen->dev == runner->root_dev));
}

static const struct lf_opened *find_open(const struct lf_runner *runner,
                                         struct lf_str dir)
{
    for (unsigned i = 0; i < 2; i++)
        if (runner->open[i].fd >= 0 && lf_str_equal(runner->open[i].path, dir))
            return &runner->open[i];
    return NULL;
}

int lf_runner_dir(struct lf_runner *runner, struct lf_str dir,
                  const struct lf_dir_id *id)
{
    const struct lf_opened *known = find_open(runner, dir);
    if (known) { /* the other one is the next to go */
        runner->turn = (unsigned)(known - runner->open);
        return known->fd;
    }
    struct lf_dir_id seen = {0};
    int fd = runner->guarded && lf_dir_is_physical(dir)
                     ? open_guarded(runner, dir, &seen)
                     : open_by_path(runner, dir, &seen);
    if (fd < 0)
        return fd;
    if (!is_known(runner, id, &seen)) {
        lf_held_way_close(&runner->way, fd);
        return -ESTALE;
    }
    unsigned slot = runner->turn ^= 1;
    close_dir(runner, slot);
    runner->open[slot] = (struct lf_opened){dir, fd, seen};
    return fd;
}

/* A change that the times do not show would have been made within a tick of the
 * clock, and `seen` was last changed before that. */
bool lf_runner_unchanged(struct lf_runner *runner, struct lf_str dir,
                         const char *name, const struct lf_node *seen)
{
    struct lf_node now;
    const struct lf_opened *open = find_open(runner, dir);
    return open && runner->fs->stat(runner->fs, open->fd, name, &now) == 0 &&
           now.dev == open->id.dev && lf_node_same(&now, seen) &&
           now.ctime == seen->ctime &&
           lf_clock_is_kept(&runner->clock, runner->fs, open->fd, now.dev);
}

static bool is_touched(const struct lf_runner *runner, uint64_t dev)
{
    for (unsigned i = 0; i < runner->n_touched; i++)
        if (runner->touched[i].dev == dev)
            return true;
    return false;
}

/* Keep `fd` to sync. */
static int keep_touched(struct lf_runner *runner, uint64_t dev, int fd)
{
    int result = 0;
    if (runner->n_touched == LF_MOUNTS_MOST) {
        /* rare: sync the oldest now; if it is touched again it comes back */
        result = runner->fs->syncfs(runner->fs, runner->touched[0].fd);
        runner->fs->close(runner->fs, runner->touched[0].fd);
        runner->touched[0] = runner->touched[--runner->n_touched];
    }
    runner->touched[runner->n_touched].dev = dev;
    runner->touched[runner->n_touched++].fd = fd;
    return result;
}

/* For reading, if it is on the device. */
static int open_above(struct lf_runner *runner, struct lf_str dir, uint64_t dev)
{
    struct lf_fs *fs = runner->fs;
    struct lf_node node;
    int fd = lf_root_open(fs, runner->root_fd, dir, LF_DIR_READ);
    if (fd < 0)
        return fd == -ENAMETOOLONG ? -EACCES : fd;
    if (fs->stat(fs, fd, "", &node) == 0 && node.dev == dev)
        return fd;
    fs->close(fs, fd);
    return -EACCES;
}

/* A descriptor that its file system can be synced by, which only one for reading can.
 * Who may not read a directory may change it all the same: then one above it serves. */
static int open_to_sync(struct lf_runner *runner, const struct lf_opened *open)
{
    struct lf_str dir = open->path;
    int fd = runner->fs->open_dir(runner->fs, open->fd, "", LF_DIR_READ);
    while (fd == -EACCES && lf_dir_is_physical(dir) && dir.len > 1) {
        dir = lf_path_dir(dir);
        fd = open_above(runner, dir, open->id.dev);
    }
    return fd;
}

int lf_runner_touch(struct lf_runner *runner, struct lf_str dir)
{
    const struct lf_opened *open = find_open(runner, dir);
    if (!open)
        return -EBADF;
    if (is_touched(runner, open->id.dev))
        return 0;
    int fd = open_to_sync(runner, open);
    return fd < 0 ? fd : keep_touched(runner, open->id.dev, fd);
}

int lf_runner_join(struct lf_runner *runner, struct lf_runner *other)
{
    int first = 0;
    lf_runner_forget(other);
    runner->changed |= other->changed;
    for (unsigned i = 0; i < other->n_touched; i++) {
        uint64_t dev = other->touched[i].dev;
        int fd = other->touched[i].fd, result = 0;
        if (is_touched(runner, dev))
            runner->fs->close(runner->fs, fd);
        else
            result = keep_touched(runner, dev, fd);
        if (result < 0 && first == 0)
            first = result;
    }
    other->n_touched = 0;
    return first;
}

int lf_runner_sync(struct lf_runner *runner)
{
    lf_runner_forget(runner);
    int first = 0;
    for (unsigned i = 0; i < runner->n_touched; i++) {
        int result = runner->fs->syncfs(runner->fs, runner->touched[i].fd);
        if (result < 0 && first == 0)
            first = result;
    }
    return first;
}

bool lf_dir_gone(int error)
{
    return error == -ENOENT || error == -ENOTDIR || error == -ELOOP;
}

int lf_runner_hold(struct lf_runner *runner, int fd, const char *name,
                   struct lf_node *ret)
{
    struct lf_fs *fs = runner->fs;
    int dir = fs->open_dir(fs, fd, name, LF_DIR_PATH);
    if (dir < 0)
        return lf_dir_gone(dir) ? -ESTALE : dir;
    int result = fs->stat(fs, dir, "", ret);
    if (result < 0)
        fs->close(fs, dir);
    return result < 0 ? result : dir;
}

int lf_runner_set_mode(struct lf_runner *runner, int fd, uint32_t mode)
{
    struct lf_fs *fs = runner->fs;
    struct lf_node node;
    int result = fs->chmod(fs, fd, "", mode);
    if (result == 0)
        result = fs->stat(fs, fd, "", &node);
    return result == 0 && node.mode != mode ? -EPERM : result;
}

int lf_runner_chmod(struct lf_runner *runner, int fd, const char *name,
                    const struct lf_image *image, uint32_t from, uint32_t to,
                    bool exactly)
{
    struct lf_fs *fs = runner->fs;
    struct lf_node node;
    LF_AUTO_CLOSE struct lf_fd dir = {fs,
                                      lf_runner_hold(runner, fd, name, &node)};
    if (dir.fd < 0)
        return dir.fd;
    bool is_it =
            image->ino == 0 ? node.uid == lf_sys_uid() : node.ino == image->ino;
    if (!is_it || node.mode != from ||
        (image->dev != 0 && node.dev != image->dev))
        return -ESTALE;
    if (!exactly)
        return fs->chmod(fs, dir.fd, "", to);
    int result = lf_runner_set_mode(runner, dir.fd, to);
    /* what was set of it; nobody could be told if that failed, too */
    if (result < 0)
        (void)fs->chmod(fs, dir.fd, "", from);
    return result;
}

int lf_runner_symlink(struct lf_runner *runner, const struct lf_image *image,
                      int fd, const char *name)
{
    struct lf_pair_room room;
    return runner->fs->symlink(runner->fs,
                               lf_pair_join(image->text, &room).data, fd, name);
}

int lf_runner_look(struct lf_runner *runner, int fd, const char *name,
                   struct lf_image *ret, char *text)
{
    struct lf_node node;
    *ret = (struct lf_image){.kind = LF_NODE_NOTHING};
    int result = runner->fs->stat(runner->fs, fd, name, &node);
    if (result == -ENOENT)
        return 0;
    if (result < 0)
        return result;
    *ret = (struct lf_image){
            .kind = node.kind, .dev = node.dev, .ino = node.ino};
    if (node.kind != LF_NODE_LINK)
        return 0;
    long length =
            runner->fs->readlink(runner->fs, fd, name, text, LF_PATH_LIMIT + 1);
    if (length < 0)
        /* it was swapped between the two calls: not what anyone expects */
        return length == -EINVAL || length == -ENOENT ? -ESTALE : (int)length;
    ret->text = lf_pair_of(lf_str_of(text, (size_t)length));
    return 0;
}

bool lf_image_match(const struct lf_image *image, const struct lf_image *seen)
{
    if (image->kind != seen->kind)
        return false;
    if (image->ino != 0 && image->ino != seen->ino)
        return false;
    if (image->dev != 0 && image->dev != seen->dev)
        return false;
    /* no link is without a text: in an older journal one may be */
    bool by_inode = image->ino != 0 && lf_pair_len(image->text) == 0;
    return image->kind != LF_NODE_LINK || by_inode ||
           lf_pair_equal(image->text, seen->text);
}

/* The text of a link is all that is known of it, and only a link has one. */
static int expect_text(struct lf_runner *runner, int fd, const char *name,
                       struct lf_pair expected)
{
    char text[LF_PATH_LIMIT + 1];
    long length =
            runner->fs->readlink(runner->fs, fd, name, text, sizeof(text));
    if (length < 0)
        return length == -EINVAL ? -ESTALE : (int)length;
    return lf_pair_is(expected, lf_str_of(text, (size_t)length)) ? 0 : -ESTALE;
}

int lf_runner_expect(struct lf_runner *runner, int fd, const char *name,
                     const struct lf_image *image)
{
    char text[LF_PATH_LIMIT + 1];
    struct lf_image seen;
    if (image->kind == LF_NODE_LINK && image->ino == 0 && image->dev == 0)
        return expect_text(runner, fd, name, image->text);
    int result = lf_runner_look(runner, fd, name, &seen, text);
    if (result < 0 || lf_image_match(image, &seen))
        return result;
    return seen.kind == LF_NODE_NOTHING ? -ENOENT : -ESTALE;
}
