/* SPDX-License-Identifier: MIT */
/*
 * test_step.c - steps while another process changes what they work on
 *
 * The table of operations is the system's, but one call, chosen by a case, is
 * followed by what a neighbour does just then.
 */
#include "apply/step.h"
#include "support/check.h"
#include "support/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A table of which one operation is followed by an exchange of two names. */
struct neighbour {
    struct lf_fs fs, system;
    int dir;
    const char *one, *other;
    uint64_t after_stat; /* of the node with this inode; 0: not at all */
    uint64_t closed;     /* a directory that may not be read; 0: none */
    bool after_mkdir;
};

static void act(struct neighbour *neighbour)
{
    neighbour->after_stat = 0;
    neighbour->after_mkdir = false;
    assert_int_equal(neighbour->system.rename(&neighbour->system,
                                              neighbour->dir, neighbour->one,
                                              neighbour->dir, neighbour->other,
                                              LF_RENAME_EXCHANGE),
                     0);
}

static int spied_stat(struct lf_fs *fs, int at, const char *name,
                      struct lf_node *ret)
{
    struct neighbour *neighbour = (struct neighbour *)fs;
    int result = neighbour->system.stat(&neighbour->system, at, name, ret);
    if (result == 0 && neighbour->after_stat == ret->ino)
        act(neighbour);
    return result;
}

static int spied_mkdir(struct lf_fs *fs, int at, const char *name,
                       uint32_t mode)
{
    struct neighbour *neighbour = (struct neighbour *)fs;
    int result = neighbour->system.mkdir(&neighbour->system, at, name, mode);
    if (result == 0 && neighbour->after_mkdir)
        act(neighbour);
    return result;
}

static int spied_open_dir(struct lf_fs *fs, int at, const char *path,
                          unsigned how)
{
    struct neighbour *neighbour = (struct neighbour *)fs;
    struct lf_fs *system = &neighbour->system;
    struct lf_node node;
    int fd = system->open_dir(system, at, path, how);
    if (fd < 0 || !(how & LF_DIR_READ) || neighbour->closed == 0)
        return fd;
    assert_int_equal(system->stat(system, fd, "", &node), 0);
    if (node.ino != neighbour->closed)
        return fd;
    system->close(system, fd);
    return -EACCES;
}

struct world {
    struct scratch *scratch;
    struct neighbour neighbour;
    struct lf_runner runner;
};

static int set_up(void **state)
{
    static struct world world;
    struct neighbour *neighbour = &world.neighbour;
    world.scratch = scratch_new();
    lf_fs_system(&neighbour->system);
    neighbour->fs = neighbour->system;
    neighbour->fs.stat = spied_stat;
    neighbour->fs.mkdir = spied_mkdir;
    neighbour->fs.open_dir = spied_open_dir;
    neighbour->dir = world.scratch->fd;
    neighbour->one = "one";
    neighbour->other = "other";
    neighbour->after_stat = 0;
    neighbour->closed = 0;
    neighbour->after_mkdir = false;
    lf_runner_init(&world.runner, &neighbour->fs, world.scratch->fd,
                   world.scratch->fd);
    *state = &world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    lf_runner_finish(&world->runner);
    scratch_free(world->scratch);
    return 0;
}

static unsigned mode_of(const struct world *world, const char *name)
{
    struct stat st;
    assert_int_equal(
            fstatat(world->scratch->fd, name, &st, AT_SYMLINK_NOFOLLOW), 0);
    return st.st_mode & 07777;
}

static struct lf_step chmod_step(struct world *world, const char *name)
{
    struct lf_node node;
    struct lf_fs *fs = &world->neighbour.system;
    assert_int_equal(fs->stat(fs, world->scratch->fd, name, &node), 0);
    return (struct lf_step){
            .op = LF_OP_CHMOD,
            .phase = LF_PHASE_ACT,
            .dir = LF_STR("/"),
            .name = lf_str(name),
            .before = {.kind = node.kind, .dev = node.dev, .ino = node.ino},
            .mode = 0755,
            .old_mode = 0700,
    };
}

