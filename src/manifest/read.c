/* SPDX-License-Identifier: MIT */
/*
 * read.c - the bytes of a manifest
 *
 * Whatever the path names, reading it ends: it is opened without blocking,
 * must be a regular file, and is read once, no further than the size first
 * seen. Standard input may be a pipe, and is read up to the limit.
 */
#include "manifest/loader.h"

#include "base/cures.h"
#include "base/util.h"

#include <errno.h>
#include <stdio.h>

/* "manifest 'x'" or "standard input", for messages. */
struct who {
    char text[256];
};

static struct who who(struct lf_str path)
{
    struct who who;
    if (lf_str_equal(path, LF_STR("-")))
        snprintf(who.text, sizeof(who.text), "standard input");
    else
        snprintf(who.text, sizeof(who.text), "'%.*s'",
                 path.len > 240 ? 240 : (int)path.len, path.data);
    return who;
}

static const char *cure_for(struct lf_str path, int error)
{
    switch (error) {
    case ELOOP:
        return "mend the link: it leads to no end";
    case ENAMETOOLONG:
        return "correct the path";
    case EMFILE:
    case ENFILE:
        return LF_CURE_OPEN_FILES;
    default:
        return lf_str_equal(path, LF_STR("-"))
                       ? "let a pipe or a file be standard input"
                       : "see that this user may read it";
    }
}

static bool cannot_read(struct lf_str path, long result, struct lf_error *err)
{
    int error = (int)-result;
    if (error == ENOENT || error == ENOTDIR) {
        lf_error_set(err, LF_CODE_MANIFEST_MISSING, error, "%s does not exist",
                     who(path).text);
        lf_error_help(err, "correct the path");
    } else {
        lf_error_set(err, LF_CODE_MANIFEST_UNREADABLE, error,
                     "cannot read %s: %s", who(path).text, strerror(error));
        lf_error_help(err, "%s", cure_for(path, error));
    }
    return false;
}

static bool too_large(struct lf_str path, struct lf_error *err)
{
    lf_error_set(err, LF_CODE_MANIFEST_SIZE, 0, "%s is larger than 64 MiB",
                 who(path).text);
    lf_error_help(err, "name whole directories under trees instead of single "
                       "files, or split it by include");
    return false;
}

static bool read_regular(struct lf_fs *fs, int fd, struct lf_str path,
                         uint64_t size, struct lf_str *ret_text,
                         struct lf_error *err)
{
    if (size > LF_MANIFEST_SIZE_LIMIT)
        return too_large(path, err);
    char *data = malloc((size_t)size + 1);
    if (!data)
        return lf_error_oom(err);
    long got = fs->read(fs, fd, data, (size_t)size);
    if (got == (long)size) {
        data[size] = '\0';
        *ret_text = lf_str_of(data, (size_t)size);
        return true;
    }
    free(data);
    if (got < 0)
        return cannot_read(path, got, err);
    lf_error_set(err, LF_CODE_MANIFEST_CHANGED, 0,
                 "%s became shorter while it was read", who(path).text);
    lf_error_help(err, "write a manifest under another name, then rename it");
    return false;
}

static bool read_stream(struct lf_fs *fs, struct lf_str *ret_text,
                        struct lf_error *err)
{
    enum { STRIDE = 64 << 10 };
    struct lf_buf buf = {0};
    long got = STRIDE;
    while (got == STRIDE && buf.len <= LF_MANIFEST_SIZE_LIMIT &&
           lf_buf_reserve(&buf, STRIDE)) {
        got = fs->read(fs, 0, buf.data + buf.len, STRIDE);
        if (got > 0)
            buf.len += (size_t)got;
    }
    bool failed = lf_buf_failed(&buf);
    if (!failed && got >= 0 && buf.len <= LF_MANIFEST_SIZE_LIMIT) {
        lf_buf_add_char(&buf, '\0');
        failed = lf_buf_failed(&buf);
        *ret_text = lf_str_of(buf.data, buf.len - 1);
        if (!failed)
            return true;
    }
    lf_buf_finish(&buf);
    if (failed)
        return lf_error_oom(err);
    if (got < 0)
        return cannot_read(LF_STR("-"), got, err);
    return too_large(LF_STR("-"), err);
}

bool lf_check_regular(struct lf_str path, enum lf_node_kind kind,
                      struct lf_error *err)
{
    if (kind == LF_NODE_FILE)
        return true;
    lf_error_set(err, LF_CODE_MANIFEST_KIND, 0,
                 "%s is a %s, not a regular file", who(path).text,
                 lf_node_kind_name(kind));
    lf_error_help(err, kind == LF_NODE_DIR ? "name the file in it"
                                           : "name a regular file");
    return false;
}

/* Look at what was opened; a negative `fd` says why it was not. */
static bool look_at(struct lf_fs *fs, int fd, struct lf_str path,
                    struct lf_node *ret_node, struct lf_error *err)
{
    if (fd < 0)
        return cannot_read(path, fd, err);
    int result = fs->stat(fs, fd, "", ret_node);
    if (result < 0)
        return cannot_read(path, result, err);
    return lf_check_regular(path, ret_node->kind, err);
}

static int open_manifest(struct lf_fs *fs, struct lf_str path)
{
    return fs->open_file(fs, -1, path.data, LF_FILE_READ | LF_FILE_FOLLOW, 0);
}

bool lf_read_manifest(struct lf_fs *fs, struct lf_str path,
                      struct lf_str *ret_text, struct lf_node *ret_node,
                      struct lf_error *err)
{
    *ret_node = (struct lf_node){0};
    if (lf_str_equal(path, LF_STR("-")))
        return read_stream(fs, ret_text, err);
    LF_AUTO_CLOSE struct lf_fd fd = {fs, open_manifest(fs, path)};
    return look_at(fs, fd.fd, path, ret_node, err) &&
           read_regular(fs, fd.fd, path, ret_node->size, ret_text, err);
}

bool lf_loader_read_opened(struct lf_loader *loader, int fd, struct lf_str path,
                           struct lf_str *ret_text, struct lf_node *ret_node,
                           struct lf_error *err)
{
    *ret_text = lf_str(NULL);
    return look_at(&loader->fs, fd, path, ret_node, err) &&
           (lf_loader_file(loader, ret_node) ||
            read_regular(&loader->fs, fd, path, ret_node->size, ret_text, err));
}

bool lf_loader_read(struct lf_loader *loader, struct lf_str path,
                    struct lf_str *ret_text, struct lf_node *ret_node,
                    struct lf_error *err)
{
    struct lf_fs *fs = &loader->fs;
    LF_AUTO_CLOSE struct lf_fd fd = {fs, open_manifest(fs, path)};
    return lf_loader_read_opened(loader, fd.fd, path, ret_text, ret_node, err);
}

bool lf_read_given(struct lf_str given, struct lf_str *ret_text,
                   struct lf_error *err)
{
    char *copy = malloc(given.len + 1);
    if (!copy)
        return lf_error_oom(err);
    memcpy(copy, given.data, given.len);
    copy[given.len] = '\0';
    *ret_text = lf_str_of(copy, given.len);
    return true;
}
