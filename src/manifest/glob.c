/* SPDX-License-Identifier: MIT */
/*
 * glob.c - wildcards, compiled
 *
 * Where gitignore's own matcher has corners (a `]` that comes first in a
 * bracket, a class in a range, what counts as a space), they are kept:
 * tests/unit/pattern_oracle.py compares the two.
 */
#include "manifest/glob.h"

#include "base/util.h"

enum op_kind {
    OP_BYTE,     /* this byte */
    OP_ANY,      /* any byte; in paths not `/` */
    OP_SET,      /* a byte of the set */
    OP_STAR,     /* any bytes; in paths without `/` */
    OP_GLOBSTAR, /* any bytes */
    OP_DIRS,     /* nothing, or any bytes that end with `/` */
};

struct lf_glob_op {
    uint8_t kind;
    uint8_t byte;
    const uint8_t *set; /* 256 bits */
};

struct compile {
    struct lf_arena *arena;
    struct lf_str rest; /* of the pattern */
    const char *start;
    struct lf_glob_op *ops;
    struct lf_glob *glob;
};

/* ---- brackets ---- */

struct bracket {
    struct lf_str rest; /* behind what was read */
    uint8_t *set;
    int previous; /* byte that a `-` would begin a range with; -1: none */
};

static void put_range(uint8_t *set, unsigned low, unsigned high)
{
    for (unsigned c = low; c <= high; c++)
        set[c >> 3] |= (uint8_t)(1u << (c & 7));
}

static void drop(struct lf_str *text, size_t len)
{
    *text = lf_str_of(text->data + len, text->len - len);
}

/* ASCII only, whatever the locale. Runs of bytes, ended by a row of zeros. */
static const struct {
    const char *name;
    struct {
        uint8_t low, high;
    } runs[5];
} classes[] = {
        {"alnum",  {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}}            },
        {"alpha",  {{'A', 'Z'}, {'a', 'z'}}                        },
        {"blank",  {{' ', ' '}, {'\t', '\t'}}                      },
        {"cntrl",  {{0x01, 0x1f}, {0x7f, 0x7f}}                    },
        {"digit",  {{'0', '9'}}                                    },
        {"graph",  {{0x21, 0x7e}}                                  },
        {"lower",  {{'a', 'z'}}                                    },
        {"print",  {{0x20, 0x7e}}                                  },
        {"punct",  {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}},
 /* git leaves vertical tab and form feed out */
        {"space",  {{' ', ' '}, {'\t', '\n'}, {'\r', '\r'}}        },
        {"upper",  {{'A', 'Z'}}                                    },
        {"xdigit", {{'0', '9'}, {'A', 'F'}, {'a', 'f'}}            },
};

static bool put_class(uint8_t *set, struct lf_str name)
{
    for (size_t i = 0; i < LF_COUNT(classes); i++) {
        if (!lf_str_equal(name, lf_str(classes[i].name)))
            continue;
        for (size_t run = 0; classes[i].runs[run].high; run++)
            put_range(set, classes[i].runs[run].low, classes[i].runs[run].high);
        return true;
    }
    return false;
}

/* At `[:`. A class needs `:]`; without it the bracket is an ordinary byte. */
static bool take_class(struct bracket *bracket)
{
    const char *name = bracket->rest.data + 2;
    const char *end = memchr(name, ']', bracket->rest.len - 2);
    if (!end)
        return false;
    if (end == name || end[-1] != ':') {
        put_range(bracket->set, '[', '[');
        bracket->previous = '[';
        drop(&bracket->rest, 1);
        return true;
    }
    bracket->previous = -1;
    drop(&bracket->rest, (size_t)(end - bracket->rest.data) + 1);
    return put_class(bracket->set, lf_str_of(name, (size_t)(end - name) - 1));
}

/* A byte, escaped or not; -1 at the end of the pattern. */
static int take_byte(struct lf_str *rest)
{
    if (rest->len && rest->data[0] == '\\')
        drop(rest, 1);
    if (rest->len == 0)
        return -1;
    int byte = (unsigned char)rest->data[0];
    drop(rest, 1);
    return byte;
}

/* One item of a bracket: a class, a range's end, or a byte. */
static bool take_member(struct bracket *bracket)
{
    struct lf_str rest = bracket->rest;
    if (rest.data[0] == '-' && bracket->previous >= 0 && rest.len > 1 &&
        rest.data[1] != ']') {
        drop(&bracket->rest, 1);
        int high = take_byte(&bracket->rest);
        if (high < 0)
            return false;
        put_range(bracket->set, (unsigned)bracket->previous, (unsigned)high);
        bracket->previous = -1;
        return true;
    }
    if (lf_str_starts(rest, LF_STR("[:")))
        return take_class(bracket);
    int byte = take_byte(&bracket->rest);
    if (byte < 0)
        return false;
    put_range(bracket->set, (unsigned)byte, (unsigned)byte);
    bracket->previous = byte;
    return true;
}

/* At `[`. False: no memory; a malformed bracket sets `never`. */
static bool compile_bracket(struct compile *compile, struct lf_glob_op *op)
{
    uint8_t *set = lf_arena_alloc(compile->arena, 32);
    if (!set)
        return false;
    struct bracket bracket = {compile->rest, set, -1};
    drop(&bracket.rest, 1);
    bool negated = bracket.rest.len &&
                   (bracket.rest.data[0] == '!' || bracket.rest.data[0] == '^');
    if (negated)
        drop(&bracket.rest, 1);
    bool good;
    do {
        good = bracket.rest.len && take_member(&bracket);
    } while (good && bracket.rest.len && bracket.rest.data[0] != ']');
    if (!good || bracket.rest.len == 0) {
        compile->glob->never = true;
        return true;
    }
    drop(&bracket.rest, 1);
    for (size_t i = 0; negated && i < 32; i++)
        set[i] = (uint8_t)~set[i];
    if (compile->glob->path)
        set['/' >> 3] &= (uint8_t) ~(1u << ('/' & 7));
    *op = (struct lf_glob_op){.kind = OP_SET, .set = set};
    compile->rest = bracket.rest;
    return true;
}

