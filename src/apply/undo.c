/* SPDX-License-Identifier: MIT */
/*
 * undo.c - taking steps back, and cleaning up after them
 *
 * Both run after a crash as well as in the process that failed, and may be
 * interrupted anywhere and run again. So they never ask what was done; they
 * look at the names that a step touches and tell from what stands there.
 */
#include "apply/undo.h"

#include "apply/swap.h"
#include "base/path.h"
#include "platform/sys.h"
#include <errno.h>

static void tell(struct lf_runner *runner, struct lf_str dir,
                 struct lf_str name, const char *message)
{
    struct lf_buf room = {0};
    if (runner->note)
        runner->note(runner->note_arg, lf_runner_shown(runner, dir, &room),
                     name, message);
    lf_buf_finish(&room);
}

int lf_undo_leave(struct lf_runner *runner, const struct lf_step *step,
                  const char *message)
{
    tell(runner, step->dir, step->name, message);
    return 0;
}

int lf_undo_leave_spare(struct lf_runner *runner, const struct lf_step *step,
                        const char *message)
{
    tell(runner, step->dir2.len ? step->dir2 : step->dir, step->name2, message);
    return 0;
}

/* A link at a name of ours whose text is empty is ours too: a power cut can
 * leave it so on a file system that writes the text later than the name. */
static bool is_our_link(const struct lf_step *step, const struct lf_image *seen)
{
    return seen->kind == LF_NODE_LINK &&
           (lf_pair_len(seen->text) == 0 ||
            lf_pair_equal(seen->text, step->after.text));
}

/* At a name that nobody else has. `*ret_theirs`: somebody has, and it stays. */
static int remove_private(struct lf_runner *runner, const struct lf_step *step,
                          int fd, const char *name, bool *ret_theirs)
{
    char text[LF_PATH_LIMIT + 1];
    struct lf_image seen;
    int result = lf_runner_look(runner, fd, name, &seen, text);
    *ret_theirs = false;
    if (result < 0 || seen.kind == LF_NODE_NOTHING)
        return result;
    *ret_theirs = !is_our_link(step, &seen);
    if (*ret_theirs)
        return 0;
    result = runner->fs->unlink(runner->fs, fd, name);
    return result == -ENOENT ? 0 : result;
}

/* Whoever may write in a directory, and sees one spare name there, knows them all. What
 * they have put at one that is needed gets another name, which nobody knew. */
static int clear_spare(struct lf_runner *runner, const struct lf_step *step,
                       int fd, const char *name)
{
    struct lf_spares spares;
    struct lf_spare_room room;
    uint64_t tag;
    int result = lf_sys_random(&tag);
    if (result < 0)
        return result;
    lf_spares_init(&spares, tag);
    struct lf_str to = lf_spare_name(&spares, 0, &room);
    result = runner->fs->rename(runner->fs, fd, name, fd, to.data,
                                LF_RENAME_NOREPLACE);
    if (result == 0)
        tell(runner, step->dir, to,
             "stood in the way of what was taken back; moved there");
    return result == -ENOENT ? 0 : result;
}

static int take_out(struct lf_runner *runner, const struct lf_step *step,
                    int fd)
{
    struct lf_fs *fs = runner->fs;
    const char *name = step->name.data, *spare = step->name2.data;
    int result = fs->rename(fs, fd, name, fd, spare, LF_RENAME_NOREPLACE);
    if (result != -EEXIST)
        return result;
    result = clear_spare(runner, step, fd, spare);
    return result < 0
                   ? result
                   : fs->rename(fs, fd, name, fd, spare, LF_RENAME_NOREPLACE);
}

/* At a name that others see, nothing is unlinked before it was taken out and
 * looked at: it may have been swapped since the look. */
