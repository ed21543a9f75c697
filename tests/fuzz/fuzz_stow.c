/* SPDX-License-Identifier: MIT */
/*
 * fuzz_stow.c - regular expressions of Stow's, and what is said for them
 *
 * The input is an expression and paths, a line each. One behind "--ignore=" is that
 * option's, others are of an ignore list. What patterns are said for it leave out must
 * be what it matches: regex(3) tells, where its expressions mean what
 * Perl's do.
 */
#include "base/path.h"
#include "cli/stow_regex.h"
#include "fuzz.h"
#include "manifest/pattern.h"

#include <regex.h>
#include <string.h>

enum { REGEX_MOST = 80, PATH_MOST = 80, PATHS_MOST = 32 };

struct world {
    struct lf_arena arena;
    struct lf_patterns list;
    struct lf_str regex;
    enum lf_stow_origin origin;
    regex_t compiled;
    bool in_path; /* it is held against paths */
    bool exactly; /* no wildcard of it could be a slash */
};

static bool has(struct lf_str text, const char *part)
{
    size_t len = strlen(part);
    for (size_t i = 0; i + len <= text.len; i++)
        if (memcmp(text.data + i, part, len) == 0)
            return true;
    return false;
}

/* Bytes that only one of the languages escapes, and what POSIX has not. */
static bool is_common(struct lf_str regex)
{
    bool in_bracket = false;
    for (size_t i = 0; i < regex.len; i++) {
        char c = regex.data[i];
        if (c == '\\' && in_bracket)
            return false;
        if (c == '\\' && !(++i < regex.len && strchr(".*?[\\", regex.data[i])))
            return false;
        in_bracket = c == '[' || (in_bracket && c != ']');
    }
    return !has(regex, "(?") && !has(regex, "??") && !has(regex, "*?") &&
           !has(regex, "+?");
}

/* A `.` that is not repeated, or not to nothing, could be a slash; what is not in a
 * bracket is one, too. */
static bool is_exact(struct lf_str regex)
{
    for (size_t i = 0; i < regex.len; i++)
        if (regex.data[i] == '.' && (i == 0 || regex.data[i - 1] != '\\') &&
            !(i + 1 < regex.len && regex.data[i + 1] == '*'))
            return false;
    return !has(regex, "[^");
}

/* What is said has to be a list of patterns that a manifest can have. */
static bool translate(struct world *world)
{
    struct lf_stow_patterns patterns;
    struct lf_str exact = fuzz_copy(world->regex);
    must(lf_stow_patterns(exact, world->origin, &world->arena, &patterns));
    lf_free_const(exact.data);
    must(patterns.said || patterns.count == 0);
    must(patterns.count <= LF_STOW_PATTERNS);
    for (uint32_t i = 0; i < patterns.count; i++) {
        const char *fault;
        must(lf_patterns_add(&world->list, &world->arena, patterns.items[i],
                             &fault));
        must(!fault && !lf_pattern_negative(&world->list, i));
        for (uint32_t j = 0; j < i; j++)
            must(!lf_str_equal(patterns.items[i], patterns.items[j]));
    }
    return patterns.said;
}

static bool compile(struct world *world)
{
    char text[REGEX_MOST + 20];
    bool is_option = world->origin == LF_STOW_OPTION;
    snprintf(text, sizeof(text), "%s%.*s%s",
             is_option        ? ""
             : world->in_path ? "(^|/)("
                              : "^(",
             (int)world->regex.len, world->regex.data,
             is_option        ? "$"
             : world->in_path ? ")(/|$)"
                              : ")$");
    return regcomp(&world->compiled, text, REG_EXTENDED | REG_NOSUB) == 0;
}

/* As Stow goes: what is below something that is left out is not looked at. */
static bool is_matched(const struct world *world, struct lf_str path)
{
    char text[PATH_MOST + 2];
    for (size_t len = 1; len <= path.len; len++) {
        struct lf_str part = lf_str_of(path.data, len);
        if (len < path.len && path.data[len] != '/')
            continue;
        struct lf_str shown = world->in_path ? part : lf_path_name(part);
        bool slash = world->in_path && world->origin == LF_STOW_LIST;
        snprintf(text, sizeof(text), "%s%.*s", slash ? "/" : "", (int)shown.len,
                 shown.data);
        if (regexec(&world->compiled, text, 0, NULL, 0) == 0)
            return true;
    }
    return false;
}

static bool is_path(struct lf_str path)
{
    bool good = path.len > 0 && path.len <= PATH_MOST;
    for (struct lf_str rest = path; good && rest.data;) {
        struct lf_str name = fuzz_take(&rest, '/');
        good = name.len && !memchr(name.data, '\0', name.len);
        if (rest.len == 0)
            break;
    }
    return good && path.data[path.len - 1] != '/' && !lf_path_has_dots(path);
}

static void check(const struct world *world, struct lf_str path)
{
    uint32_t index = lf_patterns_decide(&world->list, path, false);
    bool left_out = lf_pattern_selects(&world->list, index);
    bool matched = is_matched(world, path);
    must(!left_out || matched);
    must(!matched || left_out || (world->in_path && !world->exactly));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lf_str rest = lf_str_of((const char *)data, size);
    struct world world = {.regex = fuzz_take(&rest, '\n')};
    if (lf_str_starts(world.regex, LF_STR("--ignore="))) {
        world.origin = LF_STOW_OPTION;
        (void)fuzz_take(&world.regex, '=');
    }
    struct lf_str regex = world.regex;
    world.in_path = world.origin == LF_STOW_OPTION || has(regex, "/");
    world.exactly = is_exact(regex);
    bool said = translate(&world);
    bool compared = said && regex.len > 0 && regex.len <= REGEX_MOST &&
                    !has(regex, "\n") && !memchr(regex.data, '\0', regex.len) &&
                    is_common(regex) && compile(&world);
    for (int i = 0; compared && i < PATHS_MOST && rest.len > 0; i++) {
        struct lf_str path = fuzz_take(&rest, '\n');
        if (is_path(path))
            check(&world, path);
    }
    if (compared)
        regfree(&world.compiled);
    lf_patterns_finish(&world.list);
    lf_arena_finish(&world.arena);
    return 0;
}
