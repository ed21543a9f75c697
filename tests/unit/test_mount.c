/* SPDX-License-Identifier: MIT */
/* test_mount.c - mount.h */
#define _GNU_SOURCE
#include "base/buf.h"
#include "platform/mount.h"
#include "platform/sys.h"
#include "support/check.h"
#include "support/scratch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>

#define DISK "8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"

static void test_a_mount_is_found_by_its_number(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool found;
        unsigned major_number, minor_number;
        enum lf_mount_keeps keeps;
    } rows[] = {
            {"7 1 " DISK,                                           true,  8,   1,     LF_MOUNT_KEEPS },
            {"6 1 0:3 / /a rw - tmpfs none rw\n7 1 " DISK,          true,  8,   1,
             LF_MOUNT_KEEPS                                                                           },
            {"7 1 " DISK "6 1 0:3 / /a rw - tmpfs none rw\n",       true,  8,   1,
             LF_MOUNT_KEEPS                                                                           },
            {"7 1 0:35 / /t rw,nosuid - tmpfs none rw,size=4k\n",   true,  0,   35,
             LF_MOUNT_MEMORY                                                                          },
            {"7 1 0:2 / / rw - ramfs rootfs rw\n",                  true,  0,   2,     LF_MOUNT_MEMORY},
            {"7 1 0:2 /v\\040w /x\\040- rw - tmpfs a\\040b rw\n",   true,  0,   2,
             LF_MOUNT_MEMORY                                                                          },
            {"7 1 0:9 / /o rw a:1 b:2 - overlay o rw,volatile\n",   true,  0,   9,
             LF_MOUNT_VOLATILE                                                                        },
            {"7 1 0:9 / /o rw - overlay o rw,fsync=volatile,x=y\n", true,  0,   9,
             LF_MOUNT_VOLATILE                                                                        },
            {"7 1 0:9 / /o rw - overlay o rw,lowerdir=/volatile\n", true,  0,   9,
             LF_MOUNT_KEEPS                                                                           },
            {"7 1 0:9 / /o rw - overlay o rw,nonvolatile\n",        true,  0,   9,
             LF_MOUNT_KEEPS                                                                           },
            {"7 1 0:9 / /o rw,volatile - overlay o rw\n",           true,  0,   9,
             LF_MOUNT_KEEPS                                                                           },
            {"7 1 0:9 / /o rw - ext4 o rw,volatile\n",              true,  0,   9,
             LF_MOUNT_KEEPS                                                                           },
            {"7 1 259:70000 / /n rw - ext4 /dev/n rw",              true,  259, 70000,
             LF_MOUNT_KEEPS                                                                           },
            {"7 1 0:2 / / rw - ext4",                               true,  0,   2,     LF_MOUNT_KEEPS },
            {"",                                                    false, 0,   0,     LF_MOUNT_KEEPS },
            {"70 7 " DISK,                                          false, 0,   0,     LF_MOUNT_KEEPS },
            {"7x 1 " DISK,                                          false, 0,   0,     LF_MOUNT_KEEPS },
            {"-7 1 " DISK,                                          false, 0,   0,     LF_MOUNT_KEEPS },
            {"18446744073709551623 1 " DISK,                        false, 0,   0,     LF_MOUNT_KEEPS },
            {"7",                                                   false, 0,   0,     LF_MOUNT_KEEPS },
            {"7 1 8 / / rw - ext4 a rw\n",                          false, 0,   0,     LF_MOUNT_KEEPS },
            {"7 1 8:x / / rw - ext4 a rw\n",                        false, 0,   0,     LF_MOUNT_KEEPS },
            {"7 1 4294967296:1 / / rw - ext4 a rw\n",               false, 0,   0,
             LF_MOUNT_KEEPS                                                                           },
            {"7 1 8:4294967296 / / rw - ext4 a rw\n",               false, 0,   0,
             LF_MOUNT_KEEPS                                                                           },
            {"7 1 8:1 / / rw ext4 a rw\n",                          false, 0,   0,     LF_MOUNT_KEEPS },
            {"7 1 8:1 / / rw - \n",                                 false, 0,   0,     LF_MOUNT_KEEPS },
            {"\n\n   \n- - -\n",                                    false, 0,   0,     LF_MOUNT_KEEPS },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct lf_mount got = {0};
        if (lf_mount_find(lf_str(rows[i].text), 7, &got) != rows[i].found)
            fail_msg("row %zu: %s", i, rows[i].text);
        if (!rows[i].found)
            continue;
        assert_int_equal(got.keeps, rows[i].keeps);
        assert_true(got.device ==
                    lf_sys_device(rows[i].major_number, rows[i].minor_number));
    }
}