static int undo_link(struct lf_runner *runner, const struct lf_step *step,
                     int fd)
{
    bool theirs;
    if (step->name2.len == 0) {
        int removed =
                remove_private(runner, step, fd, step->name.data, &theirs);
        return theirs ? lf_undo_leave(
                                runner, step,
                                "is not the link that was made here; left")
                      : removed;
    }
    int result = remove_private(runner, step, fd, step->name2.data, &theirs);
    if (result < 0)
        return result;
    char text[LF_PATH_LIMIT + 1];
    struct lf_image seen;
    result = lf_runner_look(runner, fd, step->name.data, &seen, text);
    if (result < 0 || seen.kind == LF_NODE_NOTHING)
        return result;
    if (!lf_image_match(&step->after, &seen))
        return lf_undo_leave(runner, step,
                             "was changed meanwhile; left as it is");
    struct lf_fs *fs = runner->fs;
    result = take_out(runner, step, fd);
    if (result < 0)
        return result == -ENOENT ? 0 : result;
    result = lf_runner_look(runner, fd, step->name2.data, &seen, text);
    if (result < 0)
        return result;
    if (lf_image_match(&step->after, &seen))
        return fs->unlink(fs, fd, step->name2.data);
    result = fs->rename(fs, fd, step->name2.data, fd, step->name.data,
                        LF_RENAME_NOREPLACE);
    return result < 0 ? result
                      : lf_undo_leave(runner, step,
                                      "was changed meanwhile; left as it is");
}

static int undo_mkdir(struct lf_runner *runner, const struct lf_step *step,
                      int fd)
{
    int result = runner->fs->rmdir(runner->fs, fd, step->name.data);
    if (result == -ENOENT)
        return 0;
    if (result == -ENOTDIR)
        return lf_undo_leave(runner, step,
                             "was changed meanwhile; left as it is");
    if (result == -ENOTEMPTY || result == -EEXIST)
        return lf_undo_leave(runner, step,
                             "holds something new; left as it is");
    return result;
}

/* The place holds ours and nothing is under the spare name: someone took what
 * had been there. A link can be made again, anything else is gone. */
static int undo_lost(struct lf_runner *runner, const struct lf_step *step,
                     int fd)
{
    if (step->before.kind != LF_NODE_LINK)
        return lf_undo_leave(runner, step,
                             "what stood here before was taken away meanwhile");
    int result = lf_runner_symlink(runner, &step->before, fd, step->name2.data);
    return result < 0 ? result : lf_swap(runner, step, fd);
}

static int leave_third(struct lf_runner *runner, const struct lf_step *step,
                       const char *third)
{
    lf_undo_leave(runner, step, "something new stands here; left as it is");
    tell(runner, step->dir, lf_str(third), "is what stood there before");
    return 0;
}

/* Where it is done by renames, the third name is needed. Who has taken it has kept the
 * first of them from being done. */
static int swap_back(struct lf_runner *runner, const struct lf_step *step,
                     int fd, const char *third)
{
    char text[LF_PATH_LIMIT + 1];
    struct lf_image place;
    int result = lf_swap(runner, step, fd);
    if (result != -EEXIST)
        return result;
    int looked = lf_runner_look(runner, fd, step->name.data, &place, text);
    if (looked < 0 || !lf_image_match(&step->after, &place))
        return looked < 0 ? looked : result;
    result = clear_spare(runner, step, fd, third);
    return result < 0 ? result : lf_swap(runner, step, fd);
}

static int undo_exchange(struct lf_runner *runner, const struct lf_step *step,
                         int fd)
{
    char place_text[LF_PATH_LIMIT + 1], spare_text[LF_PATH_LIMIT + 1];
    char third[LF_SPARE_LIMIT];
    struct lf_image place, spare;
    int result = lf_swap_repair(runner, step, fd, third);
    if (result == -EEXIST)
        return leave_third(runner, step, third);
    if (result < 0)
        return result;
    result = lf_runner_look(runner, fd, step->name.data, &place, place_text);
    if (result < 0)
        return result;
    result = lf_runner_look(runner, fd, step->name2.data, &spare, spare_text);
    if (result < 0)
        return result;
    if (lf_image_match(&step->before, &place))
        return 0;
    if (!lf_image_match(&step->after, &place)) {
        if (!lf_image_match(&step->before, &spare))
            return lf_undo_leave(runner, step,
                                 "was changed meanwhile; left as it is");
        lf_undo_leave(runner, step, "was changed meanwhile; left as it is");
        return lf_undo_leave_spare(runner, step, "is what stood there before");
    }
    if (spare.kind == LF_NODE_NOTHING)
        return undo_lost(runner, step, fd);
    if (!lf_image_match(&step->before, &spare))
        return lf_undo_leave_spare(runner, step,
                                   "is not what was taken out; left");
    return swap_back(runner, step, fd, third);
}

