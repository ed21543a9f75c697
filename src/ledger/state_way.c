/* SPDX-License-Identifier: MIT */
/*
 * state_way.c - reaching the directory that the state directory is in
 *
 * A path that the user names is followed as the process sees it, links and
 * all. One that lies in the root directory of another system (--root) is
 * followed inside of that: whoever made that system must not be able to lead
 * us out of it, so its links are resolved as they will be seen from inside,
 * and what they come to is opened without following any.
 */
#include "base/buf.h"
#include "base/path.h"
#include "ledger/state_io.h"
#include "resolve/view.h"
#include <linkfarm/resolve.h>

#include <errno.h>

enum {
    PRIVATE_MODE = 0700, /* of what is made on the way for oneself, */
    SYSTEM_MODE = 0755,  /* and for a system */
};

/* Where a way begins, and what follows links on it. */
struct way {
    struct lf_fs *fs;
    struct lf_fd root; /* -1 without one */
    struct lf_view *view;
    struct lf_resolver *resolver;
};

/* What is not inside is to be followed as the process sees it. */
bool lf_state_inside(struct lf_str root, struct lf_str path, struct lf_str *ret)
{
    if (root.len <= 1 || !lf_path_within(path, root))
        return false;
    struct lf_str rest = lf_str_of(path.data + root.len, path.len - root.len);
    *ret = rest.len ? rest : LF_STR("/");
    for (;;) {
        struct lf_str name = lf_path_next(&rest);
        if (name.len == 0)
            return true;
        if (lf_str_equal(name, LF_STR("..")))
            return false;
    }
}

static int error_of(const struct lf_error *err)
{
    if (err->code == LF_CODE_NO_MEMORY)
        return -ENOMEM;
    return err->os_errno ? -err->os_errno : -EIO;
}

static int way_open(struct way *way, struct lf_fs *fs, struct lf_str root)
{
    struct lf_error err = {0};
    struct lf_buf text = {0};
    *way = (struct way){
            .fs = fs, .root = {fs, -1}
    };
    lf_buf_add(&text, root);
    way->root.fd = lf_buf_failed(&text)
                           ? -ENOMEM
                           : fs->open_dir(fs, -1, text.data, LF_DIR_FOLLOW);
    lf_buf_finish(&text);
    if (way->root.fd < 0)
        return way->root.fd;
    return lf_view_real_new(fs, way->root.fd, &way->view, &err) &&
                           lf_resolver_new(way->view, &way->resolver, &err)
                   ? 0
                   : error_of(&err);
}

static void way_close(struct way *way)
{
    lf_resolver_free(way->resolver);
    lf_view_free(way->view);
    lf_auto_close(&way->root);
}

/* Open a directory on the way; `path` ends in NUL. */
static int open_there(struct way *way, struct lf_str path)
{
    struct lf_error err = {0};
    struct lf_str physical;
    int error = 0;
    if (way->root.fd < 0)
        return way->fs->open_dir(way->fs, -1, path.data, LF_DIR_FOLLOW);
    if (!lf_resolve_dir(way->resolver, path, &physical, &error, &err))
        return error_of(&err);
    if (error)
        return -error;
    return way->fs->open_dir(way->fs, way->root.fd, physical.data + 1,
                             LF_DIR_PATH);
}

/* The deepest directory on the way to `path` that exists; `*ret_rest` is what
 * is missing below it. */
static int open_deepest(struct way *way, struct lf_str path,
                        struct lf_str *ret_rest)
{
    struct lf_buf upto = {0};
    lf_buf_add(&upto, path);
    int fd = lf_buf_failed(&upto) ? -ENOMEM : -ENOENT;
    while (fd == -ENOENT) {
        fd = open_there(way, lf_buf_str(&upto));
        if (fd != -ENOENT || upto.len == 1)
            break;
        lf_buf_truncate(&upto, lf_path_dir(lf_buf_str(&upto)).len);
    }
    *ret_rest = lf_str_of(path.data + upto.len, path.len - upto.len);
    lf_buf_finish(&upto);
    return fd;
}

int lf_state_make_dir(struct lf_fs *fs, int at, const char *name, uint32_t mode)
{
    int error = fs->mkdir(fs, at, name, mode);
    if (error < 0)
        return error;
    /* by a descriptor: at its name there might be another node by now */
    LF_AUTO_CLOSE struct lf_fd made = {fs,
                                       fs->open_dir(fs, at, name, LF_DIR_PATH)};
    error = made.fd < 0 ? made.fd : lf_state_own(fs, made.fd, mode);
    if (error < 0)
        fs->rmdir(fs, at, name);
    return error;
}

/* Make `name` in `parent`, if missing, and open it in place of `parent`. */
static int descend(struct lf_fs *fs, struct lf_fd *parent, struct lf_str name,
                   uint32_t mode)
{
    char text[LF_NAME_LIMIT + 1];
    if (name.len > LF_NAME_LIMIT)
        return -ENAMETOOLONG;
    /* of a directory that is missing there is no parent */
    if (lf_str_equal(name, LF_STR("..")))
        return -ENOENT;
    memcpy(text, name.data, name.len);
    text[name.len] = '\0';
    int error = lf_state_make_dir(fs, parent->fd, text, mode);
    if (error < 0 && error != -EEXIST)
        return error;
    int fd = fs->open_dir(fs, parent->fd, text, LF_DIR_PATH);
    if (fd < 0)
        return fd;
    fs->close(fs, parent->fd);
    parent->fd = fd;
    return 0;
}

static int make_way(struct way *way, struct lf_str path, uint32_t mode,
                    int *ret_fd)
{
    struct lf_str rest;
    LF_AUTO_CLOSE struct lf_fd at = {way->fs, open_deepest(way, path, &rest)};
    if (at.fd < 0)
        return at.fd;
    for (;;) {
        struct lf_str name = lf_path_next(&rest);
        if (name.len == 0)
            break;
        int error = lf_str_equal(name, LF_STR("."))
                            ? 0
                            : descend(way->fs, &at, name, mode);
        if (error < 0)
            return error;
    }
    *ret_fd = at.fd;
    at.fd = -1;
    return 0;
}

int lf_state_way(struct lf_fs *fs, struct lf_str root, struct lf_str dir,
                 bool make, int *ret_fd)
{
    struct way way = {
            .fs = fs, .root = {fs, -1}
    };
    struct lf_buf path = {0};
    bool in_root = lf_state_inside(root, dir, &dir);
    int error = in_root ? way_open(&way, fs, root) : 0;
    lf_buf_add(&path, dir);
    if (error == 0 && lf_buf_failed(&path))
        error = -ENOMEM;
    if (error == 0 && make) {
        error = make_way(&way, lf_buf_str(&path),
                         in_root ? SYSTEM_MODE : PRIVATE_MODE, ret_fd);
    } else if (error == 0) {
        int fd = open_there(&way, lf_buf_str(&path));
        *ret_fd = fd;
        error = fd < 0 ? fd : 0;
    }
    lf_buf_finish(&path);
    way_close(&way);
    return error;
}
