/* SPDX-License-Identifier: MIT */
/*
 * import_dotbot.c - entries for a configuration of dotbot
 *
 * Of its directives, `link` and `create` say what a manifest can say. What runs
 * commands is left out and named, and so is what a manifest says otherwise.
 */
#include "cli/import_dotbot.h"

#include "base/escape.h"
#include "base/path.h"
#include "base/util.h"
#include "manifest/glob.h"
#include "manifest/loader.h"

#include <stdlib.h>

enum { DIAGS_LIMIT = 20 };

struct dotbot {
    struct lf_import *import;
    struct lf_document document;
    struct lf_arena *arena;
    struct lf_diags *diags;
    struct lf_str base; /* the directory of the file, physical */
    struct lf_dotbot_settings defaults;
    const struct lf_yaml *default_mode; /* of `create`; NULL: none */
    struct lf_dotbot_links links;
    struct lf_strmap dirs; /* those that have been written */
    struct lf_error *err;
};

static void leave_out(struct dotbot *bot, const struct lf_yaml *node,
                      const char *why)
{
    struct lf_str file = bot->document.source.name;
    lf_import_untold(bot->import, "%.*s:%u:%u: left out: %s", (int)file.len,
                     file.data, node->line, node->column, why);
}

/* ---- paths ---- */

/* `node`'s text as an absolute path. `*ret` is empty, and the entry left out,
 * where that is not known. */
static bool path_of(struct dotbot *bot, const struct lf_yaml *node,
                    struct lf_str text, struct lf_str *ret)
{
    struct lf_buf spelled = {0}, path = {0};
    *ret = lf_str("");
    struct lf_str home = lf_facts_get(bot->import->session->facts, "home");
    bool known = lf_dotbot_expand(&spelled, text, home);
    bool failed = lf_buf_failed(&spelled);
    if (known && !failed && (spelled.len == 0 || spelled.data[0] != '/')) {
        struct lf_buf whole = {0};
        lf_path_add(&whole, bot->base, lf_buf_str(&spelled));
        lf_buf_finish(&spelled);
        spelled = whole;
    }
    if (known && lf_path_normalise(&path, lf_buf_str(&spelled)))
        *ret = lf_arena_str(bot->arena, lf_buf_str(&path));
    failed |= lf_buf_failed(&spelled) || lf_buf_failed(&path) || !ret->data;
    lf_buf_finish(&spelled);
    lf_buf_finish(&path);
    if (failed)
        return lf_error_oom(bot->err);
    if (!known)
        leave_out(bot, node,
                  "a path with a variable or a user that is not known");
    return true;
}

/* ---- links ---- */

static bool has_source(struct dotbot *bot, struct lf_str source, bool *ret)
{
    struct lf_resolution *walk;
    struct lf_resolve_request request = {.path = source};
    if (!lf_resolve(bot->import->disk.resolver, &request, &walk, bot->err))
        return false;
    *ret = walk->error == 0;
    lf_resolution_free(walk);
    return true;
}

static bool add_link(struct dotbot *bot,
                     const struct lf_dotbot_settings *settings,
                     const struct lf_yaml *node, struct lf_str key,
                     struct lf_str source)
{
    bool moves = settings->force || settings->backup;
    /* with `backup`, dotbot does not come to relinking */
    bool relinks = (settings->force || settings->relink) && !settings->backup;
    struct lf_dotbot_wanted wanted = {
            .link = {.key = key,
                     .source = source,
                     .style = settings->relative ? NULL : "absolute",
                     .conflict = moves ? "backup" : NULL,
                     .allow_dangling = settings->ignore_missing},
            .relinks = relinks,
    };
    if (!has_source(bot, source, &wanted.made))
        return false;
    wanted.made |= settings->ignore_missing;
    enum lf_dotbot_outcome outcome = lf_dotbot_want(&bot->links, &wanted);
    if (outcome == LF_DOTBOT_LEFT)
        leave_out(bot, node, "an earlier link stands at that path");
    return outcome != LF_DOTBOT_NO_MEMORY || lf_error_oom(bot->err);
}

