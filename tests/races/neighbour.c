/* SPDX-License-Identifier: MIT */
/*
 * neighbour.c - a hostile neighbour, for races.py
 *
 *     neighbour dirs INTO PROTECTED NAME...
 *     neighbour nodes INTO POOL NAME...
 *
 * `dirs` exchanges each directory INTO/NAME with a symlink to PROTECTED/NAME
 * and back, as fast as it can. `nodes` puts the files and symlinks of POOL at
 * the places INTO/NAME, by exchanging them with what stands there, and takes
 * them away again. Both only ever rename, so that every node of theirs must
 * still be somewhere in the end; the links of others that come into the pool
 * are thrown away. SIGTERM ends them, with each directory in its place; then
 * they print how often they changed something.
 */
#define _GNU_SOURCE /* renameat2(2) */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NAMES_MOST = 64, POOL_SIZE = 64 };

static const char mark[] = "/races-"; /* in the text of a link of ours */

static volatile sig_atomic_t stopped;
static unsigned long changes;

static void on_term(int number)
{
    (void)number;
    stopped = 1;
}

static void die(const char *what)
{
    fprintf(stderr, "neighbour: %s: %s\n", what, strerror(errno));
    exit(2);
}

static bool move(int at, const char *name, int to, const char *new_name,
                 unsigned how)
{
    bool done = syscall(SYS_renameat2, at, name, to, new_name, how) == 0;
    changes += done;
    return done;
}

/* Bursts and rests, so that some runs meet nothing and some meet much. */
static void rest(void)
{
    if (rand() % 32 == 0)
        usleep((useconds_t)(rand() % 20000));
}

static bool is_kind(int at, const char *name, mode_t kind)
{
    struct stat st;
    return fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
           (st.st_mode & S_IFMT) == kind;
}

/* ---- directories ---- */

static void trap_name(const char *name, char *ret)
{
    snprintf(ret, NAME_MAX, ".trap-%s", name);
}

static void set_trap(int into, const char *protected_dir, const char *name)
{
    char trap[NAME_MAX], text[PATH_MAX];
    trap_name(name, trap);
    snprintf(text, sizeof(text), "%s/%s", protected_dir, name);
    if (symlinkat(text, into, trap) < 0)
        die(trap);
}

static void swap_dirs(int into, char **names, int count)
{
    char trap[NAME_MAX];
    while (!stopped)
        for (int i = 0; i < count; i++) {
            trap_name(names[i], trap);
            move(into, names[i], into, trap, RENAME_EXCHANGE);
            for (volatile int wait = rand() % 2000; wait > 0; wait--)
                ;
            move(into, trap, into, names[i], RENAME_EXCHANGE);
            rest();
        }
    /* what the others did may have left either of them in either place */
    for (int i = 0; i < count; i++) {
        trap_name(names[i], trap);
        if (is_kind(into, trap, S_IFDIR))
            move(into, trap, into, names[i],
                 is_kind(into, names[i], S_IFLNK) ? RENAME_EXCHANGE
                                                  : RENAME_NOREPLACE);
    }
}

/* ---- files and links ---- */

struct place {
    int dir; /* held, so that swapped directories do not matter */
    const char *name;
};

static struct place open_place(int into, char *path)
{
    char *slash = strrchr(path, '/');
    struct place place = {into, path};
    if (!slash)
        return place;
    *slash = '\0';
    place.dir = openat(into, path, O_DIRECTORY | O_PATH | O_CLOEXEC);
    place.name = slash + 1;
    if (place.dir < 0)
        die(path);
    return place;
}

/* A link in the pool that is not ours was exchanged for a node of ours. */
static void throw_away(int pool, const char *slot)
{
    char text[PATH_MAX];
    ssize_t len = readlinkat(pool, slot, text, sizeof(text) - 1);
    if (len < 0)
        return;
    text[len] = '\0';
    if (!strstr(text, mark))
        unlinkat(pool, slot, 0);
}

static void shuffle(int pool, const struct place *places, int count)
{
    char slot[32];
    const struct place *place = &places[rand() % count];
    snprintf(slot, sizeof(slot), "%d", rand() % POOL_SIZE);
    if (faccessat(pool, slot, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        if (!move(pool, slot, place->dir, place->name, RENAME_EXCHANGE))
            move(pool, slot, place->dir, place->name, RENAME_NOREPLACE);
    } else {
        move(place->dir, place->name, pool, slot, RENAME_NOREPLACE);
    }
    throw_away(pool, slot);
}

static void swap_nodes(int into, int pool, char **names, int count)
{
    struct place places[NAMES_MOST];
    for (int i = 0; i < count; i++)
        places[i] = open_place(into, names[i]);
    while (!stopped) {
        shuffle(pool, places, count);
        rest();
    }
}

static int open_dir(const char *path)
{
    int fd = open(path, O_DIRECTORY | O_PATH | O_CLOEXEC);
    if (fd < 0)
        die(path);
    return fd;
}

int main(int argc, char **argv)
{
    if (argc < 5 || argc - 4 > NAMES_MOST) {
        fputs("usage: neighbour dirs|nodes INTO OTHER NAME...\n", stderr);
        return 64;
    }
    struct sigaction action = {.sa_handler = on_term};
    sigaction(SIGTERM, &action, NULL);
    srand((unsigned)getpid());
    int into = open_dir(argv[2]), count = argc - 4;
    if (strcmp(argv[1], "dirs") == 0) {
        for (int i = 0; i < count; i++)
            set_trap(into, argv[3], argv[4 + i]);
        puts("ready");
        fflush(stdout);
        swap_dirs(into, argv + 4, count);
    } else {
        puts("ready");
        fflush(stdout);
        swap_nodes(into, open_dir(argv[3]), argv + 4, count);
    }
    printf("%lu\n", changes);
    return 0;
}
