/* SPDX-License-Identifier: MIT */
/*
 * sandbox.c - giving up the right to change what is not to be changed
 */
#define _GNU_SOURCE /* syscall(2) */
#include "platform/sandbox.h"

#include <errno.h>

#ifdef __linux__

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Missing from older C libraries; the same on every machine but alpha. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

/* The kernel's numbers, here because the headers of the oldest system that we
 * build on do not know them all. */
enum {
    CREATE_RULESET_VERSION = 1 << 0,
    RULE_PATH_BENEATH = 1,
};

#define RIGHT(number) (1u << (number))

enum {
    RIGHT_EXECUTE = RIGHT(0),
    RIGHT_WRITE_FILE = RIGHT(1),
    /* 2 and 3 are those to read files and directories */
    RIGHT_REMOVE_DIR = RIGHT(4),
    RIGHT_REMOVE_FILE = RIGHT(5),
    /* devices, directories, files, sockets, FIFOs and links; what is moved into
     * a directory counts as made there */
    RIGHT_MAKE = RIGHT(6) | RIGHT(7) | RIGHT(8) | RIGHT(9) | RIGHT(10) |
                 RIGHT(11) | RIGHT(12),
    RIGHT_REFER = RIGHT(13),           /* from ABI 2 */
    RIGHT_TRUNCATE = RIGHT(14),        /* from ABI 3 */
    RIGHT_IOCTL = RIGHT(15),           /* from ABI 5 */
    RIGHT_UNIX = RIGHT(16),            /* from ABI 9: to reach their sockets */
    RIGHT_TCP = RIGHT(0) | RIGHT(1),   /* from ABI 4: to bind and to connect */
    RIGHT_UDP = RIGHT(2) | RIGHT(3),   /* from ABI 10 */
    RIGHT_SCOPE = RIGHT(0) | RIGHT(1), /* from ABI 6: sockets and signals */
};

struct ruleset {
    uint64_t files, net, scopes;
};

struct __attribute__((packed)) path_rule {
    uint64_t allowed;
    int32_t fd;
};

/* All that the kernel can take away, but reading. */
static struct ruleset rights_of(unsigned abi)
{
    return (struct ruleset){
            .files = RIGHT_EXECUTE | RIGHT_WRITE_FILE | RIGHT_REMOVE_DIR |
                     RIGHT_REMOVE_FILE | RIGHT_MAKE | RIGHT_REFER |
                     (abi >= 3 ? RIGHT_TRUNCATE : 0u) |
                     (abi >= 5 ? RIGHT_IOCTL : 0u) |
                     (abi >= 9 ? RIGHT_UNIX : 0u),
            .net = (abi >= 4 ? RIGHT_TCP : 0u) | (abi >= 10 ? RIGHT_UDP : 0u),
            .scopes = abi >= 6 ? RIGHT_SCOPE : 0,
    };
}

int lf_sandbox_begin(struct lf_sandbox *ret_sandbox)
{
    *ret_sandbox = (struct lf_sandbox){.ruleset = -1};
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
                       CREATE_RULESET_VERSION);
    if (abi < 0)
        return -errno;
    ret_sandbox->abi = (unsigned)abi;
    if (abi < 2)
        return -EOPNOTSUPP;
    /* zeros behind what an older kernel knows do not matter to it; a right that
     * it does not know, as versions that distributions number themselves may
     * not, is EINVAL */
    struct ruleset ruleset;
    long fd;
    do {
        ruleset = rights_of(ret_sandbox->abi);
        fd = syscall(SYS_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0);
    } while (fd < 0 && (errno == EINVAL || errno == E2BIG) &&
             --ret_sandbox->abi >= 2);
    if (fd < 0)
        return -errno;
    ret_sandbox->ruleset = (int)fd;
    ret_sandbox->handled = ruleset.files;
    return 0;
}

int lf_sandbox_allow(struct lf_sandbox *sandbox, int fd, unsigned rights)
{
    struct path_rule rule = {.fd = fd};
    if (rights & LF_SANDBOX_NAMES)
        rule.allowed |=
                RIGHT_REMOVE_DIR | RIGHT_REMOVE_FILE | RIGHT_MAKE | RIGHT_REFER;
    if (rights & LF_SANDBOX_FILES)
        rule.allowed |= RIGHT_WRITE_FILE | RIGHT_TRUNCATE;
    if (rights & LF_SANDBOX_EMPTIES)
        rule.allowed |= RIGHT_REMOVE_DIR;
    rule.allowed &= sandbox->handled; /* others are refused */
    long result = syscall(SYS_landlock_add_rule, sandbox->ruleset,
                          RULE_PATH_BENEATH, &rule, 0);
    return result < 0 ? -errno : 0;
}

int lf_sandbox_enter(struct lf_sandbox *sandbox)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    long result = syscall(SYS_landlock_restrict_self, sandbox->ruleset, 0);
    return result < 0 ? -errno : 0;
}

void lf_sandbox_finish(struct lf_sandbox *sandbox)
{
    if (sandbox->ruleset >= 0)
        close(sandbox->ruleset);
    sandbox->ruleset = -1;
}

#else

int lf_sandbox_begin(struct lf_sandbox *ret_sandbox)
{
    *ret_sandbox = (struct lf_sandbox){.ruleset = -1};
    return -ENOSYS;
}

int lf_sandbox_allow(struct lf_sandbox *sandbox, int fd, unsigned rights)
{
    (void)sandbox;
    (void)fd;
    (void)rights;
    return -ENOSYS;
}

int lf_sandbox_enter(struct lf_sandbox *sandbox)
{
    (void)sandbox;
    return -ENOSYS;
}

void lf_sandbox_finish(struct lf_sandbox *sandbox)
{
    sandbox->ruleset = -1;
}

#endif
