/* SPDX-License-Identifier: MIT */
/*
 * schema_text.c - what single values of a manifest must look like
 */
#include "manifest/schema.h"

#include "base/farm_name.h"
#include "manifest/glob.h"
#include "manifest/pattern.h"

#include <stdio.h>
#include <string.h>

void lf_check_version(const struct lf_check *check, struct lf_yaml *node)
{
    if (!lf_str_equal(node->text, LF_STR("1")))
        lf_report(check, node, LF_CODE_VERSION,
                  "this linkfarm reads version 1 of the language",
                  "version \"%.*s\" is not known", lf_yaml_shown(node),
                  node->text.data);
}

void lf_check_farm_name(const struct lf_check *check, struct lf_yaml *node)
{
    if (!lf_farm_name_valid(node->text))
        lf_report(check, node, LF_CODE_FARM_NAME, lf_farm_name_cure,
                  "a farm cannot be called \"%.*s\"", lf_yaml_shown(node),
                  node->text.data);
}

void lf_check_mode(const struct lf_check *check, struct lf_yaml *node)
{
    bool good = node->text.len == 3 || node->text.len == 4;
    for (size_t i = 0; good && i < node->text.len; i++)
        good = node->text.data[i] >= '0' && node->text.data[i] <= '7';
    if (!good)
        lf_report(check, node, LF_CODE_MODE,
                  "write three or four octal digits, as in \"0700\"",
                  "\"%.*s\" is not an octal mode", lf_yaml_shown(node),
                  node->text.data);
}

void lf_check_var_name(const struct lf_check *check, struct lf_yaml *node)
{
    if (!lf_var_name_valid(node->text))
        lf_report(check, node, LF_CODE_VAR_NAME,
                  "use letters, digits and _, and no digit at the start",
                  "\"%.*s\" cannot be the name of a variable",
                  lf_yaml_shown(node), node->text.data);
}

void lf_check_not_empty(const struct lf_check *check, struct lf_yaml *node)
{
    if (node->text.len == 0)
        lf_report(check, node, LF_CODE_EMPTY_TEXT, "write one, or leave it out",
                  "an empty text");
}

/* Commas and blanks stand between the names that --profile is given. */
void lf_check_profile(const struct lf_check *check, struct lf_yaml *node)
{
    bool several = false;
    for (size_t i = 0; i < node->text.len; i++)
        several |= strchr(", \t", node->text.data[i]) && node->text.data[i];
    lf_check_not_empty(check, node);
    if (several)
        lf_report(check, node, LF_CODE_PROFILE_NAME,
                  "of several, any of which will do, write a list: [a, b]",
                  "\"%.*s\" cannot be the name of a profile",
                  lf_yaml_shown(node), node->text.data);
}

void lf_report_vanished(const struct lf_check *check, struct lf_yaml *node)
{
    lf_report(check, node, LF_CODE_EMPTY_TEXT,
              "give the variable a value, or a default: ${NAME:-...}",
              "this expands to nothing");
}

void lf_report_expansion(const struct lf_check *check, struct lf_yaml *node,
                         const struct lf_expansion_fault *fault)
{
    struct lf_mark mark = lf_yaml_mark(check->document, node);
    node->bad = true;
    if (lf_diags_dropped(check->diags) == 0)
        mark = lf_yaml_mark_within(check->document, node, fault->offset,
                                   fault->len);
    lf_diags_add(check->diags, fault->code, LF_SEVERITY_ERROR, mark,
                 fault->help[0] ? fault->help : NULL, "%s", fault->message);
}

void lf_check_value(const struct lf_check *check, struct lf_yaml *node)
{
    struct lf_expansion_fault fault;
    struct lf_buf scratch = {0};
    if (!lf_expand(NULL, node->text, &scratch, &fault))
        lf_report_expansion(check, node, &fault);
    lf_buf_finish(&scratch);
}

