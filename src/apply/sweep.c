/* SPDX-License-Identifier: MIT */
/*
 * sweep.c - removing displaced nodes from the store for good
 */
#include "apply/sweep.h"

#include "apply/store_way.h"
#include "base/escape.h"
#include "base/path.h"
#include "base/util.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BATCH = 256, /* entries of a directory that are read at a time */
    NAME_SIZE = sizeof("4294967295.4294967295"), /* a number of 64 bits, too */
};

/* ---- finding the folder ---- */

static struct lf_store_roots roots_of(struct lf_transaction *t)
{
    return (struct lf_store_roots){
            .fs = t->fs, .root_fd = t->root_fd, .state_fd = t->state.fd};
}

/* `ret_unsafe`: others than root may have put another there; nothing is opened. */
static int open_folder(struct lf_transaction *t,
                       const struct lf_displaced *displaced, bool *ret_unsafe)
{
    char number[NAME_SIZE];
    struct lf_store_roots roots = roots_of(t);
    struct lf_store_alien alien;
    snprintf(number, sizeof(number), "%" PRIu64, displaced->transaction);
    int fd = lf_store_open(&roots, displaced->store, lf_str(number),
                           LF_DIR_READ, &alien);
    *ret_unsafe = alien.met;
    return fd;
}

/* Append where the node is kept, as a person finds it. */
static void add_shown(struct lf_buf *buf, struct lf_transaction *t,
                      const struct lf_displaced *displaced)
{
    struct lf_buf path = {0};
    lf_state_add_displaced(&t->state, &path, displaced);
    lf_escape_shown(buf, lf_buf_str(&path));
    lf_buf_finish(&path);
}

static bool failed(struct lf_transaction *t,
                   const struct lf_displaced *displaced, const char *what,
                   int error, struct lf_error *err)
{
    struct lf_buf shown = {0};
    if (error == -ENOMEM)
        return lf_error_oom(err);
    add_shown(&shown, t, displaced);
    lf_error_set(err, LF_CODE_GARBAGE, -error, "cannot %s %s: %s", what,
                 shown.data ? shown.data : "", strerror(-error));
    lf_error_help(err, "remove the cause, then run: linkfarm gc");
    lf_buf_finish(&shown);
    return false;
}

/* Whether there is no such directory, or something else instead of it. */
static bool is_absent(int error)
{
    return error == -ENOENT || error == -ENOTDIR || error == -ELOOP;
}

bool lf_sweep_look(struct lf_transaction *t,
                   const struct lf_displaced *displaced,
                   enum lf_swept *ret_swept, struct lf_node *ret_node,
                   struct lf_error *err)
{
    char name[NAME_SIZE];
    bool unsafe;
    LF_AUTO_CLOSE struct lf_fd folder = {t->fs,
                                         open_folder(t, displaced, &unsafe)};
    *ret_swept = unsafe ? LF_SWEPT_UNSAFE : LF_SWEPT_GONE;
    if (unsafe || is_absent(folder.fd))
        return true;
    snprintf(name, sizeof(name), "%" PRIu32, displaced->number);
    int error = folder.fd < 0 ? folder.fd
                              : t->fs->stat(t->fs, folder.fd, name, ret_node);
    if (error == -ENOENT)
        return true;
    if (error < 0)
        return failed(t, displaced, "look at", error, err);
    *ret_swept =
            ret_node->kind == displaced->kind && ret_node->ino == displaced->ino
                    ? LF_SWEPT_STANDS
                    : LF_SWEPT_ANOTHER;
    return true;
}

/* ---- taking a directory apart ---- */

struct sweep {
    struct lf_fs *fs;
    int folder;
    uint32_t number; /* of the node, by which all that is of it is named */
    uint32_t next;   /* of the next directory that moves up */
};

/* Names are as long as the file system makes them: some hand out more than
 * LF_NAME_LIMIT bytes. */
struct batch {
    struct lf_buf names; /* each with a NUL behind it */
    bool is_dir[BATCH];
    uint32_t count;
};

static bool add_entry(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    struct batch *batch = arg;
    lf_buf_add(&batch->names, name);
    lf_buf_add_char(&batch->names, '\0');
    batch->is_dir[batch->count] = kind == LF_NODE_DIR;
    return ++batch->count < BATCH && !lf_buf_failed(&batch->names);
}

