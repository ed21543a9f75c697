/* SPDX-License-Identifier: MIT */
/*
 * store.c - where displaced nodes are kept, while a plan is compiled
 */
#include "apply/store.h"

#include "apply/journal.h"
#include "base/cures.h"
#include "base/path.h"
#include "base/util.h"
#include "platform/sys.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS = sizeof("18446744073709551615") };

/* One folder of one store: nodes of one transaction. */
struct lf_store_place {
    struct lf_str store;  /* as in struct lf_displaced: empty for the state's */
    struct lf_str root;   /* the store as a directory of steps */
    struct lf_str folder; /* the numbered folder in it */
    struct lf_str number; /* its name, */
    uint64_t folder_number;
    bool ours;    /* this transaction makes it */
    bool emptied; /* nodes were taken out of it */
};

void lf_store_init(struct lf_store *store,
                   const struct lf_compile_request *request,
                   struct lf_compiled *out)
{
    *store = (struct lf_store){.request = request, .out = out};
}

void lf_store_finish(struct lf_store *store)
{
    free(store->places);
}

static struct lf_arena *arena_of(struct lf_store *store)
{
    return &store->out->steps.arena;
}

static bool add(struct lf_store *store, struct lf_step step,
                struct lf_error *err)
{
    return lf_steps_add(&store->out->steps, &step) || lf_error_oom(err);
}

static int open_dir(const struct lf_store *store, struct lf_str dir)
{
    const struct lf_compile_request *request = store->request;
    return request->fs->open_dir(
            request->fs,
            lf_dir_is_physical(dir) ? request->root_fd : request->state_fd,
            lf_dir_is_physical(dir) ? dir.data + 1 : dir.data, LF_DIR_PATH);
}

static void tell(struct lf_error *err, int error, struct lf_str dir)
{
    bool stale = error == -ENOENT || error == -ENOTDIR || error == -ELOOP;
    const char *where = lf_dir_is_physical(dir) ? ""
                        : dir.len               ? " in the state directory"
                                                : "the state directory";
    lf_error_set(err, stale ? LF_CODE_STALE : LF_CODE_SYSTEM, -error,
                 "%.*s%s cannot be opened: %s", (int)dir.len, dir.data, where,
                 strerror(-error));
    if (lf_met_open_files(-error))
        lf_error_help(err, LF_CURE_OPEN_FILES);
}

static bool failed(struct lf_error *err, int error, struct lf_str dir)
{
    tell(err, error, dir);
    return false;
}

/* The directory `fd`. Where a look does not tell its mount, the system may all the
 * same: what is moved between two fails only after the commit. */
static int look_at(struct lf_fs *fs, int fd, struct lf_node *ret)
{
    int result = fs->stat(fs, fd, "", ret);
    if (result == 0 && ret->mount == 0)
        ret->mount = lf_sys_mount(fd);
    return result;
}

static bool look(struct lf_store *store, struct lf_str dir, struct lf_node *ret,
                 struct lf_error *err)
{
    struct lf_fs *fs = store->request->fs;
    int fd = open_dir(store, dir);
    if (fd < 0)
        return failed(err, fd, dir);
    int result = look_at(fs, fd, ret);
    fs->close(fs, fd);
    return result == 0 || failed(err, result, dir);
}

/* What stands at `name` in `fd`, the directory `dir`. */
static bool look_in(struct lf_store *store, int fd, struct lf_str dir,
                    struct lf_str name, struct lf_image *ret,
                    struct lf_error *err)
{
    struct lf_fs *fs = store->request->fs;
    struct lf_node node = {.kind = LF_NODE_NOTHING};
    char text[LF_PATH_LIMIT + 1];
    int result = fs->stat(fs, fd, name.data, &node);
    if (result < 0 && result != -ENOENT)
        return failed(err, result, dir);
    *ret = (struct lf_image){
            .kind = node.kind, .dev = node.dev, .ino = node.ino};
    if (node.kind != LF_NODE_LINK)
        return true;
    /* a link is known by its text too */
    long length = fs->readlink(fs, fd, name.data, text, sizeof(text));
    if (length < 0)
        return failed(err, (int)length, dir);
    ret->text = lf_pair_of(
            lf_arena_str(arena_of(store), lf_str_of(text, (size_t)length)));
    return ret->text.rest.data || lf_error_oom(err);
}

bool lf_store_look(struct lf_store *store, struct lf_str dir,
                   struct lf_str name, struct lf_image *ret,
                   struct lf_error *err)
{
    LF_AUTO_CLOSE struct lf_fd fd = {store->request->fs, open_dir(store, dir)};
    if (fd.fd < 0)
        return failed(err, fd.fd, dir);
    return look_in(store, fd.fd, dir, name, ret, err);
}

