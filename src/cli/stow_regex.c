/* SPDX-License-Identifier: MIT */
/*
 * stow_regex.c - what a regular expression of Stow's leaves out, as patterns of
 * gitignore(5)
 *
 * Alternatives and what may be missing are written out: an expression becomes a few
 * sequences of literal bytes and wildcards, and each of these a pattern. What the two
 * languages have not in common is left to the user.
 */
#include "cli/stow_regex.h"

#include <assert.h>
#include <string.h>

/* In a sequence, besides what a pattern may have. An expression with such a byte is
 * not translated. */
enum {
    GAP = 1, /* any bytes, also slashes */
    BEGIN,   /* the beginning of the text, and no other place */
    END,
};

enum { DEPTH_MOST = 16 };

/* Sequences of which each may stand there. */
struct choice {
    struct lf_str items[LF_STOW_PATTERNS];
    uint32_t count;
};

/* The expression, or what is in parentheses in it. */
struct group {
    struct choice done;     /* alternatives that were read */
    struct choice sequence; /* the one that is being read */
};

struct reader {
    struct lf_arena *arena;
    enum lf_stow_origin origin;
    bool in_path;       /* it is held against paths */
    struct lf_str rest; /* of the expression */
    struct group groups[1 + DEPTH_MOST];
    unsigned depth; /* the index of the innermost */
    bool no_memory;
};

/* ---- sequences ---- */

static bool has(const struct choice *choice, struct lf_str item)
{
    for (uint32_t i = 0; i < choice->count; i++)
        if (lf_str_equal(choice->items[i], item))
            return true;
    return false;
}

/* False: there are too many. */
static bool add(struct choice *choice, struct lf_str item)
{
    if (has(choice, item))
        return true;
    if (choice->count == LF_STOW_PATTERNS)
        return false;
    choice->items[choice->count++] = item;
    return true;
}

static bool add_all(struct choice *choice, const struct choice *more)
{
    for (uint32_t i = 0; i < more->count; i++)
        if (!add(choice, more->items[i]))
            return false;
    return true;
}

static bool joined(struct reader *reader, struct lf_str a, struct lf_str b,
                   struct lf_str *ret)
{
    char *text = lf_arena_bytes(reader->arena, a.len + b.len + 1);
    reader->no_memory |= !text;
    if (!text)
        return false;
    memcpy(text, a.data, a.len);
    memcpy(text + a.len, b.data, b.len);
    text[a.len + b.len] = '\0';
    *ret = lf_str_of(text, a.len + b.len);
    return true;
}

/* Let each of `next` stand behind each of `choice`. */
static bool append(struct reader *reader, struct choice *choice,
                   const struct choice *next)
{
    struct choice before = *choice;
    choice->count = 0;
    for (uint32_t i = 0; i < before.count; i++) {
        for (uint32_t j = 0; j < next->count; j++) {
            struct lf_str item;
            if (!joined(reader, before.items[i], next->items[j], &item) ||
                !add(choice, item))
                return false;
        }
    }
    return true;
}

static struct choice one(struct lf_str item)
{
    return (struct choice){.items = {item}, .count = 1};
}

/* ---- the expression ---- */

static bool next_is(const struct reader *reader, char c)
{
    return reader->rest.len > 0 && reader->rest.data[0] == c;
}

static bool take(struct reader *reader, char c)
{
    bool is_next = next_is(reader, c);
    if (is_next)
        reader->rest = lf_str_of(reader->rest.data + 1, reader->rest.len - 1);
    return is_next;
}

/* 0 at the end, and for what may not be in a sequence. */
static char take_byte(struct reader *reader)
{
    char c = reader->rest.len > 0 ? reader->rest.data[0] : '\0';
    return (c < GAP || c > END) && take(reader, c) ? c : '\0';
}

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9');
}

static bool literal(struct reader *reader, char c, struct choice *ret)
{
    const char text[] = {'\\', c};
    bool is_special = strchr("*?[\\", c);
    struct lf_str copy = lf_arena_str(
            reader->arena, lf_str_of(text + !is_special, 1 + is_special));
    reader->no_memory |= !copy.data;
    *ret = one(copy);
    return copy.data;
}

