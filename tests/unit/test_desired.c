/* SPDX-License-Identifier: MIT */
/* test_desired.c - manifests, the files there are, and the links called for */
#include "base/path.h"
#include "manifest/desired.h"
#include "resolve/tell.h"
#include "resolve/view.h"
#include "support/alloc_fail.h"
#include "support/check.h"
#include "support/scratch.h"

#include "desired_rows.h"

#include <stdlib.h>
#include <unistd.h>

struct world {
    struct scratch *scratch;
    struct lf_fs fs;
    int root;
    struct lf_facts *facts;
    struct lf_manifest *manifest;
    struct lf_diags *diags;
    struct lf_view *view;
    struct lf_resolver *resolver;
    struct lf_desired *desired;
    bool alone; /* by one thread */
};

/* `text` with each $T as the scratch directory. */
static void add_filled(struct lf_buf *buf, const struct world *world,
                       struct lf_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (i + 1 < text.len && text.data[i] == '$' && text.data[i + 1] == 'T')
            lf_buf_add(buf, lf_str(world->scratch->path)), i++;
        else
            lf_buf_add_char(buf, text.data[i]);
    }
}

static void make_tree(const struct world *world, const struct row *row)
{
    struct lf_buf text = {0};
    scratch_dir(world->scratch, "home/dot");
    scratch_nodes(world->scratch, row->nodes);
    lf_buf_add(&text, lf_str("version: 1\nname: test\ninto: ~/\n"));
    add_filled(&text, world, lf_str(row->manifest));
    lf_buf_add_char(&text, '\0');
    scratch_file(world->scratch, "home/dot/m.yaml", text.data);
    lf_buf_finish(&text);
}

static bool load(struct world *world, struct lf_error *err)
{
    struct lf_buf path = {0}, home = {0};
    lf_buf_add_format(&path, "%s/home/dot/m.yaml", world->scratch->path);
    lf_buf_add_char(&path, '\0');
    lf_buf_add_format(&home, "%s/home", world->scratch->path);
    struct lf_manifest_request request = {.file = path.data};
    bool ok = !lf_buf_failed(&path) && !lf_buf_failed(&home);
    if (!ok)
        lf_error_oom(err);
    ok = ok && lf_facts_new(&world->facts, err) &&
         lf_facts_set(world->facts, "home", lf_buf_str(&home), err);
    request.facts = world->facts;
    ok = ok && lf_manifest_load(&request, world->diags, &world->manifest, err);
    lf_buf_finish(&path);
    lf_buf_finish(&home);
    return ok;
}

static bool expand(struct world *world, struct lf_error *err)
{
    struct lf_expand_request request = {
            .manifest = world->manifest,
            .fs = &world->fs,
            .root_fd = world->root,
            .threads = world->alone ? 1 : 3,
            .least = 1,
    };
    if (!lf_view_real_new(&world->fs, world->root, &world->view, err) ||
        !lf_resolver_new(world->view, &world->resolver, err))
        return false;
    request.resolver = world->resolver;
    return lf_desired_make(&request, world->diags, &world->desired, err);
}

static void world_open(struct world *world, struct scratch *scratch)
{
    *world = (struct world){.scratch = scratch, .diags = lf_diags_new(20)};
    assert_non_null(world->diags);
    lf_fs_system(&world->fs);
    world->root = world->fs.open_dir(&world->fs, -1, "/",
                                     LF_DIR_READ | LF_DIR_FOLLOW);
    assert_true(world->root >= 0);
}

static void world_close(struct world *world)
{
    lf_desired_free(world->desired);
    lf_resolver_free(world->resolver);
    lf_view_free(world->view);
    lf_manifest_free(world->manifest);
    lf_facts_free(world->facts);
    lf_diags_free(world->diags);
    world->fs.close(&world->fs, world->root);
}

