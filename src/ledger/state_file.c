/* SPDX-License-Identifier: MIT */
/*
 * state_file.c - the files of the state directory, read and written whole
 */
#include "base/path.h"
#include "base/util.h"
#include "ledger/state_io.h"
#include "platform/sys.h"

#include <errno.h>
#include <stdio.h>

/* ---- reading ---- */

uint64_t lf_state_size_limit(const char *name)
{
    if (lf_str_starts(lf_str(name), LF_STR("stamps.")))
        return (uint64_t)256 << 20;
    if (lf_str_equal(lf_str(name), LF_STR("lock")))
        return (uint64_t)64 << 10;
    return (uint64_t)4 << 30; /* ledgers and journals */
}

/* Also which file it is. */
static int read_open(struct lf_fs *fs, int fd, uint64_t limit,
                     struct lf_buf *text, struct lf_node *ret_node)
{
    int error = fs->stat(fs, fd, "", ret_node);
    if (error < 0)
        return error;
    if (ret_node->size > limit || ret_node->size >= SIZE_MAX / 2)
        return -LF_TOO_LARGE;
    if (!lf_buf_reserve(text, (size_t)ret_node->size))
        return -ENOMEM;
    /* these files are replaced, never changed: the size holds */
    long len = fs->read(fs, fd, text->data + text->len, (size_t)ret_node->size);
    if (len < 0)
        return (int)len;
    lf_buf_truncate(text, text->len + (size_t)len);
    return 0;
}

int lf_state_own(struct lf_fs *fs, int fd, uint32_t mode)
{
    struct lf_node node;
    int error = fs->stat(fs, fd, "", &node);
    uint32_t missing = error == 0 ? mode & 0700 & ~node.mode : 0;
    /* another user's, who was quicker, is for the caller to refuse */
    if (missing == 0 || node.uid != lf_sys_uid())
        return error;
    return fs->chmod(fs, fd, "", node.mode | missing);
}

/* The file `fd` that was made, or the error that closed it. */
static int owned(struct lf_fs *fs, int fd, uint32_t mode)
{
    int error = lf_state_own(fs, fd, mode);
    if (error < 0)
        fs->close(fs, fd);
    return error < 0 ? error : fd;
}

int lf_state_open_file(struct lf_fs *fs, int dir, const char *name,
                       unsigned how, uint32_t mode)
{
    struct lf_node node;
    int error = fs->stat(fs, dir, name, &node);
    if (error < 0 && (error != -ENOENT || !(how & LF_FILE_CREATE)))
        return error;
    if (error == 0 && node.kind != LF_NODE_FILE)
        return -LF_NOT_A_FILE;
    int fd = fs->open_file(fs, dir, name, how, mode);
    return error < 0 && fd >= 0 ? owned(fs, fd, mode) : fd;
}

int lf_state_read_at(struct lf_fs *fs, int dir, const char *name,
                     struct lf_buf *text)
{
    LF_AUTO_CLOSE struct lf_fd file = {fs, -1};
    struct lf_node node;
    file.fd = lf_state_open_file(fs, dir, name, LF_FILE_READ, 0);
    return file.fd < 0 ? file.fd
                       : read_open(fs, file.fd, lf_state_size_limit(name), text,
                                   &node);
}

bool lf_state_read(struct lf_state *state, const char *name,
                   struct lf_str *ret_text, bool *ret_exists,
                   struct lf_error *err)
{
    struct lf_buf text = {0};
    int error = state->fd < 0
                        ? -ENOENT
                        : lf_state_read_at(state->fs, state->fd, name, &text);
    if (error < 0)
        lf_buf_finish(&text);
    if (error < 0 && error != -ENOENT)
        return lf_state_fail(state, LF_CODE_STATE_UNREADABLE, error, "read",
                             name, err);
    *ret_text = lf_str_of(text.data, text.len);
    *ret_exists = error == 0;
    return true;
}

/* ---- the ledger ---- */

typedef bool decode_fn(struct lf_str text, struct lf_str name,
                       struct lf_ledger **ret_ledger, struct lf_error *err);

void lf_state_drop_kept(struct lf_state *state)
{
    if (!state->kept.text.data)
        return;
    lf_free_const(state->kept.text.data);
    state->fs->close(state->fs, state->kept.fd);
    state->kept.text = (struct lf_str){0};
}

