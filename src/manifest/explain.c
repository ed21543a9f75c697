/* SPDX-License-Identifier: MIT */
/*
 * explain.c - what a YAML parser's complaint means to the person who typed
 */
#include "manifest/explain.h"

#include "base/source.h"
#include "base/util.h"

#include <stdio.h>

enum place {
    AT,    /* where the parser noticed */
    BEGAN, /* where what it was reading began */
};

/* A row applies if its texts begin (`problem`) or occur in (`context`) what the
 * parser said, and `first`, if any, is the character at its mark. */
static const struct row {
    const char *problem, *context;
    const char *first;
    enum lf_code code;
    enum place place;
    const char *message, *help;
} rows[] = {
        {"found character that cannot start any token", NULL,                    "\t",
         LF_CODE_SYNTAX,                                                                               AT,    "a tab cannot indent",                           "indent with spaces"                                     },
        {"found a tab character",                       NULL,                    NULL, LF_CODE_SYNTAX, AT,
         "a tab cannot indent",                                                                                                                                "indent with spaces"                                     },
        {"mapping values are not allowed",              NULL,                    NULL, LF_CODE_SYNTAX, AT,
         "a colon that begins no value here",                                                                                                                  "a text with \": \" in it needs quotes; a key must begin where the "
         "keys around it begin"                                                                                                                                            },
        {"found unexpected ':'",                        NULL,                    NULL, LF_CODE_SYNTAX, AT,
         "a colon without a space behind it",                                                                                                                  "write \"key: value\", or quote a text with a colon"     },
        {"could not find expected ':'",                 NULL,                    NULL, LF_CODE_SYNTAX, BEGAN,
         "a line without a colon where a key is due",                                                                                                          "write \"key: value\", with a space behind the colon"    },
        {"block sequence entries are not allowed",      NULL,                    NULL, LF_CODE_SYNTAX,
         AT,                                                                                                  "a list cannot begin here",
         "put each \"- item\" on a line of its own, below the key"                                                                                                                                                      },
        {"mapping keys are not allowed",                NULL,                    NULL, LF_CODE_SYNTAX, AT,
         "a key cannot begin here",                                                                                                                            "a text that begins with ? needs quotes"                 },
        {"found unexpected end of stream",              "quoted scalar",         NULL,
         LF_CODE_SYNTAX,                                                                               BEGAN, "this quote is never closed",
         "close it; in single quotes, '' stands for one quote"                                                                                                                                                          },
        {"found unexpected document indicator",         "quoted scalar",         NULL,
         LF_CODE_SYNTAX,                                                                               BEGAN, "this quote is never closed",
         "close it; in single quotes, '' stands for one quote"                                                                                                                                                          },
        {"found unknown escape character",              NULL,                    NULL, LF_CODE_SYNTAX, AT,
         "an escape that YAML does not have",                                                                                                                  "in double quotes a backslash is written \\\\; in single quotes it "
         "stands for itself"                                                                                                                                               },
        {"did not find expected hexdecimal number",     NULL,                    NULL, LF_CODE_SYNTAX,
         AT,                                                                                                  "an escape with too few hexadecimal digits",
         "write \\x with two digits, \\u with four, \\U with eight"                                                                                                                                                     },
        {"found invalid Unicode character escape code", NULL,                    NULL,
         LF_CODE_SYNTAX,                                                                               AT,    "an escape that is no Unicode character",
         "write the character itself"                                                                                                                                                                                   },
        {"did not find expected comment or line break", "block scalar",          NULL,
         LF_CODE_SYNTAX,                                                                               BEGAN, "a text cannot begin with | or >",
         "quote it; a block of text begins on the line below its | or >"                                                                                                                                                },
        {"found an indentation indicator equal to 0",   NULL,                    NULL,
         LF_CODE_SYNTAX,                                                                               BEGAN, "a block of text cannot be indented by 0",
         "quote a text that begins with | or >"                                                                                                                                                                         },
        {"did not find expected '-' indicator",         NULL,                    NULL, LF_CODE_SYNTAX, AT,
         "this does not fit the list above it",                                                                                                                "items of one list begin in one column, each with \"- \""},
        {"did not find expected key",                   "block mapping",         NULL, LF_CODE_SYNTAX, AT,
         "this does not fit the keys above it",                                                                                                                "keys of one mapping begin in one column, and nothing may follow a "
         "closing quote"                                                                                                                                                 },
        {"did not find expected ',' or '}'",            NULL,                    NULL, LF_CODE_SYNTAX, AT,
         "a comma or } is missing here",                                                                                                                       "inside { } a text with any of , [ ] { } needs quotes"   },
        {"did not find expected ',' or ']'",            NULL,                    NULL, LF_CODE_SYNTAX, AT,
         "a comma or ] is missing here",                                                                                                                       "inside [ ] a text with any of , [ ] { } needs quotes"   },
        {"did not find expected node content",          NULL,                    NULL, LF_CODE_SYNTAX, AT,
         "a value is missing here",                                                                                                                            "an empty text is written \"\""                          },
        {"did not find expected <document start>",      NULL,                    NULL, LF_CODE_SYNTAX,
         AT,                                                                                                  "this does not belong to the document above it",
         "a manifest is one mapping, whose keys begin in one column"                                                                                                                                                    },
        {"",                                            "scanning a simple key", NULL, LF_CODE_SYNTAX, BEGAN,
         "a key that spans several lines",                                                                                                                     "keep a key on one line"                                 },
};

