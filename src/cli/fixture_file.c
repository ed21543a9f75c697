/* SPDX-License-Identifier: MIT */
/*
 * fixture_file.c - a described tree, read from a file
 */
#include "cli/fixture_file.h"

#include "base/util.h"
#include "cli/fixture_lines.h"
#include "manifest/schema.h"
#include "resolve/fixture.h"

enum { DIAGS_LIMIT = 20 };

static const char see_form[] = "linkfarm(1) shows the form, under FIXTURES";

void lf_fixture_finish(struct lf_fixture *fixture)
{
    lf_view_free(fixture->view);
    lf_win_tree_free(fixture->tree);
    lf_diags_free(fixture->diags);
    lf_arena_finish(&fixture->arena);
    free(fixture->text);
    free(fixture->only);
    *fixture = (struct lf_fixture){0};
}

/* ---- nodes ---- */

LF_PRINTF(4, 5)
static bool fault(const struct lf_fixture *fixture, const struct lf_yaml *node,
                  struct lf_error *err, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    lf_error_set(err, LF_CODE_FIXTURE, 0, "%s", text);
    lf_error_help(err, "%s", see_form);
    err->mark = lf_yaml_mark(&fixture->file, node);
    return false;
}

/* The value of `key` in `map`, or NULL: also where it is no mapping. */
static struct lf_yaml *value_of(const struct lf_yaml *map, const char *key)
{
    return map && map->kind == LF_YAML_MAP ? lf_yaml_get(map, key) : NULL;
}

/* The text of `key`; empty if there is none. */
static bool text_of(const struct lf_fixture *fixture, const char *key,
                    struct lf_str *ret, struct lf_error *err)
{
    const struct lf_yaml *node = value_of(fixture->file.root, key);
    *ret = node ? node->text : LF_STR("");
    return !node || node->kind == LF_YAML_SCALAR ||
           fault(fixture, node, err, "%s must be a text", key);
}

/* ---- the tree ---- */

/* A field is a text; of a volume also {kind: remote}. */
static bool field_of(const struct lf_fixture *fixture,
                     const struct lf_yaml *node, struct lf_str *ret,
                     struct lf_error *err)
{
    const struct lf_yaml *kind = value_of(node, "kind");
    if (kind)
        node = kind;
    *ret = node->text;
    return node->kind == LF_YAML_SCALAR ||
           fault(fixture, node, err, "a field of an entry must be a text");
}

static bool add_entry(struct lf_fixture *fixture, const struct lf_yaml *entry,
                      struct lf_error *err)
{
    struct lf_str fields[LF_FIXTURE_FIELDS];
    size_t n = 0;
    if (entry->kind != LF_YAML_LIST)
        return fault(fixture, entry, err,
                     "an entry of the tree must be a list: [f, /a]");
    if (entry->count > LF_COUNT(fields))
        return fault(fixture, entry, err, "an entry of %u fields",
                     (unsigned)entry->count);
    for (const struct lf_yaml *at = entry->child; at; at = at->next)
        if (!field_of(fixture, at, &fields[n++], err))
            return false;
    if (fixture->windows ? lf_win_fixture_add(fixture->tree, fields, n, err)
                         : lf_fixture_add(fixture->view, fields, n, err))
        return true;
    if (err->code == LF_CODE_NO_MEMORY)
        return false;
    err->code = LF_CODE_FIXTURE;
    err->mark = lf_yaml_mark(&fixture->file, entry);
    if (!*err->help)
        lf_error_help(err, "%s", see_form);
    return false;
}

static bool add_entries(struct lf_fixture *fixture, struct lf_error *err)
{
    const struct lf_yaml *root = fixture->file.root;
    const struct lf_yaml *tree =
            root->kind == LF_YAML_LIST ? root : value_of(root, "tree");
    if (!tree || tree->kind != LF_YAML_LIST)
        return fault(fixture, tree ? tree : root, err,
                     "a described tree needs a list of entries under tree");
    if (!(fixture->windows ? lf_win_tree_new(&fixture->tree, err)
                           : lf_view_memory_new(&fixture->view, err)))
        return false;
    for (const struct lf_yaml *at = tree->child; at; at = at->next)
        if (!add_entry(fixture, at, err))
            return false;
    return true;
}

/* ---- what else there is ---- */

static bool set_flavour(struct lf_fixture *fixture, const char *flavour,
                        struct lf_error *err)
{
    const struct lf_yaml *node = value_of(fixture->file.root, "flavour");
    struct lf_str says;
    if (!text_of(fixture, "flavour", &says, err))
        return false;
    struct lf_str asked = lf_str(flavour);
    if (!flavour)
        asked = node ? says : LF_STR("posix");
    fixture->windows = lf_str_equal(asked, LF_STR("windows"));
    if (!fixture->windows && !lf_str_equal(asked, LF_STR("posix")))
        return fault(fixture, node, err, "flavour must be posix or windows");
    return !node || lf_str_equal(says, asked) ||
           fault(fixture, node, err, "this is no %s tree", flavour);
}

