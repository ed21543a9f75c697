/* SPDX-License-Identifier: MIT */
/*
 * move.c - moves between two directories, back and after the commit
 *
 * Mostly one of them is a folder of the store. An empty one may be tidied away
 * by whoever cleans up, or go with a store that got another name: then it is made
 * anew, for the node that is still to come.
 */
#include "apply/store.h"
#include "apply/undo.h"
#include "base/path.h"
#include <errno.h>

/* ---- folders of the store ---- */

/* Make a directory as a store is made. That it is there already is no error. */
static int make(struct lf_runner *runner, struct lf_str path)
{
    char above[LF_PATH_LIMIT + 1], last[LF_NAME_LIMIT + 1];
    struct lf_str dir = lf_path_dir(path), name = lf_path_name(path);
    if (dir.len > LF_PATH_LIMIT || name.len > LF_NAME_LIMIT)
        return -ENAMETOOLONG;
    memcpy(above, dir.data, dir.len);
    memcpy(last, name.data, name.len);
    above[dir.len] = last[name.len] = '\0';
    struct lf_step step = {
            .op = LF_OP_MKDIR,
            .phase = LF_PHASE_PREPARE,
            .flags = LF_MARK_EXACT_MODE,
            .dir = lf_str_of(above, dir.len),
            .name = lf_str_of(last, name.len),
            .mode = 0700,
    };
    int result = lf_step_run(runner, &step);
    lf_runner_forget(runner); /* it holds a path that ends here */
    return result == -ESTALE ? 0 : result;
}

/* All that was open may have been closed for it. */
static int open_folder(struct lf_runner *runner, struct lf_str dir,
                       const struct lf_dir_id *id)
{
    int fd = lf_undo_open(runner, dir, id);
    if (fd != -ENOENT || !lf_store_is_folder(dir))
        return fd;
    int result = make(runner, lf_path_dir(dir));
    if (result == 0)
        result = make(runner, dir);
    return result < 0 ? result : lf_undo_open(runner, dir, id);
}

/* A node waits for this directory, so it is not passed over. */
static int needed(struct lf_runner *runner, const struct lf_step *step,
                  struct lf_str dir, const struct lf_dir_id *id, int error)
{
    static const struct lf_dir_id any = {.ino = 1};
    return lf_undo_absent(runner, step, dir,
                          lf_store_is_folder(dir) ? &any : id, error);
}

/* ---- the two ways ---- */

/* What was moved is looked for first: where it is not, there is nothing to do. */
int lf_undo_move(struct lf_runner *runner, const struct lf_step *step)
{
    char text[LF_PATH_LIMIT + 1];
    struct lf_image seen;
    int to = lf_undo_open(runner, step->dir2, &step->id2);
    if (to < 0)
        return lf_undo_absent(runner, step, step->dir2, &step->id2, to);
    int result = lf_runner_look(runner, to, step->name2.data, &seen, text);
    /* what stands there may be a stranger */
    if (result < 0 || !lf_image_match(&step->before, &seen))
        return result;
    int fd = open_folder(runner, step->dir, &step->id);
    if (fd < 0)
        return needed(runner, step, step->dir, &step->id, fd);
    to = lf_undo_open(runner, step->dir2, &step->id2);
    return to < 0 ? to : lf_undo_back(runner, step, fd, to, &seen);
}

static int move_on(struct lf_runner *runner, const struct lf_step *step, int fd,
                   int to, const struct lf_image *here)
{
    struct lf_fs *fs = runner->fs;
    char text[LF_PATH_LIMIT + 1];
    struct lf_image there;
    int result = fs->rename(fs, fd, step->name.data, to, step->name2.data,
                            LF_RENAME_NOREPLACE);
    if (result != -EEXIST)
        return result;
    result = lf_runner_look(runner, to, step->name2.data, &there, text);
    if (result < 0)
        return result;
    if (here->kind != LF_NODE_DIR && here->ino == there.ino &&
        here->dev == there.dev)
        return fs->unlink(fs, fd, step->name.data);
    return lf_undo_leave(runner, step,
                         "could not go to the store, where something "
                         "stands in its place; left");
}

int lf_clean_move(struct lf_runner *runner, const struct lf_step *step)
{
    char text[LF_PATH_LIMIT + 1];
    struct lf_image here;
    int fd = lf_undo_open(runner, step->dir, &step->id);
    if (fd < 0)
        return lf_undo_absent(runner, step, step->dir, &step->id, fd);
    int result = lf_runner_look(runner, fd, step->name.data, &here, text);
    if (result < 0 || here.kind == LF_NODE_NOTHING)
        return result;
    int to = open_folder(runner, step->dir2, &step->id2);
    if (to < 0)
        return needed(runner, step, step->dir2, &step->id2, to);
    fd = lf_undo_open(runner, step->dir, &step->id);
    return fd < 0 ? fd : move_on(runner, step, fd, to, &here);
}