static bool ends_word(char c)
{
    return memchr(" \t,[]{}\"'#", c, 10) != NULL;
}

/* The colon of a key is not of the key. */
static struct lf_str without_colon(struct lf_str line, size_t start, size_t end)
{
    if (end - start > 1 && line.data[end - 1] == ':' &&
        (end == line.len || line.data[end] == ' ' || line.data[end] == '\t'))
        end--;
    return lf_str_of(line.data + start, end - start);
}

struct lf_str lf_yaml_text_at(struct lf_mark mark)
{
    struct lf_str line = lf_source_line(mark.source, mark.line);
    size_t start = lf_source_offset(line, mark.column);
    size_t end = start, at = start;
    while (at == end || at < line.len) {
        struct lf_str word;
        for (end = at; end < line.len && !ends_word(line.data[end]);)
            end++;
        word = without_colon(line, at, end);
        if (word.len < end - at)
            return lf_str_of(line.data + start, at + word.len - start);
        for (at = end; at < line.len && memchr(" \t", line.data[at], 2);)
            at++;
        if (at == line.len || ends_word(line.data[at]))
            break;
    }
    return lf_str_of(line.data + start, end - start);
}

struct lf_quoted lf_yaml_quoted(struct lf_str text)
{
    struct lf_quoted ret;
    size_t used = 0, at = 0;
    /* in double quotes a backslash begins an escape */
    bool single = text.len && (memchr(text.data, '\\', text.len) ||
                               memchr(text.data, '"', text.len));
    char quote = single ? '\'' : '"';
    ret.text[used++] = quote;
    while (at < text.len) {
        size_t next = lf_source_next(text, at);
        if (next > LF_QUOTED_SHOWN)
            break;
        if (text.data[at] == quote)
            ret.text[used++] = quote;
        while (at < next)
            ret.text[used++] = text.data[at++];
    }
    snprintf(ret.text + used, sizeof(ret.text) - used, "%s%c",
             at < text.len ? "..." : "", quote);
    return ret;
}

static char char_at(struct lf_mark mark)
{
    struct lf_str line = lf_source_line(mark.source, mark.line);
    size_t offset = lf_source_offset(line, mark.column);
    return offset < line.len ? line.data[offset] : '\n';
}

static bool row_fits(const struct row *row,
                     const struct lf_yaml_problem *problem)
{
    if (!lf_str_starts(lf_str(problem->problem), lf_str(row->problem)))
        return false;
    if (row->context &&
        (!problem->context || !strstr(problem->context, row->context)))
        return false;
    return !row->first || char_at(problem->at) == *row->first;
}

static bool context_has(const struct lf_yaml_problem *problem, const char *word)
{
    return problem->context && strstr(problem->context, word);
}

/* Add a diagnostic whose help shows the text at `mark` in quotes. */
static void say_quote(struct lf_diags *diags, enum lf_code code,
                      struct lf_mark mark, const char *what)
{
    struct lf_str text = lf_yaml_text_at(mark);
    char help[160];
    snprintf(help, sizeof(help), "quote it: %s", lf_yaml_quoted(text).text);
    mark.width = lf_source_columns(text);
    lf_diags_add(diags, code, LF_SEVERITY_ERROR, mark, help, "%s", what);
}

