/* SPDX-License-Identifier: MIT */
/* fault_fs.c - a file system that fails, or stops for good, at the nth call */
#define _GNU_SOURCE
#include "support/fault_fs.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct fault_fs *faults_of(struct lf_fs *fs)
{
    return (struct fault_fs *)fs;
}

/* One call at a time, whatever thread it comes from: they are counted. */
static pthread_mutex_t calls = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

static struct fault_fs *hold(struct fault_fs *faults)
{
    pthread_mutex_lock(&calls);
    return faults;
}

static void let_go(struct fault_fs *const *faults)
{
    (void)faults;
    pthread_mutex_unlock(&calls);
}

#define HELD __attribute__((cleanup(let_go)))

/* What is to become of a call. */
enum verdict {
    PASS,
    FAIL,           /* not made; the answer is -error */
    PASS_THEN_FAIL, /* made, but the answer is -error */
};

static enum verdict judge(struct fault_fs *faults, enum fault_op op, int fd,
                          const char *name, const char *new_name)
{
    bool counted = faults->ops & 1u << op;
    struct fault_call call = {
            .number = counted && !faults->stopped ? faults->count + 1 : 0,
            .op = op,
            .fd = fd,
            .name = name,
            .new_name = new_name,
    };
    if (faults->stopped)
        return FAIL;
    faults->calls[op]++;
    faults->count += counted;
    if (faults->before)
        faults->before(faults->before_arg, &call);
    if (!call.number || call.number != faults->strike_at)
        return PASS;
    faults->struck = true;
    if (faults->stop)
        faults->stopped = true;
    return faults->afterwards ? PASS_THEN_FAIL : FAIL;
}

static int answer(const struct fault_fs *faults)
{
    return -(faults->stopped ? FAULT_STOPPED : faults->error);
}

/* The body of an operation without a result but success. */
#define PASS_ON(op, fd, name, new_name, call)                                  \
    HELD struct fault_fs *faults = hold(faults_of(fs));                        \
    struct lf_fs *base = faults->base;                                         \
    enum verdict verdict = judge(faults, op, fd, name, new_name);              \
    if (verdict == FAIL)                                                       \
        return answer(faults);                                                 \
    int result = (call);                                                       \
    return verdict == PASS ? result : answer(faults)

/* An opened descriptor whose opening is to have failed is not lost. */
static int opened(struct fault_fs *faults, enum verdict verdict, int fd)
{
    if (fd < 0)
        return fd;
    if (verdict == PASS) {
        faults->open++;
        if (faults->open > faults->most_open)
            faults->most_open = faults->open;
        return fd;
    }
    faults->base->close(faults->base, fd);
    return answer(faults);
}

static int fault_open_dir(struct lf_fs *fs, int at, const char *path,
                          unsigned how)
{
    HELD struct fault_fs *faults = hold(faults_of(fs));
    enum verdict verdict = judge(faults, FAULT_OPEN_DIR, at, path, NULL);
    if (verdict == FAIL)
        return answer(faults);
    return opened(faults, verdict,
                  faults->base->open_dir(faults->base, at, path, how));
}

static int fault_open_file(struct lf_fs *fs, int at, const char *name,
                           unsigned how, uint32_t mode)
{
    HELD struct fault_fs *faults = hold(faults_of(fs));
    enum verdict verdict = judge(faults, FAULT_OPEN_FILE, at, name, NULL);
    if (verdict == FAIL)
        return answer(faults);
    return opened(faults, verdict,
                  faults->base->open_file(faults->base, at, name, how, mode));
}

/* The descriptor is gone in any case, as with close(2). */
static int fault_close(struct lf_fs *fs, int fd)
{
    HELD struct fault_fs *faults = hold(faults_of(fs));
    enum verdict verdict = judge(faults, FAULT_CLOSE, fd, NULL, NULL);
    int result = faults->base->close(faults->base, fd);
    faults->open--;
    return verdict == PASS ? result : answer(faults);
}

static int renumbered(const struct fault_fs *faults, int result,
                      struct lf_node *node)
{
    if (result == 0)
        node->dev += faults->renumber;
    return result;
}

static int fault_stat(struct lf_fs *fs, int at, const char *name,
                      struct lf_node *ret)
{
    PASS_ON(FAULT_STAT, at, name, NULL,
            renumbered(faults, base->stat(base, at, name, ret), ret));
}