static void name_of(const struct sweep *sweep, uint32_t part,
                    char name[NAME_SIZE])
{
    if (part == 0)
        snprintf(name, NAME_SIZE, "%" PRIu32, sweep->number);
    else
        snprintf(name, NAME_SIZE, "%" PRIu32 ".%" PRIu32, sweep->number, part);
}

/* A directory can be moved and emptied only where its owner lets that be done;
 * what the mode was does not matter any more. It is held meanwhile: whoever has
 * it open may put another node at its name. What is mounted there is not ours.
 */
static int open_up(struct sweep *sweep, int at, const char *name)
{
    struct lf_fs *fs = sweep->fs;
    struct lf_node folder = {0}, node = {0};
    LF_AUTO_CLOSE struct lf_fd dir = {fs,
                                      fs->open_dir(fs, at, name, LF_DIR_PATH)};
    int error = dir.fd < 0 ? dir.fd : fs->stat(fs, dir.fd, "", &node);
    if (error == 0)
        error = fs->stat(fs, sweep->folder, "", &folder);
    if (error < 0)
        return error;
    if (node.mount != folder.mount || node.dev != folder.dev)
        return -EBUSY;
    error = fs->chmod(fs, dir.fd, "", 0700);
    return error == -EPERM || error == -EOPNOTSUPP ? 0 : error;
}

static int rename_up(struct sweep *sweep, int at, const char *name)
{
    char new_name[NAME_SIZE];
    int error;
    do {
        name_of(sweep, sweep->next++, new_name);
        error = sweep->fs->rename(sweep->fs, at, name, sweep->folder, new_name,
                                  LF_RENAME_NOREPLACE);
    } while (error == -EEXIST && sweep->next < UINT32_MAX);
    return error;
}

/* Not every kernel tells a mount from what it is on; but none renames one. So a mode
 * is only changed where it is in the way. */
static int move_up(struct sweep *sweep, int at, const char *name)
{
    int error = rename_up(sweep, at, name);
    if (error != -EACCES)
        return error;
    error = open_up(sweep, at, name);
    return error < 0 ? error : rename_up(sweep, at, name);
}

static int remove_entry(struct sweep *sweep, int at, const char *name,
                        bool is_dir)
{
    struct lf_node node;
    if (!is_dir) {
        int error = sweep->fs->unlink(sweep->fs, at, name);
        if (error != -EISDIR && error != -EPERM)
            return error == -ENOENT ? 0 : error;
        /* the listing may not have told, and some systems say EPERM */
        int looked = sweep->fs->stat(sweep->fs, at, name, &node);
        if (looked < 0 || node.kind != LF_NODE_DIR)
            return looked == -ENOENT ? 0 : error;
    }
    int error = move_up(sweep, at, name);
    return error == -ENOENT ? 0 : error;
}

static int list_batch(struct sweep *sweep, int dir, struct batch *batch)
{
    lf_buf_clear(&batch->names);
    batch->count = 0;
    int error = sweep->fs->list(sweep->fs, dir, add_entry, batch);
    return error == 0 && lf_buf_failed(&batch->names) ? -ENOMEM : error;
}

/* All that is in it goes, batch by batch. */
static int empty_open(struct sweep *sweep, int dir, struct batch *batch)
{
    for (;;) {
        int error = list_batch(sweep, dir, batch);
        const char *name = batch->names.data;
        for (uint32_t i = 0; error == 0 && i < batch->count; i++) {
            error = remove_entry(sweep, dir, name, batch->is_dir[i]);
            name += strlen(name) + 1;
        }
        if (error < 0 || batch->count == 0)
            return error;
    }
}

static int empty_dir(struct sweep *sweep, const char *name)
{
    struct batch batch = {0};
    LF_AUTO_CLOSE struct lf_fd dir = {sweep->fs, -1};
    int error = open_up(sweep, sweep->folder, name);
    if (error < 0)
        return error;
    dir.fd = sweep->fs->open_dir(sweep->fs, sweep->folder, name, LF_DIR_READ);
    error = dir.fd < 0 ? dir.fd : empty_open(sweep, dir.fd, &batch);
    lf_buf_finish(&batch.names);
    return error;
}