/* Texts that begin with a character that YAML keeps for itself. */
static bool explain_start(const struct lf_yaml_problem *problem,
                          struct lf_diags *diags)
{
    if (context_has(problem, "an alias")) {
        say_quote(diags, LF_CODE_ALIAS, problem->began,
                  "a text that begins with * needs quotes");
        return true;
    }
    if (context_has(problem, "an anchor")) {
        say_quote(diags, LF_CODE_ANCHOR, problem->began,
                  "a text that begins with & needs quotes");
        return true;
    }
    if (context_has(problem, "a tag")) {
        say_quote(diags, LF_CODE_TAG, problem->began,
                  "a text that begins with ! needs quotes");
        return true;
    }
    char first = char_at(problem->at);
    if (!lf_str_starts(lf_str(problem->problem),
                       LF_STR("found character that cannot start")) ||
        first == '\t')
        return false;
    char what[] = "a text that begins with ? needs quotes";
    *strchr(what, '?') = first;
    say_quote(diags, LF_CODE_SYNTAX, problem->at, what);
    return true;
}

/* The whole text around the `${` at `at`, with those that follow in it. */
static struct lf_str text_around(struct lf_str line, size_t at)
{
    size_t start = at, end = at;
    while (start > 0 && !ends_word(line.data[start - 1]))
        start--;
    while (end < line.len && !ends_word(line.data[end])) {
        if (line.data[end++] != '$' || end == line.len || line.data[end] != '{')
            continue;
        const char *close = memchr(line.data + end, '}', line.len - end);
        if (!close)
            return lf_str_of(line.data + start, end + 1 - start);
        end = (size_t)(close - line.data) + 1;
    }
    return without_colon(line, start, end);
}

/* An unquoted ${NAME} between brackets: its brace begins a mapping. */
static bool explain_braces(const struct lf_yaml_problem *problem,
                           struct lf_diags *diags)
{
    if (!context_has(problem, "flow"))
        return false;
    struct lf_mark mark = problem->at;
    struct lf_str line = lf_source_line(mark.source, mark.line);
    size_t limit = lf_source_offset(line, mark.column);
    for (size_t i = limit + 1 < line.len ? limit + 1 : line.len; i-- > 1;) {
        if (line.data[i] != '{' || line.data[i - 1] != '$')
            continue;
        struct lf_str text = text_around(line, i - 1);
        size_t before = (size_t)(text.data - line.data);
        char help[160];
        snprintf(help, sizeof(help), "quote the whole text: %s",
                 lf_yaml_quoted(text).text);
        mark.column = lf_source_columns(lf_str_of(line.data, before)) + 1;
        mark.width = lf_source_columns(text);
        lf_diags_add(diags, LF_CODE_SYNTAX, LF_SEVERITY_ERROR, mark, help, "%s",
                     "inside { } and [ ] a text with ${ } needs quotes");
        return true;
    }
    return false;
}

/* Where what is closed just before `limit` begins; `limit` if not in the line. */
static size_t opening(struct lf_str line, size_t limit)
{
    size_t depth = 0;
    for (size_t i = limit; i-- > 0;) {
        if (memchr("}]", line.data[i], 2))
            depth++;
        else if (memchr("{[", line.data[i], 2) && --depth == 0)
            return i;
    }
    return limit;
}

/* {a,b}.swp or [._]*: more text behind the bracket, so it was meant as text. */
static bool explain_brackets(const struct lf_yaml_problem *problem,
                             struct lf_diags *diags)
{
    struct lf_str said = lf_str(problem->problem);
    bool star = context_has(problem, "an alias");
    struct lf_mark mark = star ? problem->began : problem->at;
    struct lf_str line = lf_source_line(mark.source, mark.line);
    size_t limit = lf_source_offset(line, mark.column), end = limit;
    if (!star &&
        !lf_str_starts(said, LF_STR("did not find expected '-' indicator")) &&
        !lf_str_starts(said, LF_STR("did not find expected key")))
        return false;
    if (limit == 0 || limit >= line.len ||
        !memchr("}]", line.data[limit - 1], 2))
        return false;
    size_t start = opening(line, limit);
    while (end < line.len && !memchr(" \t", line.data[end], 2))
        end++;
    if (start == limit)
        return false;
    struct lf_str text = lf_str_of(line.data + start, end - start);
    char help[160];
    snprintf(help, sizeof(help), "quote it: %s", lf_yaml_quoted(text).text);
    mark.column = lf_source_columns(lf_str_of(line.data, start)) + 1;
    mark.width = lf_source_columns(text);
    lf_diags_add(diags, LF_CODE_SYNTAX, LF_SEVERITY_ERROR, mark, help,
                 "a text that begins with %c needs quotes", line.data[start]);
    return true;
}