static int fault_stat_path(struct lf_fs *fs, int at, const char *path,
                           struct lf_node *ret)
{
    PASS_ON(FAULT_STAT, at, path, NULL,
            renumbered(faults, base->stat_path(base, at, path, ret), ret));
}

static long fault_readlink(struct lf_fs *fs, int at, const char *name,
                           char *buf, size_t size)
{
    HELD struct fault_fs *faults = hold(faults_of(fs));
    enum verdict verdict = judge(faults, FAULT_READLINK, at, name, NULL);
    if (verdict != PASS)
        return answer(faults);
    return faults->base->readlink(faults->base, at, name, buf, size);
}

static int fault_list(struct lf_fs *fs, int fd, lf_list_fn *fn, void *arg)
{
    PASS_ON(FAULT_LIST, fd, NULL, NULL, base->list(base, fd, fn, arg));
}

static int fault_symlink(struct lf_fs *fs, const char *text, int at,
                         const char *name)
{
    PASS_ON(FAULT_SYMLINK, at, name, text, base->symlink(base, text, at, name));
}

static int fault_mkdir(struct lf_fs *fs, int at, const char *name,
                       uint32_t mode)
{
    PASS_ON(FAULT_MKDIR, at, name, NULL, base->mkdir(base, at, name, mode));
}

static int fault_chmod(struct lf_fs *fs, int at, const char *name,
                       uint32_t mode)
{
    PASS_ON(FAULT_CHMOD, at, name, NULL, base->chmod(base, at, name, mode));
}

static int fault_link(struct lf_fs *fs, int at, const char *name, int to,
                      const char *new_name)
{
    PASS_ON(FAULT_LINK, at, name, new_name,
            base->link(base, at, name, to, new_name));
}

static int fault_unlink(struct lf_fs *fs, int at, const char *name)
{
    PASS_ON(FAULT_UNLINK, at, name, NULL, base->unlink(base, at, name));
}

static int fault_rmdir(struct lf_fs *fs, int at, const char *name)
{
    PASS_ON(FAULT_RMDIR, at, name, NULL, base->rmdir(base, at, name));
}

/* As the fall-back of the platform has it; a directory has no second name. */
static int rename_by_halves(struct lf_fs *fs, int at, const char *name, int to,
                            const char *new_name)
{
    int result = fs->link(fs, at, name, to, new_name);
    if (result < 0)
        return result;
    result = fs->unlink(fs, at, name);
    if (result < 0 && !faults_of(fs)->stopped)
        faults_of(fs)->base->unlink(faults_of(fs)->base, to, new_name);
    return result;
}

static bool is_dir(struct fault_fs *faults, int at, const char *name)
{
    struct lf_node node;
    return faults->base->stat(faults->base, at, name, &node) == 0 &&
           node.kind == LF_NODE_DIR;
}

static int fault_rename(struct lf_fs *fs, int at, const char *name, int to,
                        const char *new_name, enum lf_rename how)
{
    if (faults_of(fs)->halves && how == LF_RENAME_EXCHANGE)
        return -ENOSYS;
    if (faults_of(fs)->halves && how == LF_RENAME_NOREPLACE &&
        !is_dir(faults_of(fs), at, name))
        return rename_by_halves(fs, at, name, to, new_name);
    PASS_ON(FAULT_RENAME, at, name, new_name,
            base->rename(base, at, name, to, new_name, how));
}

static long fault_read(struct lf_fs *fs, int fd, void *buf, size_t size)
{
    HELD struct fault_fs *faults = hold(faults_of(fs));
    enum verdict verdict = judge(faults, FAULT_READ, fd, NULL, NULL);
    if (verdict != PASS)
        return answer(faults);
    return faults->base->read(faults->base, fd, buf, size);
}

static int fault_write(struct lf_fs *fs, int fd, const void *buf, size_t size)
{
    HELD struct fault_fs *faults = hold(faults_of(fs));
    bool running = !faults->stopped;
    enum verdict verdict = judge(faults, FAULT_WRITE, fd, NULL, NULL);
    /* a full disk takes what fits, and a kill can fall between two pages */
    if (verdict == FAIL && running)
        faults->base->write(faults->base, fd, buf, size / 2);
    if (verdict == FAIL)
        return answer(faults);
    int result = faults->base->write(faults->base, fd, buf, size);
    return verdict == PASS ? result : answer(faults);
}

