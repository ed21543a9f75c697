/* SPDX-License-Identifier: MIT */
/*
 * vectors_real.c - POSIX cases in the real file system
 *
 * Each case has a scratch directory, which the view has as its root, and a
 * process of its own: mounts are gone with it, and it may give up root's
 * rights.
 */
#define _GNU_SOURCE
#include "tests/real_tree.h"
#include "tests/vectors.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static enum verdict says(enum verdict verdict, const char *what,
                         struct finding *ret)
{
    ret->got = json_sprintf("%s: %s", what, strerror(errno));
    return verdict;
}

static bool has_mounts(const json_t *tree)
{
    size_t i;
    json_t *entry;
    json_array_foreach(tree, i, entry)
    {
        const char *kind = json_string_value(json_array_get(entry, 0));
        if (kind && (strcmp(kind, "mount") == 0 || strcmp(kind, "bind") == 0))
            return true;
    }
    return false;
}

static bool build(const json_t *tree, const char *root)
{
    size_t i;
    json_t *entry;
    json_array_foreach(tree, i, entry)
    {
        struct lf_str fields[3];
        size_t n;
        if (!vector_fields(entry, fields, 3, &n) || n < 2 ||
            !real_tree_add(root, fields, n))
            return false;
    }
    return true;
}

static bool become(uid_t uid)
{
    return uid == 0 ||
           (setgroups(0, NULL) == 0 && setgid(uid) == 0 && setuid(uid) == 0);
}

/* In the case's own process. */
static enum verdict check(const json_t *vector, const char *root,
                          struct finding *ret)
{
    const json_t *tree = json_object_get(vector, "tree");
    const json_t *opts = json_object_get(vector, "opts");
    uid_t uid = (uid_t)json_integer_value(json_object_get(opts, "uid"));
    bool mounts = has_mounts(tree);
    errno = EPERM;
    if ((mounts || uid) && geteuid() != 0)
        return says(VERDICT_SKIPPED, "needs root", ret);
    if (mounts && !real_tree_isolate())
        return says(VERDICT_SKIPPED, "needs a mount namespace", ret);
    umask(022);
    if (!build(tree, root))
        return says(VERDICT_FAILED, "cannot build the tree", ret);
    struct lf_view *view;
    struct lf_error err;
    if (!lf_view_open(root, &view, &err))
        return says(VERDICT_FAILED, err.message, ret);
    if (!become(uid))
        return says(VERDICT_FAILED, "cannot change the user", ret);
    bool passed = vector_check_posix(vector, view, ret);
    lf_view_free(view);
    return passed ? VERDICT_PASSED : VERDICT_FAILED;
}

static void child(const json_t *vector, const char *root, int out)
{
    struct finding finding = {0};
    enum verdict verdict = check(vector, root, &finding);
    json_t *answer =
            json_pack("{s:i,s:o*,s:o*}", "verdict", (int)verdict, "expected",
                      finding.expected, "got", finding.got);
    json_dumpfd(answer, out, JSON_COMPACT);
    json_decref(answer);
}

static enum verdict read_answer(int in, struct finding *ret)
{
    json_error_t fault;
    json_t *answer = json_loadfd(in, 0, &fault);
    if (!answer)
        return says(VERDICT_FAILED, "the case's process failed", ret);
    ret->expected = json_incref(json_object_get(answer, "expected"));
    ret->got = json_incref(json_object_get(answer, "got"));
    json_int_t verdict = json_integer_value(json_object_get(answer, "verdict"));
    json_decref(answer);
    return (enum verdict)verdict;
}

enum verdict vector_run_real(const json_t *vector, struct finding *ret)
{
    int ends[2];
    char *root = real_tree_new();
    if (!root || pipe(ends) != 0)
        return says(VERDICT_FAILED, "cannot make a scratch directory", ret);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        child(vector, root, ends[1]);
        _exit(0);
    }
    close(ends[1]);
    enum verdict verdict = pid < 0 ? says(VERDICT_FAILED, "fork", ret)
                                   : read_answer(ends[0], ret);
    close(ends[0]);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    real_tree_free(root);
    return verdict;
}
