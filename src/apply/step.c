/* SPDX-License-Identifier: MIT */
/*
 * step.c - carrying steps out: look, act, and look at what came out
 */
#include "apply/step.h"

#include "apply/swap.h"
#include "platform/sys.h"
#include <errno.h>

const char *lf_step_verb(const struct lf_step *step)
{
    static const char *const verbs[LF_OPS] = {
            [LF_OP_LINK] = "make the link",
            [LF_OP_MKDIR] = "make the directory",
            [LF_OP_EXCHANGE] = "replace",
            [LF_OP_COUNT] = "look into",
            [LF_OP_TAKE] = "take away",
            [LF_OP_MOVE] = "move",
            [LF_OP_CHMOD] = "change the mode of",
            [LF_OP_DROP] = "remove",
            [LF_OP_RMDIR] = "remove the directory",
    };
    return verbs[step->op];
}

/* 0 if the node of the image stands there, -ESTALE if not. */
static int expect(struct lf_runner *runner, int fd, const char *name,
                  const struct lf_image *image)
{
    int result = lf_runner_expect(runner, fd, name, image);
    return result == -ENOENT ? -ESTALE : result;
}

static int run_link(struct lf_runner *runner, const struct lf_step *step,
                    int fd)
{
    int result = lf_runner_symlink(runner, &step->after, fd, step->name.data);
    return result == -EEXIST ? -ESTALE : result;
}

static bool count_name(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    (void)name;
    (void)kind;
    uint32_t *left = arg;
    return (*left)-- > 0;
}

/* 0 if `count` names are in the directory. One more is as wrong as one less. */
static int expect_count(struct lf_fs *fs, int at, const char *name,
                        uint32_t count)
{
    int dir = fs->open_dir(fs, at, name, LF_DIR_READ);
    if (dir < 0)
        return lf_dir_gone(dir) ? -ESTALE : dir;
    uint32_t left = count;
    int result = fs->list(fs, dir, count_name, &left);
    fs->close(fs, dir);
    return result < 0 ? result : left == 0 ? 0 : -ESTALE;
}

/* By a descriptor of the directory itself: at its name there might be another
 * node by now, whose mode is not ours to change. It has no inode that we could
 * know it by, but the owner of a new one, and nothing in it. */
static int exact_mode(struct lf_runner *runner, int fd, const char *name,
                      uint32_t mode)
{
    struct lf_fs *fs = runner->fs;
    struct lf_node made;
    LF_AUTO_CLOSE struct lf_fd dir = {fs,
                                      lf_runner_hold(runner, fd, name, &made)};
    if (dir.fd < 0)
        return dir.fd;
    if (made.uid != lf_sys_uid())
        return -ESTALE;
    runner->made = (struct lf_dir_id){made.dev, made.ino};
    int result = expect_count(fs, dir.fd, "", 0);
    /* a umask may keep us out, who are not root then */
    return result < 0 && result != -EACCES
                   ? result
                   : lf_runner_set_mode(runner, dir.fd, mode);
}

static int run_mkdir(struct lf_runner *runner, const struct lf_step *step,
                     int fd)
{
    struct lf_fs *fs = runner->fs;
    bool exact = step->flags & LF_MARK_EXACT_MODE;
    int result = fs->mkdir(fs, fd, step->name.data, exact ? 0700 : step->mode);
    if (result == -EEXIST)
        return -ESTALE;
    if (result < 0 || !exact)
        return result;
    result = exact_mode(runner, fd, step->name.data, step->mode);
    if (result < 0 && result != -ESTALE) /* stale: it is not ours there */
        fs->rmdir(fs, fd, step->name.data);
    return result;
}

static int run_exchange(struct lf_runner *runner, const struct lf_step *step,
                        int fd)
{
    int result = expect(runner, fd, step->name.data, &step->before);
    if (result < 0)
        return result;
    result = lf_swap(runner, step, fd);
    if (result < 0)
        return result;
    result = expect(runner, fd, step->name2.data, &step->before);
    if (result < 0) {
        int back = lf_swap(runner, step, fd);
        return back < 0 ? back : result;
    }
    return 0;
}