static int fault_truncate(struct lf_fs *fs, int fd, uint64_t size)
{
    PASS_ON(FAULT_TRUNCATE, fd, NULL, NULL, base->truncate(base, fd, size));
}

static int fault_fsync(struct lf_fs *fs, int fd)
{
    PASS_ON(FAULT_FSYNC, fd, NULL, NULL, base->fsync(base, fd));
}

static int fault_syncfs(struct lf_fs *fs, int fd)
{
    PASS_ON(FAULT_SYNCFS, fd, NULL, NULL, base->syncfs(base, fd));
}

static int fault_lock(struct lf_fs *fs, int fd)
{
    PASS_ON(FAULT_LOCK, fd, NULL, NULL, base->lock(base, fd));
}

/* Not counted: nothing depends on it, as closing does the same. */
static int fault_unlock(struct lf_fs *fs, int fd)
{
    struct lf_fs *base = ((struct fault_fs *)fs)->base;
    return base->unlock(base, fd);
}

/* Not counted: what a kind of file system can do does not fail. */
static int fault_moves_dirs(struct lf_fs *fs, int fd)
{
    struct fault_fs *faults = (struct fault_fs *)fs;
    struct lf_fs *base = faults->base;
    return !faults->halves && base->moves_dirs && base->moves_dirs(base, fd);
}

static int fault_keeps_clock(struct lf_fs *fs, int fd)
{
    struct fault_fs *faults = (struct fault_fs *)fs;
    struct lf_fs *base = faults->base;
    return faults->clock && base->keeps_clock && base->keeps_clock(base, fd);
}

static const struct lf_fs operations = {
        .open_dir = fault_open_dir,
        .close = fault_close,
        .stat = fault_stat,
        .stat_path = fault_stat_path,
        .readlink = fault_readlink,
        .list = fault_list,
        .symlink = fault_symlink,
        .mkdir = fault_mkdir,
        .chmod = fault_chmod,
        .rename = fault_rename,
        .link = fault_link,
        .unlink = fault_unlink,
        .rmdir = fault_rmdir,
        .open_file = fault_open_file,
        .read = fault_read,
        .write = fault_write,
        .truncate = fault_truncate,
        .fsync = fault_fsync,
        .syncfs = fault_syncfs,
        .lock = fault_lock,
        .unlock = fault_unlock,
        .moves_dirs = fault_moves_dirs,
        .keeps_clock = fault_keeps_clock,
};

void fault_fs_init(struct fault_fs *faults, struct lf_fs *base)
{
    *faults = (struct fault_fs){.fs = operations, .ops = ~0u};
    lf_fs_system(&faults->system);
    faults->base = base ? base : &faults->system;
}

void fault_fs_fail(struct fault_fs *faults, unsigned long n, int error)
{
    faults->strike_at = n;
    faults->error = error;
    faults->stop = false;
}

void fault_fs_stop(struct fault_fs *faults, unsigned long n)
{
    faults->strike_at = n;
    faults->stop = true;
}

unsigned long fault_fs_syncs(const struct fault_fs *faults)
{
    return faults->calls[FAULT_FSYNC] + faults->calls[FAULT_SYNCFS];
}

const char *fault_op_name(enum fault_op op)
{
    static const char *const names[FAULT_OPS] = {
            "open_dir", "close", "stat",      "readlink", "list",
            "symlink",  "mkdir", "chmod",     "rename",   "link",
            "unlink",   "rmdir", "open_file", "read",     "write",
            "truncate", "fsync", "syncfs",    "lock",
    };
    return names[op];
}

void fault_log_add(void *log, const struct fault_call *call)
{
    struct fault_log *to = log;
    if (!(to->ops & 1u << call->op))
        return;
    const char *parts[] = {fault_op_name(call->op),
                           call->name ? " " : "",
                           call->name ? call->name : "",
                           call->new_name ? " -> " : "",
                           call->new_name ? call->new_name : "",
                           "\n"};
    size_t size = to->len + 1;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        size += strlen(parts[i]);
    char *text = realloc(to->text, size);
    if (!text)
        abort(); /* in a test that does not fail allocations */
    to->text = text;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        memcpy(text + to->len, parts[i], strlen(parts[i]) + 1);
        to->len += strlen(parts[i]);
    }
}

void fault_log_clear(struct fault_log *log)
{
    free(log->text);
    log->text = NULL;
    log->len = 0;
}