/* Whether what was kept is what stands: the file is replaced, never changed. */
static bool kept_stands(const struct lf_state *state)
{
    struct lf_node node;
    return state->kept.text.data &&
           state->fs->stat(state->fs, state->fd, LF_LEDGER_FILE, &node) == 0 &&
           node.dev == state->kept.dev && node.ino == state->kept.ino;
}

static int read_to_keep(struct lf_state *state)
{
    struct lf_fs *fs = state->fs;
    struct lf_buf text = {0};
    struct lf_node node;
    int fd = state->fd < 0 ? -ENOENT
                           : lf_state_open_file(fs, state->fd, LF_LEDGER_FILE,
                                                LF_FILE_READ, 0);
    uint64_t limit = lf_state_size_limit(LF_LEDGER_FILE);
    int error = fd < 0 ? fd : read_open(fs, fd, limit, &text, &node);
    if (error >= 0 && !lf_buf_reserve(&text, 1))
        error = -ENOMEM;
    if (error < 0) {
        lf_buf_finish(&text);
        if (fd >= 0)
            fs->close(fs, fd);
        return error;
    }
    state->kept.text = lf_str_of(text.data, text.len);
    state->kept.fd = fd;
    state->kept.dev = node.dev;
    state->kept.ino = node.ino;
    return 0;
}

/* What stands, kept. */
static bool load(struct lf_state *state, decode_fn *decode,
                 struct lf_ledger **ret_ledger, struct lf_error *err)
{
    int error = 0;
    if (!kept_stands(state)) {
        lf_state_drop_kept(state);
        error = read_to_keep(state);
    }
    if (error == -ENOENT)
        return lf_ledger_new(ret_ledger, err);
    if (error < 0)
        return lf_state_fail(state, LF_CODE_STATE_UNREADABLE, error, "read",
                             LF_LEDGER_FILE, err);
    struct lf_buf path = {0};
    lf_path_add(&path, state->path, LF_STR(LF_LEDGER_FILE));
    bool done = decode(state->kept.text, lf_buf_str(&path), ret_ledger, err);
    lf_buf_finish(&path);
    return done;
}

bool lf_state_load(struct lf_state *state, struct lf_ledger **ret_ledger,
                   struct lf_error *err)
{
    bool done = load(state, lf_ledger_decode, ret_ledger, err);
    lf_state_drop_kept(state);
    return done;
}

bool lf_state_load_heads(struct lf_state *state, struct lf_ledger **ret_ledger,
                         struct lf_error *err)
{
    return load(state, lf_ledger_decode_heads, ret_ledger, err);
}

bool lf_state_interrupted(const struct lf_state *state)
{
    struct lf_node node;
    if (state->fd < 0)
        return false;
    int error = state->fs->stat(state->fs, state->fd, "journal", &node);
    return error < 0 ? error != -ENOENT
                     : node.kind != LF_NODE_FILE || node.size > 0;
}

/* ---- writing ---- */

enum { FILE_MODE = 0600 };

/* A temporary file that a crash left is in the way only once. */
static int create(struct lf_fs *fs, int dir, const char *temp)
{
    unsigned how = LF_FILE_WRITE | LF_FILE_CREATE | LF_FILE_EXCLUSIVE;
    int fd = fs->open_file(fs, dir, temp, how, FILE_MODE);
    if (fd == -EEXIST) {
        int error = fs->unlink(fs, dir, temp);
        fd = error < 0 ? error : fs->open_file(fs, dir, temp, how, FILE_MODE);
    }
    if (fd < 0)
        return fd;
    int error = owned(fs, fd, FILE_MODE);
    if (error < 0)
        fs->unlink(fs, dir, temp);
    return error;
}

/* After a failure the file is gone, and its descriptor closed. */
static int fill(struct lf_fs *fs, int dir, const char *temp, int fd,
                struct lf_str text)
{
    int error = fs->write(fs, fd, text.data, text.len);
    if (error == 0)
        return 0;
    fs->close(fs, fd);
    /* if this fails too, the next write meets what is left */
    fs->unlink(fs, dir, temp);
    return error;
}

/* A descriptor of the file, which is gone after a failure. */
static int stage(struct lf_fs *fs, int dir, const char *temp,
                 struct lf_str text)
{
    int fd = create(fs, dir, temp);
    if (fd < 0 || text.len == 0)
        return fd;
    int error = fill(fs, dir, temp, fd, text);
    return error < 0 ? error : fd;
}

