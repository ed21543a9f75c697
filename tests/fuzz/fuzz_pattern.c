/* SPDX-License-Identifier: MIT */
/*
 * fuzz_pattern.c - gitignore patterns against names, both of any bytes
 *
 * The input is patterns, a line each, an empty line, and paths, a line each: of
 * a directory with a slash at its end. Whether git says the same is for
 * tests/unit/pattern_oracle.py; here, what must hold of any pattern.
 */
#include "base/path.h"
#include "fuzz.h"
#include "manifest/pattern.h"

enum { LINES_MOST = 64, LINE_MOST = 400 };

struct subject {
    struct lf_str path;
    bool is_dir;
};

struct world {
    struct lf_arena arena;
    struct lf_patterns list;
    struct lf_str texts[LINES_MOST]; /* of the patterns that were added */
    struct subject subjects[LINES_MOST];
    size_t n_subjects;
};

static bool add(struct world *world, struct lf_patterns *list,
                struct lf_str text)
{
    const char *fault;
    uint32_t count = list->count;
    struct lf_str exact = fuzz_copy(text);
    must(lf_patterns_add(list, &world->arena, exact, &fault));
    lf_free_const(exact.data);
    must(list->count == count + !fault);
    must(!fault || fault[0]);
    if (!fault)
        must(lf_str_equal(lf_pattern_text(list, count), text));
    return !fault;
}

static void read_patterns(struct world *world, struct lf_str *rest)
{
    for (int i = 0; i < LINES_MOST; i++) {
        struct lf_str text = fuzz_take(rest, '\n');
        if (text.len == 0)
            break;
        if (text.len <= LINE_MOST && add(world, &world->list, text))
            world->texts[world->list.count - 1] = text;
    }
}

/* A relative path without dots, as a walk through a tree gives it. */
static bool is_path(struct lf_str path)
{
    bool good = path.len > 0 && path.len <= LINE_MOST;
    for (struct lf_str rest = path; good && rest.data;) {
        struct lf_str name = fuzz_take(&rest, '/');
        good = name.len && !memchr(name.data, '\0', name.len);
        if (rest.len == 0)
            break;
    }
    return good && path.data[path.len - 1] != '/' && !lf_path_has_dots(path);
}

static void read_subjects(struct world *world, struct lf_str rest)
{
    while (rest.len && world->n_subjects < LINES_MOST) {
        struct subject subject = {.path = fuzz_take(&rest, '\n')};
        struct lf_str *path = &subject.path;
        subject.is_dir = path->len && path->data[path->len - 1] == '/';
        path->len -= subject.is_dir;
        if (!is_path(*path))
            continue;
        *path = fuzz_copy(*path);
        world->subjects[world->n_subjects++] = subject;
    }
}

/* ---- laws ---- */

/* The last pattern that matches decides, but none takes back what is below a
 * directory that was selected. */
static void check_decision(const struct world *world,
                           const struct subject *subject)
{
    const struct lf_patterns *list = &world->list;
    uint32_t want = LF_NO_PATTERN;
    for (size_t len = 1; len <= subject->path.len; len++) {
        bool whole = len == subject->path.len;
        if (!whole && subject->path.data[len] != '/')
            continue;
        want = LF_NO_PATTERN;
        for (uint32_t i = 0; i < list->count; i++)
            if (lf_pattern_matches(list, i, lf_str_of(subject->path.data, len),
                                   whole ? subject->is_dir : true))
                want = i;
        if (lf_pattern_selects(list, want))
            break;
    }
    must(lf_patterns_decide(list, subject->path, subject->is_dir) == want);
}

/* How pattern `text` answers for all subjects, as a list of its own. */
static uint64_t answers(struct world *world, struct lf_str text)
{
    struct lf_patterns list = {0};
    uint64_t bits = 0;
    if (add(world, &list, text))
        for (size_t i = 0; i < world->n_subjects; i++)
            bits |= (uint64_t)lf_pattern_matches(&list, 0,
                                                 world->subjects[i].path,
                                                 world->subjects[i].is_dir)
                    << i;
    lf_patterns_finish(&list);
    return bits;
}

static void check_same(struct world *world, struct lf_str text,
                       const struct lf_buf *other)
{
    must(answers(world, text) == answers(world, lf_buf_str(other)));
}

static bool has(struct lf_str text, char byte)
{
    return text.len && memchr(text.data, byte, text.len);
}