static void make_dir(struct world *world, const char *name, mode_t mode)
{
    assert_int_equal(mkdirat(world->scratch->fd, name, 0700), 0);
    assert_int_equal(fchmodat(world->scratch->fd, name, mode, 0), 0);
}

/* The neighbour acts between the look and the change. */
static void test_chmod_reaches_the_node_that_was_looked_at(void **state)
{
    struct world *world = *state;
    struct neighbour *neighbour = &world->neighbour;
    for (int undo = 0; undo < 2; undo++) {
        make_dir(world, "one", undo ? 0755 : 0700);
        make_dir(world, "other", undo ? 0755 : 0700);
        struct lf_step step = chmod_step(world, "one");
        neighbour->after_stat = step.before.ino;
        assert_int_equal(undo ? lf_step_undo(&world->runner, &step)
                              : lf_step_run(&world->runner, &step),
                         0);
        assert_int_equal(neighbour->after_stat, 0);
        assert_int_equal(mode_of(world, "one"), undo ? 0755 : 0700);
        assert_int_equal(mode_of(world, "other"), undo ? 0700 : 0755);
        assert_int_equal(unlinkat(neighbour->dir, "one", AT_REMOVEDIR), 0);
        assert_int_equal(unlinkat(neighbour->dir, "other", AT_REMOVEDIR), 0);
    }
}

/* ... or has put another directory, a file, or a link there before it. */
static void test_chmod_wants_the_node_that_was_planned(void **state)
{
    struct world *world = *state;
    struct lf_step step;
    make_dir(world, "one", 0700);
    make_dir(world, "other", 0700);
    step = chmod_step(world, "one");
    step.name = lf_str("other");
    assert_int_equal(lf_step_run(&world->runner, &step), -ESTALE);
    assert_int_equal(mode_of(world, "other"), 0700);
    assert_int_equal(symlinkat("other", world->scratch->fd, "link"), 0);
    step.name = lf_str("link");
    assert_int_equal(lf_step_run(&world->runner, &step), -ESTALE);
    assert_int_equal(mode_of(world, "other"), 0700);
    step.name = lf_str("missing");
    assert_int_equal(lf_step_run(&world->runner, &step), -ESTALE);
    /* its mode was changed since */
    step.name = lf_str("one");
    step.old_mode = 0711;
    assert_int_equal(lf_step_run(&world->runner, &step), -ESTALE);
    assert_int_equal(mode_of(world, "one"), 0700);
}

static struct lf_step mkdir_step(void)
{
    return (struct lf_step){
            .op = LF_OP_MKDIR,
            .phase = LF_PHASE_PREPARE,
            .flags = LF_MARK_EXACT_MODE,
            .dir = LF_STR("/"),
            .name = LF_STR("one"),
            .mode = 02777,
            .after = {.kind = LF_NODE_DIR},
    };
}

/* A new directory is exchanged for a file or a link before it got its mode. */
static void test_a_new_directory_alone_gets_the_mode(void **state)
{
    struct world *world = *state;
    struct lf_step step = mkdir_step();
    int file = openat(world->scratch->fd, "other", O_CREAT | O_WRONLY, 0600);
    assert_true(file >= 0);
    close(file);
    world->neighbour.after_mkdir = true;
    assert_int_equal(lf_step_run(&world->runner, &step), -ESTALE);
    assert_int_equal(mode_of(world, "one"), 0600);
    assert_int_equal(unlinkat(world->scratch->fd, "one", 0), 0);
    assert_int_equal(unlinkat(world->scratch->fd, "other", AT_REMOVEDIR), 0);
    assert_int_equal(symlinkat("victim", world->scratch->fd, "other"), 0);
    make_dir(world, "victim", 0700);
    world->neighbour.after_mkdir = true;
    assert_int_equal(lf_step_run(&world->runner, &step), -ESTALE);
    assert_int_equal(mode_of(world, "victim"), 0700);
}

