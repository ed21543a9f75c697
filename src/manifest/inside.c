/* SPDX-License-Identifier: MIT */
/*
 * inside.c - directories of manifest files as a system with a root of its own
 * sees them
 */
#include "manifest/loader.h"

#include "base/buf.h"
#include "base/path.h"

#include <errno.h>

/* The part of `dir` below `root`, where its spelling shows that. */
static bool spelled_below(struct lf_str dir, struct lf_str root,
                          struct lf_str *ret_dir)
{
    while (root.len && root.data[root.len - 1] == '/')
        root.len--;
    if (root.len && !lf_path_within(dir, root))
        return false;
    *ret_dir = dir.len == root.len
                       ? LF_STR("/")
                       : lf_str_of(dir.data + root.len, dir.len - root.len);
    return true;
}

bool lf_loader_settle(struct lf_loader *loader, struct lf_str dir,
                      struct lf_str *ret_dir)
{
    struct lf_view *view = NULL;
    struct lf_resolver *resolver = NULL;
    struct lf_str found = {0};
    int error = 0;
    loader->manifest->asked_disk = true;
    bool ok = lf_view_open("/", &view, loader->err) &&
              lf_resolver_new(view, &resolver, loader->err) &&
              lf_resolve_dir(resolver, dir, &found, &error, loader->err);
    if (ok) {
        *ret_dir = lf_arena_str(&loader->manifest->arena, error ? dir : found);
        ok = ret_dir->data || lf_error_oom(loader->err);
    }
    lf_resolver_free(resolver);
    lf_view_free(view);
    return ok;
}

bool lf_loader_inside_root(struct lf_loader *loader, struct lf_str dir,
                           struct lf_str *ret_dir, bool *ret_inside)
{
    struct lf_str root = lf_str(loader->request->root);
    struct lf_str settled_root, settled;
    *ret_dir = dir;
    *ret_inside = root.len > 0 && spelled_below(dir, root, ret_dir);
    if (root.len == 0 || *ret_inside)
        return true;
    if (!lf_loader_settle(loader, root, &settled_root) ||
        !lf_loader_settle(loader, dir, &settled))
        return false;
    *ret_inside = spelled_below(settled, settled_root, ret_dir);
    return true;
}

/* Open what a walk in `root_fd` came to; no link is left in its path. */
static int open_found(struct lf_fs *fs, int root_fd,
                      const struct lf_resolution *found)
{
    struct lf_buf dir = {0};
    if (found->outcome != LF_OUTCOME_OK)
        return -found->error;
    lf_buf_add(&dir, lf_path_dir(found->path));
    LF_AUTO_CLOSE struct lf_fd at = {fs, -ENOMEM};
    if (!lf_buf_failed(&dir))
        at.fd = fs->open_dir(fs, root_fd, dir.data + 1, LF_DIR_PATH);
    lf_buf_finish(&dir);
    return at.fd < 0 ? at.fd
                     : fs->open_file(fs, at.fd, lf_path_name(found->path).data,
                                     LF_FILE_READ, 0);
}

bool lf_loader_read_inside(struct lf_loader *loader, struct lf_str dir,
                           struct lf_str path, struct lf_str *ret_text,
                           struct lf_node *ret_node, struct lf_error *err)
{
    struct lf_fs *fs = &loader->fs;
    struct lf_view *view = NULL;
    struct lf_resolver *resolver = NULL;
    struct lf_resolution *found = NULL;
    struct lf_resolve_request request = {
            .path = lf_path_join(&loader->manifest->arena, dir,
                                 lf_path_name(path))};
    if (!request.path.data)
        return lf_error_oom(err);
    LF_AUTO_CLOSE struct lf_fd root = {fs, -1};
    LF_AUTO_CLOSE struct lf_fd file = {fs, -1};
    root.fd = fs->open_dir(fs, -1, loader->request->root, LF_DIR_FOLLOW);
    if (root.fd < 0)
        return lf_loader_read_opened(loader, root.fd, path, ret_text, ret_node,
                                     err);
    bool ok = lf_view_open(loader->request->root, &view, err) &&
              lf_resolver_new(view, &resolver, err) &&
              lf_resolve(resolver, &request, &found, err);
    if (ok) {
        /* where a link leads to is not remembered, nor what is missing */
        loader->manifest->asked_disk |=
                found->outcome != LF_OUTCOME_OK || found->links > 0;
        /* what is no file is not opened */
        ok = found->outcome != LF_OUTCOME_OK ||
             lf_check_regular(path, found->node.kind, err);
        if (ok)
            file.fd = open_found(fs, root.fd, found);
        ok = ok && lf_loader_read_opened(loader, file.fd, path, ret_text,
                                         ret_node, err);
    }
    lf_resolution_free(found);
    lf_resolver_free(resolver);
    lf_view_free(view);
    return ok;
}