static int remove_dir(struct sweep *sweep, const char *name)
{
    int error = empty_dir(sweep, name);
    if (error == 0)
        error = sweep->fs->rmdir(sweep->fs, sweep->folder, name);
    return error == -ENOENT ? 0 : error;
}

/* A directory that moved up. Whoever works in the one that it came from may have put
 * something else at its name just before. */
static int remove_part(struct sweep *sweep, const char *name)
{
    int error = remove_dir(sweep, name);
    if (error != -ENOTDIR && error != -ELOOP)
        return error;
    error = sweep->fs->unlink(sweep->fs, sweep->folder, name);
    return error == -ENOENT ? 0 : error;
}

/* ---- what an interrupted removal left ---- */

/* A name "N.P" of the node N. */
struct lf_remains {
    uint32_t number, part;
};

/* Read a number from the beginning of `text`, as far as it does not grow too large. */
static uint64_t take_number(struct lf_str *text)
{
    uint64_t number = 0;
    size_t i = 0;
    for (; i < text->len && text->data[i] >= '0' && text->data[i] <= '9' &&
           number < UINT32_MAX;
         i++)
        number = number * 10 + (uint64_t)(text->data[i] - '0');
    *text = lf_str_of(text->data + i, text->len - i);
    return number;
}

static bool note_remains(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    struct lf_sweeper *sweeper = arg;
    struct lf_str rest = name;
    (void)kind;
    uint64_t number = take_number(&rest);
    size_t digits = name.len - rest.len;
    if (digits == 0 || (name.data[0] == '0' && digits > 1) ||
        number > UINT32_MAX || !lf_str_starts(rest, LF_STR(".")))
        return true;
    rest = lf_str_of(rest.data + 1, rest.len - 1);
    uint64_t part = take_number(&rest);
    if (part == 0 || part >= UINT32_MAX || rest.len > 0)
        return true;
    void *list = sweeper->remains;
    sweeper->lost = !lf_array_reserve(&list, sweeper->n_remains,
                                      &sweeper->remain_capacity,
                                      sizeof(struct lf_remains));
    if (sweeper->lost)
        return false;
    sweeper->remains = list;
    sweeper->remains[sweeper->n_remains++] =
            (struct lf_remains){(uint32_t)number, (uint32_t)part};
    return true;
}

static int compare_remains(const void *a, const void *b)
{
    const struct lf_remains *x = a, *y = b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return (x->part > y->part) - (x->part < y->part);
}

/* The folder is listed once for all nodes in it: what is removed of one leaves nothing
 * of the others. */
static int list_remains(struct lf_sweeper *sweeper, int folder,
                        const struct lf_displaced *displaced)
{
    struct lf_fs *fs = sweeper->t->fs;
    if (sweeper->listed &&
        sweeper->listed->transaction == displaced->transaction &&
        lf_str_equal(sweeper->listed->store, displaced->store))
        return 0;
    sweeper->listed = NULL;
    sweeper->n_remains = 0;
    sweeper->lost = false;
    int error = fs->list(fs, folder, note_remains, sweeper);
    if (error == 0 && sweeper->lost)
        error = -ENOMEM;
    if (error < 0)
        return error;
    if (sweeper->n_remains > 0)
        qsort(sweeper->remains, sweeper->n_remains, sizeof(*sweeper->remains),
              compare_remains);
    sweeper->listed = displaced;
    return 0;
}

/* The highest part that is left of node `number`; 0: none is. */
static uint32_t highest_part(const struct lf_sweeper *sweeper, uint32_t number)
{
    uint32_t low = 0, high = sweeper->n_remains;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (sweeper->remains[middle].number <= number)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && sweeper->remains[low - 1].number == number
                   ? sweeper->remains[low - 1].part
                   : 0;
}

/* ---- the whole ---- */

static int remove_node(struct sweep *sweep, const struct lf_node *node)
{
    char name[NAME_SIZE];
    int error = 0;
    name_of(sweep, 0, name);
    if (node && node->kind != LF_NODE_DIR)
        error = sweep->fs->unlink(sweep->fs, sweep->folder, name);
    else if (node)
        error = remove_dir(sweep, name);
    /* the list grows while it is worked on */
    for (uint32_t part = 1; error == 0 && part < sweep->next; part++) {
        name_of(sweep, part, name);
        error = remove_part(sweep, name);
    }
    return error;
}