/* ---- keys that are too long for their colon to be seen ---- */

enum { KEY_LIMIT = 1024 }; /* characters, of a key that its colon follows */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool ends_key(struct lf_str line, size_t at)
{
    return line.data[at] == ':' &&
           (at + 1 == line.len || is_blank(line.data[at + 1]));
}

/* Whether what begins at `start` is the value of a key before it. */
static bool follows_key(struct lf_str line, size_t start)
{
    while (start > 0 && is_blank(line.data[start - 1]))
        start--;
    return start > 0 && line.data[start - 1] == ':';
}

/* Where the quoted text that ends just before `end` begins; `end`: not here, or it
 * is a value. */
static size_t quoted_start(struct lf_str line, size_t end)
{
    for (size_t i = end - 1; i-- > 0;) {
        if (line.data[i] == line.data[end - 1] &&
            (i == 0 || memchr(" \t{[,", line.data[i - 1], 5)))
            return follows_key(line, i) ? end : i;
    }
    return end;
}

/* The same of a text without quotes, in brackets or not, which is no value. */
static size_t plain_start(struct lf_str line, size_t end, bool flow)
{
    size_t i = end;
    while (i > 0 && !ends_key(line, i - 1) &&
           !(flow && memchr("{}[],", line.data[i - 1], 5)))
        i--;
    if (i > 0 && ends_key(line, i - 1))
        return end;
    while (i < end && (is_blank(line.data[i]) ||
                       (!flow && line.data[i] == '-' && i + 1 < end &&
                        is_blank(line.data[i + 1]))))
        i++;
    return i;
}

/* Where the key begins of which the parser saw the colon at `colon`. */
static size_t key_start(struct lf_str line, size_t colon, bool flow)
{
    size_t end = colon;
    while (end > 0 && is_blank(line.data[end - 1]))
        end--;
    return end > 1 && memchr("\"'", line.data[end - 1], 2)
                   ? quoted_start(line, end)
                   : plain_start(line, end, flow);
}

/* The colon of the key that begins at `start`; `start`: there is none. */
static size_t colon_of(struct lf_str line, size_t start)
{
    bool quoted = start < line.len && memchr("\"'", line.data[start], 2);
    size_t found = start;
    for (size_t i = start; i < line.len && (found == start || quoted); i++)
        if (ends_key(line, i))
            found = i;
    return found;
}

/* YAML looks for the colon of a key in so many characters, and takes what is longer
 * for another text. */
static bool explain_long_key(const struct lf_yaml_problem *problem,
                             struct lf_diags *diags)
{
    struct lf_str said = lf_str(problem->problem);
    bool unseen = lf_str_starts(said, LF_STR("could not find expected ':'"));
    struct lf_mark mark = unseen ? problem->began : problem->at;
    struct lf_str line = lf_source_line(mark.source, mark.line);
    size_t colon = lf_source_offset(line, mark.column), start = colon;
    if (unseen)
        colon = colon_of(line, start);
    else if (colon < line.len && line.data[colon] == ':')
        start = key_start(line, colon, context_has(problem, "flow"));
    if (lf_source_columns(lf_str_of(line.data + start, colon - start)) <=
        KEY_LIMIT)
        return false;
    mark.column = lf_source_columns(lf_str_of(line.data, start)) + 1;
    mark.width = 1;
    lf_diags_add(diags, LF_CODE_SYNTAX, LF_SEVERITY_ERROR, mark,
                 "YAML wants it on two lines: \"? key\", and below it \": "
                 "value\"",
                 "%s", "a key of more than 1,024 characters");
    return true;
}

void lf_yaml_explain(const struct lf_yaml_problem *problem,
                     struct lf_diags *diags)
{
    struct lf_yaml_problem known = *problem;
    if (!known.problem)
        known.problem = "";
    if (known.began.line == 0)
        known.began = known.at;
    if (explain_long_key(&known, diags) || explain_brackets(&known, diags) ||
        explain_start(&known, diags) || explain_braces(&known, diags))
        return;
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        if (!row_fits(&rows[i], &known))
            continue;
        lf_diags_add(diags, rows[i].code, LF_SEVERITY_ERROR,
                     rows[i].place == AT ? known.at : known.began, rows[i].help,
                     "%s", rows[i].message);
        return;
    }
    lf_diags_add(diags, LF_CODE_SYNTAX, LF_SEVERITY_ERROR, known.at, NULL,
                 "not well-formed YAML: %s", known.problem);
}
