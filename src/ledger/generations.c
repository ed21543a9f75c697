/* SPDX-License-Identifier: MIT */
/*
 * generations.c - the ledgers of the past: farms/<name>/<generation>
 */
#include "base/escape.h"
#include "base/path.h"
#include "base/util.h"
#include "ledger/lines.h"
#include "ledger/state_io.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

enum { PATH_SIZE = LF_FOLDER_SIZE + LF_KEPT_SIZE };

bool lf_state_folder(struct lf_str name, char ret[LF_FOLDER_SIZE])
{
    if (!lf_farm_name_valid(name))
        return false;
    snprintf(ret, LF_FOLDER_SIZE, "farms/%.*s", (int)name.len, name.data);
    return true;
}

/* ---- keeping ---- */

static int make_dir(struct lf_fs *fs, int at, const char *name)
{
    int error = lf_state_make_dir(fs, at, name, 0700);
    if (error < 0 && error != -EEXIST)
        return error;
    return fs->open_dir(fs, at, name, LF_DIR_PATH);
}

/* A descriptor of `folder`, made if missing. */
static int open_folder(struct lf_fs *fs, int state, const char *folder)
{
    int fd = fs->open_dir(fs, state, folder, LF_DIR_PATH);
    if (fd != -ENOENT)
        return fd;
    LF_AUTO_CLOSE struct lf_fd farms = {fs, make_dir(fs, state, "farms")};
    if (farms.fd < 0)
        return farms.fd;
    return make_dir(fs, farms.fd, folder + sizeof("farms/") - 1);
}

static bool lacks_hard_links(int error)
{
    return error == -EPERM || error == -EOPNOTSUPP || error == -ENOSYS ||
           error == -EMLINK;
}

static int copy_ledger(struct lf_fs *fs, int state, int dir, const char *temp,
                       const char *number)
{
    struct lf_buf text = {0};
    int error = lf_state_read_at(fs, state, LF_LEDGER_FILE, &text);
    if (error == 0)
        error = lf_state_replace(fs, dir, temp, number, lf_buf_str(&text));
    lf_buf_finish(&text);
    return error;
}

/* Put the ledger that stands in place of the kept `number`, by a rename. */
static int exchange_kept(struct lf_fs *fs, int state, int dir, const char *temp,
                         const char *number)
{
    int error = fs->link(fs, state, LF_LEDGER_FILE, dir, temp);
    if (error == -EEXIST) {
        error = fs->unlink(fs, dir, temp);
        if (error == 0)
            error = fs->link(fs, state, LF_LEDGER_FILE, dir, temp);
    }
    if (lacks_hard_links(error))
        return copy_ledger(fs, state, dir, temp, number);
    if (error < 0)
        return error;
    error = fs->rename(fs, dir, temp, dir, number, LF_RENAME_REPLACE);
    if (error < 0)
        fs->unlink(fs, dir, temp);
    return error;
}

static int keep(struct lf_fs *fs, int state, int dir, const char *temp,
                const char *number)
{
    int error = fs->link(fs, state, LF_LEDGER_FILE, dir, number);
    if (lacks_hard_links(error))
        return copy_ledger(fs, state, dir, temp, number);
    if (error != -EEXIST)
        return error;
    struct lf_node standing = {0}, kept = {0};
    error = fs->stat(fs, state, LF_LEDGER_FILE, &standing);
    if (error == 0)
        error = fs->stat(fs, dir, number, &kept);
    if (error < 0 || lf_node_same(&standing, &kept))
        return error;
    return exchange_kept(fs, state, dir, temp, number);
}

bool lf_state_keep(struct lf_state *state, struct lf_str name,
                   uint64_t generation, struct lf_error *err)
{
    struct lf_fs *fs = state->fs;
    char folder[LF_FOLDER_SIZE], number[LF_KEPT_SIZE], temp[LF_KEPT_SIZE];
    if (!lf_state_folder(name, folder)) {
        lf_error_set(err, LF_CODE_INTERNAL, 0,
                     "a generation of a farm without a name cannot be kept");
        return false;
    }
    snprintf(number, sizeof(number), "%" PRIu64, generation);
    snprintf(temp, sizeof(temp), "%" PRIu64 ".new", generation);
    LF_AUTO_CLOSE struct lf_fd dir = {fs, open_folder(fs, state->fd, folder)};
    int error = dir.fd < 0 ? dir.fd : keep(fs, state->fd, dir.fd, temp, number);
    return error == 0 || lf_state_fail(state, LF_CODE_STATE_UNWRITABLE, error,
                                       "keep the old ledger in", folder, err);
}