static bool same_mount(const struct lf_node *a, const struct lf_node *b)
{
    return a->dev == b->dev && a->mount == b->mount;
}

static struct lf_store_roots roots_of(const struct lf_store *store)
{
    const struct lf_compile_request *request = store->request;
    return (struct lf_store_roots){
            .fs = request->fs,
            .root_fd = request->root_fd,
            .state_fd = request->state_fd,
    };
}

/* Where others than root may change something. */
struct refused {
    struct lf_str path;
    uint32_t owner, mode;
};

static struct refused refused_at(const struct lf_store_alien *alien,
                                 struct lf_str path)
{
    return (struct refused){
            .path = alien->upto ? lf_str_of(path.data, alien->upto)
                                : LF_STR("/"),
            .owner = alien->owner,
            .mode = alien->mode,
    };
}

static bool unsafe(const struct refused *refused, struct lf_str dir,
                   struct lf_error *err)
{
    lf_error_set(err, LF_CODE_STORE_UNSAFE, 0,
                 "%s cannot move aside what is in the way in %.*s: others "
                 "may change where it would be kept (%.*s: user %" PRIu32
                 ", mode %04" PRIo32 ")",
                 lf_store_is_guarded() ? "root" : "this user", (int)dir.len,
                 dir.data, (int)refused->path.len, refused->path.data,
                 refused->owner, refused->mode);
    lf_error_help(err,
                  "move it away by hand, or name a state directory on that "
                  "file system with --state-dir");
    return false;
}

/* Whether a store can stand in `dir`, open as `fd`: there is none, or ours. */
static bool is_free(struct lf_store *store, int fd, struct lf_str dir,
                    struct refused *refused, bool *ret, struct lf_error *err)
{
    struct lf_node node;
    struct lf_fs *fs = store->request->fs;
    int result = fs->stat(fs, fd, LF_STORE_NAME, &node);
    if (result < 0 && result != -ENOENT)
        return failed(err, result, dir);
    *ret = result == -ENOENT || lf_store_is_alone(&node);
    if (*ret)
        return true;
    *refused = (struct refused){
            .path = lf_path_join(arena_of(store), dir, LF_STR(LF_STORE_NAME)),
            .owner = node.uid,
            .mode = node.mode,
    };
    return refused->path.data || lf_error_oom(err);
}

/* Look at `*dir`. Unless a store for what is on the mount of `here` can stand there,
 * `*dir` becomes one above it; empty if none of them will do. */
static bool try_dir(struct lf_store *store, const struct lf_node *here,
                    struct lf_str *dir, struct refused *refused, bool *ret_fits,
                    struct lf_error *err)
{
    struct lf_store_roots roots = roots_of(store);
    struct lf_fs *fs = roots.fs;
    struct lf_store_alien alien;
    struct lf_node there;
    size_t upto = dir->len;
    LF_AUTO_CLOSE struct lf_fd fd = {
            fs, lf_store_open_above(&roots, *dir, LF_DIR_PATH, &alien)};
    int result = fd.fd < 0 ? fd.fd : look_at(fs, fd.fd, &there);
    if (result < 0 && !alien.met)
        return failed(err, result, *dir);
    *ret_fits = false;
    if (alien.met) {
        *refused = refused_at(&alien, *dir);
        upto = alien.upto;
    } else if (!same_mount(here, &there)) {
        upto = 0;
    } else if (!is_free(store, fd.fd, *dir, refused, ret_fits, err)) {
        return false;
    }
    if (!*ret_fits)
        *dir = upto > 1 ? lf_path_dir(lf_str_of(dir->data, upto)) : lf_str("");
    return true;
}

/* The store nearest to `from` that serves what is in `dir`. */
static bool find_store(struct lf_store *store, struct lf_str dir,
                       struct lf_str from, const struct lf_node *here,
                       struct lf_error *err)
{
    struct refused refused = {0};
    struct lf_arena *arena = arena_of(store);
    struct lf_str at = from;
    for (bool fits = false; !fits;) {
        if (!try_dir(store, here, &at, &refused, &fits, err))
            return false;
        if (at.len == 0)
            return unsafe(&refused, dir, err);
    }
    store->chosen_from = lf_arena_str(arena, from);
    store->chosen = lf_path_join(arena, at, LF_STR(LF_STORE_NAME));
    return (store->chosen_from.data && store->chosen.data) || lf_error_oom(err);
}

