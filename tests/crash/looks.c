/* SPDX-License-Identifier: MIT */
/*
 * looks.c - commands that only look, with memory that runs out
 *
 * As memory.c, for commands that change nothing: at whichever allocation memory
 * runs out, what is printed is either all of it, with the same exit status, or
 * the command fails and says so; and nothing has changed. With LF_CRASH_FULL
 * every allocation is tried, without every 7th, from another start for each
 * command.
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include "cli/cli.h"
#include "picture.h"
#include "support/alloc_fail.h"
#include "support/check.h"
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STEP = 7, WORDS = 6 };

/* HOME and M stand for the home and the manifest. */
static const struct look {
    const char *words[WORDS];
} looks[] = {
        {{"check", "M"}},
        {{"status", "-v", "M"}},
        {{"history", "-v", "--name=t"}},
        {{"list", "-v"}},
        {{"gc", "-n", "--keep=1"}},
        {{"doctor"}},
        {{"doctor", "--json"}},
        {{"unmanaged", "HOME"}},
        {{"unmanaged", "--json", "HOME"}},
        {{"adopt", "-n", "--into=HOME", "HOME/dot/a"}},
        {{"import", "links", "HOME"}},
        {{"import", "links", "HOME", "--json"}},
        {{"import", "stow", "HOME/dot/pkg"}},
        {{"import", "dotbot", "HOME/dot/bot"}},
        {{"graph", "M"}},
        {{"graph", "--format=mermaid", "M"}},
        {{"report", "-v", "-o", "-", "M"}},
        {{"schema"}},
        {{"init", "-n"}},
};

static const struct scenario scenario = {
        .name = "looks",
        .nodes = "home/dot/a\nhome/dot/b\nhome/dot/pkg/dot-x\n"
                 "home/dot/pkg/d/y\nhome/.x -> dot/pkg/dot-x\n"
                 "home/l -> dot/a\nhome/n -> nowhere\nhome/mine\n"
                 "home/gone -> dot/pkg/gone\n",
        .before = {"name: other\nlinks: {d/o: a}\n",
                   "links: {d/x: a, e/y: {from: b, style: absolute},\n"
                   "        mine: {from: a, conflict: backup}}\n"},
        .manifest = "links: {d/x: b, d/n: a}\n",
};

static const char dotbot[] = "- link:\n"
                             "    ~/l: {path: a, relative: true}\n"
                             "    ~/g/: {glob: true, path: 'pkg/*'}\n"
                             "    ~/$USER: {path: a, if: 'true'}\n"
                             "- link: {$HOME/l: b, ~/h: {type: hardlink},\n"
                             "         /: {path: b, ignore-missing: on}}\n"
                             "- create: {~/d: {mode: 448}, $HOME/made: }\n";

struct trial {
    struct world world;
    const struct look *look;
    bool *failed; /* the allocation was reached; in memory that both share */
    int status;   /* of a run in which none fails, and what it says */
    char *said;
    unsigned long points, whole;
};

/* ---- a run ---- */

static void add_word(const struct trial *trial, struct lf_buf *buf,
                     const char *word)
{
    const char *home = strstr(word, "HOME");
    if (strcmp(word, "M") == 0) {
        lf_buf_add(buf, lf_str(trial->world.file));
    } else if (home) {
        lf_buf_add(buf, lf_str_of(word, (size_t)(home - word)));
        lf_buf_add(buf, lf_str(trial->world.home));
        lf_buf_add(buf, lf_str(home + strlen("HOME")));
    } else {
        lf_buf_add(buf, lf_str(word));
    }
    lf_buf_add_char(buf, '\0');
    assert_false(lf_buf_failed(buf));
}

