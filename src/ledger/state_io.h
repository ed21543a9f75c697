/* SPDX-License-Identifier: MIT */
/*
 * state_io.h - what the files of the state directory have in common
 *
 * Private to src/ledger. Functions return 0 or a negative errno.
 */
#ifndef LF_LEDGER_STATE_IO_H
#define LF_LEDGER_STATE_IO_H

#include "base/farm_name.h"
#include "ledger/state.h"

enum {
    LF_FOLDER_SIZE = sizeof("farms/") + LF_FARM_NAME_LIMIT,
    LF_KEPT_SIZE = sizeof("18446744073709551615.new"),
    LF_NOT_A_FILE = 1 << 20, /* no errno: what stands there is no file, */
    LF_NOT_OURS,             /* or a file of another user's, */
    LF_TOO_LARGE,            /* or one that no linkfarm has written; */
    LF_NOT_A_DIR,            /* no directory, or what it is in is none */
};

/**
 * Set `err` to "cannot DO 'STATE/NAME': why". `name` may be "", and `error` is
 * a negative errno. Returns false.
 */
bool lf_state_fail(const struct lf_state *state, enum lf_code code, int error,
                   const char *what, const char *name, struct lf_error *err);

/** Say in `err` how this user gets the rights to the state's `name`; as above. */
void lf_state_help_to_rights(const struct lf_state *state, const char *name,
                             struct lf_error *err);

/**
 * Open the directory `dir` (absolute), which the state directory is to be in,
 * for `*ret_fd`; with `make`, make what is missing of it. Below `root` (no
 * slash at its end; may be empty) no link leads out of that.
 */
int lf_state_way(struct lf_fs *fs, struct lf_str root, struct lf_str dir,
                 bool make, int *ret_fd);

/**
 * Whether `path`, of a state directory, is below `root` (no slash at its end),
 * and what of it is.
 */
bool lf_state_inside(struct lf_str root, struct lf_str path,
                     struct lf_str *ret_rest);

/**
 * As mkdir(2), but the umask takes no rights of the owner's away, without which
 * the directory would be of no use. -EEXIST as there.
 */
int lf_state_make_dir(struct lf_fs *fs, int at, const char *name,
                      uint32_t mode);

/** The same of a file that was just made, of which `fd` is open. */
int lf_state_own(struct lf_fs *fs, int fd, uint32_t mode);

/**
 * Open the file `name`, if that is what stands there (else -LF_NOT_A_FILE):
 * already opening a device can do something, and whoever made the system that
 * the state is in, or a disk with it, may have put one there. One that it makes
 * has the mode `mode`, whatever the umask is.
 */
int lf_state_open_file(struct lf_fs *fs, int dir, const char *name,
                       unsigned how, uint32_t mode);

/** Open a directory of the state's, by its path in there. -ENOENT, also where there is
 *  no state; -LF_NOT_A_DIR. */
int lf_state_open_folder(const struct lf_state *state, const char *folder,
                         unsigned how);

/** How many bytes a file of that name may have: whoever made the system that the
 *  state is in may have made it as large as the file system goes. */
uint64_t lf_state_size_limit(const char *name);

/** Append the whole file to `text`, which the caller finishes in any case. */
int lf_state_read_at(struct lf_fs *fs, int dir, const char *name,
                     struct lf_buf *text);

/**
 * Write `text` durably as the file `temp` and rename it to `name`; `temp` is
 * gone after a failure. The directory is not synced.
 */
int lf_state_replace(struct lf_fs *fs, int dir, const char *temp,
                     const char *name, struct lf_str text);

/** "farms/NAME"; false if no farm can have that name. */
bool lf_state_folder(struct lf_str name, char ret[LF_FOLDER_SIZE]);

/**
 * The numbers N of the files `N<suffix>` in `folder`, ascending; none where it
 * is missing. The caller frees.
 */
bool lf_state_list_kept(struct lf_state *state, const char *folder,
                        const char *suffix, uint64_t **ret_numbers,
                        size_t *ret_count, struct lf_error *err);

/** The ledger in `folder`/`file`; `*ret_ledger` is NULL if there is none. */
bool lf_state_load_kept(struct lf_state *state, const char *folder,
                        const char *file, struct lf_ledger **ret_ledger,
                        struct lf_error *err);

/** Hold a kept ledger to its name: LF_CODE_LEDGER_CORRUPT. */
bool lf_state_check_kept(struct lf_state *state, struct lf_str name,
                         uint64_t generation, const struct lf_ledger *ledger,
                         struct lf_error *err);

#endif