/* Of another user's directory even root does not change the mode. */
static void test_a_stranger_s_directory_keeps_its_mode(void **state)
{
    struct world *world = *state;
    struct lf_step step = mkdir_step();
    if (geteuid() != 0)
        skip_because("a directory of another user can be made by root alone");
    make_dir(world, "other", 0700);
    assert_int_equal(fchownat(world->scratch->fd, "other", 65533, 65533, 0), 0);
    world->neighbour.after_mkdir = true;
    assert_int_equal(lf_step_run(&world->runner, &step), -ESTALE);
    assert_int_equal(mode_of(world, "one"), 0700);
}

/* One of our own, that a neighbour may rename but not look into. */
static void test_a_directory_with_something_in_it_keeps_its_mode(void **state)
{
    struct world *world = *state;
    struct lf_step step = mkdir_step();
    scratch_file(world->scratch, "other/secret", "");
    assert_int_equal(fchmodat(world->scratch->fd, "other", 0700, 0), 0);
    world->neighbour.after_mkdir = true;
    assert_int_equal(lf_step_run(&world->runner, &step), -ESTALE);
    assert_int_equal(mode_of(world, "one"), 0700);
    assert_true(scratch_exists(world->scratch, "one/secret"));
}

static void test_a_new_directory_gets_any_mode_under_any_umask(void **state)
{
    struct world *world = *state;
    static const uint32_t modes[] = {0, 0100, 0300, 0555, 01777, 02750};
    static const mode_t masks[] = {0, 022, 077, 0777};
    for (size_t i = 0; i < ARRAY_LEN(modes); i++)
        for (size_t j = 0; j < ARRAY_LEN(masks); j++) {
            struct lf_step step = mkdir_step();
            step.mode = modes[i];
            mode_t before = umask(masks[j]);
            int result = lf_step_run(&world->runner, &step);
            umask(before);
            assert_int_equal(result, 0);
            assert_int_equal(mode_of(world, "one"), modes[i]);
            assert_int_equal(unlinkat(world->scratch->fd, "one", AT_REMOVEDIR),
                             0);
        }
}

/* What may stand at a name where a link to "text" is expected. */
static const char *const others[] = {"one -> tex", "one -> texts", "one/",
                                     "one"};

static struct lf_step link_step(enum lf_op op, enum lf_phase phase)
{
    return (struct lf_step){
            .op = op,
            .phase = phase,
            .dir = LF_STR("/"),
            .name = lf_str("one"),
            .name2 = op == LF_OP_TAKE ? lf_str("spare") : lf_str(""),
            .before = {.kind = LF_NODE_LINK,
                       .text = lf_pair_of(lf_str("text"))},
    };
}

/* Who may change a directory need not be able to read it, and its file system is
 * synced all the same. */
static void test_a_directory_that_may_not_be_read_is_changed(void **state)
{
    struct world *world = *state;
    struct lf_fs *fs = &world->neighbour.system;
    struct lf_node node;
    struct lf_step step = link_step(LF_OP_LINK, LF_PHASE_ACT);
    scratch_dir(world->scratch, "d/e");
    assert_int_equal(fs->stat_path(fs, world->scratch->fd, "d/e", &node), 0);
    world->neighbour.closed = node.ino;
    step.dir = LF_STR("/d/e");
    step.after = step.before;
    step.before = (struct lf_image){.kind = LF_NODE_NOTHING};
    assert_int_equal(lf_step_run(&world->runner, &step), 0);
    assert_int_equal(world->runner.n_touched, 1);
    assert_int_equal(world->runner.touched[0].dev, node.dev);
    assert_int_equal(lf_runner_sync(&world->runner), 0);
    assert_int_equal(lf_step_undo(&world->runner, &step), 0);
    assert_false(scratch_exists(world->scratch, "d/e/one"));
}

static void count_note(void *arg, struct lf_str dir, struct lf_str name,
                       const char *message)
{
    (void)dir;
    (void)name;
    (void)message;
    ++*(int *)arg;
}