/* What lies below home, as a row's `want` says it. */
static void add_wishes(struct lf_buf *out, const struct world *world)
{
    const struct lf_desired *desired = world->desired;
    struct lf_buf home = {0}, path = {0};
    lf_buf_add_format(&home, "%s/home/", world->scratch->path);
    for (uint32_t i = 0; i < desired->set.n_items; i++) {
        const struct lf_item *item = &desired->set.items[i];
        const struct lf_wish *wish = lf_desired_wish(desired, item->detail);
        lf_buf_clear(&path);
        lf_path_add(&path, desired->set.dirs[lf_item_dir(item)].path,
                    lf_item_name(item));
        if (!lf_str_starts(lf_buf_str(&path), lf_buf_str(&home)))
            continue;
        lf_buf_add(out, lf_str(wish->kind == LF_WISH_LINK ? "l "
                               : wish->implied            ? "i "
                                                          : "d "));
        lf_buf_add(out, lf_str_of(path.data + home.len, path.len - home.len));
        if (wish->kind == LF_WISH_LINK) {
            lf_buf_add_char(out, ' ');
            struct lf_pair text = lf_desired_text(desired, wish);
            lf_buf_add(out, text.start);
            lf_buf_add(out, text.rest);
        }
        lf_buf_add_char(out, '\n');
    }
    for (uint32_t i = 0; i < desired->n_folds; i++) {
        struct lf_str dir = desired->folds[i].dir;
        assert_true(lf_str_starts(dir, lf_buf_str(&home)));
        lf_buf_add_format(out, "fold %s ", dir.data + home.len);
        lf_buf_add(out, desired->folds[i].text);
        lf_buf_add_char(out, '\n');
    }
    lf_buf_finish(&home);
    lf_buf_finish(&path);
}

static void add_faults(struct lf_buf *out, const struct world *world)
{
    const struct lf_desired *desired = world->desired;
    for (uint32_t i = 0; desired && i < desired->n_misplaced; i++) {
        const struct lf_misplaced *misplaced = &desired->misplaced[i];
        lf_buf_add_format(out, "LF%03d %s\n", (int)misplaced->code,
                          misplaced->path.data);
        assert_true(misplaced->message.len > 0);
        assert_true(misplaced->help.len > 0);
        assert_true(misplaced->mark.line > 0);
    }
    for (size_t i = 0; i < lf_diags_count(world->diags); i++) {
        const struct lf_diag *diag = lf_diags_at(world->diags, i);
        lf_buf_add_format(out, "LF%03d %u\n", (int)diag->code,
                          (unsigned)diag->mark.line);
    }
}

static void test_row(void **state)
{
    const struct row *row = *state;
    struct world world;
    struct lf_error err;
    struct lf_buf got = {0}, want = {0};
    world_open(&world, scratch_new());
    make_tree(&world, row);
    assert_done(load(&world, &err), &err);
    if (lf_diags_errors(world.diags) == 0) {
        assert_done(expand(&world, &err), &err);
        add_wishes(&got, &world);
    }
    add_faults(&got, &world);
    add_filled(&want, &world, lf_str(row->want));
    assert_str_same(lf_buf_str(&got), lf_buf_str(&want));
    lf_buf_finish(&got);
    lf_buf_finish(&want);
    struct scratch *scratch = world.scratch;
    world_close(&world);
    scratch_free(scratch);
}

/* A link of the farm's own is no obstacle; the text is right all the same. */
static bool owns(void *arg, struct lf_str dir, struct lf_str name,
                 const struct lf_node *link)
{
    (void)dir;
    assert_int_equal(link->kind, LF_NODE_LINK);
    return lf_str_equal(name, lf_str(arg));
}

static void test_behind_a_link_of_our_own(void **state)
{
    struct world world;
    struct lf_error err;
    struct lf_buf got = {0};
    world_open(&world, *state);
    make_tree(&world,
              &(struct row){.nodes = "home/dot/t/d/a\nhome/d -> dot/t/d",
                            .manifest = "links: {d/x/y: z}\n"});
    assert_done(load(&world, &err), &err);
    struct lf_expand_request request = {
            .manifest = world.manifest,
            .fs = &world.fs,
            .root_fd = world.root,
    };
    assert_done(lf_view_real_new(&world.fs, world.root, &world.view, &err),
                &err);
    assert_done(lf_resolver_new(world.view, &world.resolver, &err), &err);
    request.resolver = world.resolver;
    char name[] = "d";
    lf_resolver_hide(world.resolver, owns, name);
    assert_done(lf_desired_make(&request, world.diags, &world.desired, &err),
                &err);
    add_wishes(&got, &world);
    add_faults(&got, &world);
    assert_str(lf_buf_str(&got), "i d\ni d/x\nl d/x/y ../../dot/z\n");
    lf_buf_finish(&got);
    world_close(&world);
}