static void leave(struct lf_transaction *t,
                  const struct lf_displaced *displaced, const char *why)
{
    struct lf_buf shown = {0};
    add_shown(&shown, t, displaced);
    struct lf_str path = lf_buf_str(&shown);
    lf_notes_add(&t->notes, lf_path_dir(path), lf_path_name(path), why);
    lf_buf_finish(&shown);
}

bool lf_sweep_node(struct lf_sweeper *sweeper,
                   const struct lf_displaced *displaced, struct lf_error *err)
{
    struct lf_transaction *t = sweeper->t;
    struct lf_node node;
    enum lf_swept swept;
    bool unsafe;
    if (!lf_sweep_look(t, displaced, &swept, &node, err))
        return false;
    LF_AUTO_CLOSE struct lf_fd folder = {t->fs,
                                         open_folder(t, displaced, &unsafe)};
    if (unsafe || swept == LF_SWEPT_UNSAFE) {
        leave(t, displaced, "lies where others than root may change it; left");
        return true;
    }
    if (is_absent(folder.fd))
        return true;
    if (folder.fd < 0)
        return failed(t, displaced, "open the folder of", folder.fd, err);
    if (swept == LF_SWEPT_ANOTHER) {
        leave(t, displaced, "is not what was moved aside; left");
        return true;
    }
    int error = list_remains(sweeper, folder.fd, displaced);
    struct sweep sweep = {
            .fs = t->fs,
            .folder = folder.fd,
            .number = displaced->number,
            .next = highest_part(sweeper, displaced->number) + 1,
    };
    if (error == 0)
        error = remove_node(&sweep, swept == LF_SWEPT_STANDS ? &node : NULL);
    return error == 0 || failed(t, displaced, "remove", error, err);
}

void lf_sweeper_finish(struct lf_sweeper *sweeper)
{
    free(sweeper->remains);
    *sweeper = (struct lf_sweeper){.t = sweeper->t};
}

/* What is not empty stays, and so does what someone put in its place. */
static int remove_empty(struct lf_transaction *t, int at, const char *name)
{
    int error = t->fs->rmdir(t->fs, at, name);
    return error == -ENOENT || error == -ENOTEMPTY || error == -EEXIST ||
                           error == -ENOTDIR
                   ? 0
                   : error;
}

static int end_folder(struct lf_transaction *t,
                      const struct lf_displaced *displaced)
{
    char name[NAME_SIZE];
    struct lf_store_roots roots = roots_of(t);
    struct lf_store_alien alien;
    LF_AUTO_CLOSE struct lf_fd store = {
            t->fs, lf_store_open(&roots, displaced->store, lf_str(""),
                                 LF_DIR_PATH, &alien)};
    if (store.fd < 0)
        return alien.met || is_absent(store.fd) ? 0 : store.fd;
    snprintf(name, sizeof(name), "%" PRIu64, displaced->transaction);
    return remove_empty(t, store.fd, name);
}

static int end_store(struct lf_transaction *t,
                     const struct lf_displaced *displaced)
{
    struct lf_str store = lf_store_path(displaced->store);
    struct lf_store_roots roots = roots_of(t);
    struct lf_store_alien alien;
    LF_AUTO_CLOSE struct lf_fd dir = {
            t->fs, lf_store_open_above(&roots,
                                       displaced->store.len ? lf_path_dir(store)
                                                            : lf_str(""),
                                       LF_DIR_READ, &alien)};
    if (dir.fd < 0)
        return alien.met || is_absent(dir.fd) ? 0 : dir.fd;
    int error = remove_empty(t, dir.fd, lf_path_name(store).data);
    return error < 0 ? error : t->fs->syncfs(t->fs, dir.fd);
}

bool lf_sweep_end(struct lf_transaction *t, const struct lf_displaced *nodes,
                  size_t count, struct lf_error *err)
{
    for (size_t i = 0; i < count; i++) {
        bool last = i + 1 == count ||
                    !lf_str_equal(nodes[i + 1].store, nodes[i].store);
        int error = 0;
        if (last || nodes[i + 1].transaction != nodes[i].transaction)
            error = end_folder(t, &nodes[i]);
        if (error == 0 && last)
            error = end_store(t, &nodes[i]);
        if (error < 0)
            return failed(t, &nodes[i], "remove the folder of", error, err);
    }
    return true;
}