static void clear(struct world *world)
{
    if (unlinkat(world->scratch->fd, "one", 0) < 0)
        assert_int_equal(unlinkat(world->scratch->fd, "one", AT_REMOVEDIR), 0);
}

static void test_only_the_link_of_that_text_is_taken(void **state)
{
    struct world *world = *state;
    struct lf_step step = link_step(LF_OP_TAKE, LF_PHASE_ACT);
    assert_int_equal(lf_step_run(&world->runner, &step), -ESTALE);
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        scratch_nodes(world->scratch, others[i]);
        assert_int_equal(lf_step_run(&world->runner, &step), -ESTALE);
        clear(world);
        assert_false(scratch_exists(world->scratch, "spare"));
    }
    scratch_link(world->scratch, "one", "text");
    assert_int_equal(lf_step_run(&world->runner, &step), 0);
    assert_false(scratch_exists(world->scratch, "one"));
    assert_string_equal(scratch_readlink(world->scratch, "spare"), "text");
}

static void test_only_the_link_of_that_text_is_dropped(void **state)
{
    struct world *world = *state;
    struct lf_step step = link_step(LF_OP_DROP, LF_PHASE_CLEAN);
    int notes = 0;
    world->runner.note = count_note;
    world->runner.note_arg = &notes;
    assert_int_equal(lf_step_clean(&world->runner, &step), 0);
    assert_int_equal(notes, 0); /* it is gone already */
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        scratch_nodes(world->scratch, others[i]);
        assert_int_equal(lf_step_clean(&world->runner, &step), 0);
        assert_int_equal(notes, i + 1);
        clear(world);
    }
    scratch_link(world->scratch, "one", "text");
    assert_int_equal(lf_step_clean(&world->runner, &step), 0);
    assert_false(scratch_exists(world->scratch, "one"));
    assert_int_equal(notes, ARRAY_LEN(others));
}

/* What comes into a directory after it was looked into brings it back. */
static void test_a_directory_that_is_not_empty_goes_back(void **state)
{
    struct world *world = *state;
    struct scratch *scratch = world->scratch;
    struct lf_step step = {
            .op = LF_OP_RMDIR,
            .phase = LF_PHASE_CLEAN,
            .dir = LF_STR("/"),
            .name = lf_str("spare"),
            .name2 = lf_str("one"),
            .before = {.kind = LF_NODE_DIR},
    };
    int notes = 0;
    world->runner.note = count_note;
    world->runner.note_arg = &notes;
    scratch_file(scratch, "spare/new", "");
    assert_int_equal(lf_step_clean(&world->runner, &step), 0);
    assert_true(scratch_exists(scratch, "one/new"));
    assert_int_equal(notes, 1);
    /* again, as after a crash: nothing is left to do */
    assert_int_equal(lf_step_clean(&world->runner, &step), 0);
    assert_true(scratch_exists(scratch, "one/new"));
    /* not where somebody has put something else meanwhile */
    scratch_file(scratch, "spare/newer", "");
    assert_int_equal(lf_step_clean(&world->runner, &step), 0);
    assert_true(scratch_exists(scratch, "spare/newer"));
    assert_int_equal(notes, 2);
    assert_int_equal(unlinkat(scratch->fd, "spare/newer", 0), 0);
    assert_int_equal(lf_step_clean(&world->runner, &step), 0);
    assert_false(scratch_exists(scratch, "spare"));
}

/* An older journal has no text of a link that came back. */
static void test_a_link_without_a_text_is_known_by_its_inode(void **state)
{
    struct world *world = *state;
    struct lf_node node;
    struct lf_fs *fs = &world->neighbour.system;
    scratch_link(world->scratch, "one", "displaced");
    scratch_link(world->scratch, "spare", "text");
    assert_int_equal(fs->stat(fs, world->scratch->fd, "one", &node), 0);
    struct lf_step step = link_step(LF_OP_EXCHANGE, LF_PHASE_ACT);
    step.name2 = lf_str("spare");
    step.after = (struct lf_image){.kind = LF_NODE_LINK, .ino = node.ino};
    assert_int_equal(lf_step_undo(&world->runner, &step), 0);
    assert_string_equal(scratch_readlink(world->scratch, "one"), "text");
    assert_string_equal(scratch_readlink(world->scratch, "spare"), "displaced");
}