/* ---- listing ---- */

struct numbers {
    struct lf_str suffix; /* behind each number */
    uint64_t *items;
    uint32_t count, capacity;
    bool failed;
};

static bool ends_with(struct lf_str name, struct lf_str suffix)
{
    return name.len > suffix.len &&
           lf_str_equal(
                   lf_str_of(name.data + name.len - suffix.len, suffix.len),
                   suffix);
}

static bool add_number(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    struct numbers *numbers = arg;
    uint64_t number;
    (void)kind;
    if (!ends_with(name, numbers->suffix) ||
        !lf_parse_u64(lf_str_of(name.data, name.len - numbers->suffix.len),
                      &number))
        return true; /* of another kind, or a temporary file */
    void *grown = numbers->items;
    if (!lf_array_reserve(&grown, numbers->count, &numbers->capacity,
                          sizeof(*numbers->items))) {
        numbers->failed = true;
        return false;
    }
    numbers->items = grown;
    numbers->items[numbers->count++] = number;
    return true;
}

static int compare_numbers(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

int lf_state_open_folder(const struct lf_state *state, const char *folder,
                         unsigned how)
{
    struct lf_fs *fs = state->fs;
    int fd = state->fd < 0 ? -ENOENT : fs->open_dir(fs, state->fd, folder, how);
    return fd == -ENOTDIR || fd == -ELOOP ? -LF_NOT_A_DIR : fd;
}

static int list_numbers(struct lf_state *state, const char *folder,
                        struct numbers *numbers)
{
    struct lf_fs *fs = state->fs;
    LF_AUTO_CLOSE struct lf_fd dir = {
            fs, lf_state_open_folder(state, folder, LF_DIR_READ)};
    if (dir.fd < 0)
        return dir.fd == -ENOENT ? 0 : dir.fd;
    int error = fs->list(fs, dir.fd, add_number, numbers);
    if (error == -ENOENT) /* it was removed meanwhile */
        error = 0;
    if (error == 0 && numbers->failed)
        error = -ENOMEM;
    if (numbers->count)
        qsort(numbers->items, numbers->count, sizeof(*numbers->items),
              compare_numbers);
    return error;
}

bool lf_state_list_kept(struct lf_state *state, const char *folder,
                        const char *suffix, uint64_t **ret_numbers,
                        size_t *ret_count, struct lf_error *err)
{
    struct numbers numbers = {.suffix = lf_str(suffix)};
    int error = list_numbers(state, folder, &numbers);
    if (error < 0) {
        free(numbers.items);
        return lf_state_fail(state, LF_CODE_STATE_UNREADABLE, error, "list",
                             folder, err);
    }
    *ret_numbers = numbers.items;
    *ret_count = numbers.count;
    return true;
}

bool lf_state_generations(struct lf_state *state, struct lf_str name,
                          uint64_t **ret_numbers, size_t *ret_count,
                          struct lf_error *err)
{
    char folder[LF_FOLDER_SIZE];
    *ret_numbers = NULL;
    *ret_count = 0;
    return !lf_state_folder(name, folder) ||
           lf_state_list_kept(state, folder, "", ret_numbers, ret_count, err);
}

static bool note_last(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    uint64_t *last = arg, number;
    const char *dot = memchr(name.data, '.', name.len);
    struct lf_str digits =
            lf_str_of(name.data, dot ? (size_t)(dot - name.data) : name.len);
    (void)kind;
    if (lf_parse_u64(digits, &number) && number > *last && number < UINT64_MAX)
        *last = number;
    return true;
}

bool lf_state_last_generation(struct lf_state *state, struct lf_str name,
                              uint64_t *ret, struct lf_error *err)
{
    struct lf_fs *fs = state->fs;
    char folder[LF_FOLDER_SIZE];
    *ret = 0;
    if (!lf_state_folder(name, folder))
        return true;
    LF_AUTO_CLOSE struct lf_fd dir = {
            fs, lf_state_open_folder(state, folder, LF_DIR_READ)};
    int error = dir.fd < 0 ? dir.fd : fs->list(fs, dir.fd, note_last, ret);
    return error == 0 || error == -ENOENT ||
           lf_state_fail(state, LF_CODE_STATE_UNREADABLE, error, "list", folder,
                         err);
}

/* ---- opening ---- */

static bool holds(const struct lf_ledger *ledger, struct lf_str name,
                  uint64_t generation)
{
    const struct lf_recorded *farm = lf_ledger_find(ledger, name);
    return farm && farm->generation == generation;
}

static int read_kept(struct lf_state *state, const char *folder,
                     const char *number, struct lf_buf *text)
{
    struct lf_fs *fs = state->fs;
    LF_AUTO_CLOSE struct lf_fd dir = {
            fs, lf_state_open_folder(state, folder, LF_DIR_PATH)};
    return dir.fd < 0 ? dir.fd : lf_state_read_at(fs, dir.fd, number, text);
}

bool lf_state_load_kept(struct lf_state *state, const char *folder,
                        const char *file, struct lf_ledger **ret_ledger,
                        struct lf_error *err)
{
    char path[PATH_SIZE];
    struct lf_buf text = {0}, full = {0};
    snprintf(path, sizeof(path), "%s/%s", folder, file);
    lf_path_add(&full, state->path, lf_str(path));
    *ret_ledger = NULL;
    int error = read_kept(state, folder, file, &text);
    bool done = error == -ENOENT;
    if (error == 0)
        done = lf_ledger_decode(lf_buf_str(&text), lf_buf_str(&full),
                                ret_ledger, err);
    else if (!done)
        lf_state_fail(state, LF_CODE_STATE_UNREADABLE, error, "read", path,
                      err);
    lf_buf_finish(&full);
    lf_buf_finish(&text);
    return done;
}

static bool no_generation(struct lf_state *state, struct lf_str name,
                          uint64_t generation, struct lf_error *err)
{
    LF_AUTO_FREE uint64_t *numbers = NULL;
    size_t count = 0;
    if (!lf_state_generations(state, name, &numbers, &count, err))
        return false;
    struct lf_buf shown = {0}, kept = {0};
    lf_escape_shown(&shown, name);
    for (size_t i = 0; i < count; i++)
        lf_buf_add_format(&kept, "%s%" PRIu64, i ? ", " : "", numbers[i]);
    lf_error_set(err, LF_CODE_NO_GENERATION, 0,
                 "farm '%s' has no generation %" PRIu64,
                 lf_buf_str(&shown).data, generation);
    if (count)
        lf_error_help(err, "it has kept these: %s", lf_buf_str(&kept).data);
    else
        lf_error_help(err, "it has kept none");
    lf_buf_finish(&shown);
    lf_buf_finish(&kept);
    return false;
}

bool lf_state_check_kept(struct lf_state *state, struct lf_str name,
                         uint64_t generation, const struct lf_ledger *ledger,
                         struct lf_error *err)
{
    if (holds(ledger, name, generation))
        return true;
    struct lf_buf shown = {0};
    lf_escape_shown(&shown, state->path);
    lf_error_set(err, LF_CODE_LEDGER_CORRUPT, 0,
                 "ledger '%s/farms/%.*s/%" PRIu64
                 "' does not hold the generation that it is named for",
                 lf_buf_str(&shown).data, (int)name.len, name.data, generation);
    lf_error_help(err, "somebody renamed it; another generation may be whole");
    lf_buf_finish(&shown);
    return false;
}

bool lf_state_generation(struct lf_state *state, struct lf_str name,
                         uint64_t generation, struct lf_ledger **ret_ledger,
                         struct lf_error *err)
{
    char folder[LF_FOLDER_SIZE], number[LF_KEPT_SIZE];
    struct lf_ledger *ledger;
    if (!lf_state_folder(name, folder))
        return no_generation(state, name, generation, err);
    snprintf(number, sizeof(number), "%" PRIu64, generation);
    if (!lf_state_load_kept(state, folder, number, &ledger, err)) {
        /* what helps with the ledger would not bring this one back */
        if (err->code == LF_CODE_LEDGER_CORRUPT)
            lf_error_help(err, "'linkfarm history' shows those that are whole; "
                               "put back an intact copy of this one, or move "
                               "it away");
        return false;
    }
    bool kept = ledger;
    if (!kept && !lf_state_load(state, &ledger, err))
        return false;
    bool right =
            kept ? lf_state_check_kept(state, name, generation, ledger, err)
                 : holds(ledger, name, generation) ||
                            no_generation(state, name, generation, err);
    if (right)
        *ret_ledger = ledger;
    else
        lf_ledger_free(ledger);
    return right;
}
