/* SPDX-License-Identifier: MIT */
/*
 * swap.c - exchanging two names, with a way where the file system has none
 */
#include "apply/swap.h"

#include "base/path.h"
#include <errno.h>
#include <stdio.h>

/* ".lf-<tag>-<n>~" and its companion ".lf-<tag>-<n>x~" */
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

int lf_swap_repair(struct lf_runner *runner, const struct lf_step *step, int fd)
{
    char third[LF_SPARE_LIMIT], text[LF_PATH_LIMIT + 1];
    struct lf_image old, spare;
    int result = third_name(step, third);
    if (result < 0)
        return result;
    result = lf_runner_look(runner, fd, third, &old, text);
    if (result < 0 || old.kind == LF_NODE_NOTHING)
        return result;
    result = lf_runner_look(runner, fd, step->name2.data, &spare, text);
    if (result < 0)
        return result;
    if (spare.kind == LF_NODE_NOTHING) {
        result = rename_in(runner, fd, step->name.data, step->name2.data);
        if (result < 0 && result != -ENOENT)
            return result;
    }
    return rename_in(runner, fd, third, step->name.data);
}