/* The third name of an exchange by renames, which no step has used here. */
#define THIRD "sparx~"

static void put_in_the_way(struct scratch *scratch, unsigned what)
{
    switch (what) {
    case 0:
        scratch_file(scratch, THIRD, "theirs");
        break;
    case 1:
        scratch_dir(scratch, THIRD);
        break;
    case 2:
        scratch_link(scratch, THIRD, "made");
        break;
    default:
        scratch_link(scratch, THIRD, "text");
        break;
    }
}

/* An exchange that has been made, with something in the way of taking it back. */
static struct lf_step exchange_in_the_way(struct scratch *scratch,
                                          unsigned what)
{
    struct lf_step step = link_step(LF_OP_EXCHANGE, LF_PHASE_ACT);
    step.name2 = lf_str("spare");
    step.after = (struct lf_image){.kind = LF_NODE_LINK,
                                   .text = lf_pair_of(LF_STR("made"))};
    scratch_link(scratch, "one", "made");
    scratch_link(scratch, "spare", "text");
    put_in_the_way(scratch, what);
    return step;
}

static void take_back(struct world *world, const struct lf_step *step)
{
    assert_int_equal(lf_step_undo(&world->runner, step), 0);
    assert_string_equal(scratch_readlink(world->scratch, "one"), "text");
    assert_string_equal(scratch_readlink(world->scratch, "spare"), "made");
}

static void remove_both(struct scratch *scratch)
{
    assert_int_equal(unlinkat(scratch->fd, "one", 0), 0);
    assert_int_equal(unlinkat(scratch->fd, "spare", 0), 0);
}

/* Whoever sees the spare name knows the third. */
static void test_nothing_at_the_third_name_holds_up_an_undo(void **state)
{
    struct world *world = *state;
    struct scratch *scratch = world->scratch;
    for (unsigned what = 0; what < 4; what++) {
        struct lf_step step = exchange_in_the_way(scratch, what);
        take_back(world, &step);
        assert_true(scratch_exists(scratch, THIRD));
        /* again, as after a crash: nothing is left to do */
        take_back(world, &step);
        remove_both(scratch);
        assert_int_equal(
                unlinkat(scratch->fd, THIRD, what == 1 ? AT_REMOVEDIR : 0), 0);
    }
}

/* Nor where it is needed. */
static void test_the_third_name_is_cleared_where_it_is_needed(void **state)
{
    struct world *world = *state;
    struct scratch *scratch = world->scratch;
    struct lf_fs lacking;
    lf_fs_system_fallback(&lacking);
    world->neighbour.fs.rename = lacking.rename;
    for (unsigned what = 0; what < 4; what++) {
        struct lf_step step = exchange_in_the_way(scratch, what);
        take_back(world, &step);
        assert_false(scratch_exists(scratch, THIRD));
        remove_both(scratch);
    }
}

#define SPARE ".lf-0123456789abcdef-0~"

/* Names in the scratch directory that are spare ones. */
static unsigned count_spares(const struct scratch *scratch)
{
    unsigned count = 0;
    DIR *dir = fdopendir(openat(scratch->fd, ".", O_RDONLY | O_DIRECTORY));
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        count += strncmp(entry->d_name, ".lf-", 4) == 0;
    closedir(dir);
    return count;
}