/* The pattern without `!` before it and `/` behind it. */
static struct lf_str body_of(struct lf_str text)
{
    while (text.len && text.data[text.len - 1] == ' ')
        text.len--;
    if (text.len && text.data[0] == '!')
        text = lf_str_of(text.data + 1, text.len - 1);
    text.len -= text.len && text.data[text.len - 1] == '/';
    return text;
}

/* Other spellings of one pattern match the same. */
static void check_spellings(struct world *world, struct lf_str text)
{
    struct lf_str body = body_of(text);
    struct lf_buf other = {0};
    bool by_name = !has(body, '/');
    lf_buf_add(&other, text);
    lf_buf_add(&other, LF_STR("  "));
    if (text.data[text.len - 1] != '\\')
        check_same(world, text, &other);
    lf_buf_clear(&other);
    lf_buf_add_char(&other, '!');
    lf_buf_add(&other, text);
    if (text.data[0] != '!')
        check_same(world, text, &other);
    /* a name at any depth is a path behind any directories */
    size_t sign = text.data[0] == '!';
    lf_buf_clear(&other);
    lf_buf_add(&other, lf_str_of(text.data, sign));
    lf_buf_add(&other, LF_STR("**/"));
    lf_buf_add(&other, lf_str_of(text.data + sign, text.len - sign));
    if (by_name)
        check_same(world, text, &other);
    lf_buf_finish(&other);
}

/* What begins in front of a `*` is compared apart, as git does it, and a
 * bracket gives a backslash a meaning of its own; else a byte that is escaped
 * is that byte. */
static void check_escapes(struct world *world, struct lf_str text)
{
    struct lf_str body = body_of(text);
    struct lf_buf other = {0};
    if (has(body, '[') || has(body, '\\') ||
        (has(body, '/') && has(body, '*')) || body.data != text.data)
        return;
    for (size_t i = 0; i < text.len; i++) {
        bool own = text.data[i] == '*' || text.data[i] == '?' ||
                   text.data[i] == '/' || i >= body.len;
        if (!own)
            lf_buf_add_char(&other, '\\');
        lf_buf_add_char(&other, text.data[i]);
    }
    check_same(world, text, &other);
    lf_buf_finish(&other);
}

/* Every path can be named so that it alone is meant. */
static void check_named(struct world *world, const struct subject *subject)
{
    struct lf_buf text = {0};
    struct lf_patterns list = {0};
    lf_buf_add_char(&text, '/');
    for (size_t i = 0; i < subject->path.len; i++) {
        if (memchr("*?[\\ ", subject->path.data[i], 5))
            lf_buf_add_char(&text, '\\');
        lf_buf_add_char(&text, subject->path.data[i]);
    }
    must(add(world, &list, lf_buf_str(&text)));
    for (size_t i = 0; i < world->n_subjects; i++) {
        struct lf_str path = world->subjects[i].path;
        must(lf_pattern_matches(&list, 0, path, world->subjects[i].is_dir) ==
             lf_str_equal(path, subject->path));
    }
    lf_patterns_finish(&list);
    lf_buf_finish(&text);
}

/* What a pattern selects, the same with `!` behind it takes back. */
static void check_taken_back(struct world *world, struct lf_str text)
{
    struct lf_patterns list = {0};
    struct lf_buf negative = {0};
    lf_buf_add_char(&negative, '!');
    lf_buf_add(&negative, text);
    if (text.data[0] != '!' && add(world, &list, text)) {
        must(add(world, &list, lf_buf_str(&negative)));
        for (size_t i = 0; i < world->n_subjects; i++)
            must(lf_patterns_decide(&list, world->subjects[i].path,
                                    world->subjects[i].is_dir) != 0);
    }
    lf_patterns_finish(&list);
    lf_buf_finish(&negative);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lf_str rest = lf_str_of((const char *)data, size);
    struct world world = {0};
    read_patterns(&world, &rest);
    read_subjects(&world, rest);
    for (size_t i = 0; i < world.n_subjects; i++) {
        check_decision(&world, &world.subjects[i]);
        check_named(&world, &world.subjects[i]);
    }
    for (uint32_t i = 0; i < world.list.count; i++) {
        check_spellings(&world, world.texts[i]);
        check_escapes(&world, world.texts[i]);
        check_taken_back(&world, world.texts[i]);
    }
    while (world.n_subjects)
        lf_free_const(world.subjects[--world.n_subjects].path.data);
    lf_patterns_finish(&world.list);
    lf_arena_finish(&world.arena);
    return 0;
}