/* ---- compiling ---- */

/* At `*`. Two or more count as `**` only between slashes or at the ends. */
static void compile_stars(struct compile *compile, struct lf_glob_op *op)
{
    const char *first = compile->rest.data;
    size_t stars = 0;
    while (stars < compile->rest.len && first[stars] == '*')
        stars++;
    drop(&compile->rest, stars);
    op->kind = OP_STAR;
    if (!compile->glob->path || stars < 2 ||
        (first != compile->start && first[-1] != '/'))
        return;
    if (lf_str_starts(compile->rest, LF_STR("/"))) {
        op->kind = OP_DIRS;
        drop(&compile->rest, 1);
    } else if (compile->rest.len == 0 ||
               lf_str_starts(compile->rest, LF_STR("\\/"))) {
        op->kind = OP_GLOBSTAR;
    }
}

/* Compile what comes next. False: no memory. */
static bool compile_one(struct compile *compile, struct lf_glob_op *op)
{
    switch (compile->rest.data[0]) {
    case '*':
        compile_stars(compile, op);
        return true;
    case '[':
        return compile_bracket(compile, op);
    case '?':
        op->kind = OP_ANY;
        drop(&compile->rest, 1);
        return true;
    default:
        break;
    }
    int byte = take_byte(&compile->rest);
    if (byte < 0)
        compile->glob->never = true;
    op->kind = OP_BYTE;
    op->byte = (uint8_t)byte;
    return true;
}

bool lf_glob_compile(struct lf_arena *arena, struct lf_str pattern,
                     enum lf_glob_mode mode, struct lf_glob *ret_glob)
{
    struct lf_glob_op *ops =
            lf_arena_alloc_array(arena, pattern.len, sizeof(*ops));
    if (!ops)
        return false;
    *ret_glob = (struct lf_glob){.ops = ops, .path = mode == LF_GLOB_PATH};
    struct compile compile = {arena, pattern, pattern.data, ops, ret_glob};
    while (compile.rest.len && !ret_glob->never) {
        if (!compile_one(&compile, &ops[ret_glob->count]))
            return false;
        ret_glob->count++;
    }
    return true;
}

/* ---- matching ---- */

/* Where matching can be taken up again. */
struct retry {
    uint32_t op; /* to go on with; 0: there is no such place */
    size_t at;   /* in the text, for the next try */
};

struct match {
    const struct lf_glob *glob;
    struct lf_str text;
    uint32_t op;
    size_t at;
    struct retry star, globstar;
};

static bool accepts(const struct match *match, const struct lf_glob_op *op)
{
    uint8_t c = (uint8_t)match->text.data[match->at];
    switch ((enum op_kind)op->kind) {
    case OP_BYTE:
        return c == op->byte;
    case OP_ANY:
        return !match->glob->path || c != '/';
    case OP_SET:
        return op->set[c >> 3] >> (c & 7) & 1;
    case OP_STAR:
    case OP_GLOBSTAR:
    case OP_DIRS:
        break;
    }
    return false;
}

/* Let the newest `*` take one byte more, else the newest `**` take more. What
 * an older one could take, the newer one can take as well. */
static bool try_again(struct match *match)
{
    struct lf_str text = match->text;
    struct retry *star = &match->star, *globstar = &match->globstar;
    if (star->op && star->at < text.len &&
        !(match->glob->path && text.data[star->at] == '/')) {
        match->at = ++star->at;
        match->op = star->op;
        return true;
    }
    if (!globstar->op || globstar->at >= text.len)
        return false;
    star->op = 0;
    if (match->glob->ops[globstar->op - 1].kind == OP_DIRS) {
        const char *slash =
                memchr(text.data + globstar->at, '/', text.len - globstar->at);
        if (!slash)
            return false;
        globstar->at = (size_t)(slash - text.data);
    }
    match->at = ++globstar->at;
    match->op = globstar->op;
    return true;
}

/* Take the wildcard at `op`, as nothing to begin with. */
static void take_wildcard(struct match *match, enum op_kind kind)
{
    match->op++;
    struct retry retry = {match->op, match->at};
    if (kind == OP_STAR) {
        match->star = retry;
    } else {
        match->globstar = retry;
        match->star.op = 0;
    }
}

bool lf_glob_match(const struct lf_glob *glob, struct lf_str text)
{
    struct match match = {.glob = glob, .text = text};
    if (glob->never)
        return false;
    for (;;) {
        const struct lf_glob_op *op =
                match.op < glob->count ? &glob->ops[match.op] : NULL;
        if (op && op->kind >= OP_STAR) {
            if (op->kind == OP_GLOBSTAR && match.op + 1 == glob->count)
                return true;
            take_wildcard(&match, (enum op_kind)op->kind);
        } else if (op && match.at < text.len && accepts(&match, op)) {
            match.op++;
            match.at++;
        } else if (!op && match.at == text.len) {
            return true;
        } else if (!try_again(&match)) {
            return false;
        }
    }
}
