/* SPDX-License-Identifier: MIT */
/*
 * user_getent.c - the password database, for a program that may be wholly static
 *
 * getpwuid(3) of glibc finds users through modules (nsswitch.conf(5)), which a
 * static program can load only from the very glibc that it was made with. So the
 * file is read here, by glibc's own parser, and a user that it does not have is
 * asked of getent(1), which has the modules. With another C library the program
 * takes the library's lf_sys_user(), which never starts a process.
 */
#define _GNU_SOURCE /* fgetpwent_r(3), pipe2(2) */
#include "platform/user_getent.h"

#include "base/util.h"
#include "platform/sys.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef __GLIBC__

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>

static int take(const struct passwd *user, struct lf_user_room room)
{
    int result = lf_sys_copy(room.name, room.name_size, user->pw_name);
    return result < 0 ? result
                      : lf_sys_copy(room.home, room.home_size, user->pw_dir);
}

static int search(FILE *file, uint32_t uid, struct lf_user_room room)
{
    enum { LINE_LIMIT = 64 * 1024 };
    char *texts = malloc(LINE_LIMIT);
    if (!texts)
        return -ENOMEM;
    struct passwd user, *found;
    int error;
    do {
        error = fgetpwent_r(file, &user, texts, LINE_LIMIT, &found);
        /* "+" and "-" in front are for the modules (nsswitch.conf(5), compat) */
    } while (error == 0 && (user.pw_uid != uid || user.pw_name[0] == '+' ||
                            user.pw_name[0] == '-'));
    int result = error == 0 ? take(&user, room) : -error;
    free(texts);
    return result;
}

int lf_user_in_file(const char *path, uint32_t uid, struct lf_user_room room)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return -errno;
    int result = search(file, uid, room);
    fclose(file); /* was only read */
    return result;
}

/* Of ours the child gets the pipe alone; what we ignore it takes as usual. */
static int start(const char *program, char *number, int out, pid_t *ret_child)
{
    char name[] = "getent", database[] = "passwd";
    char path[] = "PATH=/usr/bin:/bin", locale[] = "LC_ALL=C";
    char *words[] = {name, database, number, NULL};
    char *environment[] = {path, locale, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t signals;
    sigset_t none, ignored;
    sigemptyset(&none);
    sigemptyset(&ignored);
    sigaddset(&ignored, SIGPIPE);
    sigaddset(&ignored, SIGXFSZ);
    int error = posix_spawn_file_actions_init(&files);
    if (error)
        return -error;
    error = posix_spawnattr_init(&signals);
    if (!error) {
        /* cannot fail with flags that are known (posix_spawnattr_setflags(3)) */
        posix_spawnattr_setsigmask(&signals, &none);
        posix_spawnattr_setsigdefault(&signals, &ignored);
        posix_spawnattr_setflags(&signals, POSIX_SPAWN_SETSIGMASK |
                                                   POSIX_SPAWN_SETSIGDEF);
        error = posix_spawn_file_actions_adddup2(&files, out, 1);
        if (!error)
            error = posix_spawn_file_actions_addopen(&files, 0, "/dev/null",
                                                     O_RDONLY, 0);
        /* not open for writing: what it has to say there is not wanted */
        if (!error)
            error = posix_spawn_file_actions_adddup2(&files, 0, 2);
        if (!error)
            error = posix_spawn(ret_child, program, &files, &signals, words,
                                environment);
        posix_spawnattr_destroy(&signals);
    }
    posix_spawn_file_actions_destroy(&files);
    return -error;
}

int lf_user_by_program(const char *program, uint32_t uid,
                       struct lf_user_room room)
{
    char number[16];
    int ends[2] = {-1, -1}, status;
    pid_t child = -1;
    snprintf(number, sizeof(number), "%u", (unsigned)uid);
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    int result = start(program, number, ends[1], &child);
    close(ends[1]);
    FILE *out = result < 0 ? NULL : fdopen(ends[0], "r");
    if (!out) {
        int error = errno;
        close(ends[0]);
        if (result < 0)
            return result;
        result = -error;
    } else {
        result = search(out, uid, room);
        fclose(out); /* was only read; what it still writes ends it by SIGPIPE */
    }
    /* Who ignores SIGCHLD has no children to wait for: then it has ended. */
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return result;
}

int lf_sys_user(char *name, size_t name_size, char *home, size_t home_size)
{
    static const char *const programs[] = {
            "/usr/bin/getent", "/bin/getent",
            "/run/current-system/sw/bin/getent", /* NixOS */
    };
    struct lf_user_room room = {name, home, name_size, home_size};
    uint32_t uid = geteuid();
    int result = lf_user_in_file("/etc/passwd", uid, room);
    for (size_t i = 0; result == -ENOENT && i < LF_COUNT(programs); i++) {
        if (access(programs[i], X_OK) == 0)
            return lf_user_by_program(programs[i], uid, room);
    }
    return result;
}

#endif