/*
 * A power cut on btrfs can leave a node that was renamed between directories
 * under both names, as two links of one inode; rename(2) between those does
 * nothing and says that it did, so the new name is unlinked instead.
 */
int lf_undo_back(struct lf_runner *runner, const struct lf_step *step, int fd,
                 int to, const struct lf_image *moved)
{
    struct lf_fs *fs = runner->fs;
    char text[LF_PATH_LIMIT + 1];
    struct lf_image here;
    int result = lf_runner_look(runner, fd, step->name.data, &here, text);
    if (result < 0)
        return result;
    if (here.kind != LF_NODE_NOTHING && here.kind != LF_NODE_DIR &&
        here.ino == moved->ino && here.dev == moved->dev)
        return fs->unlink(fs, to, step->name2.data);
    if (here.kind != LF_NODE_NOTHING && step->op == LF_OP_MOVE &&
        lf_is_spare(step->name)) {
        result = clear_spare(runner, step, fd, step->name.data);
        here.kind = LF_NODE_NOTHING;
    }
    if (result < 0)
        return result;
    if (here.kind == LF_NODE_NOTHING)
        return fs->rename(fs, to, step->name2.data, fd, step->name.data,
                          LF_RENAME_NOREPLACE);
    lf_undo_leave(runner, step, "something new stands here; left as it is");
    return lf_undo_leave_spare(runner, step, "is what stood there before");
}

static int undo_take(struct lf_runner *runner, const struct lf_step *step,
                     int fd)
{
    char text[LF_PATH_LIMIT + 1];
    struct lf_image seen;
    int result = lf_runner_look(runner, fd, step->name2.data, &seen, text);
    if (result < 0 || seen.kind == LF_NODE_NOTHING)
        return result;
    return lf_undo_back(runner, step, fd, fd, &seen);
}

static int undo_chmod(struct lf_runner *runner, const struct lf_step *step,
                      int fd)
{
    int result = lf_runner_chmod(runner, fd, step->name.data, &step->before,
                                 step->mode, step->old_mode, false);
    return result == -ESTALE ? 0 : result;
}

static int undo_op(struct lf_runner *runner, const struct lf_step *step, int fd)
{
    switch (step->op) {
    case LF_OP_LINK:
        return undo_link(runner, step, fd);
    case LF_OP_MKDIR:
        return undo_mkdir(runner, step, fd);
    case LF_OP_EXCHANGE:
        return undo_exchange(runner, step, fd);
    case LF_OP_TAKE:
        return undo_take(runner, step, fd);
    case LF_OP_CHMOD:
        return undo_chmod(runner, step, fd);
    case LF_OP_COUNT:
    case LF_OP_MOVE:
    case LF_OP_DROP:
    case LF_OP_RMDIR:
    case LF_OPS:
        break;
    }
    return 0;
}

static int clean_drop(struct lf_runner *runner, const struct lf_step *step,
                      int fd)
{
    int result = lf_runner_expect(runner, fd, step->name.data, &step->before);
    if (result == -ESTALE)
        return lf_undo_leave(runner, step, "is not what was taken out; left");
    if (result == 0)
        result = runner->fs->unlink(runner->fs, fd, step->name.data);
    return result == -ENOENT ? 0 : result;
}

/* Something came into a directory after it was taken out and looked into. */
static int put_back(struct lf_runner *runner, const struct lf_step *step,
                    int fd)
{
    static const char message[] = "is not empty any more; left";
    if (step->flags & LF_MARK_MAY_STAY)
        return 0;
    if (step->name2.len == 0)
        return lf_undo_leave(runner, step, message);
    int result = runner->fs->rename(runner->fs, fd, step->name.data, fd,
                                    step->name2.data, LF_RENAME_NOREPLACE);
    if (result == -EEXIST)
        return lf_undo_leave(runner, step, message);
    return result < 0 ? result : lf_undo_leave_spare(runner, step, message);
}