/* Whoever sees one spare name knows all: what they put at one is moved, and kept. */
static void test_nothing_at_a_spare_name_holds_up_an_undo(void **state)
{
    static const char *const theirs[] = {SPARE, SPARE "/", SPARE " -> theirs"};
    struct world *world = *state;
    struct scratch *scratch = world->scratch;
    struct lf_step step = link_step(LF_OP_LINK, LF_PHASE_ACT);
    step.name2 = LF_STR(SPARE);
    step.after = step.before;
    step.before = (struct lf_image){.kind = LF_NODE_NOTHING};
    for (unsigned i = 0; i < ARRAY_LEN(theirs); i++) {
        scratch_link(scratch, "one", "text");
        scratch_nodes(scratch, theirs[i]);
        assert_int_equal(lf_step_undo(&world->runner, &step), 0);
        assert_false(scratch_exists(scratch, "one"));
        assert_false(scratch_exists(scratch, SPARE));
        assert_int_equal(count_spares(scratch), i + 1);
        assert_int_equal(lf_step_undo(&world->runner, &step), 0);
        assert_int_equal(count_spares(scratch), i + 1);
    }
}

/* Nor does it take the place of what was moved from there, */
static void test_what_was_moved_comes_back_to_its_spare_name(void **state)
{
    struct world *world = *state;
    struct scratch *scratch = world->scratch;
    struct stat st, back;
    scratch_file(scratch, "d/adopted", "mine");
    scratch_file(scratch, SPARE, "theirs");
    assert_int_equal(fstatat(scratch->fd, "d/adopted", &st, 0), 0);
    struct lf_step step = {
            .op = LF_OP_MOVE,
            .phase = LF_PHASE_ACT,
            .dir = LF_STR("/"),
            .name = LF_STR(SPARE),
            .dir2 = LF_STR("/d"),
            .name2 = LF_STR("adopted"),
            .before = {.kind = LF_NODE_FILE,
                       .dev = st.st_dev,
                       .ino = st.st_ino},
    };
    assert_int_equal(lf_step_undo(&world->runner, &step), 0);
    assert_false(scratch_exists(scratch, "d/adopted"));
    assert_int_equal(fstatat(scratch->fd, SPARE, &back, 0), 0);
    assert_int_equal(back.st_ino, st.st_ino);
    assert_int_equal(count_spares(scratch), 2);
}

/* or come to the place itself. */
static void test_what_is_not_what_was_taken_out_does_not_come_back(void **state)
{
    struct world *world = *state;
    struct scratch *scratch = world->scratch;
    struct lf_step step = link_step(LF_OP_EXCHANGE, LF_PHASE_ACT);
    int notes = 0;
    world->runner.note = count_note;
    world->runner.note_arg = &notes;
    step.name2 = LF_STR("spare");
    step.after = (struct lf_image){.kind = LF_NODE_LINK,
                                   .text = lf_pair_of(LF_STR("made"))};
    scratch_link(scratch, "one", "made");
    scratch_file(scratch, "spare", "theirs");
    assert_int_equal(lf_step_undo(&world->runner, &step), 0);
    assert_string_equal(scratch_readlink(scratch, "one"), "made");
    assert_int_equal(notes, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
            TEST(test_chmod_reaches_the_node_that_was_looked_at),
            TEST(test_chmod_wants_the_node_that_was_planned),
            TEST(test_a_new_directory_alone_gets_the_mode),
            TEST(test_a_stranger_s_directory_keeps_its_mode),
            TEST(test_a_directory_with_something_in_it_keeps_its_mode),
            TEST(test_a_new_directory_gets_any_mode_under_any_umask),
            TEST(test_a_directory_that_may_not_be_read_is_changed),
            TEST(test_only_the_link_of_that_text_is_taken),
            TEST(test_only_the_link_of_that_text_is_dropped),
            TEST(test_a_directory_that_is_not_empty_goes_back),
            TEST(test_a_link_without_a_text_is_known_by_its_inode),
            TEST(test_nothing_at_the_third_name_holds_up_an_undo),
            TEST(test_the_third_name_is_cleared_where_it_is_needed),
            TEST(test_nothing_at_a_spare_name_holds_up_an_undo),
            TEST(test_what_was_moved_comes_back_to_its_spare_name),
            TEST(test_what_is_not_what_was_taken_out_does_not_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
