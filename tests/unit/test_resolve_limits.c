/* SPDX-License-Identifier: MIT */
/*
 * test_resolve_limits.c - places that no single path can name
 *
 * Forty links, each of nearly 4,095 bytes, lead down through directory below
 * directory: the place at the end lies far deeper than PATH_MAX. What is asked
 * for it grows as the depth does.
 */
#include "support/check.h"
#include "support/scratch.h"

#include <fcntl.h>
#include <linkfarm/resolve.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME = 200, STEP = 20, TEXT = STEP * (NAME + 1) - 1 };

static char name[NAME + 1], text[TEXT + 1];

static int set_up(void **state)
{
    (void)state;
    memset(name, 'n', NAME);
    for (size_t i = 0; i < STEP; i++) {
        memset(text + i * (NAME + 1), 'n', NAME);
        text[i * (NAME + 1) + NAME] = '/';
    }
    text[TEXT] = '\0';
    return 0;
}

/* "l/l/l/...", of `links` links. */
static void spell(char *path, size_t links)
{
    for (size_t i = 0; i < links; i++) {
        path[2 * i] = 'l';
        path[2 * i + 1] = '/';
    }
    path[2 * links - 1] = '\0';
}

static void ask(struct lf_view *view, size_t links, unsigned flags,
                struct lf_resolution **ret)
{
    char path[256];
    struct lf_error err;
    struct lf_resolver *resolver;
    spell(path, links);
    struct lf_resolve_request request = {.path = lf_str(path), .flags = flags};
    assert_done(lf_resolver_new(view, &resolver, &err), &err);
    assert_done(lf_resolve(resolver, &request, ret, &err), &err);
    lf_resolver_free(resolver);
}

/* ---- a described tree ---- */

static struct lf_view *describe(size_t links)
{
    struct lf_view *view;
    struct lf_error err;
    size_t len = 0;
    char *path = malloc(links * (TEXT + 1) + 8);
    assert_non_null(path);
    assert_done(lf_view_memory_new(&view, &err), &err);
    for (size_t i = 0; i < links; i++) {
        memcpy(path + len, "/l", 2);
        assert_done(lf_view_memory_add(view, LF_NODE_LINK,
                                       lf_str_of(path, len + 2), lf_str(text),
                                       &err),
                    &err);
        path[len++] = '/';
        memcpy(path + len, text, TEXT);
        len += TEXT;
        assert_done(lf_view_memory_add(view, LF_NODE_DIR, lf_str_of(path, len),
                                       LF_STR(""), &err),
                    &err);
    }
    free(path);
    return view;
}

static uint64_t cost(size_t links)
{
    struct lf_view *view = describe(links);
    struct lf_resolution *found;
    uint64_t before = lf_view_lookups(view);
    ask(view, links, LF_RESOLVE_TRACE, &found);
    uint64_t looks = lf_view_lookups(view) - before;
    assert_int_equal(found->outcome, LF_OUTCOME_OK);
    assert_int_equal(found->links, links);
    assert_int_equal(found->n_steps, links);
    assert_int_equal(found->path.len, links * (TEXT + 1));
    assert_int_equal(found->node.kind, LF_NODE_DIR);
    lf_resolution_free(found);
    lf_view_free(view);
    return looks;
}

static void test_described(void **state)
{
    (void)state;
    uint64_t ten = cost(10), twenty = cost(20), forty = cost(40);
    assert_int_equal(ten, 10 * (STEP + 1));
    assert_int_equal(twenty, 2 * ten);
    assert_int_equal(forty, 4 * ten);
}

static void test_one_too_many(void **state)
{
    (void)state;
    struct lf_view *view = describe(41);
    struct lf_resolution *found;
    ask(view, 41, 0, &found);
    assert_int_equal(found->outcome, LF_OUTCOME_TOO_MANY);
    assert_int_equal(found->links, 40);
    lf_resolution_free(found);
    lf_view_free(view);
}

/* ---- a real one ---- */

static int go_down(int fd)
{
    assert_int_equal(mkdirat(fd, name, 0755), 0);
    int below = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(below >= 0);
    return below;
}

static void test_real(void **state)
{
    (void)state;
    enum { LINKS = 10, LEVELS = LINKS * STEP };
    struct scratch *scratch = scratch_new();
    struct lf_error err;
    struct lf_view *view;
    struct lf_resolution *found;
    struct stat end;
    int fds[LEVELS + 1] = {scratch->fd};
    for (size_t i = 0; i < LEVELS; i++) {
        if (i % STEP == 0)
            assert_int_equal(symlinkat(text, fds[i], "l"), 0);
        fds[i + 1] = go_down(fds[i]);
    }
    assert_int_equal(fstat(fds[LEVELS], &end), 0);
    assert_done(lf_view_open(scratch->path, &view, &err), &err);
    ask(view, LINKS, 0, &found);
    assert_int_equal(found->outcome, LF_OUTCOME_OK);
    assert_int_equal(found->path.len, LINKS * (TEXT + 1));
    assert_int_equal(found->node.ino, end.st_ino);
    lf_resolution_free(found);
    lf_view_free(view);
    for (size_t i = LEVELS; i-- > 0;) {
        close(fds[i + 1]);
        assert_int_equal(unlinkat(fds[i], name, AT_REMOVEDIR), 0);
        if (i % STEP == 0)
            assert_int_equal(unlinkat(fds[i], "l", 0), 0);
    }
    scratch_free(scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_described),
            cmocka_unit_test(test_one_too_many),
            cmocka_unit_test(test_real),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