/* Whether the plan moves aside what is at `path`, or something above it. */
static bool moves(const struct lf_plan *plan, struct lf_str path)
{
    for (uint32_t i = 0; i < plan->n_planned; i++) {
        const struct lf_planned *planned = &plan->planned[i];
        if (planned->kind == LF_ACTION_BACKUP &&
            lf_path_below(path, *planned->in->dir, lf_planned_name(planned)))
            return true;
    }
    return false;
}

bool lf_store_choose(struct lf_store *store, struct lf_str dir,
                     struct lf_str *ret, struct lf_error *err)
{
    const struct lf_compile_request *request = store->request;
    struct lf_str into = request->plan->head.into;
    struct lf_node here, there;
    *ret = lf_str("");
    if (!look(store, dir, &here, err) || !look(store, lf_str(""), &there, err))
        return false;
    if (same_mount(&here, &there))
        return true;
    int fd = into.len ? open_dir(store, into) : -ENOENT;
    bool in_into = fd >= 0 && look_at(request->fs, fd, &there) == 0 &&
                   same_mount(&here, &there);
    if (fd >= 0)
        request->fs->close(request->fs, fd);
    /* what is moved aside does not go into itself */
    if (in_into && !lf_str_equal(store->chosen_from, into))
        in_into = !moves(request->plan, into);
    struct lf_str from = in_into ? into : dir;
    if (!lf_str_equal(store->chosen_from, from) &&
        !find_store(store, dir, from, &here, err))
        return false;
    *ret = store->chosen;
    return true;
}

static bool number_text(struct lf_store *store, uint64_t number,
                        struct lf_str *ret, struct lf_error *err)
{
    char digits[DIGITS];
    int length = snprintf(digits, sizeof(digits), "%" PRIu64, number);
    *ret = lf_arena_str(arena_of(store), lf_str_of(digits, (size_t)length));
    return ret->data || lf_error_oom(err);
}

/* The folder, added to the list if it is new. */
static bool place_for(struct lf_store *store, struct lf_str where,
                      uint64_t number, struct lf_store_place **ret,
                      struct lf_error *err)
{
    struct lf_store_place place = {.store = where, .folder_number = number};
    if (!number_text(store, number, &place.number, err))
        return false;
    for (uint32_t i = store->n_places; i-- > 0;)
        if (lf_str_equal(store->places[i].store, where) &&
            lf_str_equal(store->places[i].number, place.number)) {
            *ret = &store->places[i];
            return true;
        }
    place.store = lf_arena_str(arena_of(store), where);
    place.root = where.len ? place.store : lf_str(LF_STATE_STORE);
    if (!place.store.data ||
        !lf_array_reserve((void **)&store->places, store->n_places,
                          &store->place_capacity, sizeof(*store->places)))
        return lf_error_oom(err);
    place.folder = lf_path_join(arena_of(store), place.root, place.number);
    if (!place.folder.data)
        return lf_error_oom(err);
    store->places[store->n_places] = place;
    *ret = &store->places[store->n_places++];
    return true;
}

static bool add_mkdir(struct lf_store *store, struct lf_str dir,
                      struct lf_str name, struct lf_error *err)
{
    return add(store,
               (struct lf_step){.op = LF_OP_MKDIR,
                                .phase = LF_PHASE_PREPARE,
                                .flags = LF_MARK_EXACT_MODE,
                                .dir = dir,
                                .name = name,
                                .mode = 0700,
                                .after = {.kind = LF_NODE_DIR}},
               err);
}

/* The store's directory stands in the state directory or in a physical one. */
static struct lf_str above(const struct lf_store_place *place)
{
    return place->store.len ? lf_path_dir(place->store) : lf_str("");
}

static bool copy_above(struct lf_store *store,
                       const struct lf_store_place *place, struct lf_str *ret,
                       struct lf_error *err)
{
    *ret = lf_arena_str(arena_of(store), above(place));
    return ret->data || lf_error_oom(err);
}

/* The first number from the transaction's own on that has no folder in the store
 * `fd`: one has it where a ledger was lost, or put back from before. */
static bool free_number(struct lf_store *store, int fd, struct lf_str root,
                        uint64_t *ret, struct lf_error *err)
{
    struct lf_fs *fs = store->request->fs;
    struct lf_node node;
    char digits[DIGITS];
    int result = 0;
    *ret = store->request->transaction;
    for (;; ++*ret) {
        snprintf(digits, sizeof(digits), "%" PRIu64, *ret);
        result = fs->stat(fs, fd, digits, &node);
        if (result < 0)
            return result == -ENOENT || failed(err, result, root);
    }
}