/* Behind a backslash: `*ret_class` is what a bracket would hold, or nothing, and then
 * it is the byte that is returned. 0: it means something else. */
static char take_escape(struct reader *reader, struct lf_str *ret_class)
{
    char c = take_byte(reader);
    *ret_class = c == 'd'   ? LF_STR("0-9")
                 : c == 'w' ? LF_STR("A-Za-z0-9_")
                            : LF_STR("");
    return ret_class->len > 0 || !is_alnum(c) ? c : '\0';
}

static bool read_escape(struct reader *reader, struct choice *ret)
{
    struct lf_str class, text;
    char c = take_escape(reader, &class);
    if (c == '\0')
        return false;
    if (class.len == 0)
        return literal(reader, c, ret);
    if (!joined(reader, LF_STR("["), class, &text) ||
        !joined(reader, text, LF_STR("]"), &text))
        return false;
    *ret = one(text);
    return true;
}

/* What a bracket has beside its ends. */
static bool read_member(struct reader *reader, bool first, struct lf_str *text)
{
    struct lf_str class = LF_STR("");
    char escaped[] = {'\\', '\0'};
    char c = take_byte(reader);
    if (c == '-' && !first && !next_is(reader, ']'))
        return joined(reader, *text, LF_STR("-"), text);
    if (c == '\\')
        c = take_escape(reader, &class);
    if (c == '\0' || c == '/' || (c == '[' && next_is(reader, ':')))
        return false;
    escaped[1] = c;
    bool plain = is_alnum(c) || c == '.' || c == '_' || (c & 0x80);
    struct lf_str shown =
            class.len ? class : lf_str_of(escaped + plain, 2u - plain);
    return joined(reader, *text, shown, text);
}

/* A `]` that comes first, and a range to or from a class, are not read. */
static bool read_bracket(struct reader *reader, struct choice *ret)
{
    struct lf_str text = take(reader, '^') ? LF_STR("[!") : LF_STR("[");
    bool first = true;
    if (next_is(reader, ']'))
        return false;
    while (!take(reader, ']')) {
        if (!read_member(reader, first, &text))
            return false;
        first = false;
    }
    *ret = one(text);
    return joined(reader, text, LF_STR("]"), &ret->items[0]);
}

/* A dot may be repeated, and nothing else. */
static void read_dot(struct reader *reader, struct choice *ret)
{
    static const char some[] = {'?', GAP}, any[] = {GAP};
    bool is_any = take(reader, '*'), is_some = !is_any && take(reader, '+');
    *ret = one(is_any    ? lf_str_of(any, 1)
               : is_some ? lf_str_of(some, 2)
                         : LF_STR("?"));
    /* to take as little as can be is to match the same in the end */
    if (is_any || is_some)
        (void)take(reader, '?');
}

static bool read_atom(struct reader *reader, struct choice *ret)
{
    static const char begin[] = {BEGIN}, end[] = {END};
    char c = take_byte(reader);
    switch (c) {
    case '\0':
    case '*':
    case '+':
    case '?':
    case '{':
        return false;
    case '[':
        return read_bracket(reader, ret);
    case '\\':
        return read_escape(reader, ret);
    case '.':
        read_dot(reader, ret);
        return true;
    case '^':
        *ret = one(lf_str_of(begin, 1));
        return true;
    case '$':
        *ret = one(lf_str_of(end, 1));
        return true;
    default:
        return literal(reader, c, ret);
    }
}

/* Repeated as often as one likes it is more than patterns can say. */
static bool is_repeated(const struct reader *reader)
{
    return next_is(reader, '*') || next_is(reader, '+') ||
           next_is(reader, '{') || next_is(reader, '?');
}

/* Behind what was read before, and with the sign behind it. */
static bool put_atom(struct reader *reader, struct choice *atom)
{
    if (take(reader, '?')) {
        (void)take(reader, '?');
        if (!add(atom, LF_STR("")))
            return false;
    }
    return !is_repeated(reader) &&
           append(reader, &reader->groups[reader->depth].sequence, atom);
}

static struct group new_group(void)
{
    return (struct group){.sequence = one(LF_STR(""))};
}

static bool end_alternative(struct reader *reader)
{
    struct group *group = &reader->groups[reader->depth];
    bool fits = add_all(&group->done, &group->sequence);
    group->sequence = one(LF_STR(""));
    return fits;
}