static bool set_drives(struct lf_fixture *fixture, struct lf_error *err)
{
    const struct lf_yaml *map = value_of(fixture->file.root, "drive_cwd");
    if (!map)
        return true;
    if (map->kind != LF_YAML_MAP)
        return fault(fixture, map, err, "drive_cwd must be a mapping");
    fixture->drives = lf_arena_alloc_array(&fixture->arena, map->count + 1U,
                                           sizeof(*fixture->drives));
    if (!fixture->drives)
        return lf_error_oom(err);
    for (const struct lf_yaml *at = map->child; at; at = at->next->next) {
        if (at->next->kind != LF_YAML_SCALAR)
            return fault(fixture, at, err, "a directory must be a text");
        fixture->drives[fixture->n_drives++] = at->next->text;
    }
    return true;
}

/* Settings of the machine, by the names that fsutil(1) gives them. */
static bool set_policy(struct lf_fixture *fixture, struct lf_error *err)
{
    static const struct {
        const char *key;
        unsigned bit;
    } rules[] = {
            {"L2L", LF_WIN_L2L},
            {"L2R", LF_WIN_L2R},
            {"R2L", LF_WIN_R2L},
            {"R2R", LF_WIN_R2R},
    };
    const struct lf_yaml *opts = value_of(fixture->file.root, "opts");
    const struct lf_yaml *policy = value_of(opts, "policy");
    const struct lf_yaml *cross = value_of(opts, "cross_volume");
    fixture->policy = LF_WIN_POLICY_DEFAULT;
    fixture->cross_volume = cross && lf_str_equal(cross->text, LF_STR("allow"));
    for (size_t i = 0; i < LF_COUNT(rules); i++) {
        const struct lf_yaml *value = value_of(policy, rules[i].key);
        if (!value)
            continue;
        if (lf_str_equal(value->text, LF_STR("1")))
            fixture->policy |= rules[i].bit;
        else if (lf_str_equal(value->text, LF_STR("0")))
            fixture->policy &= ~rules[i].bit;
        else
            return fault(fixture, value, err, "%s must be 0 or 1",
                         rules[i].key);
    }
    return true;
}

/* ---- reading ---- */

static bool load(struct lf_fixture *fixture, const char *name,
                 struct lf_error *err)
{
    struct lf_str text, source;
    if (!lf_fixture_find(name, &text, &source, err))
        return false;
    fixture->text = (char *)(uintptr_t)text.data;
    fixture->file.source.name = lf_arena_str(&fixture->arena, source);
    fixture->file.source.text = text;
    fixture->diags = lf_diags_new(DIAGS_LIMIT);
    if (!fixture->file.source.name.data || !fixture->diags)
        return lf_error_oom(err);
    const char *id = name[source.len] ? name + source.len + 1 : NULL;
    if (!lf_fixture_choose(&fixture->file.source, id, &fixture->only, err))
        return false;
    if (fixture->only)
        fixture->file.source.text = lf_str(fixture->only);
    return lf_yaml_parse(&fixture->file, &fixture->arena, fixture->diags, err);
}

/* What the parser says of an empty file is about manifests. */
static bool is_empty(const struct lf_fixture *fixture)
{
    return lf_diags_count(fixture->diags) > 0 &&
           lf_diags_at(fixture->diags, 0)->code == LF_CODE_EMPTY_MANIFEST;
}

static bool build(struct lf_fixture *fixture, const char *flavour,
                  struct lf_error *err)
{
    return set_flavour(fixture, flavour, err) &&
           text_of(fixture, "cwd", &fixture->cwd, err) &&
           set_drives(fixture, err) && set_policy(fixture, err) &&
           add_entries(fixture, err);
}

int lf_fixture_read(struct lf_cli *cli, const char *name, const char *flavour,
                    struct lf_fixture *ret)
{
    struct lf_error err;
    *ret = (struct lf_fixture){0};
    if (!load(ret, name, &err))
        return lf_cli_fail(cli, &err);
    if (is_empty(ret)) {
        lf_error_set(&err, LF_CODE_FIXTURE, 0, "'%s' describes no tree", name);
        lf_error_help(&err, "%s", see_form);
        return lf_cli_fail(cli, &err);
    }
    int status = lf_cli_diags(cli, ret->diags, 0);
    if (status)
        return status;
    return build(ret, flavour, &err) ? 0 : lf_cli_fail(cli, &err);
}
