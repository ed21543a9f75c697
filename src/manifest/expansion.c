/* SPDX-License-Identifier: MIT */
/*
 * expansion.c - `~/`, `${NAME}`, `${NAME:-default}`, `${NAME:?message}`, `$$`
 *
 * One pass from left to right. A default that is used is read as if it stood
 * there alone; one that is not used is only checked. So no depth of nesting
 * costs more than its length.
 */
#include "manifest/expansion.h"

#include "base/nearest.h"
#include "base/util.h"

#include <assert.h>
#include <stdio.h>

enum {
    NESTING_LIMIT = 16, /* of defaults */
    NEAR_LIMIT = 256,   /* variables to search for a likely name */
};

struct expand {
    const struct lf_scope *scope;
    struct lf_str text;
    size_t at;
    struct lf_buf *out;
    size_t start;   /* of our part of `out` */
    bool skipping;  /* inside a default that is not used */
    unsigned depth; /* of defaults */
    bool skipping_outside[NESTING_LIMIT];
    size_t opened[NESTING_LIMIT];
    struct lf_expansion_fault *fault;
};

LF_PRINTF(5, 6)
static bool refuse(struct expand *expand, enum lf_code code, size_t offset,
                   size_t len, const char *format, ...)
{
    struct lf_expansion_fault *fault = expand->fault;
    fault->code = code;
    fault->offset = offset;
    fault->len = len;
    fault->help[0] = '\0';
    va_list args;
    va_start(args, format);
    vsnprintf(fault->message, sizeof(fault->message), format, args);
    va_end(args);
    return false;
}

LF_PRINTF(2, 3)
static bool with_help(struct expand *expand, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(expand->fault->help, sizeof(expand->fault->help), format, args);
    va_end(args);
    return false;
}

/* Names are shown; a hostile one shall not fill the message. */
static int shown(struct lf_str text)
{
    return text.len > 64 ? 64 : (int)text.len;
}

