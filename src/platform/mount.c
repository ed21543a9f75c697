/* SPDX-License-Identifier: MIT */
/*
 * mount.c - what the system tells of the mount that a directory is on
 *
 * A line is "ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG...] - TYPE SOURCE
 * OPTIONS OF THE FILE SYSTEM"; blanks in a field are written as \040.
 */
#include "platform/mount.h"

#include "base/buf.h"
#include "platform/sys.h"
#include <errno.h>
#include <string.h>

enum {
    CHUNK = 16 * 1024,
    SIZE_LIMIT = 16 * 1024 * 1024, /* 100,000 mounts, which Linux allows */
};

/* Take what stands before `sign` off `*rest`, and the sign; the rest, if there
 * is none. */
static struct lf_str take(struct lf_str *rest, char sign)
{
    const char *end = rest->len ? memchr(rest->data, sign, rest->len) : NULL;
    size_t len = end ? (size_t)(end - rest->data) : rest->len;
    size_t used = end ? len + 1 : len;
    struct lf_str taken = lf_str_of(rest->data, len);
    *rest = lf_str_of(rest->data + used, rest->len - used);
    return taken;
}

/* Decimal digits and nothing else. */
static bool is_number(struct lf_str text, uint64_t *ret)
{
    *ret = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint64_t digit = (unsigned char)text.data[i] - (unsigned)'0';
        if (digit > 9 || *ret > (UINT64_MAX - digit) / 10)
            return false;
        *ret = *ret * 10 + digit;
    }
    return text.len > 0;
}

static bool is_device(struct lf_str text, uint64_t *ret)
{
    uint64_t major_number, minor_number;
    if (!is_number(take(&text, ':'), &major_number) ||
        !is_number(text, &minor_number) || major_number > UINT32_MAX ||
        minor_number > UINT32_MAX)
        return false;
    *ret = lf_sys_device((unsigned)major_number, (unsigned)minor_number);
    return true;
}

/* Newer kernels show `fsync=volatile` for `volatile`. */
static bool is_volatile(struct lf_str options)
{
    while (options.len > 0) {
        struct lf_str option = take(&options, ',');
        if (lf_str_equal(option, LF_STR("volatile")) ||
            lf_str_equal(option, LF_STR("fsync=volatile")))
            return true;
    }
    return false;
}

static enum lf_mount_keeps keeps(struct lf_str type, struct lf_str options)
{
    if (lf_str_equal(type, LF_STR("tmpfs")) ||
        lf_str_equal(type, LF_STR("ramfs")))
        return LF_MOUNT_MEMORY;
    return lf_str_equal(type, LF_STR("overlay")) && is_volatile(options)
                   ? LF_MOUNT_VOLATILE
                   : LF_MOUNT_KEEPS;
}

/* The fields that have no name here are those of the place. */
static bool read_line(struct lf_str line, uint64_t id, struct lf_mount *ret)
{
    uint64_t number;
    if (!is_number(take(&line, ' '), &number) || number != id)
        return false;
    take(&line, ' ');
    if (!is_device(take(&line, ' '), &ret->device))
        return false;
    while (line.len > 0 && !lf_str_equal(take(&line, ' '), LF_STR("-")))
        ;
    struct lf_str type = take(&line, ' ');
    take(&line, ' ');
    ret->keeps = keeps(type, take(&line, ' '));
    return type.len > 0;
}

bool lf_mount_find(struct lf_str text, uint64_t id, struct lf_mount *ret)
{
    while (text.len > 0)
        if (read_line(take(&text, '\n'), id, ret))
            return true;
    return false;
}

static int read_all(struct lf_fs *fs, int fd, struct lf_buf *text)
{
    char chunk[CHUNK];
    long count = 1;
    while (count > 0 && text->len < SIZE_LIMIT) {
        count = fs->read(fs, fd, chunk, sizeof(chunk));
        if (count > 0)
            lf_buf_add(text, lf_str_of(chunk, (size_t)count));
    }
    return count < 0 ? (int)count : lf_buf_failed(text) ? -ENOMEM : 0;
}

int lf_mount_of(struct lf_fs *fs, int fd, struct lf_mount *ret)
{
    struct lf_node node;
    struct lf_buf text = {0};
    int result = fs->stat(fs, fd, "", &node);
    if (result < 0)
        return result;
    if (node.mount == 0)
        return -ENOENT;
    uint64_t id = lf_sys_mount(fd);
    LF_AUTO_CLOSE struct lf_fd file = {fs, -1};
    file.fd = fs->open_file(fs, -1, "/proc/self/mountinfo", LF_FILE_FOLLOW, 0);
    result = file.fd < 0 ? file.fd : read_all(fs, file.fd, &text);
    if (result == 0 && !lf_mount_find(lf_buf_str(&text), id, ret))
        result = -ENOENT;
    lf_buf_finish(&text);
    return result;
}