static int run_count(struct lf_runner *runner, const struct lf_step *step,
                     int fd)
{
    if (step->seen &&
        lf_runner_unchanged(runner, step->dir, step->name.data, step->seen))
        return 0;
    runner->changed |= step->seen != NULL;
    return expect_count(runner->fs, fd, step->name.data, step->count);
}

static int run_take(struct lf_runner *runner, const struct lf_step *step,
                    int fd, int to)
{
    struct lf_fs *fs = runner->fs;
    int result = expect(runner, fd, step->name.data, &step->before);
    if (result < 0)
        return result;
    result = fs->rename(fs, fd, step->name.data, to, step->name2.data,
                        LF_RENAME_NOREPLACE);
    if (result == -EEXIST || result == -ENOENT)
        return -ESTALE;
    if (result < 0)
        return result;
    result = expect(runner, to, step->name2.data, &step->before);
    if (result < 0) {
        int back = fs->rename(fs, to, step->name2.data, fd, step->name.data,
                              LF_RENAME_NOREPLACE);
        return back < 0 ? back : result;
    }
    return 0;
}

static int run_chmod(struct lf_runner *runner, const struct lf_step *step,
                     int fd)
{
    return lf_runner_chmod(runner, fd, step->name.data, &step->before,
                           step->old_mode, step->mode, true);
}

static int run_op(struct lf_runner *runner, const struct lf_step *step, int fd,
                  int to)
{
    switch (step->op) {
    case LF_OP_LINK:
        return run_link(runner, step, fd);
    case LF_OP_MKDIR:
        return run_mkdir(runner, step, fd);
    case LF_OP_EXCHANGE:
        return run_exchange(runner, step, fd);
    case LF_OP_COUNT:
        return run_count(runner, step, fd);
    case LF_OP_TAKE:
    case LF_OP_MOVE:
        return run_take(runner, step, fd, to);
    case LF_OP_CHMOD:
        return run_chmod(runner, step, fd);
    case LF_OP_DROP:
    case LF_OP_RMDIR:
    case LF_OPS:
        break;
    }
    return -EINVAL;
}

/* A directory that is not where it was when the plan was made. */
static int as_stale(int error)
{
    return lf_dir_gone(error) ? -ESTALE : error;
}

/* A new directory takes none away from where it was. */
static bool moves_dir(const struct lf_step *step)
{
    return step->op != LF_OP_MKDIR && (step->before.kind == LF_NODE_DIR ||
                                       step->after.kind == LF_NODE_DIR);
}

bool lf_op_is_judged(enum lf_op op)
{
    return op == LF_OP_EXCHANGE || op == LF_OP_TAKE || op == LF_OP_MOVE;
}

int lf_step_look(struct lf_runner *runner, const struct lf_step *step)
{
    bool seen = step->seen && !runner->changed;
    if (!(step->flags & LF_MARK_UNSEEN) || seen)
        return 0;
    int fd = lf_runner_dir(runner, step->dir, &step->id);
    return fd < 0 ? as_stale(fd)
                  : expect(runner, fd, step->name.data, &step->before);
}

int lf_step_run(struct lf_runner *runner, const struct lf_step *step)
{
    runner->began = false;
    int fd = lf_runner_dir(runner, step->dir, &step->id);
    if (fd < 0)
        return as_stale(fd);
    int result = lf_runner_touch(runner, step->dir);
    if (result < 0)
        return result;
    int to = fd;
    if (step->op == LF_OP_MOVE) {
        to = lf_runner_dir(runner, step->dir2, &step->id2);
        if (to < 0)
            return as_stale(to);
        result = lf_runner_touch(runner, step->dir2);
        if (result < 0)
            return result;
    }
    runner->began = true;
    result = run_op(runner, step, fd, to);
    if (moves_dir(step))
        lf_runner_forget_moved(runner, step);
    return result;
}