/* Does not return. */
static void run_child(const struct trial *trial, size_t n, bool all_after)
{
    static char program[] = "linkfarm", state_dir[] = "--state-dir";
    struct lf_buf words[WORDS] = {{0}};
    char *argv[WORDS + 4] = {program, state_dir, trial->world.state};
    int argc = 3;
    for (int i = 0; i < WORDS && trial->look->words[i]; i++) {
        add_word(trial, &words[i], trial->look->words[i]);
        argv[argc++] = words[i].data;
    }
    setenv("HOME", trial->world.home, 1);
    setenv("USER", "somebody", 1);
    int said = openat(trial->world.scratch->fd, "said",
                      O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (said < 0 || dup2(said, 1) < 0 || dup2(said, 2) < 0)
        _exit(99);
    if (all_after)
        alloc_fail_from(n);
    else
        alloc_fail_at(n);
    int status = lf_cli_main(argc, argv);
    *trial->failed = alloc_fail_stop();
    fflush(NULL);
    _exit(status);
}

static int run(const struct trial *trial, size_t n, bool all_after)
{
    int status;
    *trial->failed = false;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        run_child(trial, n, all_after);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* What was said, the home as `~`: where that takes memory it may be shown in
 * full. */
static char *read_said(const struct trial *trial)
{
    size_t len, home = strlen(trial->world.home);
    char *said = scratch_read(trial->world.scratch, "said", &len);
    for (char *at = said; (at = strstr(at, trial->world.home));) {
        *at = '~';
        memmove(at + 1, at + home, strlen(at + home) + 1);
    }
    return said;
}

/* ---- the law ---- */

static bool says_so(const char *said)
{
    return strstr(said, "out of memory") || strstr(said, "memory ran out") ||
           strstr(said, strerror(ENOMEM));
}

static void try_all(struct trial *trial, bool all_after)
{
    bool full = getenv("LF_CRASH_FULL") != NULL;
    size_t n = full ? 0 : (size_t)(trial->look - looks) % STEP;
    for (;; n += full ? 1 : STEP) {
        int status = run(trial, n, all_after);
        char *said = read_said(trial);
        bool whole = status == trial->status && strcmp(said, trial->said) == 0;
        /* what is only a note may be lost, if that is said */
        bool lost = strstr(said, "linkfarm: out of memory\n") != NULL;
        bool right = whole ||
                     (*trial->failed && says_so(said) && (status != 0 || lost));
        if (!right)
            print_message("# allocation %zu: exit %d, %s\n", n, status, said);
        free(said);
        assert_true(right);
        if (!*trial->failed)
            return;
        trial->points++;
        trial->whole += whole;
    }
}

static void test_says_all_or_fails(void **state)
{
    struct trial trial = {.look = *state};
    trial.failed = mmap(NULL, sizeof(*trial.failed), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(trial.failed, MAP_FAILED);
    world_begin(&trial.world, &scenario);
    scratch_file(trial.world.scratch, "home/dot/bot", dotbot);
    struct picture before = picture_take(&trial.world);
    world_write_manifest(&trial.world);
    trial.status = run(&trial, SIZE_MAX, false);
    trial.said = read_said(&trial);
    assert_false(says_so(trial.said));
    if (trial.status > 2)
        print_message("# %s", trial.said);
    assert_in_range(trial.status, 0, 2);
    try_all(&trial, false);
    try_all(&trial, true);
    struct picture after = picture_take(&trial.world);
    if (!picture_same(&before, &after))
        picture_differ(&after, &before);
    assert_true(picture_same(&before, &after));
    print_message("# %s: exit %d, %lu points, %lu printed all\n",
                  trial.look->words[0], trial.status, trial.points,
                  trial.whole);
    assert_true(trial.points > trial.whole || trial.points < 5);
    picture_free(&before);
    picture_free(&after);
    free(trial.said);
    munmap(trial.failed, sizeof(*trial.failed));
    world_end(&trial.world);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(looks)];
    world_in_memory();
    for (size_t i = 0; i < ARRAY_LEN(looks); i++)
        tests[i] =
                (struct CMUnitTest){looks[i].words[0], test_says_all_or_fails,
                                    NULL, NULL, (void *)(uintptr_t)&looks[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