static bool begin_group(struct reader *reader)
{
    if ((take(reader, '?') && !take(reader, ':')) ||
        reader->depth == DEPTH_MOST)
        return false;
    reader->groups[++reader->depth] = new_group();
    return true;
}

static bool end_group(struct reader *reader)
{
    struct group *group = &reader->groups[reader->depth];
    if (reader->depth == 0 || !end_alternative(reader))
        return false;
    reader->depth--;
    return put_atom(reader, &group->done);
}

/* What Stow holds against the end of the path is the last alternative; each other one
 * may stand anywhere. */
static bool end_inner(struct reader *reader)
{
    static const char gap[] = {GAP};
    struct choice *sequence = &reader->groups[reader->depth].sequence;
    bool anywhere = reader->origin == LF_STOW_OPTION && reader->depth == 0;
    for (uint32_t i = 0; anywhere && i < sequence->count; i++) {
        struct lf_str *item = &sequence->items[i];
        if (!(item->len > 0 && item->data[item->len - 1] == END) &&
            !joined(reader, *item, lf_str_of(gap, 1), item))
            return false;
    }
    return end_alternative(reader);
}

static bool read_next(struct reader *reader)
{
    struct choice atom;
    if (take(reader, '|'))
        return end_inner(reader);
    if (take(reader, '('))
        return begin_group(reader);
    if (take(reader, ')'))
        return end_group(reader);
    return read_atom(reader, &atom) && put_atom(reader, &atom);
}

static bool read_all(struct reader *reader)
{
    reader->groups[0] = new_group();
    while (reader->rest.len > 0)
        if (!read_next(reader))
            return false;
    return reader->depth == 0 && end_alternative(reader);
}

/* ---- patterns ---- */

/* A sequence without its ends; false: they stand where none is. */
static bool trim(struct lf_str *text)
{
    while (text->len > 0 && text->data[0] == BEGIN)
        *text = lf_str_of(text->data + 1, text->len - 1);
    while (text->len > 0 && text->data[text->len - 1] == END)
        text->len--;
    return !memchr(text->data, BEGIN, text->len) &&
           !memchr(text->data, END, text->len);
}

/* What stands for any bytes between others, of which the first is `before` and the
 * other `after`; 0: there is none. */
static struct choice gap_between(char before, char after)
{
    struct choice any = one(LF_STR("*"));
    if (before == '\0' && after == '\0')
        return any;
    if (before == '\0')
        return one(after == '/' ? LF_STR("**") : LF_STR("**/*"));
    /* what lies below goes with it */
    if (after == '\0')
        return any;
    if (after == '/')
        return one(LF_STR("*/**"));
    if (before == '/')
        return one(LF_STR("**/*"));
    (void)add(&any, LF_STR("*/**/*"));
    return any;
}

static bool add_gap(struct reader *reader, struct choice *choice, bool in_path,
                    char before, char after)
{
    struct choice gap = in_path ? gap_between(before, after) : one(LF_STR("*"));
    return append(reader, choice, &gap);
}

/* `sequence` with wildcards of patterns for its gaps. */
static bool fill_gaps(struct reader *reader, struct lf_str sequence,
                      bool in_path, struct choice *ret)
{
    size_t at = 0;
    *ret = one(LF_STR(""));
    while (at < sequence.len) {
        size_t begin = at;
        while (at < sequence.len && sequence.data[at] != GAP)
            at++;
        struct choice part = one(lf_str_of(sequence.data + begin, at - begin));
        if (!append(reader, ret, &part))
            return false;
        char before = at > 0 ? sequence.data[at - 1] : '\0';
        begin = at;
        while (at < sequence.len && sequence.data[at] == GAP)
            at++;
        char after = at < sequence.len ? sequence.data[at] : '\0';
        if (at > begin && !add_gap(reader, ret, in_path, before, after))
            return false;
    }
    return true;
}

/* Whether no path is like that: they have one slash between two names, and none at the
 * end; and a slash is before the first. */
static bool is_never(struct lf_str sequence, bool begins)
{
    char last = '\0';
    if (begins && sequence.len > 0 && sequence.data[0] != '/' &&
        sequence.data[0] != GAP)
        return true;
    for (size_t i = 0; i < sequence.len; i++) {
        if (last == '/' && sequence.data[i] == '/')
            return true;
        last = sequence.data[i];
    }
    return last == '\0' || last == '/';
}