static int clean_rmdir(struct lf_runner *runner, const struct lf_step *step,
                       int fd)
{
    char text[LF_PATH_LIMIT + 1];
    struct lf_image seen;
    int result = lf_runner_look(runner, fd, step->name.data, &seen, text);
    if (result < 0 || seen.kind == LF_NODE_NOTHING)
        return result;
    if (!lf_image_match(&step->before, &seen))
        return lf_undo_leave(runner, step,
                             "was changed meanwhile; left as it is");
    result = runner->fs->rmdir(runner->fs, fd, step->name.data);
    if (result == -ENOTEMPTY || result == -EEXIST)
        return put_back(runner, step, fd);
    return result == -ENOENT ? 0 : result;
}

/* What it has already is the mode of the run before, or somebody else's. */
static int clean_chmod(struct lf_runner *runner, const struct lf_step *step,
                       int fd)
{
    int result = lf_runner_chmod(runner, fd, step->name.data, &step->before,
                                 step->old_mode, step->mode, false);
    return result == -ESTALE ? 0 : result;
}

static int clean_op(struct lf_runner *runner, const struct lf_step *step,
                    int fd)
{
    switch (step->op) {
    case LF_OP_DROP:
        return clean_drop(runner, step, fd);
    case LF_OP_RMDIR:
        return clean_rmdir(runner, step, fd);
    case LF_OP_CHMOD:
        return clean_chmod(runner, step, fd);
    case LF_OP_LINK:
    case LF_OP_MKDIR:
    case LF_OP_EXCHANGE:
    case LF_OP_COUNT:
    case LF_OP_TAKE:
    case LF_OP_MOVE:
    case LF_OPS:
        break;
    }
    return -EINVAL;
}

enum { PATIENCE_MS = 1 };

/* Another one stands there, or something that is none. */
static bool is_replaced(int error)
{
    return error == -ENOTDIR || error == -ELOOP || error == -ESTALE;
}

int lf_undo_open(struct lf_runner *runner, struct lf_str dir,
                 const struct lf_dir_id *id)
{
    int fd = lf_runner_dir(runner, dir, id);
    while (is_replaced(fd) && runner->patience > 0) {
        runner->patience--;
        lf_sys_sleep_ms(PATIENCE_MS);
        fd = lf_runner_dir(runner, dir, id);
    }
    int result = fd < 0 ? fd : lf_runner_touch(runner, dir);
    return result < 0 ? result : fd;
}

/*
 * One that was there when the journal was written may be on a disk that is not
 * mounted, or have got another name: what was done in it is not undone by that.
 * Of our own, one that is not there (any more) holds nothing to take back, and
 * one that was replaced by something else is not the one that was worked in.
 */
int lf_undo_absent(struct lf_runner *runner, const struct lf_step *step,
                   struct lf_str dir, const struct lf_dir_id *id, int error)
{
    if (error != -ENOENT && !is_replaced(error))
        return error;
    if (step->flags & LF_MARK_MAY_STAY)
        return 0;
    if (id->ino != 0) {
        runner->away = dir;
        runner->replaced = error != -ENOENT;
        return LF_STEP_AWAY;
    }
    return error == -ENOENT
                   ? 0
                   : lf_undo_leave(runner, step,
                                   "its directory was replaced meanwhile");
}

static int backward(struct lf_runner *runner, const struct lf_step *step,
                    int (*op)(struct lf_runner *, const struct lf_step *, int),
                    int (*move)(struct lf_runner *, const struct lf_step *))
{
    int result;
    if (step->op == LF_OP_MOVE) {
        result = move(runner, step);
    } else {
        int fd = lf_undo_open(runner, step->dir, &step->id);
        result = fd < 0 ? lf_undo_absent(runner, step, step->dir, &step->id, fd)
                        : op(runner, step, fd);
    }
    if (step->before.kind == LF_NODE_DIR || step->after.kind == LF_NODE_DIR)
        lf_runner_forget_moved(runner, step);
    return result;
}

int lf_step_undo(struct lf_runner *runner, const struct lf_step *step)
{
    return step->op == LF_OP_COUNT
                   ? 0
                   : backward(runner, step, undo_op, lf_undo_move);
}

int lf_step_clean(struct lf_runner *runner, const struct lf_step *step)
{
    return backward(runner, step, clean_op, lf_clean_move);
}
