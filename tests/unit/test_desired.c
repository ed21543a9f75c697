/* SPDX-License-Identifier: MIT */
/* test_desired.c - manifests, the files there are, and the links called for */
#include "base/path.h"
#include "manifest/desired.h"
#include "resolve/view.h"
#include "support/alloc_fail.h"
#include "support/check.h"
#include "support/scratch.h"

#include <stdlib.h>
#include <unistd.h>

/* In `nodes`: a path ends in `/` (directory), holds ` -> ` (link), or is a
 * file; all below the scratch directory. The manifest is `home/dot/m.yaml` and
 * begins with version, name and `into: ~/`. In `want` come, in order: wishes
 * below home (`l PATH TEXT`, `d PATH` and for one that is only implied `i
 * PATH`), `fold PATH TEXT`, `LFnnn PATH` of misplaced ones, and `LFnnn LINE` of
 * diagnostics. */
struct row {
    const char *title, *nodes, *manifest, *want;
};

/* clang-format off */
static const struct row rows[] = {
        {"a link, its text from where it is",
         "home/dot/vim/vimrc",
         "links: {~/.vimrc: vim/vimrc, a/b/c: vim/vimrc}\n",
         "l .vimrc dot/vim/vimrc\ni a\ni a/b\nl a/b/c ../../dot/vim/vimrc\n"},
        {"absolute style",
         "home/dot/f",
         "links: {x: {from: f, style: absolute}}\n",
         "l x $T/home/dot/f\n"},
        {"text that is given",
         "",
         "links: {x: {to: a//b/../c}}\n",
         "l x a//b/../c\n"},
        {"a source above the link",
         "home/dot/",
         "from: ~/\nlinks: {dot/up: dot}\n",
         "i dot\nl dot/up .\n"},
        {"a source that ends in dots",
         "home/dot/a/b/",
         "links: {x: a/b/.., y: ..}\n",
         "l x dot/a\nl y .\n"},
        {"the source's parents are followed, itself is not",
         "home/real/f\nhome/dot/d -> ../real\nhome/dot/l -> nowhere",
         "links: {x: d/f, y: l}\n",
         "l x real/f\nl y dot/l\n"},
        {"a way through a link",
         "home/real/\nhome/cfg -> real",
         "links: {cfg/x: a}\n",
         "LF120 $T/home/cfg/x\n"},
        {"a link that traverse allows",
         "home/real/\nhome/cfg -> real",
         "traverse: [~/cfg]\nlinks: {cfg/x: a}\n",
         "i real\nl real/x ../dot/a\n"},
        {"a way through a file",
         "home/f",
         "links: {f/x: a}\n",
         "LF122 $T/home/f/x\n"},
        {"a source behind a file",
         "home/dot/f",
         "links: {x: f/y}\n",
         "LF123 $T/home/x\n"},
        {"two spellings of one place",
         "",
         "links: {~/x: a, $T/home/x: b}\n",
         "l x dot/a\nLF060 4\n"},
        {"one place through an allowed link",
         "home/real/\nhome/cfg -> real",
         "traverse: [~/cfg]\nlinks:\n  ~/cfg/x: a\n  ~/real/x: b\n",
         "i real\nl real/x ../dot/a\nLF060 7\n"},
        {"below a link",
         "",
         "links:\n  x: a\n  x/y: b\n",
         "l x dot/a\nl x/y ../dot/b\nLF061 6\n"},
        {"a directory that is listed",
         "",
         "dirs: {d: {mode: '0700'}, d/e: {}}\nlinks: {d/x: a}\n",
         "d d\nd d/e\nl d/x ../dot/a\n"},
        {"a directory and a link",
         "",
         "dirs: {d: {}}\nlinks: {d: a}\n",
         "l d dot/a\nLF060 5\n"},

        {"a tree",
         "home/dot/t/a\nhome/dot/t/d/b\nhome/dot/t/d/e/\n"
         "home/dot/t/l -> a",
         "trees: [{from: t}]\n",
         "l a dot/t/a\ni d\nl l dot/t/l\nl d/b ../dot/t/d/b\n"},
        {"a tree elsewhere",
         "home/dot/t/a",
         "trees: [{from: t, into: c/d}]\n",
         "i c\ni c/d\nl c/d/a ../../dot/t/a\n"},
        {"a tree that is missing",
         "",
         "trees: [{from: t}]\n",
         "LF062 4\n"},
        {"a tree that is a file",
         "home/dot/t",
         "trees: [{from: t}]\n",
         "LF063 4\n"},
        {"a tree through a link",
         "home/real/a\nhome/dot/t -> ../real",
         "trees: [{from: t}]\n",
         "l a real/a\n"},
        {"ignore, of all and of one",
         "home/dot/t/a.swp\nhome/dot/t/b\nhome/dot/t/c\nhome/dot/t/.git/x\n"
         "home/dot/t/d/c",
         "ignore: ['*.swp', .git/]\ntrees: [{from: t, ignore: [/c]}]\n",
         "l b dot/t/b\ni d\nl d/c ../dot/t/d/c\n"},
        {"taken back",
         "home/dot/t/a\nhome/dot/t/b\nhome/dot/t/d/a",
         "ignore: ['*']\ntrees: [{from: t, ignore: ['!a']}]\n",
         "l a dot/t/a\n"},
        {"only",
         "home/dot/t/bin/x\nhome/dot/t/doc/y\nhome/dot/t/lib/z/w",
         "trees: [{from: t, only: ['bin/**', lib/]}]\n",
         "i bin\ni lib\nl bin/x ../dot/t/bin/x\ni lib/z\n"
         "l lib/z/w ../../dot/t/lib/z/w\n"},
        {"dot: marked",
         "home/dot/t/dot-a\nhome/dot/t/d/dot-b/c\n"
         "home/dot/t/dot-\nhome/dot/t/dot-.",
         "trees: [{from: t, dot: marked}]\n",
         "l .a dot/t/dot-a\ni d\nl dot- dot/t/dot-\nl dot-. dot/t/dot-.\n"
         "i d/.b\nl d/.b/c ../../dot/t/d/dot-b/c\n"},
        {"dot: top",
         "home/dot/t/a\nhome/dot/t/d/b\nhome/dot/t/.c",
         "trees: [{from: t, dot: top}]\n",
         "l .a dot/t/a\nl .c dot/t/.c\ni .d\nl .d/b ../dot/t/d/b\n"},
        {"renamed to one name",
         "home/dot/t/dot-a\nhome/dot/t/.a",
         "trees: [{from: t, dot: marked}]\n",
         "l .a dot/t/.a\nLF060 4\n"},
        {"rules, the last one that says so",
         "home/dot/t/d/a\nhome/dot/t/d/e/b\nhome/dot/t/c",
         "trees:\n  - from: t\n    rules: {d/: {style: absolute}, "
         "e/: {style: relative}}\n",
         "l c dot/t/c\ni d\nl d/a $T/home/dot/t/d/a\ni d/e\n"
         "l d/e/b ../../dot/t/d/e/b\n"},

        {"two trees merge",
         "home/dot/t/d/a\nhome/dot/u/d/b",
         "trees: [{from: t}, {from: u}]\n",
         "i d\nl d/a ../dot/t/d/a\nl d/b ../dot/u/d/b\n"},
        {"two trees that want one place",
         "home/dot/t/a\nhome/dot/u/a",
         "trees: [{from: t}, {from: u}]\n",
         "l a dot/t/a\nLF060 4\n"},
        {"one overrides the other",
         "home/dot/t/a\nhome/dot/u/a",
         "trees: [{from: t}, {from: u, overrides: [t]}]\n",
         "l a dot/u/a\n"},
        {"the first overrides the second",
         "home/dot/t/a\nhome/dot/u/a",
         "trees: [{from: t, overrides: [u]}, {from: u}]\n",
         "l a dot/t/a\n"},
        {"a directory overrides a file",
         "home/dot/t/a\nhome/dot/u/a/b",
         "trees: [{from: t}, {from: u, overrides: [t]}]\n",
         "i a\nl a/b ../dot/u/a/b\n"},
        {"a file overrides a directory",
         "home/dot/t/a/b/c\nhome/dot/t/a/d\nhome/dot/u/a\nhome/dot/t/z",
         "trees: [{from: t}, {from: u, overrides: [t]}]\n",
         "l a dot/u/a\nl z dot/t/z\n"},
        {"a file overrides a directory that a third one needs",
         "home/dot/t/a/b\nhome/dot/u/a\nhome/dot/v/a/c",
         "trees: [{from: t}, {from: u, overrides: [t]}, {from: v}]\n",
         "l a dot/u/a\nl a/c ../dot/v/a/c\nLF061 4\n"},
        {"a link never wins silently",
         "home/dot/t/a",
         "links: {a: x}\ntrees: [{from: t}]\n",
         "l a dot/x\nLF060 5\n"},

        {"a tree that folds",
         "home/dot/t/d/a\nhome/dot/t/d/e/b\nhome/dot/t/c",
         "trees: [{from: t, fold: auto}]\n",
         "l c dot/t/c\ni d\nl d/a ../dot/t/d/a\ni d/e\n"
         "l d/e/b ../../dot/t/d/e/b\nfold d dot/t/d\n"
         "fold d/e ../dot/t/d/e\n"},
        {"no fold above a name that is left out",
         "home/dot/t/d/a\nhome/dot/t/d/e/b\nhome/dot/t/d/x.swp",
         "ignore: ['*.swp']\ntrees: [{from: t, fold: auto}]\n",
         "i d\nl d/a ../dot/t/d/a\ni d/e\nl d/e/b ../../dot/t/d/e/b\n"
         "fold d/e ../dot/t/d/e\n"},
        {"no fold above a name that is changed",
         "home/dot/t/dot-d/e/b\nhome/dot/t/dot-d/f/dot-c",
         "trees: [{from: t, fold: auto, dot: marked}]\n",
         "i .d\ni .d/e\ni .d/f\nl .d/e/b ../../dot/t/dot-d/e/b\n"
         "l .d/f/.c ../../dot/t/dot-d/f/dot-c\nfold .d/e ../dot/t/dot-d/e\n"},
        {"no fold where two meet",
         "home/dot/t/d/a/x\nhome/dot/u/d/b/y",
         "trees: [{from: t, fold: auto}, {from: u}]\n",
         "i d\ni d/a\ni d/b\nl d/a/x ../../dot/t/d/a/x\n"
         "l d/b/y ../../dot/u/d/b/y\nfold d/a ../dot/t/d/a\n"},
        {"no fold above what a condition may add",
         "home/dot/t/d/e/a",
         "trees: [{from: t, fold: auto}]\n"
         "links: {d/z: [{from: x, when: {profile: none}}]}\n",
         "i d\ni d/e\nl d/e/a ../../dot/t/d/e/a\nfold d/e ../dot/t/d/e\n"},
        {"no fold over a directory that is listed",
         "home/dot/t/d/a",
         "trees: [{from: t, fold: auto}]\ndirs: {d: {}}\n",
         "d d\nl d/a ../dot/t/d/a\n"},
        {"no fold where another overrides",
         "home/dot/t/d/a\nhome/dot/u/d/a",
         "trees: [{from: t, fold: auto}, {from: u, overrides: [t]}]\n",
         "i d\nl d/a ../dot/u/d/a\n"},
        {"a rule that folds",
         "home/dot/t/d/a\nhome/dot/t/e/b",
         "trees: [{from: t, rules: {/e/: {fold: auto}}}]\n",
         "i d\ni e\nl d/a ../dot/t/d/a\nl e/b ../dot/t/e/b\n"
         "fold e dot/t/e\n"},
        {"a rule that does not",
         "home/dot/t/d/a\nhome/dot/t/e/b/c",
         "trees: [{from: t, fold: auto, rules: {b/: {fold: never}}}]\n",
         "i d\ni e\nl d/a ../dot/t/d/a\ni e/b\nl e/b/c ../../dot/t/e/b/c\n"
         "fold d dot/t/d\n"},
        {"a link in the place of a fold is looked at later",
         "home/dot/t/d/a\nhome/d -> elsewhere",
         "trees: [{from: t, fold: auto}]\n",
         "i d\nl d/a ../dot/t/d/a\nfold d dot/t/d\n"},
};
/* clang-format on */

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

