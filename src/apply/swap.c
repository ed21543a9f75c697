/* SPDX-License-Identifier: MIT */
/*
 * swap.c - exchanging two names, with a way where the file system has none
 */
#include "apply/swap.h"

#include "base/path.h"
#include <errno.h>
#include <stdio.h>

/* The companion of a spare name, ".lf-<tag>-<number>x~". */
static int third_name(const struct lf_step *step, char name[LF_SPARE_LIMIT])
{
    int length = snprintf(name, LF_SPARE_LIMIT, "%.*sx~",
                          (int)(step->name2.len - 1), step->name2.data);
    return length < 0 || length >= LF_SPARE_LIMIT ? -ENAMETOOLONG : 0;
}

static int rename_in(struct lf_runner *runner, int fd, const char *from,
                     const char *to)
{
    return runner->fs->rename(runner->fs, fd, from, fd, to,
                              LF_RENAME_NOREPLACE);
}

static int swap_by_renames(struct lf_runner *runner, const struct lf_step *step,
                           int fd)
{
    char third[LF_SPARE_LIMIT];
    const char *place = step->name.data, *spare = step->name2.data;
    int result = third_name(step, third);
    if (result < 0)
        return result;
    result = rename_in(runner, fd, place, third);
    if (result < 0)
        return result;
    result = rename_in(runner, fd, spare, place);
    if (result < 0) {
        int back = rename_in(runner, fd, third, place);
        return back < 0 ? back : result;
    }
    return rename_in(runner, fd, third, spare);
}

int lf_swap(struct lf_runner *runner, const struct lf_step *step, int fd)
{
    struct lf_fs *fs = runner->fs;
    int result = fs->rename(fs, fd, step->name.data, fd, step->name2.data,
                            LF_RENAME_EXCHANGE);
    if (result == -EINVAL || result == -ENOSYS || result == -EXDEV)
        return swap_by_renames(runner, step, fd);
    return result == -ENOENT ? -ESTALE : result;
}

/* A rename by a link and an unlink, where only the first has happened. */
static bool same_node(const struct lf_image *a, const struct lf_image *b)
{
    return a->kind != LF_NODE_NOTHING && a->kind != LF_NODE_DIR &&
           a->ino == b->ino && a->dev == b->dev;
}

/* What stands at the names that a swap by renames touches; no texts. */
struct swapped {
    struct lf_image place, spare, third;
    bool undoing;       /* the third name holds what we made */
    bool made_at_place; /* the place does */
    bool before_at_place, before_at_spare, before_at_third;
};

static bool is_made(const struct lf_step *step, const struct lf_image *seen)
{
    return lf_image_match(&step->after, seen) &&
           !lf_image_match(&step->before, seen);
}

/*
 * Whoever sees the spare name can give the third one to anything, and so hold up what
 * is taken back. A swap that was interrupted has left under it what stood before, which
 * stands nowhere else then; or what we made, and one of the other two names is free.
 */
static bool is_theirs(const struct swapped *at)
{
    if (at->before_at_third)
        return at->before_at_spare || at->before_at_place;
    return !at->undoing || (at->place.kind != LF_NODE_NOTHING &&
                            at->spare.kind != LF_NODE_NOTHING);
}

static int look_at_all(struct lf_runner *runner, const struct lf_step *step,
                       int fd, const char *third, struct swapped *ret)
{
    char text[LF_PATH_LIMIT + 1];
    int result = lf_runner_look(runner, fd, third, &ret->third, text);
    if (result < 0 || ret->third.kind == LF_NODE_NOTHING)
        return result;
    ret->before_at_third = lf_image_match(&step->before, &ret->third);
    ret->undoing = is_made(step, &ret->third);
    result = lf_runner_look(runner, fd, step->name2.data, &ret->spare, text);
    if (result < 0)
        return result;
    ret->before_at_spare = lf_image_match(&step->before, &ret->spare);
    result = lf_runner_look(runner, fd, step->name.data, &ret->place, text);
    ret->made_at_place = is_made(step, &ret->place);
    ret->before_at_place = lf_image_match(&step->before, &ret->place);
    return result;
}

static int finish_half(struct lf_runner *runner, const struct lf_step *step,
                       int fd, const char *third, struct swapped *at)
{
    struct lf_fs *fs = runner->fs;
    if (same_node(&at->third, &at->place) ||
        same_node(&at->third, &at->spare)) {
        at->third.kind = LF_NODE_NOTHING;
        return fs->unlink(fs, fd, third);
    }
    if (same_node(&at->place, &at->spare)) {
        at->spare.kind = LF_NODE_NOTHING;
        return fs->unlink(fs, fd, step->name2.data);
    }
    return 0;
}

/* The rest of an undo's way: what stood there before is still spare. */
static int go_on_back(struct lf_runner *runner, const struct lf_step *step,
                      int fd, const char *third, const struct swapped *at)
{
    int result = 0;
    if (at->place.kind == LF_NODE_NOTHING && at->spare.kind != LF_NODE_NOTHING)
        result = rename_in(runner, fd, step->name2.data, step->name.data);
    return result < 0 ? result : rename_in(runner, fd, third, step->name2.data);
}

int lf_swap_repair(struct lf_runner *runner, const struct lf_step *step, int fd,
                   char ret_third[LF_SPARE_LIMIT])
{
    struct swapped at = {0};
    int result = third_name(step, ret_third);
    if (result == 0)
        result = look_at_all(runner, step, fd, ret_third, &at);
    if (result == 0 && at.third.kind != LF_NODE_NOTHING)
        result = finish_half(runner, step, fd, ret_third, &at);
    if (result < 0 || at.third.kind == LF_NODE_NOTHING || is_theirs(&at))
        return result;
    if (at.undoing)
        return go_on_back(runner, step, fd, ret_third, &at);
    /* only what we made goes out of the way */
    if (at.made_at_place && at.spare.kind == LF_NODE_NOTHING)
        result = rename_in(runner, fd, step->name.data, step->name2.data);
    return result < 0 ? result
                      : rename_in(runner, fd, ret_third, step->name.data);
}