/* The same of the store `where`, which may be missing. What is in `dir` goes there:
 * for messages. */
static bool find_number(struct lf_store *store, struct lf_str where,
                        struct lf_str dir, bool *ret_missing, uint64_t *ret,
                        struct lf_error *err)
{
    struct lf_store_roots roots = roots_of(store);
    struct lf_store_alien alien;
    struct lf_str root = lf_store_path(where);
    LF_AUTO_CLOSE struct lf_fd fd = {
            roots.fs,
            lf_store_open(&roots, where, lf_str(""), LF_DIR_PATH, &alien)};
    *ret = store->request->transaction;
    *ret_missing = fd.fd == -ENOENT;
    if (*ret_missing)
        return true;
    if (alien.met) {
        struct refused refused = refused_at(&alien, root);
        return unsafe(&refused, dir, err);
    }
    return fd.fd < 0 ? failed(err, fd.fd, root)
                     : free_number(store, fd.fd, root, ret, err);
}

bool lf_store_judge(struct lf_store *store, struct lf_str where,
                    struct lf_str dir, struct lf_error *err)
{
    uint64_t number;
    bool missing;
    return find_number(store, where, dir, &missing, &number, err);
}

/* The folder of this transaction in the store `where`, to be made. */
static bool make_place(struct lf_store *store, struct lf_str where,
                       struct lf_str of, struct lf_store_place **ret,
                       struct lf_error *err)
{
    struct lf_store_place *place;
    struct lf_str dir;
    uint64_t number;
    bool missing;
    if (!find_number(store, where, of, &missing, &number, err) ||
        !place_for(store, where, number, &place, err) ||
        !copy_above(store, place, &dir, err) ||
        (missing && !add_mkdir(store, dir, lf_path_name(place->root), err)))
        return false;
    place->ours = true;
    *ret = place;
    return add_mkdir(store, place->root, place->number, err);
}

static bool our_place(struct lf_store *store, struct lf_str where,
                      struct lf_str of, struct lf_store_place **ret,
                      struct lf_error *err)
{
    for (uint32_t i = store->n_places; i-- > 0;)
        if (store->places[i].ours &&
            lf_str_equal(store->places[i].store, where)) {
            *ret = &store->places[i];
            return true;
        }
    return make_place(store, where, of, ret, err);
}

bool lf_store_put(struct lf_store *store, uint32_t index, struct lf_str dir,
                  struct lf_str name, const struct lf_image *node,
                  struct lf_error *err)
{
    struct lf_compiled *out = store->out;
    struct lf_store_place *place = NULL;
    struct lf_str where, number;
    if (!lf_store_choose(store, dir, &where, err) ||
        !our_place(store, where, dir, &place, err) ||
        !number_text(store, ++store->n_put, &number, err))
        return false;
    if (!lf_array_reserve((void **)&out->stored, out->n_stored,
                          &out->stored_capacity, sizeof(*out->stored)))
        return lf_error_oom(err);
    out->stored[out->n_stored++] = (struct lf_stored){
            .action = index,
            .displaced = {.store = place->store,
                          .transaction = place->folder_number,
                          .number = store->n_put,
                          .kind = node->kind,
                          .dev = node->dev,
                          .ino = node->ino},
    };
    return add(store,
               (struct lf_step){.op = LF_OP_MOVE,
                                .phase = LF_PHASE_CLEAN,
                                .dir = dir,
                                .name = name,
                                .dir2 = place->folder,
                                .name2 = number,
                                .before = *node},
               err);
}

static bool lost(const struct lf_displaced *from, struct lf_str dir,
                 struct lf_error *err)
{
    struct lf_str store = lf_store_path(from->store);
    lf_error_set(err, LF_CODE_STORE_LOST, 0,
                 "what a link in %.*s covers is not in the store any more: "
                 "%.*s/%" PRIu64 "/%" PRIu32,
                 (int)dir.len, dir.data, (int)store.len, store.data,
                 from->transaction, from->number);
    lf_error_help(err,
                  "put it back there; or put what you have in the place of "
                  "the link, and apply a manifest without its entry, which "
                  "forgets the old one");
    return false;
}