static void make_node(struct scratch *scratch, const char *line, size_t len)
{
    char path[256];
    const char *text;
    assert_true(len && len < sizeof(path));
    memcpy(path, line, len);
    path[len] = '\0';
    if ((text = strstr(path, " -> "))) {
        path[text - path] = '\0';
        scratch_link(scratch, path, text + 4);
    } else if (path[len - 1] == '/') {
        path[len - 1] = '\0';
        scratch_dir(scratch, path);
    } else {
        scratch_file(scratch, path, path);
    }
}

static void make_tree(const struct world *world, const struct row *row)
{
    struct lf_buf text = {0};
    scratch_dir(world->scratch, "home/dot");
    for (const char *line = row->nodes; *line;) {
        size_t len = strcspn(line, "\n");
        make_node(world->scratch, line, len);
        line += len + (line[len] == '\n');
    }
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
        const struct lf_wish *wish = &desired->wishes[item->detail];
        lf_buf_clear(&path);
        lf_path_add(&path, desired->set.dirs[item->dir].path, item->name);
        if (!lf_str_starts(lf_buf_str(&path), lf_buf_str(&home)))
            continue;
        lf_buf_add(out, lf_str(wish->kind == LF_WISH_LINK ? "l "
                               : wish->implied            ? "i "
                                                          : "d "));
        lf_buf_add(out, lf_str_of(path.data + home.len, path.len - home.len));
        if (wish->kind == LF_WISH_LINK) {
            lf_buf_add_char(out, ' ');
            lf_buf_add(out, wish->text);
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
static bool owns(const void *arg, struct lf_str dir, struct lf_str name)
{
    (void)dir;
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
            .owns_link = owns,
            .owns_arg = "d",
    };
    assert_done(lf_view_real_new(&world.fs, world.root, &world.view, &err),
                &err);
    assert_done(lf_resolver_new(world.view, &world.resolver, &err), &err);
    request.resolver = world.resolver;
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

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(rows) + 3];
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
    return cmocka_run_group_tests(tests, NULL, NULL);
}
