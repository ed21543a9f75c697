/* SPDX-License-Identifier: MIT */
/*
 * path.c - paths as bytes: joining, splitting, ordering
 */
#include "base/path.h"

struct lf_str lf_path_next(struct lf_str *rest)
{
    const char *at = rest->data;
    size_t left = rest->len;
    while (left && *at == '/')
        at++, left--;
    const char *slash = left ? memchr(at, '/', left) : NULL;
    size_t len = slash ? (size_t)(slash - at) : left;
    if (left)
        *rest = lf_str_of(at + len, left - len);
    else
        rest->len = 0;
    return lf_str_of(at, len);
}

static struct lf_str without_trailing_slashes(struct lf_str path)
{
    while (path.len && path.data[path.len - 1] == '/')
        path.len--;
    return path;
}

/* `path` up to the last component, the slashes before it included. */
static struct lf_str before_name(struct lf_str path)
{
    path = without_trailing_slashes(path);
    while (path.len && path.data[path.len - 1] != '/')
        path.len--;
    return path;
}

struct lf_str lf_path_name(struct lf_str path)
{
    size_t start = before_name(path).len;
    size_t end = without_trailing_slashes(path).len;
    if (start == end)
        return lf_str_of(path.data, 0);
    return lf_str_of(path.data + start, end - start);
}

struct lf_str lf_path_dir(struct lf_str path)
{
    struct lf_str dir = without_trailing_slashes(before_name(path));
    bool root = dir.len == 0 && path.len && path.data[0] == '/';
    return lf_str_of(path.data, root ? 1 : dir.len);
}

static bool wants_slash(struct lf_str dir, struct lf_str name)
{
    return dir.len && name.len && dir.data[dir.len - 1] != '/';
}

struct lf_str lf_path_join(struct lf_arena *arena, struct lf_str dir,
                           struct lf_str name)
{
    size_t slash = wants_slash(dir, name);
    char *path = lf_arena_bytes(arena, dir.len + slash + name.len + 1);
    if (!path)
        return lf_str_of(NULL, 0);
    if (dir.len)
        memcpy(path, dir.data, dir.len);
    if (slash)
        path[dir.len] = '/';
    if (name.len)
        memcpy(path + dir.len + slash, name.data, name.len);
    return lf_str_of(path, dir.len + slash + name.len);
}

void lf_path_add(struct lf_buf *buf, struct lf_str dir, struct lf_str name)
{
    lf_buf_add(buf, dir);
    if (wants_slash(dir, name))
        lf_buf_add_char(buf, '/');
    lf_buf_add(buf, name);
}

struct lf_str lf_path_in(struct lf_buf *room, struct lf_str dir,
                         struct lf_str name)
{
    lf_buf_clear(room);
    lf_path_add(room, dir, name);
    return lf_buf_failed(room) ? lf_str(NULL) : lf_buf_str(room);
}

bool lf_path_has_dots(struct lf_str path)
{
    for (;;) {
        struct lf_str name = lf_path_next(&path);
        if (name.len == 0)
            return false;
        if (lf_str_equal(name, LF_STR("..")) || lf_str_equal(name, LF_STR(".")))
            return true;
    }
}

bool lf_path_within(struct lf_str path, struct lf_str dir)
{
    dir = without_trailing_slashes(dir);
    return lf_str_starts(path, dir) &&
           (path.len == dir.len || path.data[dir.len] == '/');
}

bool lf_path_below(struct lf_str path, struct lf_str dir, struct lf_str name)
{
    if (dir.len > 0) {
        dir = without_trailing_slashes(dir);
        if (!lf_path_within(path, dir) || path.len == dir.len)
            return false;
        path = lf_str_of(path.data + dir.len + 1, path.len - dir.len - 1);
    }
    return lf_path_within(path, name);
}

/* Bytes in the order of paths: '/' first. */
static int rank(char c)
{
    return c == '/' ? -1 : (unsigned char)c;
}

/* How many bytes two texts begin with that are the same, eight at a time. */
static size_t common(const char *a, const char *b, size_t most)
{
    size_t i = 0;
    uint64_t x, y;
    for (; most - i >= sizeof(x); i += sizeof(x)) {
        memcpy(&x, a + i, sizeof(x));
        memcpy(&y, b + i, sizeof(y));
        if (x != y)
            break;
    }
    while (i < most && a[i] == b[i])
        i++;
    return i;
}

int lf_path_compare(struct lf_str a, struct lf_str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    size_t i = a.data == b.data ? shorter : common(a.data, b.data, shorter);
    if (i < shorter)
        return rank(a.data[i]) - rank(b.data[i]);
    return (a.len > b.len) - (a.len < b.len);
}

/* Drop the last component of the normal form that begins at `start`. */
static void drop_last(struct lf_buf *buf, size_t start)
{
    size_t len = buf->len;
    while (len > start && buf->data[len - 1] != '/')
        len--;
    lf_buf_truncate(buf, len > start ? len - 1 : start);
}

bool lf_path_normalise(struct lf_buf *buf, struct lf_str path)
{
    if (path.len == 0 || path.data[0] != '/')
        return false;
    size_t start = buf->len;
    for (;;) {
        struct lf_str name = lf_path_next(&path);
        if (name.len == 0)
            break;
        if (lf_str_equal(name, LF_STR(".")))
            continue;
        if (lf_str_equal(name, LF_STR(".."))) {
            drop_last(buf, start);
            continue;
        }
        lf_buf_add_char(buf, '/');
        lf_buf_add(buf, name);
    }
    if (buf->len == start)
        lf_buf_add_char(buf, '/');
    return true;
}