static int publish(struct lf_fs *fs, int dir, const char *temp,
                   const char *name, int fd, bool durable)
{
    int error = durable ? fs->fsync(fs, fd) : 0;
    int closed = fs->close(fs, fd);
    if (error == 0)
        error = closed;
    if (error == 0)
        error = fs->rename(fs, dir, temp, dir, name, LF_RENAME_REPLACE);
    if (error < 0)
        fs->unlink(fs, dir, temp);
    return error;
}

int lf_state_replace(struct lf_fs *fs, int dir, const char *temp,
                     const char *name, struct lf_str text)
{
    int fd = stage(fs, dir, temp, text);
    return fd < 0 ? fd : publish(fs, dir, temp, name, fd, true);
}

/* Names are ours, and short. */
static void temp_of(const char *name, char temp[LF_NAME_LIMIT + 1])
{
    snprintf(temp, LF_NAME_LIMIT + 1, "%s.new", name);
}

int lf_state_put_begin(struct lf_state *state, const char *name)
{
    char temp[LF_NAME_LIMIT + 1];
    temp_of(name, temp);
    return create(state->fs, state->fd, temp);
}

int lf_state_put_end(struct lf_state *state, const char *name, int file,
                     struct lf_str text)
{
    struct lf_fs *fs = state->fs;
    char temp[LF_NAME_LIMIT + 1];
    temp_of(name, temp);
    int error = fill(fs, state->fd, temp, file, text);
    return error < 0 ? error : publish(fs, state->fd, temp, name, file, false);
}

bool lf_state_stage(struct lf_state *state, const char *name, int *ret_file,
                    struct lf_error *err)
{
    int fd = lf_state_put_begin(state, name);
    *ret_file = fd < 0 ? -1 : fd;
    if (fd == -EISDIR) {
        char temp[LF_NAME_LIMIT + 1];
        temp_of(name, temp);
        return lf_state_fail(state, LF_CODE_STATE_UNWRITABLE, -LF_NOT_A_FILE,
                             "replace", temp, err);
    }
    return fd >= 0 || lf_state_fail(state, LF_CODE_STATE_UNWRITABLE, fd,
                                    "write", name, err);
}

bool lf_state_stage_more(struct lf_state *state, const char *name, int file,
                         struct lf_str text, struct lf_error *err)
{
    int error = state->fs->write(state->fs, file, text.data, text.len);
    return error == 0 || lf_state_fail(state, LF_CODE_STATE_UNWRITABLE, error,
                                       "write", name, err);
}

/* What could not be read again must not be published. */
static int check_size(struct lf_fs *fs, int file, const char *name)
{
    struct lf_node node;
    int error = fs->stat(fs, file, "", &node);
    if (error < 0)
        return error;
    return node.size > lf_state_size_limit(name) ? -LF_TOO_LARGE : 0;
}

bool lf_state_publish(struct lf_state *state, const char *name, int file,
                      bool *ret_renamed, struct lf_error *err)
{
    struct lf_fs *fs = state->fs;
    char temp[LF_NAME_LIMIT + 1];
    temp_of(name, temp);
    int error = check_size(fs, file, name);
    if (error < 0)
        lf_state_discard(state, name, file);
    else
        error = publish(fs, state->fd, temp, name, file, true);
    if (ret_renamed)
        *ret_renamed = error == 0;
    if (error < 0)
        return lf_state_fail(state, LF_CODE_STATE_UNWRITABLE, error, "write",
                             name, err);
    error = state->fresh ? fs->syncfs(fs, state->fd) : fs->fsync(fs, state->fd);
    if (error < 0)
        return lf_state_fail(state, LF_CODE_SYNC, error, "make durable", name,
                             err);
    state->fresh = false;
    return true;
}

void lf_state_drop_staged(struct lf_state *state, const char *name)
{
    char temp[LF_NAME_LIMIT + 1];
    temp_of(name, temp);
    state->fs->unlink(state->fs, state->fd, temp);
}

void lf_state_discard(struct lf_state *state, const char *name, int file)
{
    state->fs->close(state->fs, file);
    lf_state_drop_staged(state, name);
}

bool lf_state_write(struct lf_state *state, const char *name,
                    struct lf_str text, bool *ret_renamed, struct lf_error *err)
{
    int file = -1;
    if (ret_renamed)
        *ret_renamed = false;
    if (!lf_state_stage(state, name, &file, err))
        return false;
    if (text.len > 0 && !lf_state_stage_more(state, name, file, text, err)) {
        lf_state_discard(state, name, file);
        return false;
    }
    return lf_state_publish(state, name, file, ret_renamed, err);
}