static bool write_links(struct dotbot *bot)
{
    for (uint32_t i = 0; i < bot->links.count; i++) {
        struct lf_import_link *link = &bot->links.items[i].link;
        if (!lf_dotbot_stands(bot->import, link, bot->err))
            return false;
        lf_import_link(bot->import, link);
    }
    return true;
}

/* What of a source the configuration spells, and dotbot looks for patterns. */
static struct lf_str spelled_part(const struct dotbot *bot,
                                  struct lf_str source)
{
    size_t skip = lf_path_within(source, bot->base) ? bot->base.len : 0;
    return lf_str_of(source.data + skip, source.len - skip);
}

static bool is_pattern(struct lf_str text)
{
    return memchr(text.data, '*', text.len) ||
           memchr(text.data, '?', text.len) || memchr(text.data, '[', text.len);
}

/* As a shell does: a dot at the beginning is not for a wildcard. */
static bool matches(const struct lf_glob *glob, struct lf_str pattern,
                    struct lf_str name)
{
    return lf_glob_match(glob, name) &&
           (name.data[0] != '.' || lf_str_starts(pattern, LF_STR(".")));
}

static bool add_matches(struct dotbot *bot,
                        const struct lf_dotbot_settings *settings,
                        const struct lf_yaml *node, struct lf_str key,
                        const struct lf_listing *names, struct lf_str pattern)
{
    struct lf_glob glob;
    struct lf_buf text = {0};
    lf_dotbot_pattern(&text, pattern);
    struct lf_str ours = lf_arena_str(bot->arena, lf_buf_str(&text));
    bool known = !lf_buf_failed(&text) && ours.data;
    lf_buf_finish(&text);
    if (!known || !lf_glob_compile(bot->arena, ours, LF_GLOB_NAME, &glob))
        return lf_error_oom(bot->err);
    for (uint32_t i = 0; i < names->count; i++) {
        struct lf_str name = lf_path_name(names->items[i].path);
        if (!matches(&glob, pattern, name))
            continue;
        struct lf_str place = lf_path_join(bot->arena, key, name);
        if (!place.data)
            return lf_error_oom(bot->err);
        if (!add_link(bot, settings, node, place, names->items[i].path))
            return false;
    }
    return true;
}

/* A pattern in the last component: an entry for each name that it matches now. */
static bool add_glob(struct dotbot *bot,
                     const struct lf_dotbot_settings *settings,
                     const struct lf_yaml *node, struct lf_str key,
                     struct lf_str pattern)
{
    struct lf_import *import = bot->import;
    struct lf_listing names = {0};
    struct lf_str last = lf_path_name(pattern);
    struct lf_str dir = lf_path_dir(pattern);
    if (is_pattern(spelled_part(bot, dir)) ||
        strstr(pattern.data + dir.len, "**")) {
        leave_out(bot, node, "a pattern in a directory's name; write a tree");
        return true;
    }
    dir = lf_arena_str(bot->arena, dir);
    if (!dir.data)
        return lf_error_oom(bot->err);
    /* where there is no such directory, nothing matches */
    if (!lf_disk_dir(&import->disk, dir.data, bot->arena, &dir, bot->err))
        return bot->err->code == LF_CODE_UNRESOLVED;
    bool done =
            lf_disk_list(&import->disk, dir, bot->arena, &names, bot->err) &&
            add_matches(bot, settings, node, key, &names, last);
    free(names.items);
    return done;
}

/* Without a path, the source has the link's name without its dot. */
static struct lf_str source_text(const struct lf_dotbot_settings *settings,
                                 struct lf_str key)
{
    if (settings->path && !lf_dotbot_null(settings->path))
        return settings->path->text;
    struct lf_str name = lf_path_name(key);
    bool dotted = name.len > 1 && name.data[0] == '.';
    return lf_str_of(name.data + dotted, name.len - dotted);
}

