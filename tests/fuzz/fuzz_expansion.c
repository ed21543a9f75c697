/* SPDX-License-Identifier: MIT */
/*
 * fuzz_expansion.c - `~/` and `${}` in texts of any bytes
 *
 * The input is lines that define names, an empty line, and the text:
 *
 *     vNAME=VALUE   as under `vars`
 *     gNAME=VALUE   as by --var
 *     eNAME=VALUE   in the environment
 *     hPATH         the home directory
 */
#include "fuzz.h"
#include "manifest/expansion.h"

enum { NAMES_MOST = 16, LINE_MOST = 256 };

struct world {
    struct lf_facts *facts;
    struct lf_scope scope;
    struct lf_arena arena;
    char *environment[NAMES_MOST + 1];
    size_t n_environment;
};

/* ---- names ---- */

static void define(struct world *world, char kind, struct lf_str line)
{
    struct lf_error err;
    const struct lf_var *old;
    struct lf_str value = line;
    struct lf_str name = lf_arena_str(&world->arena, fuzz_take(&value, '='));
    value = lf_arena_str(&world->arena, value);
    if (kind == 'v' && lf_var_name_valid(name))
        must(lf_scope_define(&world->scope,
                             (struct lf_var){.name = name, .value = value},
                             &old));
    if (kind == 'g' && lf_var_name_valid(name))
        must(lf_facts_add_var(world->facts, name, value, &err));
    if (kind == 'h')
        must(lf_facts_set(world->facts, "home", name, &err));
    if (kind == 'e' && world->n_environment < NAMES_MOST)
        world->environment[world->n_environment++] =
                (char *)(uintptr_t)lf_arena_str(&world->arena, line).data;
}

static void open_world(struct world *world, struct lf_str *rest)
{
    static const char *const facts[] = {"os", "arch", "host", "user"};
    struct lf_error err;
    must(lf_facts_new(&world->facts, &err));
    for (size_t i = 0; i < LF_COUNT(facts); i++)
        must(lf_facts_set(world->facts, facts[i], lf_str(facts[i]), &err));
    must(lf_facts_set(world->facts, "home", LF_STR("/home/u"), &err));
    world->scope.facts = world->facts;
    world->scope.manifest_dir = LF_STR("/farm");
    struct lf_str line;
    for (int i = 0; i < NAMES_MOST; i++) {
        line = fuzz_take(rest, '\n');
        if (line.len == 0)
            break;
        if (line.len < LINE_MOST && !memchr(line.data, '\0', line.len))
            define(world, line.data[0], lf_str_of(line.data + 1, line.len - 1));
    }
    must(lf_facts_set_environment(world->facts, world->environment, &err));
}

static void close_world(struct world *world)
{
    lf_scope_finish(&world->scope);
    lf_facts_free(world->facts);
    lf_arena_finish(&world->arena);
}

/* ---- laws ---- */

/* A fault is one of the text, at a place in it. */
static void check_fault(const struct lf_expansion_fault *fault,
                        struct lf_str text)
{
    must(lf_code_meaning(fault->code));
    must(fault->message[0]);
    must(fault->offset <= text.len && fault->len <= text.len - fault->offset);
    must(fault->len > 0);
}

static bool expand(const struct world *world, struct lf_str text,
                   struct lf_buf *out, enum lf_code *ret_code)
{
    struct lf_expansion_fault fault = {0};
    struct lf_str exact = fuzz_copy(text);
    bool good = lf_expand(world ? &world->scope : NULL, exact, out, &fault);
    must(!lf_buf_failed(out));
    if (!good)
        check_fault(&fault, text);
    *ret_code = fault.code;
    lf_free_const(exact.data);
    return good;
}

/* What stood in the buffer stays, and has no part in what comes behind it. */
static void check_appends(const struct world *world, struct lf_str text,
                          struct lf_str want)
{
    struct lf_buf out = {0};
    enum lf_code code;
    lf_buf_add(&out, LF_STR("before"));
    must(expand(world, text, &out, &code));
    must(lf_str_starts(lf_buf_str(&out), LF_STR("before")));
    must(lf_str_equal(lf_str_of(out.data + 6, out.len - 6), want));
    lf_buf_finish(&out);
}

/* Two texts that expand, one behind the other, expand to what they do alone;
 * `~` apart, which counts at the start. */
static void check_parts(const struct world *world, struct lf_str text,
                        size_t at)
{
    struct lf_str head = lf_str_of(text.data, at);
    struct lf_str tail = lf_str_of(text.data + at, text.len - at);
    struct lf_buf parts = {0}, whole = {0};
    enum lf_code code;
    if (expand(world, head, &parts, &code) && parts.len) {
        struct lf_buf alone = {0};
        if (expand(world, tail, &alone, &code)) {
            lf_buf_add(&parts, lf_buf_str(&alone));
            must(expand(world, text, &whole, &code));
            must(lf_str_equal(lf_buf_str(&whole), lf_buf_str(&parts)));
        }
        lf_buf_finish(&alone);
    }
    lf_buf_finish(&parts);
    lf_buf_finish(&whole);
}

/* Every text can be written: dollars doubled, it expands to itself. */
static void check_written(const struct world *world, struct lf_str text)
{
    struct lf_buf doubled = {0}, out = {0};
    enum lf_code code;
    if (text.len && text.data[0] == '~')
        return;
    for (size_t i = 0; i < text.len; i++) {
        lf_buf_add_char(&doubled, text.data[i]);
        if (text.data[i] == '$')
            lf_buf_add_char(&doubled, '$');
    }
    must(expand(world, lf_buf_str(&doubled), &out, &code));
    must(lf_str_equal(lf_buf_str(&out), text));
    lf_buf_finish(&doubled);
    lf_buf_finish(&out);
}

/* A value stands in the text as it is, whatever is in it. */
static void check_values(const struct world *world)
{
    for (uint32_t i = 0; i < world->scope.n_vars; i++) {
        const struct lf_var *var = &world->scope.vars[i];
        struct lf_buf text = {0}, out = {0}, want = {0};
        enum lf_code code;
        bool given = lf_facts_var(world->facts, var->name).data;
        lf_buf_add_format(&text, "<${%s}>", var->name.data);
        lf_buf_add_format(&want, "<%s>", var->value.data);
        must(expand(world, lf_buf_str(&text), &out, &code));
        must(given || lf_str_equal(lf_buf_str(&out), lf_buf_str(&want)));
        lf_buf_finish(&text);
        lf_buf_finish(&out);
        lf_buf_finish(&want);
    }
}

/* Where the form is right, only what names stand for can be wrong. */
static void check_form(struct lf_str text, bool good, enum lf_code live)
{
    struct lf_buf form = {0};
    enum lf_code code;
    bool right = expand(NULL, text, &form, &code);
    must(right || code == LF_CODE_DOLLAR || code == LF_CODE_TILDE);
    must(!right || good || live != LF_CODE_DOLLAR);
    must(right || !good || code == LF_CODE_TILDE);
    lf_buf_finish(&form);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lf_str rest = lf_str_of((const char *)data, size);
    struct world world = {0};
    struct lf_buf out = {0};
    enum lf_code code;
    open_world(&world, &rest);
    bool good = expand(&world, rest, &out, &code);
    if (good)
        check_appends(&world, rest, lf_buf_str(&out));
    check_form(rest, good, code);
    check_written(&world, rest);
    check_values(&world);
    if (!rest.len || !memchr(rest.data, '~', rest.len))
        for (size_t at = 0; at < rest.len && at < 32; at++)
            check_parts(&world, rest, at);
    lf_buf_finish(&out);
    close_world(&world);
    return 0;
}
