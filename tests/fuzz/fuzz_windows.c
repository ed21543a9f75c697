/* SPDX-License-Identifier: MIT */
/*
 * fuzz_windows.c - paths in described trees, Windows flavour
 *
 * The input is entries as resolve/fixture.h has them, a line each with `|`
 * between fields, an empty line, and questions, a line each:
 *
 *     r|FLAGS|PATH        resolve; FLAGS are letters of `letters`, or -
 *     t|LINK|SOURCE       the relative text for a link
 *     s|A|B               whether two spellings are one place, one object
 *     c|DIRECTORY         the current directory of what follows
 */
#include "fuzz.h"
#include "resolve/fixture.h"

enum { LINES_MOST = 32, FIELDS_MOST = 5, LINKS_MOST = 63 };

struct world {
    struct lf_win_tree *tree;
    struct lf_win_context context;
};

static const struct {
    char letter;
    unsigned flag;
} letters[] = {
        {'n', LF_RESOLVE_NOFOLLOW     },
        {'m', LF_RESOLVE_MISSING_FINAL},
        {'t', LF_RESOLVE_MISSING_TAIL },
};

static size_t split(struct lf_str line, struct lf_str *fields)
{
    size_t n = 0;
    while (n < FIELDS_MOST && (n == 0 || line.len))
        fields[n++] = fuzz_take(&line, '|');
    return n;
}

static bool has(struct lf_str text, char byte)
{
    return text.len && memchr(text.data, byte, text.len);
}

/* ---- paths as text ---- */

/* A full path is its own full path, and a slash is as good as the other. */
static void check_full(struct world *world, struct lf_str path)
{
    struct lf_error err = {0};
    struct lf_win_full_path full, again, other;
    struct lf_buf slashes = {0};
    if (!lf_win_full_path(path, &world->context, &full, &err)) {
        fuzz_refused(&err);
        return;
    }
    must(full.full.len);
    must(lf_win_full_path(full.full, &world->context, &again, &err));
    /* a device is looked for in the path as it is given, so one that `..` leaves
     * last is seen only then: CON\a\.. */
    must(lf_str_equal(again.full, full.full) ||
         (again.is_device && !full.is_device));
    must(full.is_device || !has(full.full, '/') ||
         lf_str_starts(path, LF_STR("\\\\?\\")));
    for (size_t i = 0; i < path.len; i++)
        lf_buf_add_char(&slashes, path.data[i] == '/' ? '\\' : path.data[i]);
    bool literal = lf_str_starts(lf_buf_str(&slashes), LF_STR("\\\\?\\"));
    must(lf_win_full_path(lf_buf_str(&slashes), &world->context, &other, &err));
    must(literal || lf_str_equal(other.full, full.full));
    lf_free_const(other.full.data);
    lf_free_const(again.full.data);
    lf_free_const(full.full.data);
    lf_buf_finish(&slashes);
}

/* ---- resolving ---- */

static struct lf_win_resolution *ask(struct world *world, struct lf_str path,
                                     unsigned flags, unsigned policy,
                                     bool cross_volume)
{
    struct lf_error err = {0};
    struct lf_win_resolution *found = NULL;
    struct lf_win_request request = {.path = path,
                                     .context = world->context,
                                     .flags = flags,
                                     .policy = policy,
                                     .cross_volume = cross_volume};
    if (lf_win_resolve(world->tree, &request, &found, &err))
        return found;
    fuzz_refused(&err);
    return NULL;
}

static void check_answer(const struct lf_win_resolution *found)
{
    must(lf_win_error_name(found->error)[0]);
    must(lf_win_error_symbol(found->error)[0]);
    must(found->links <= LINKS_MOST && found->n_steps == found->links);
    must(found->error ||
         (found->final.len && found->rewritten.len && found->volume.len));
    must(!has(found->final, '/') && !has(found->rewritten, '/'));
    must(!has(found->final, '\0'));
    for (size_t i = 0; i < found->n_steps; i++)
        must(found->steps[i].at.len);
}

static bool same_answer(const struct lf_win_resolution *a,
                        const struct lf_win_resolution *b)
{
    if (!a || !b)
        return !a && !b;
    return a->error == b->error && a->kind == b->kind && a->links == b->links &&
           lf_str_equal(a->final, b->final) &&
           lf_str_equal(a->rewritten, b->rewritten);
}

/* Where a path ended is a path that ends there, by no links. */
static void check_arrived(struct world *world,
                          const struct lf_win_resolution *found)
{
    if (found->error || found->kind == LF_WIN_NOTHING)
        return;
    struct lf_win_resolution *again =
            ask(world, found->final, LF_RESOLVE_NOFOLLOW, LF_WIN_POLICY_DEFAULT,
                false);
    must(again && again->error == LF_WIN_OK);
    must(again->links == 0 && again->kind == found->kind);
    must(lf_str_equal(again->final, found->final));
    lf_win_resolution_free(again);
}

