/* SPDX-License-Identifier: MIT */
/*
 * retired.c - generations that are being dropped: farms/<name>/<generation>.old
 */
#include "ledger/state_io.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define RETIRED ".old"

struct kept {
    char folder[LF_FOLDER_SIZE];
    char file[LF_KEPT_SIZE];    /* "7" */
    char retired[LF_KEPT_SIZE]; /* "7.old" */
};

static bool name_kept(struct lf_str name, uint64_t generation, struct kept *ret,
                      struct lf_error *err)
{
    snprintf(ret->file, sizeof(ret->file), "%" PRIu64, generation);
    snprintf(ret->retired, sizeof(ret->retired), "%" PRIu64 RETIRED,
             generation);
    if (lf_state_folder(name, ret->folder))
        return true;
    lf_error_set(err, LF_CODE_INTERNAL, 0,
                 "a farm without a name has no generations");
    return false;
}

bool lf_state_folders(struct lf_state *state, lf_list_fn *fn, void *arg,
                      struct lf_error *err)
{
    struct lf_fs *fs = state->fs;
    LF_AUTO_CLOSE struct lf_fd dir = {
            fs, lf_state_open_folder(state, "farms", LF_DIR_READ)};
    int error = dir.fd < 0 ? dir.fd : fs->list(fs, dir.fd, fn, arg);
    return error == 0 || error == -ENOENT ||
           lf_state_fail(state, LF_CODE_STATE_UNREADABLE, error, "list",
                         "farms", err);
}

/* Where a rename that replaces nothing is a link and an unlink, a crash can
 * leave both names. */
static int end_retiring(struct lf_fs *fs, int dir, const struct kept *kept)
{
    struct lf_node one, other;
    int error = fs->stat(fs, dir, kept->file, &one);
    if (error == 0)
        error = fs->stat(fs, dir, kept->retired, &other);
    if (error == 0 && !lf_node_same(&one, &other))
        error = -EEXIST;
    return error < 0 ? error : fs->unlink(fs, dir, kept->file);
}

bool lf_state_retire(struct lf_state *state, struct lf_str name,
                     uint64_t generation, struct lf_error *err)
{
    struct lf_fs *fs = state->fs;
    struct kept kept;
    if (!name_kept(name, generation, &kept, err))
        return false;
    LF_AUTO_CLOSE struct lf_fd dir = {fs, -1};
    dir.fd = fs->open_dir(fs, state->fd, kept.folder, LF_DIR_PATH);
    int error = dir.fd < 0 ? dir.fd
                           : fs->rename(fs, dir.fd, kept.file, dir.fd,
                                        kept.retired, LF_RENAME_NOREPLACE);
    if (error == -EEXIST)
        error = end_retiring(fs, dir.fd, &kept);
    if (error == 0)
        return true;
    lf_state_fail(state, LF_CODE_STATE_UNWRITABLE, error,
                  "drop a generation in", kept.folder, err);
    if (error == -EEXIST)
        lf_error_help(err,
                      "'%s' in there is another file than '%s': move one of "
                      "them away",
                      kept.retired, kept.file);
    return false;
}

bool lf_state_retired(struct lf_state *state, struct lf_str name,
                      uint64_t **ret_numbers, size_t *ret_count,
                      struct lf_error *err)
{
    char folder[LF_FOLDER_SIZE];
    *ret_numbers = NULL;
    *ret_count = 0;
    return !lf_state_folder(name, folder) ||
           lf_state_list_kept(state, folder, RETIRED, ret_numbers, ret_count,
                              err);
}

bool lf_state_retired_ledger(struct lf_state *state, struct lf_str name,
                             uint64_t generation, struct lf_ledger **ret_ledger,
                             struct lf_error *err)
{
    struct kept kept;
    struct lf_ledger *ledger;
    if (!name_kept(name, generation, &kept, err) ||
        !lf_state_load_kept(state, kept.folder, kept.retired, &ledger, err))
        return false;
    if (!ledger)
        return lf_state_fail(state, LF_CODE_STATE_UNREADABLE, -ENOENT, "read",
                             kept.folder, err);
    if (lf_state_check_kept(state, name, generation, ledger, err)) {
        *ret_ledger = ledger;
        return true;
    }
    lf_ledger_free(ledger);
    return false;
}

void lf_state_add_retired(struct lf_buf *ret, struct lf_str name,
                          uint64_t generation)
{
    lf_buf_add_format(ret, "farms/%.*s/%" PRIu64 RETIRED, (int)name.len,
                      name.data, generation);
}

bool lf_state_forget(struct lf_state *state, struct lf_str name,
                     uint64_t generation, struct lf_error *err)
{
    struct lf_fs *fs = state->fs;
    struct kept kept;
    if (!name_kept(name, generation, &kept, err))
        return false;
    LF_AUTO_CLOSE struct lf_fd dir = {fs, -1};
    dir.fd = fs->open_dir(fs, state->fd, kept.folder, LF_DIR_PATH);
    int error = dir.fd < 0 ? dir.fd : fs->unlink(fs, dir.fd, kept.retired);
    return error == 0 ||
           lf_state_fail(state, LF_CODE_STATE_UNWRITABLE, error,
                         "remove a dropped generation from", kept.folder, err);
}

bool lf_state_tidy(struct lf_state *state, struct lf_str name,
                   struct lf_error *err)
{
    struct lf_fs *fs = state->fs;
    char folder[LF_FOLDER_SIZE];
    if (!lf_state_folder(name, folder))
        return true;
    LF_AUTO_CLOSE struct lf_fd farms = {fs, -1};
    farms.fd = fs->open_dir(fs, state->fd, "farms", LF_DIR_PATH);
    int error = farms.fd < 0 ? farms.fd
                             : fs->rmdir(fs, farms.fd,
                                         folder + sizeof("farms/") - 1);
    return error == 0 || error == -ENOENT || error == -ENOTEMPTY ||
           error == -EEXIST ||
           lf_state_fail(state, LF_CODE_STATE_UNWRITABLE, error, "remove",
                         folder, err);
}