static void test_a_directory_that_cannot_be_read(void **state)
{
    struct world world;
    struct lf_error err;
    struct lf_buf got = {0};
    if (geteuid() == 0)
        skip_because("root can read every directory");
    world_open(&world, *state);
    make_tree(&world, &(struct row){.nodes = "home/dot/t/d/a\nhome/dot/t/b",
                                    .manifest = "trees: [{from: t}]\n"});
    assert_int_equal(world.fs.chmod(&world.fs, world.scratch->fd, "home", 0700),
                     0);
    int fd = world.fs.open_dir(&world.fs, world.scratch->fd, "home/dot/t",
                               LF_DIR_READ);
    assert_int_equal(world.fs.chmod(&world.fs, fd, "d", 0), 0);
    assert_done(load(&world, &err), &err);
    assert_done(expand(&world, &err), &err);
    add_wishes(&got, &world);
    add_faults(&got, &world);
    assert_int_equal(world.fs.chmod(&world.fs, fd, "d", 0700), 0);
    assert_str(lf_buf_str(&got), "l b dot/t/b\nLF063 4\n");
    world.fs.close(&world.fs, fd);
    lf_buf_finish(&got);
    world_close(&world);
}

/* The nth allocation fails, for every n, until one does no more. */
static void test_without_memory(void **state)
{
    const struct row row = {
            .nodes = "home/dot/t/d/a\nhome/dot/u/d/b\nhome/dot/t/e/f/g",
            .manifest = "trees: [{from: t, fold: auto, rules: {e/: {style: "
                        "absolute}}}, {from: u, overrides: [t]}]\n"
                        "links: {x: y, d/b: z}\n"};
    struct world made;
    world_open(&made, *state);
    make_tree(&made, &row);
    world_close(&made);
    bool failed = true;
    for (size_t n = 0; failed; n++) {
        struct world world;
        struct lf_error err;
        world_open(&world, *state);
        /* others may do without what one of them has no memory for */
        world.alone = true;
        assert_done(load(&world, &err), &err);
        alloc_fail_at(n);
        bool ok = expand(&world, &err);
        failed = alloc_fail_stop();
        if (failed)
            assert_refused(ok, &err, LF_CODE_NO_MEMORY);
        else
            assert_done(ok, &err);
        world_close(&world);
        assert_true(n < 10000);
    }
}

/* A manifest that is loaded all the same says all that it would say. Of an entry whose
 * condition does not hold the path is all that is known. */
static void test_loading_without_memory(void **state)
{
    static const char name[] = "a-name-that-is-longer-than-what-was-expanded-"
                               "before-it-so-that-there-has-to-be-more-room-"
                               "for-it-than-there-was-until-now";
    struct lf_buf manifest = {0};
    struct world made;
    lf_buf_add_format(&manifest, "links: {%s: {from: y, when: {os: none}}}\n",
                      name);
    assert_false(lf_buf_failed(&manifest));
    world_open(&made, *state);
    make_tree(&made, &(struct row){.nodes = "", .manifest = manifest.data});
    world_close(&made);
    bool failed = true;
    for (size_t n = 0; failed; n++) {
        struct world world;
        struct lf_error err;
        world_open(&world, *state);
        alloc_fail_at(n);
        bool ok = load(&world, &err);
        failed = alloc_fail_stop();
        if (ok)
            assert_str(lf_path_name(
                               lf_manifest_condition(world.manifest, 0)->path),
                       name);
        else
            assert_refused(ok, &err, LF_CODE_NO_MEMORY);
        world_close(&world);
        assert_true((ok || failed) && n < 10000);
    }
    lf_buf_finish(&manifest);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(rows) + 4];
    size_t n = 0;
    for (; n < ARRAY_LEN(rows); n++)
        tests[n] = (struct CMUnitTest){rows[n].title, test_row, NULL, NULL,
                                       (void *)(uintptr_t)&rows[n]};
    tests[n++] = (struct CMUnitTest)cmocka_unit_test_setup_teardown(
            test_behind_a_link_of_our_own, scratch_setup, scratch_teardown);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test_setup_teardown(
            test_a_directory_that_cannot_be_read, scratch_setup,
            scratch_teardown);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test_setup_teardown(
            test_without_memory, scratch_setup, scratch_teardown);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test_setup_teardown(
            test_loading_without_memory, scratch_setup, scratch_teardown);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