/* However many mounts stand before it, and wherever a read ends. */
static void test_one_of_many_is_found(void **state)
{
    (void)state;
    struct lf_buf text = {0};
    struct lf_mount mount;
    for (unsigned i = 100; i < 5100; i++)
        lf_buf_add_format(&text, "%u 1 0:%u / /m/%u rw - tmpfs none rw\n", i, i,
                          i);
    lf_buf_add(&text, LF_STR("7 1 " DISK));
    assert_false(lf_buf_failed(&text));
    assert_true(lf_mount_find(lf_buf_str(&text), 7, &mount));
    assert_int_equal(mount.keeps, LF_MOUNT_KEEPS);
    assert_true(lf_mount_find(lf_buf_str(&text), 5099, &mount));
    assert_int_equal(mount.keeps, LF_MOUNT_MEMORY);
    assert_true(mount.device == lf_sys_device(0, 5099));
    lf_buf_finish(&text);
}

static bool is_listed(unsigned mount)
{
    char line[8192];
    unsigned id = 0;
    FILE *list = fopen("/proc/self/mountinfo", "re");
    assert_non_null(list);
    while (id != mount && fgets(line, sizeof(line), list))
        id = (unsigned)strtoul(line, NULL, 10);
    fclose(list);
    return id == mount;
}

/* In a chroot(2) only mounts below its root are listed (proc_pid_mountinfo(5)). */
static bool is_on_listed_mount(int fd)
{
    char line[256];
    unsigned mount = 0;
    snprintf(line, sizeof(line), "/proc/self/fdinfo/%d", fd);
    FILE *info = fopen(line, "re");
    assert_non_null(info);
    while (fgets(line, sizeof(line), info))
        if (strncmp(line, "mnt_id:", strlen("mnt_id:")) == 0)
            mount = (unsigned)strtoul(line + strlen("mnt_id:"), NULL, 10);
    fclose(info);
    assert_int_not_equal(mount, 0);
    return is_listed(mount);
}

static void test_a_directory_is_on_the_mount_that_the_kernel_says(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_node node;
    struct lf_mount mount;
    struct statfs st;
    const long tmpfs_magic = 0x01021994; /* statfs(2) */
    lf_fs_system(&fs);
    assert_int_equal(fs.stat(&fs, scratch->fd, "", &node), 0);
    int result = lf_mount_of(&fs, scratch->fd, &mount);
    if (node.mount == 0) {
        assert_int_equal(result, -ENOENT);
        return;
    }
    if (!is_on_listed_mount(scratch->fd)) {
        assert_int_equal(result, -ENOENT);
        skip_because("its mount is not listed: this is a chroot");
    }
    assert_int_equal(result, 0);
    assert_int_equal(fstatfs(scratch->fd, &st), 0);
    assert_int_equal(mount.keeps == LF_MOUNT_MEMORY,
                     (long)st.f_type == tmpfs_magic);

    lf_fs_system_fallback(&fs); /* no statx(2), no number */
    assert_int_equal(lf_mount_of(&fs, scratch->fd, &mount), -ENOENT);
    assert_int_equal(lf_mount_of(&fs, -1, &mount), -EBADF);
}

static int no_file(struct lf_fs *fs, int at, const char *name, unsigned how,
                   uint32_t mode)
{
    (void)fs;
    (void)at;
    (void)name;
    (void)how;
    (void)mode;
    return -EACCES;
}

static long no_read(struct lf_fs *fs, int fd, void *buf, size_t size)
{
    (void)fs;
    (void)fd;
    (void)buf;
    (void)size;
    return -EIO;
}

static void test_what_cannot_be_read_is_said(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_node node;
    struct lf_mount mount;
    lf_fs_system(&fs);
    assert_int_equal(fs.stat(&fs, scratch->fd, "", &node), 0);
    if (node.mount == 0)
        return;
    fs.open_file = no_file;
    assert_int_equal(lf_mount_of(&fs, scratch->fd, &mount), -EACCES);
    lf_fs_system(&fs);
    fs.read = no_read;
    assert_int_equal(lf_mount_of(&fs, scratch->fd, &mount), -EIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_a_mount_is_found_by_its_number),
            cmocka_unit_test(test_one_of_many_is_found),
            cmocka_unit_test_setup_teardown(
                    test_a_directory_is_on_the_mount_that_the_kernel_says,
                    scratch_setup, scratch_teardown),
            cmocka_unit_test_setup_teardown(test_what_cannot_be_read_is_said,
                                            scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