static bool is_name_start(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static bool is_name_part(char c)
{
    return is_name_start(c) || (c >= '0' && c <= '9');
}

static size_t name_length(struct lf_str text)
{
    size_t len = 0;
    if (text.len == 0 || !is_name_start(text.data[0]))
        return 0;
    while (len < text.len && is_name_part(text.data[len]))
        len++;
    return len;
}

bool lf_var_name_valid(struct lf_str name)
{
    return name.len > 0 && name_length(name) == name.len;
}

/* ---- the scope ---- */

void lf_scope_finish(struct lf_scope *scope)
{
    lf_strmap_finish(&scope->index);
    free(scope->vars);
    *scope = (struct lf_scope){0};
}

bool lf_scope_define(struct lf_scope *scope, struct lf_var var,
                     const struct lf_var **ret_old)
{
    uint32_t at;
    void *vars = scope->vars;
    if (!lf_array_reserve(&vars, scope->n_vars, &scope->capacity, sizeof(var)))
        return false;
    scope->vars = vars;
    if (!lf_strmap_add(&scope->index, var.name, scope->n_vars, &at))
        return false;
    assert(scope->vars);
    *ret_old = at < scope->n_vars ? &scope->vars[at] : NULL;
    if (!*ret_old)
        scope->vars[scope->n_vars++] = var;
    return true;
}

/*
 * --var, vars, facts, environment. From the last two an empty value is none, as
 * most programs take it; one that a person wrote down as empty is meant.
 */
static struct lf_str look_up(const struct lf_scope *scope, struct lf_str name)
{
    struct lf_str value = lf_facts_var(scope->facts, name);
    uint32_t at;
    if (value.data)
        return value;
    if (lf_strmap_find(&scope->index, name, &at))
        return scope->vars[at].value;
    value = lf_str_equal(name, lf_str("manifest_dir"))
                    ? scope->manifest_dir
                    : lf_facts_named(scope->facts, name);
    if (value.len)
        return value;
    value = lf_facts_env(scope->facts, name);
    return value.len ? value : lf_str(NULL);
}

static bool is_fact(struct lf_str name)
{
    for (size_t i = 0; lf_fact_name(i); i++) {
        if (lf_str_equal(name, lf_str(lf_fact_name(i))))
            return true;
    }
    return false;
}

/* The facts, then the variables: what a mistyped name may have meant. */
static const char *known_name(const void *arg, size_t index)
{
    const struct lf_scope *scope = arg;
    size_t facts = 0;
    while (lf_fact_name(facts))
        facts++;
    if (index < facts)
        return lf_fact_name(index);
    index -= facts;
    if (index == 0)
        return "manifest_dir";
    return index <= scope->n_vars ? scope->vars[index - 1].name.data : NULL;
}

static bool refuse_unset(struct expand *expand, struct lf_str name,
                         size_t offset)
{
    int len = shown(name);
    refuse(expand, LF_CODE_UNSET, offset, expand->at - offset,
           "${%.*s} is not set", len, name.data);
    if (lf_facts_env(expand->scope->facts, name).data)
        return with_help(expand,
                         "it is in the environment, but empty; a default is "
                         "written ${%.*s:-...}",
                         len, name.data);
    if (is_fact(name)) /* of a user who is in no list, or has no home */
        return with_help(expand,
                         "it is not known here: say it by --var %.*s=...; a "
                         "default is written ${%.*s:-...}",
                         len, name.data, len, name.data);
    const char *near = expand->scope->n_vars > NEAR_LIMIT
                               ? NULL
                               : lf_nearest(name, known_name, expand->scope);
    if (near)
        return with_help(expand, "did you mean ${%s}?", near);
    return with_help(expand,
                     "define it under vars, above its use, in the environment "
                     "or by --var %.*s=...; a default is written ${%.*s:-...}",
                     len, name.data, len, name.data);
}

/* ---- the pieces ---- */

static bool at_start(const struct expand *expand)
{
    return expand->out->len == expand->start;
}

static bool add_value(struct expand *expand, struct lf_str value, size_t offset)
{
    if (at_start(expand) && value.len && value.data[0] == '~' &&
        (value.len == 1 || value.data[1] == '/')) {
        refuse(expand, LF_CODE_TILDE, offset, expand->at - offset,
               "the value begins with ~, which is not expanded again");
        return with_help(expand, "the value must name the directory in full");
    }
    lf_buf_add(expand->out, value);
    return true;
}

static bool refuse_open(struct expand *expand, size_t offset)
{
    refuse(expand, LF_CODE_DOLLAR, offset, 2, "this ${ is not closed");
    return with_help(expand, "close it with }");
}

/* When only the form is checked, a value counts as some text. */
static bool add_if_live(struct expand *expand, struct lf_str value,
                        size_t offset)
{
    if (!expand->scope)
        return add_value(expand, lf_str("x"), offset);
    return expand->skipping || add_value(expand, value, offset);
}

static bool take_default(struct expand *expand, struct lf_str value,
                         size_t offset)
{
    if (expand->depth == NESTING_LIMIT)
        return refuse(expand, LF_CODE_DOLLAR, offset, 2,
                      "more than 16 defaults within each other");
    expand->at += 2;
    expand->opened[expand->depth] = offset;
    expand->skipping_outside[expand->depth++] = expand->skipping;
    if (!value.len)
        return true;
    expand->skipping = true;
    return add_value(expand, value, offset);
}

static bool take_required(struct expand *expand, struct lf_str name,
                          struct lf_str value, size_t offset)
{
    struct lf_str message = lf_str_of(expand->text.data + expand->at + 2,
                                      expand->text.len - expand->at - 2);
    const char *end = memchr(message.data, '}', message.len);
    if (!end)
        return refuse_open(expand, offset);
    message.len = (size_t)(end - message.data);
    expand->at += message.len + 3;
    if (value.len || !expand->scope || expand->skipping)
        return add_if_live(expand, value, offset);
    if (message.len == 0)
        message = lf_str("it is not set");
    refuse(expand, LF_CODE_REQUIRED, offset, expand->at - offset,
           "${%.*s} is required: %.*s", shown(name), name.data,
           message.len > 120 ? 120 : (int)message.len, message.data);
    return with_help(expand, "set it in the environment or by --var %.*s=...",
                     shown(name), name.data);
}

/* The name is known and `at` is behind it: what follows decides. */
static bool take_operator(struct expand *expand, struct lf_str name,
                          size_t offset)
{
    struct lf_str rest = lf_str_of(expand->text.data + expand->at,
                                   expand->text.len - expand->at);
    bool live = expand->scope && !expand->skipping;
    struct lf_str value = live ? look_up(expand->scope, name) : lf_str(NULL);
    if (lf_str_starts(rest, lf_str("}"))) {
        expand->at++;
        if (live && !value.data)
            return refuse_unset(expand, name, offset);
        return add_if_live(expand, value, offset);
    }
    if (lf_str_starts(rest, lf_str(":-")))
        return take_default(expand, value, offset);
    if (lf_str_starts(rest, lf_str(":?")))
        return take_required(expand, name, value, offset);
    if (rest.len == 0)
        return refuse_open(expand, offset);
    refuse(expand, LF_CODE_DOLLAR, offset, expand->at - offset,
           "only }, :- or :? can follow the name in ${%.*s", shown(name),
           name.data);
    return with_help(expand, "the forms are ${NAME}, ${NAME:-default} and "
                             "${NAME:?message}");
}

static bool take_braces(struct expand *expand, size_t offset)
{
    expand->at = offset + 2;
    struct lf_str rest = lf_str_of(expand->text.data + expand->at,
                                   expand->text.len - expand->at);
    struct lf_str name = lf_str_of(rest.data, name_length(rest));
    if (name.len == 0) {
        refuse(expand, LF_CODE_DOLLAR, offset, 2, "a name is missing after ${");
        return with_help(expand, "a name is a letter or _, then letters, "
                                 "digits and _; a dollar is written $$");
    }
    expand->at += name.len;
    return take_operator(expand, name, offset);
}

static bool take_dollar(struct expand *expand)
{
    size_t offset = expand->at;
    struct lf_str rest = lf_str_of(expand->text.data + offset + 1,
                                   expand->text.len - offset - 1);
    if (lf_str_starts(rest, lf_str("$"))) {
        expand->at += 2;
        if (!expand->skipping)
            lf_buf_add_char(expand->out, '$');
        return true;
    }
    if (lf_str_starts(rest, lf_str("{")))
        return take_braces(expand, offset);
    struct lf_str name = lf_str_of(rest.data, name_length(rest));
    if (name.len) {
        refuse(expand, LF_CODE_DOLLAR, offset, name.len + 1,
               "a name needs braces: ${%.*s}", shown(name), name.data);
        return with_help(expand, "a dollar that is meant is written $$");
    }
    refuse(expand, LF_CODE_DOLLAR, offset, 1, "a lone dollar");
    return with_help(expand, "a dollar that is meant is written $$");
}

static bool take_tilde(struct expand *expand)
{
    struct lf_str rest = lf_str_of(expand->text.data + expand->at,
                                   expand->text.len - expand->at);
    size_t len = 1;
    while (len < rest.len && !memchr("/}", rest.data[len], 2))
        len++;
    if (len > 1) {
        refuse(expand, LF_CODE_TILDE, expand->at, len,
               "the home of another user is not looked up");
        return with_help(expand, "write the directory out; a name that begins "
                                 "with ~ is written ./~name");
    }
    if (rest.len == 1 || rest.data[1] != '/') {
        refuse(expand, LF_CODE_TILDE, expand->at, 1, "a lone ~");
        return with_help(expand, "for the home directory write ~/");
    }
    expand->at += 1;
    if (!expand->scope)
        return true;
    struct lf_str home = lf_facts_get(expand->scope->facts, "home");
    if (!lf_str_starts(home, LF_STR("/"))) {
        refuse(expand, LF_CODE_NO_HOME, expand->at - 1, 2,
               "the home directory is not known");
        return with_help(expand, "set HOME to an absolute path");
    }
    /* the slash of `~/` follows; home "/" must not make two of it */
    while (home.len && home.data[home.len - 1] == '/')
        home.len--;
    lf_buf_add(expand->out, home);
    return true;
}

static void close_default(struct expand *expand)
{
    expand->at++;
    expand->skipping = expand->skipping_outside[--expand->depth];
    if (!expand->scope)
        lf_buf_add_char(expand->out, 'x');
}

/* Bytes that stand for themselves, up to the next that may not. */
static void take_plain(struct expand *expand)
{
    size_t begin = expand->at++;
    while (expand->at < expand->text.len &&
           !memchr("$}", expand->text.data[expand->at], 2))
        expand->at++;
    if (!expand->skipping)
        lf_buf_add(expand->out,
                   lf_str_of(expand->text.data + begin, expand->at - begin));
}

/* Most texts stand for themselves, from end to end. */
static bool is_plain(struct lf_str text)
{
    return text.len > 0 && text.data[0] != '~' &&
           !memchr(text.data, '$', text.len);
}

bool lf_expand(const struct lf_scope *scope, struct lf_str text,
               struct lf_buf *out, struct lf_expansion_fault *ret_fault)
{
    if (is_plain(text)) {
        lf_buf_add(out, text);
        return true;
    }
    struct expand expand = {.scope = scope,
                            .text = text,
                            .out = out,
                            .start = out->len,
                            .fault = ret_fault};
    while (expand.at < text.len) {
        char c = text.data[expand.at];
        bool good = true;
        if (c == '$')
            good = take_dollar(&expand);
        else if (c == '}' && expand.depth)
            close_default(&expand);
        else if (c == '~' && at_start(&expand) && !expand.skipping)
            good = take_tilde(&expand);
        else
            take_plain(&expand);
        if (!good)
            return false;
    }
    if (expand.depth == 0)
        return true;
    return refuse_open(&expand, expand.opened[expand.depth - 1]);
}