static bool not_trusted(const struct lf_displaced *from,
                        const struct lf_store_alien *alien, struct lf_str dir,
                        struct lf_str folder, struct lf_error *err)
{
    struct refused refused = refused_at(alien, folder);
    const char *where = from->store.len ? "" : " in the state directory";
    lf_error_set(err, LF_CODE_STORE_UNSAFE, 0,
                 "what a link in %.*s covers may have been exchanged: others "
                 "than root may change %.*s%s (user %" PRIu32
                 ", mode %04" PRIo32 ")",
                 (int)dir.len, dir.data, (int)refused.path.len,
                 refused.path.data, where, refused.owner, refused.mode);
    lf_error_help(err,
                  "look at %.*s/%" PRIu32
                  "%s, and put what is right in the place "
                  "of the link by hand; then apply a manifest without its "
                  "entry, which forgets the old one",
                  (int)folder.len, folder.data, from->number, where);
    return false;
}

bool lf_store_trusts(struct lf_store *store, const struct lf_displaced *from,
                     struct lf_str dir, struct lf_error *err)
{
    struct lf_store_place *place = NULL;
    struct lf_store_roots roots = roots_of(store);
    struct lf_store_alien alien;
    if (!place_for(store, from->store, from->transaction, &place, err))
        return false;
    int fd = lf_store_open(&roots, from->store, place->number, LF_DIR_PATH,
                           &alien);
    if (fd >= 0)
        roots.fs->close(roots.fs, fd);
    return !alien.met || not_trusted(from, &alien, dir, place->folder, err);
}

/* What is in the store, if it is what was put there. */
static bool find_stored(struct lf_store *store,
                        const struct lf_store_place *place,
                        const struct lf_displaced *from, struct lf_str dir,
                        struct lf_str number, struct lf_image *ret,
                        struct lf_error *err)
{
    struct lf_store_roots roots = roots_of(store);
    struct lf_store_alien alien;
    LF_AUTO_CLOSE struct lf_fd fd = {
            roots.fs, lf_store_open(&roots, from->store, place->number,
                                    LF_DIR_PATH, &alien)};
    if (alien.met)
        return not_trusted(from, &alien, dir, place->folder, err);
    if (fd.fd < 0)
        failed(err, fd.fd, place->folder);
    if (fd.fd < 0 || !look_in(store, fd.fd, place->folder, number, ret, err))
        return err->code == LF_CODE_STALE ? lost(from, dir, err) : false;
    return (ret->kind == from->kind && ret->ino == from->ino) ||
           lost(from, dir, err);
}

/* The folder of a displaced node, its name there, and the node as it stands. */
static bool find(struct lf_store *store, const struct lf_displaced *from,
                 struct lf_str dir, struct lf_store_place **ret_place,
                 struct lf_str *ret_number, struct lf_image *ret_node,
                 struct lf_error *err)
{
    return place_for(store, from->store, from->transaction, ret_place, err) &&
           number_text(store, from->number, ret_number, err) &&
           find_stored(store, *ret_place, from, dir, *ret_number, ret_node,
                       err);
}

bool lf_store_node(struct lf_store *store, const struct lf_displaced *from,
                   struct lf_str dir, struct lf_image *ret,
                   struct lf_error *err)
{
    struct lf_store_place *place = NULL;
    struct lf_str number;
    return find(store, from, dir, &place, &number, ret, err);
}

bool lf_store_take(struct lf_store *store, const struct lf_displaced *from,
                   struct lf_str dir, struct lf_str name, enum lf_phase phase,
                   struct lf_error *err)
{
    struct lf_store_place *place = NULL;
    struct lf_str number;
    struct lf_image node;
    if (!find(store, from, dir, &place, &number, &node, err))
        return false;
    place->emptied = true;
    return add(store,
               (struct lf_step){.op = LF_OP_MOVE,
                                .phase = phase,
                                .dir = place->folder,
                                .name = number,
                                .dir2 = dir,
                                .name2 = name,
                                .before = node},
               err);
}

static bool add_rmdir(struct lf_store *store, struct lf_str dir,
                      struct lf_str name, struct lf_error *err)
{
    return add(store,
               (struct lf_step){.op = LF_OP_RMDIR,
                                .phase = LF_PHASE_CLEAN,
                                .flags = LF_MARK_MAY_STAY,
                                .dir = dir,
                                .name = name,
                                .before = {.kind = LF_NODE_DIR}},
               err);
}

bool lf_store_tidy(struct lf_store *store, struct lf_error *err)
{
    for (uint32_t i = 0; i < store->n_places; i++) {
        const struct lf_store_place *place = &store->places[i];
        struct lf_str dir;
        if (!place->emptied)
            continue;
        if (!add_rmdir(store, place->root, place->number, err) ||
            !copy_above(store, place, &dir, err) ||
            !add_rmdir(store, dir, lf_path_name(place->root), err))
            return false;
    }
    return true;
}