/* Say what is left out, at the entry where it is of `defaults`. */
static bool is_unsaid(struct dotbot *bot, const struct lf_yaml *entry,
                      const struct lf_yaml *key, const struct lf_yaml *usual,
                      const char *why)
{
    if (key)
        leave_out(bot, key == usual ? entry : key, why);
    return key;
}

static bool can_be_said(struct dotbot *bot, const struct lf_yaml *entry,
                        const struct lf_dotbot_settings *settings, bool is_glob)
{
    const struct lf_dotbot_settings *usual = &bot->defaults;
    static const char patterns[] = "`exclude` and `prefix` of a glob";
    return !is_unsaid(bot, entry, settings->condition, usual->condition,
                      "`if` runs a command; see `when`") &&
           !is_unsaid(bot, entry, settings->type, usual->type,
                      "a `type` of link that is no symlink") &&
           !(is_glob && (is_unsaid(bot, entry, settings->exclude,
                                   usual->exclude, patterns) ||
                         is_unsaid(bot, entry, settings->prefix, usual->prefix,
                                   patterns)));
}

static bool add_entry(struct dotbot *bot, const struct lf_yaml *key)
{
    const struct lf_yaml *value = key->next;
    struct lf_dotbot_settings settings = bot->defaults;
    struct lf_str place, source;
    if (value->kind == LF_YAML_MAP)
        lf_dotbot_take(value, &settings);
    if (value->kind == LF_YAML_SCALAR)
        settings.path = value;
    if (value->kind == LF_YAML_LIST ||
        (settings.path && settings.path->kind != LF_YAML_SCALAR)) {
        leave_out(bot, key, "a link whose source is no text");
        return true;
    }
    if (!path_of(bot, key, key->text, &place))
        return false;
    if (place.len == 0)
        return true;
    if (!path_of(bot, value, source_text(&settings, place), &source))
        return false;
    if (source.len == 0)
        return true;
    bool is_glob = settings.glob && is_pattern(spelled_part(bot, source));
    if (!can_be_said(bot, key, &settings, is_glob))
        return true;
    return is_glob ? add_glob(bot, &settings, key, place, source)
                   : add_link(bot, &settings, key, place, source);
}

/* ---- directories ---- */

/* `mode: ` with the octal digits of a manifest, if there is one. */
static bool add_mode(struct dotbot *bot, const struct lf_yaml *mode)
{
    uint32_t bits;
    if (!mode)
        return true;
    if (!lf_dotbot_number(mode, &bits) || bits > 07777) {
        leave_out(bot, mode, "a mode that is no number, or too large");
        return false;
    }
    lf_buf_add_format(&bot->import->text, "mode: \"%04o\"", bits);
    return true;
}

static void write_dir(struct dotbot *bot, struct lf_str path,
                      const struct lf_yaml *mode)
{
    struct lf_buf *text = &bot->import->text;
    size_t begin = text->len;
    lf_buf_add(text, LF_STR("  "));
    bool told = lf_import_path(bot->import, path);
    lf_buf_add(text, LF_STR(": {"));
    told = told && add_mode(bot, mode);
    lf_buf_add(text, LF_STR("}\n"));
    if (!told && !lf_buf_failed(text))
        lf_buf_truncate(text, begin);
}

static bool add_dir(struct dotbot *bot, const struct lf_yaml *key,
                    const struct lf_yaml *options)
{
    struct lf_str path;
    const struct lf_yaml *mode = options && options->kind == LF_YAML_MAP
                                         ? lf_yaml_get(options, "mode")
                                         : NULL;
    if (key->kind != LF_YAML_SCALAR) {
        leave_out(bot, key, "a directory whose name is no text");
        return true;
    }
    if (!path_of(bot, key, key->text, &path))
        return false;
    if (path.len == 0)
        return true;
    uint32_t count = bot->dirs.count, at;
    if (!lf_strmap_add(&bot->dirs, path, count, &at))
        return lf_error_oom(bot->err);
    /* dotbot leaves one that is there as it is */
    if (at == count)
        write_dir(bot, path, mode ? mode : bot->default_mode);
    return true;
}