/* One at any depth is a name, where it is no more than that. */
static struct lf_str simplified(struct lf_str pattern)
{
    size_t skip = lf_str_starts(pattern, LF_STR("/**/"))  ? 4
                  : lf_str_starts(pattern, LF_STR("**/")) ? 3
                                                          : 0;
    struct lf_str rest = lf_str_of(pattern.data + skip, pattern.len - skip);
    return memchr(rest.data, '/', rest.len) ? pattern : rest;
}

/* A pattern that begins with a sign would take back, or be a comment; a space at its
 * end would be none of it. */
static bool guard(struct reader *reader, struct lf_str *pattern)
{
    struct lf_str text = simplified(*pattern);
    assert(text.len > 0); /* none was, and none ends with a slash */
    if ((text.data[0] == '!' || text.data[0] == '#') &&
        !joined(reader, LF_STR("\\"), text, &text))
        return false;
    bool spaced = text.data[text.len - 1] == ' ';
    text.len -= spaced;
    *pattern = text;
    return !spaced || joined(reader, text, LF_STR("\\ "), pattern);
}

/* Where it may begin: of a list, behind any slash, if not with the first. Of the
 * option, anywhere behind that, which is not before the path there. */
static bool set_begin(struct reader *reader, bool begins,
                      struct lf_str *sequence)
{
    static const char gap[] = {GAP}, anywhere[] = {'/', GAP};
    if (reader->origin == LF_STOW_OPTION)
        return joined(reader, lf_str_of(anywhere, begins ? 1 : 2), *sequence,
                      sequence);
    /* nothing, and then the slash that is before each path */
    if (sequence->len == 0)
        *sequence = lf_str_of(gap, 1);
    return begins || sequence->data[0] == '/' || sequence->data[0] == GAP ||
           joined(reader, LF_STR("**/"), *sequence, sequence);
}

static bool add_patterns(struct reader *reader, struct lf_str sequence,
                         struct choice *ret)
{
    bool begins = sequence.len > 0 && sequence.data[0] == BEGIN;
    bool ends = sequence.len > 0 && sequence.data[sequence.len - 1] == END;
    struct choice filled;
    if (!trim(&sequence))
        return false;
    /* an empty one matches before a slash, and at the end of any path */
    bool empty_matches =
            reader->in_path && !(ends && reader->origin == LF_STOW_LIST);
    if (sequence.len == 0 && !empty_matches)
        return true;
    if (reader->in_path && !set_begin(reader, begins, &sequence))
        return false;
    if (reader->in_path && is_never(sequence, begins))
        return true;
    if (!fill_gaps(reader, sequence, reader->in_path, &filled))
        return false;
    for (uint32_t i = 0; i < filled.count; i++)
        if (!guard(reader, &filled.items[i]))
            return false;
    return add_all(ret, &filled);
}

static bool translate(struct reader *reader, struct choice *ret)
{
    const struct choice *sequences = &reader->groups[0].done;
    ret->count = 0;
    if (reader->rest.len > LF_STOW_REGEX_LIMIT || !read_all(reader))
        return false;
    for (uint32_t i = 0; i < sequences->count; i++)
        if (!add_patterns(reader, sequences->items[i], ret))
            return false;
    return true;
}

bool lf_stow_patterns(struct lf_str regex, enum lf_stow_origin origin,
                      struct lf_arena *arena, struct lf_stow_patterns *ret)
{
    struct lf_arena scratch = {0};
    struct reader reader = {
            .arena = &scratch,
            .origin = origin,
            .in_path = origin == LF_STOW_OPTION ||
                       memchr(regex.data, '/', regex.len),
            .rest = regex,
    };
    struct choice patterns;
    ret->said = translate(&reader, &patterns);
    ret->count = ret->said ? patterns.count : 0;
    for (uint32_t i = 0; i < ret->count; i++) {
        ret->items[i] = lf_arena_str(arena, patterns.items[i]);
        reader.no_memory |= !ret->items[i].data;
    }
    lf_arena_finish(&scratch);
    return !reader.no_memory;
}