static void check_form(const struct lf_check *check, struct lf_yaml *node,
                       const char *what, const char *help)
{
    if (node->text.len == 0)
        lf_report(check, node, LF_CODE_EMPTY_TEXT, help, "an empty %s", what);
    else
        lf_check_value(check, node);
}

void lf_check_path_form(const struct lf_check *check, struct lf_yaml *node)
{
    check_form(check, node, "path",
               "\".\" is the directory that relative paths start at");
}

void lf_check_link_path(const struct lf_check *check, struct lf_yaml *node)
{
    check_form(check, node, "path", LF_HELP_LINK_PATH);
}

void lf_check_dir_path(const struct lf_check *check, struct lf_yaml *node)
{
    check_form(check, node, "path", LF_HELP_DIR_PATH);
}

void lf_check_link_text(const struct lf_check *check, struct lf_yaml *node)
{
    check_form(check, node, "text", "write the text that the link shall have");
}

void lf_check_included(const struct lf_check *check, struct lf_yaml *node)
{
    if (lf_str_equal(node->text, LF_STR("?")))
        lf_report(check, node, LF_CODE_EMPTY_TEXT,
                  "a ? stands behind the path of a file that may be missing",
                  "an empty path");
    else
        check_form(check, node, "path",
                   "name a file; with a ? behind its path it may be missing");
}

/* Whether the pattern is good; `*ret_negative` if it begins with `!`. */
static bool check_pattern(const struct lf_check *check, struct lf_yaml *node,
                          bool *ret_negative)
{
    struct lf_arena arena = {0};
    struct lf_patterns list = {0};
    const char *fault = NULL;
    *ret_negative = false;
    /* without memory there is no verdict here; building will fail as well */
    if (lf_patterns_add(&list, &arena, node->text, &fault)) {
        if (fault)
            lf_report(check, node, LF_CODE_PATTERN, fault,
                      "the pattern \"%.*s\" can match nothing",
                      lf_yaml_shown(node), node->text.data);
        else
            *ret_negative = lf_pattern_negative(&list, 0);
    }
    lf_patterns_finish(&list);
    lf_arena_finish(&arena);
    return fault == NULL;
}

void lf_check_pattern(const struct lf_check *check, struct lf_yaml *node)
{
    bool negative;
    check_pattern(check, node, &negative);
}

void lf_check_glob(const struct lf_check *check, struct lf_yaml *node)
{
    struct lf_arena arena = {0};
    struct lf_glob glob = {0};
    if (node->text.len == 0)
        lf_check_not_empty(check, node);
    else if (lf_glob_compile(&arena, node->text, LF_GLOB_NAME, &glob) &&
             glob.never)
        lf_report(check, node, LF_CODE_PATTERN,
                  "close the [, and write \\\\ for a backslash",
                  "the pattern \"%.*s\" can match nothing", lf_yaml_shown(node),
                  node->text.data);
    lf_arena_finish(&arena);
}

void lf_check_rule(const struct lf_check *check, struct lf_yaml *node)
{
    bool negative;
    if (check_pattern(check, node, &negative) && negative)
        lf_report(check, node, LF_CODE_PATTERN,
                  "give the names that it should hold for instead",
                  "a rule cannot begin with !");
}

void lf_check_source(const struct lf_check *check, struct lf_yaml *map)
{
    struct lf_yaml *from = lf_yaml_get_key(map, "from");
    struct lf_yaml *to = lf_yaml_get_key(map, "to");
    if (!from != !to)
        return;
    map->bad = true;
    if (!from && (lf_yaml_meant(map, lf_link_keys, "from") ||
                  lf_yaml_meant(map, lf_link_keys, "to")))
        return;
    lf_report(check, from ? to : map, LF_CODE_LINK_SOURCE,
              "from: a source, for which the text is worked out; to: the link "
              "text as it stands",
              from ? "a link cannot have both from and to"
                   : "a link needs either from or to");
    map->bad = true;
}