static bool add_dirs(struct dotbot *bot, const struct lf_yaml *value)
{
    const struct lf_yaml *at = value->child;
    if (value->kind == LF_YAML_SCALAR) {
        leave_out(bot, value, "`create` needs a list");
        return true;
    }
    while (at) {
        const struct lf_yaml *options =
                value->kind == LF_YAML_MAP ? at->next : NULL;
        if (!add_dir(bot, at, options))
            return false;
        at = options ? options->next : at->next;
    }
    return true;
}

/* ---- directives ---- */

static bool take_links(struct dotbot *bot, const struct lf_yaml *value)
{
    if (value->kind != LF_YAML_MAP) {
        leave_out(bot, value, "`link` needs a mapping");
        return true;
    }
    for (const struct lf_yaml *key = value->child; key; key = key->next->next)
        if (!add_entry(bot, key))
            return false;
    return true;
}

static const struct lf_yaml *defaults_of(const struct lf_yaml *value,
                                         const char *directive)
{
    const struct lf_yaml *map =
            value->kind == LF_YAML_MAP ? lf_yaml_get(value, directive) : NULL;
    return map && map->kind == LF_YAML_MAP ? map : NULL;
}

static bool take_defaults(struct dotbot *bot, const struct lf_yaml *value)
{
    const struct lf_yaml *link = defaults_of(value, "link");
    bot->defaults = (struct lf_dotbot_settings){0};
    if (link)
        lf_dotbot_take(link, &bot->defaults);
    /* this one is only an entry's */
    bot->defaults.path = NULL;
    return true;
}

static bool take_mode(struct dotbot *bot, const struct lf_yaml *value)
{
    const struct lf_yaml *create = defaults_of(value, "create");
    bot->default_mode = create ? lf_yaml_get(create, "mode") : NULL;
    return true;
}

static bool take_nothing(struct dotbot *bot, const struct lf_yaml *value)
{
    leave_out(bot, value,
              "a directive that is neither link, create nor defaults");
    return true;
}

/* `clean` needs no word: linkfarm prunes what leaves the manifest. */
static bool ignore(struct dotbot *bot, const struct lf_yaml *value)
{
    (void)bot;
    (void)value;
    return true;
}

/* Links and directories go to two places of a manifest: two passes. */
static const struct {
    const char *name;
    bool (*take[2])(struct dotbot *bot, const struct lf_yaml *value);
} directives[] = {
        {"defaults", {take_defaults, take_mode}},
        {"link",     {take_links, ignore}      },
        {"create",   {ignore, add_dirs}        },
        {"clean",    {ignore, ignore}          },
        {NULL,       {take_nothing, ignore}    },
};

static bool take_directive(struct dotbot *bot, const struct lf_yaml *key,
                           int pass)
{
    size_t i = 0;
    while (directives[i].name &&
           !lf_str_equal(key->text, lf_str(directives[i].name)))
        i++;
    return directives[i].take[pass](bot, directives[i].name ? key->next : key);
}

static bool take_pass(struct dotbot *bot, const char *head, int pass)
{
    const struct lf_yaml *root = bot->document.root;
    struct lf_buf *text = &bot->import->text;
    size_t begin = text->len;
    lf_buf_add(text, lf_str(head));
    size_t filled = text->len;
    for (const struct lf_yaml *item = root->child; item; item = item->next) {
        if (item->kind != LF_YAML_MAP) {
            if (pass == 0)
                leave_out(bot, item, "what is no mapping of directives");
            continue;
        }
        for (const struct lf_yaml *key = item->child; key;
             key = key->next->next)
            if (!take_directive(bot, key, pass))
                return false;
    }
    if (pass == 0 && !write_links(bot))
        return false;
    if (text->len == filled && !lf_buf_failed(text))
        lf_buf_truncate(text, begin);
    return true;
}