/* Case does not matter in names, nor does the slash, but behind `\\?\`. */
static void check_case(struct world *world, struct lf_str path, unsigned flags,
                       const struct lf_win_resolution *found)
{
    struct lf_buf other = {0};
    for (size_t i = 0; i < path.len; i++) {
        char c = path.data[i];
        lf_buf_add_char(&other,
                        c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
    }
    struct lf_win_resolution *again =
            ask(world, lf_buf_str(&other), flags, LF_WIN_POLICY_DEFAULT, false);
    must(!found == !again);
    if (found) {
        must(again->error == found->error && again->links == found->links);
        must(found->error || found->kind == LF_WIN_NOTHING ||
             lf_str_equal(again->final, found->final));
    }
    lf_win_resolution_free(again);
    lf_buf_finish(&other);
}

/* Nothing and everything allowed. */
static void check_policies(struct world *world, struct lf_str path,
                           unsigned flags)
{
    for (int all = 0; all < 2; all++) {
        struct lf_win_resolution *found =
                ask(world, path, flags, all ? 15 : 0, all);
        if (found)
            check_answer(found);
        must(!found || all || found->links == 0 || found->error ||
             found->steps[0].junction);
        lf_win_resolution_free(found);
    }
}

static void resolve(struct world *world, const struct lf_str *fields)
{
    unsigned flags = 0;
    for (size_t i = 0; i < LF_COUNT(letters); i++)
        if (memchr(fields[1].data, letters[i].letter, fields[1].len))
            flags |= letters[i].flag;
    check_full(world, fields[2]);
    struct lf_win_resolution *found =
            ask(world, fields[2], flags, LF_WIN_POLICY_DEFAULT, false);
    struct lf_win_resolution *again =
            ask(world, fields[2], flags, LF_WIN_POLICY_DEFAULT, false);
    must(same_answer(found, again));
    if (found) {
        check_answer(found);
        check_arrived(world, found);
    }
    check_case(world, fields[2], flags, found);
    lf_win_resolution_free(again);
    lf_win_resolution_free(found);
    check_policies(world, fields[2], flags);
}

/* ---- the other questions ---- */

static void relative_text(struct world *world, struct lf_str link,
                          struct lf_str source)
{
    struct lf_error err = {0};
    struct lf_str text;
    enum lf_reltext_reason reason;
    if (!lf_win_reltext(world->tree, &world->context, link, source, &text,
                        &reason, &err)) {
        fuzz_refused(&err);
        return;
    }
    must((text.len == 0) == (reason == LF_RELTEXT_NO_DIR));
    must(!has(text, '/'));
    struct lf_win_full_path full;
    if (text.len && lf_win_full_path(text, &world->context, &full, &err)) {
        must(reason != LF_RELTEXT_OK || full.is_device ||
             full.type == LF_WIN_RELATIVE);
        lf_free_const(full.full.data);
    }
    lf_free_const(text.data);
}

static void compare_places(struct world *world, struct lf_str a,
                           struct lf_str b)
{
    struct lf_error err = {0};
    bool same, other;
    if (lf_win_same_place(world->tree, &world->context, a, b, &same, &err)) {
        must(lf_win_same_place(world->tree, &world->context, b, a, &other,
                               &err) &&
             same == other);
        must(lf_win_same_place(world->tree, &world->context, a, a, &other,
                               &err) &&
             other);
    }
    if (lf_win_same_object(world->tree, &world->context, a, b, &same, &err))
        must(lf_win_same_object(world->tree, &world->context, b, a, &other,
                                &err) &&
             same == other);
}

static void describe(struct world *world, struct lf_str line)
{
    struct lf_error err = {0};
    struct lf_str fields[FIELDS_MOST];
    size_t n = split(line, fields);
    if (!lf_win_fixture_add(world->tree, fields, n, &err))
        fuzz_refused(&err);
}

/* A current directory is a full path. */
static void change_dir(struct world *world, struct lf_str dir)
{
    struct lf_error err = {0};
    struct lf_win_full_path full;
    if (!lf_win_full_path(dir, NULL, &full, &err))
        return;
    if (lf_str_equal(full.full, dir) &&
        (full.type == LF_WIN_DRIVE_ABSOLUTE || full.type == LF_WIN_UNC))
        world->context.cwd = dir;
    lf_free_const(full.full.data);
}

static void question(struct world *world, struct lf_str line)
{
    struct lf_str fields[FIELDS_MOST];
    size_t n = split(line, fields);
    if (fields[0].len != 1 || n < 2)
        return;
    if (fields[0].data[0] == 'c')
        change_dir(world, fields[1]);
    if (n < 3)
        return;
    if (fields[0].data[0] == 'r')
        resolve(world, fields);
    if (fields[0].data[0] == 't')
        relative_text(world, fields[1], fields[2]);
    if (fields[0].data[0] == 's')
        compare_places(world, fields[1], fields[2]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lf_str rest = lf_str_of((const char *)data, size);
    struct world world = {0};
    struct lf_error err;
    must(lf_win_tree_new(&world.tree, &err));
    for (int i = 0; i < LINES_MOST; i++) {
        struct lf_str line = fuzz_take(&rest, '\n');
        if (line.len == 0)
            break;
        describe(&world, line);
    }
    for (int i = 0; rest.len && i < LINES_MOST; i++)
        question(&world, fuzz_take(&rest, '\n'));
    lf_win_tree_free(world.tree);
    return 0;
}
