/* SPDX-License-Identifier: MIT */
/*
 * listing.c - what stands in directories of the disk
 */
#include "cli/listing.h"

#include "base/cures.h"
#include "base/escape.h"
#include "base/path.h"
#include "base/util.h"
#include "cli/places.h"

#include <errno.h>
#include <stdlib.h>

/* ---- the disk ---- */

bool lf_disk_open(const char *root, struct lf_disk *ret_disk,
                  struct lf_error *err)
{
    *ret_disk = (struct lf_disk){.root_fd = -1, .in_root = root};
    const char *dir = root ? root : "/";
    lf_fs_system(&ret_disk->fs);
    ret_disk->root_fd = ret_disk->fs.open_dir(&ret_disk->fs, -1, dir,
                                              LF_DIR_READ | LF_DIR_FOLLOW);
    if (ret_disk->root_fd < 0) {
        lf_error_set(err, LF_CODE_ROOT, -ret_disk->root_fd,
                     "cannot open the root directory '%s': %s", dir,
                     strerror(-ret_disk->root_fd));
        return false;
    }
    return lf_view_open(dir, &ret_disk->view, err) &&
           lf_resolver_new(ret_disk->view, &ret_disk->resolver, err);
}

void lf_disk_close(struct lf_disk *disk)
{
    lf_resolver_free(disk->resolver);
    lf_view_free(disk->view);
    free(disk->start);
    if (disk->root_fd >= 0)
        disk->fs.close(&disk->fs, disk->root_fd);
}

bool lf_disk_start(struct lf_disk *disk, const char *path, struct lf_error *err)
{
    free(disk->start);
    return lf_place_start(path, disk->in_root, &disk->start, err);
}

bool lf_disk_has_none(int error)
{
    return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

bool lf_disk_no_dir(const char *path, int error, struct lf_error *err)
{
    struct lf_buf shown = {0};
    lf_escape_shown(&shown, lf_str(path));
    if (lf_buf_failed(&shown)) {
        lf_buf_finish(&shown);
        return lf_error_oom(err);
    }
    bool is_none = lf_disk_has_none(error);
    lf_error_set(err, LF_CODE_UNRESOLVED, error, "'%s' %s: %s", shown.data,
                 is_none ? "is not a directory" : "cannot be looked at",
                 strerror(error));
    if (lf_met_open_files(error))
        lf_error_help(err, LF_CURE_OPEN_FILES);
    else if (error == EACCES)
        lf_error_help(err, "run as a user who may search the directories above "
                           "it");
    else if (is_none)
        lf_error_help(err, "name a directory that exists");
    lf_buf_finish(&shown);
    return false;
}

bool lf_disk_dir(struct lf_disk *disk, const char *path, struct lf_arena *arena,
                 struct lf_str *ret, struct lf_error *err)
{
    struct lf_resolution *walk;
    if (!lf_disk_start(disk, path, err))
        return false;
    struct lf_resolve_request request = {.path = lf_str(path),
                                         .start = lf_str(disk->start)};
    if (!lf_resolve(disk->resolver, &request, &walk, err))
        return false;
    int error = walk->error;
    if (error == 0 && walk->node.kind != LF_NODE_DIR)
        error = ENOTDIR;
    *ret = error ? lf_str(NULL) : lf_arena_str(arena, walk->path);
    lf_resolution_free(walk);
    if (error)
        return lf_disk_no_dir(path, error, err);
    return ret->data || lf_error_oom(err);
}

/* ---- a directory ---- */

struct lister {
    struct lf_arena *arena;
    struct lf_listing *listing;
    struct lf_str dir;
    struct lf_error *err;
    bool failed;
};

static bool add_name(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    struct lister *lister = arg;
    struct lf_listed item = {
            .path = lf_path_join(lister->arena, lister->dir, name),
            .kind = kind,
    };
    lister->failed = item.path.data ? !lf_listing_add(lister->listing, &item,
                                                      lister->err)
                                    : !lf_error_oom(lister->err);
    return !lister->failed;
}

/* What listing a directory does not tell. */
static int look_at(struct lf_disk *disk, int dir, struct lf_arena *arena,
                   struct lf_listed *item)
{
    char text[LF_PATH_LIMIT + 1];
    struct lf_node node;
    const char *name = lf_path_name(item->path).data;
    if (item->kind == LF_NODE_UNKNOWN) {
        int error = disk->fs.stat(&disk->fs, dir, name, &node);
        if (error < 0)
            return error;
        item->kind = node.kind;
    }
    if (item->kind != LF_NODE_LINK)
        return 0;
    long len = disk->fs.readlink(&disk->fs, dir, name, text, sizeof(text));
    if (len < 0)
        return (int)len;
    item->text = lf_arena_str(arena, lf_str_of(text, (size_t)len));
    return item->text.data ? 0 : -ENOMEM;
}

static bool failed(struct lf_str path, int error, struct lf_error *err)
{
    struct lf_buf shown = {0};
    if (error == -ENOMEM)
        return lf_error_oom(err);
    lf_escape_shown(&shown, path);
    lf_error_set(err, LF_CODE_SYSTEM, -error, "cannot look at %s: %s",
                 lf_buf_failed(&shown) ? "" : shown.data, strerror(-error));
    lf_error_help(err, "what is in there is not known; remove the cause");
    lf_buf_finish(&shown);
    return false;
}

bool lf_disk_list(struct lf_disk *disk, struct lf_str path,
                  struct lf_arena *arena, struct lf_listing *listing,
                  struct lf_error *err)
{
    struct lf_fs *fs = &disk->fs;
    uint32_t first = listing->count;
    struct lister lister = {
            .arena = arena, .listing = listing, .dir = path, .err = err};
    LF_AUTO_CLOSE struct lf_fd dir = {
            fs, fs->open_dir(fs, disk->root_fd, path.data + 1, LF_DIR_READ)};
    int error = dir.fd < 0 ? dir.fd : fs->list(fs, dir.fd, add_name, &lister);
    if (error == -ENOENT)
        return true; /* it is gone since it was listed itself */
    if (error < 0)
        return failed(path, error, err);
    if (lister.failed)
        return false;
    if (listing->count == first)
        return true;
    struct lf_listing added = {.items = listing->items + first,
                               .count = listing->count - first};
    lf_listing_sort(&added);
    listing->count = first;
    for (uint32_t i = 0; i < added.count; i++) {
        struct lf_listed *item = &added.items[i];
        error = look_at(disk, dir.fd, arena, item);
        if (error < 0 && error != -ENOENT)
            return failed(item->path, error, err);
        if (error == 0)
            listing->items[listing->count++] = *item;
    }
    return true;
}

/* ---- lists ---- */

bool lf_listing_add(struct lf_listing *listing, const struct lf_listed *item,
                    struct lf_error *err)
{
    void *items = listing->items;
    if (!lf_array_reserve(&items, listing->count, &listing->capacity,
                          sizeof(*item)))
        return lf_error_oom(err);
    listing->items = items;
    listing->items[listing->count++] = *item;
    return true;
}

static int compare(const void *a, const void *b)
{
    const struct lf_listed *x = a, *y = b;
    return lf_path_compare(x->path, y->path);
}

void lf_listing_sort(struct lf_listing *listing)
{
    if (listing->count > 1)
        qsort(listing->items, listing->count, sizeof(*listing->items), compare);
}

uint32_t lf_listing_find(const struct lf_listing *listing, struct lf_str path)
{
    uint32_t low = 0, high = listing->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (lf_path_compare(listing->items[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