/* ---- reading ---- */

/* The file as seen from inside of --root, and in the process's own terms. */
static bool read_file(struct dotbot *bot, const char *file)
{
    struct lf_import *import = bot->import;
    const char *root = import->session->root;
    struct lf_resolution *walk;
    struct lf_node node;
    struct lf_buf real = {0};
    if (!lf_disk_start(&import->disk, file, bot->err))
        return false;
    struct lf_resolve_request request = {.path = lf_str(file),
                                         .start = lf_str(import->disk.start),
                                         .flags = LF_RESOLVE_MISSING_TAIL};
    if (!lf_resolve(import->disk.resolver, &request, &walk, bot->err))
        return false;
    lf_buf_add(&real, lf_str(root ? root : ""));
    lf_buf_add(&real, walk->path);
    bot->base = lf_arena_str(bot->arena, lf_path_dir(walk->path));
    bot->document.source.name = lf_arena_str(bot->arena, lf_str(file));
    lf_resolution_free(walk);
    bool done = lf_buf_failed(&real) || !bot->base.data ||
                                !bot->document.source.name.data
                        ? lf_error_oom(bot->err)
                        : lf_read_manifest(&import->disk.fs, lf_buf_str(&real),
                                           &bot->document.source.text, &node,
                                           bot->err);
    lf_buf_finish(&real);
    return done;
}

static bool no_list(struct dotbot *bot)
{
    lf_error_set(
            bot->err, LF_CODE_IMPORT, 0, "'%.*s' is no configuration of dotbot",
            (int)bot->document.source.name.len, bot->document.source.name.data);
    lf_error_help(bot->err, "it is a list of directives: - link: {...}");
    return false;
}

static bool translate(struct dotbot *bot)
{
    (void)lf_import_head(bot->import, bot->base, bot->base);
    return take_pass(bot, "links:\n", 0) && take_pass(bot, "dirs:\n", 1);
}

/* Their own words are about manifests. */
static int tell_faults(struct dotbot *bot)
{
    struct lf_cli *cli = bot->import->session->cli;
    bool refused = false;
    for (size_t i = 0; i < lf_diags_count(bot->diags); i++) {
        enum lf_code code = lf_diags_at(bot->diags, i)->code;
        refused |= code == LF_CODE_ANCHOR || code == LF_CODE_ALIAS ||
                   code == LF_CODE_MERGE_KEY || code == LF_CODE_TAG;
    }
    int status = lf_cli_diags(cli, bot->diags, 0);
    if (refused)
        lf_cli_note(cli, "dotbot knows these: write them out in a copy beside "
                         "it, and import that");
    return status;
}

bool lf_import_dotbot(struct lf_import *import, const char *file,
                      int *ret_status, struct lf_error *err)
{
    struct dotbot bot = {
            .import = import,
            .arena = &import->arena,
            .diags = lf_diags_new(DIAGS_LIMIT),
            .err = err,
    };
    if (!bot.diags)
        return lf_error_oom(err);
    bot.document.may_be_empty = true;
    bool done = read_file(&bot, file) &&
                lf_yaml_parse(&bot.document, bot.arena, bot.diags, err);
    if (done)
        *ret_status = tell_faults(&bot);
    if (done && *ret_status == 0)
        done = bot.document.root && bot.document.root->kind == LF_YAML_LIST
                       ? translate(&bot)
                       : no_list(&bot);
    lf_diags_free(bot.diags);
    lf_dotbot_links_finish(&bot.links);
    lf_strmap_finish(&bot.dirs);
    lf_free_const(bot.document.source.text.data);
    return done;
}
