/* SPDX-License-Identifier: MIT */
/*
 * cmd_import.c - linkfarm import: a manifest for what another tool made
 *
 * The manifest is planned at once. It is right if there is nothing to do but to
 * record what stands there; what differs is said.
 */
#include "base/escape.h"
#include "base/farm_name.h"
#include "base/yaml.h"
#include "cli/commands.h"
#include "cli/cures.h"
#include "cli/flow.h"
#include "cli/import.h"
#include "cli/places.h"
#include "cli/render_json.h"
#include "cli/render_text.h"

/* ---- writing the manifest ---- */

static bool add_dir(struct lf_import *import, const char *key,
                    struct lf_str dir)
{
    size_t begin = import->text.len;
    lf_buf_add_format(&import->text, "%s: ", key);
    if (lf_import_path(import, dir)) {
        lf_buf_add_char(&import->text, '\n');
        return true;
    }
    if (!lf_buf_failed(&import->text))
        lf_buf_truncate(&import->text, begin);
    return false;
}

bool lf_import_head(struct lf_import *import, struct lf_str from,
                    struct lf_str into)
{
    const char *name = import->session->cli->options.name;
    lf_buf_add(&import->text, LF_STR("version: 1\nname: "));
    lf_import_text(import, lf_str(name ? name : "imported"));
    lf_buf_add_char(&import->text, '\n');
    bool told = add_dir(import, "from", from);
    /* what cannot be said is named once */
    if (told || !lf_str_equal(from, into))
        told = add_dir(import, "into", into) && told;
    import->head = import->checked = import->text.len;
    return told;
}

void lf_import_untold(struct lf_import *import, const char *format, ...)
{
    struct lf_buf text = {0}, shown = {0};
    va_list args;
    va_start(args, format);
    lf_buf_add_vformat(&text, format, args);
    va_end(args);
    lf_escape_shown(&shown, lf_buf_str(&text));
    if (lf_buf_failed(&text) || lf_buf_failed(&shown))
        import->text.failed = true;
    else
        lf_cli_warn(import->session->cli, "%s", shown.data);
    lf_buf_finish(&text);
    lf_buf_finish(&shown);
    import->untold++;
}

static bool no_utf8(struct lf_import *import, struct lf_str text)
{
    lf_import_untold(import,
                     "left out: %.*s is no UTF-8, which no manifest can say",
                     (int)text.len, text.data);
    return false;
}

bool lf_import_path(struct lf_import *import, struct lf_str path)
{
    return lf_yaml_add_path(&import->text, path, import->home) ||
           no_utf8(import, path);
}

bool lf_import_text(struct lf_import *import, struct lf_str text)
{
    return lf_yaml_add(&import->text, text) || no_utf8(import, text);
}

/* False: what the link leads to cannot be said. */
static bool add_value(struct lf_import *import,
                      const struct lf_import_link *link)
{
    struct lf_buf *text = &import->text;
    bool source = link->source.len > 0;
    bool plain =
            source && !link->style && !link->conflict && !link->allow_dangling;
    if (!plain)
        lf_buf_add(text, source ? LF_STR("{from: ") : LF_STR("{to: "));
    bool done = source ? lf_yaml_add_path(text, link->source, import->home)
                       : lf_yaml_add(text, link->text);
    if (plain)
        return done;
    if (link->style)
        lf_buf_add_format(text, ", style: %s", link->style);
    if (link->conflict)
        lf_buf_add_format(text, ", conflict: %s", link->conflict);
    if (link->allow_dangling)
        lf_buf_add(text, LF_STR(", dangling: allow"));
    lf_buf_add_char(text, '}');
    return done;
}

static bool add_link(struct lf_import *import,
                     const struct lf_import_link *link)
{
    struct lf_str to = link->source.len ? link->source : link->text;
    lf_buf_add(&import->text, LF_STR("  "));
    if (!lf_import_path(import, link->key))
        return false;
    lf_buf_add(&import->text, LF_STR(": "));
    if (!add_value(import, link)) {
        lf_import_untold(import,
                         "left out: %.*s, as %.*s is no UTF-8, which no "
                         "manifest can say",
                         (int)link->key.len, link->key.data, (int)to.len,
                         to.data);
        return false;
    }
    lf_buf_add_char(&import->text, '\n');
    return true;
}

void lf_import_link(struct lf_import *import, const struct lf_import_link *link)
{
    struct lf_buf *text = &import->text;
    size_t begin = text->len;
    if (!add_link(import, link) && !lf_buf_failed(text))
        lf_buf_truncate(text, begin);
}

/* ---- whether it is right ---- */

static bool differs(const struct lf_action *action)
{
    return action->kind != LF_ACTION_KEEP && action->kind != LF_ACTION_CLAIM;
}

static size_t count_differences(const struct lf_plan *plan)
{
    size_t count = lf_plan_findings(plan);
    struct lf_action action;
    for (size_t i = 0; lf_plan_action(plan, i, &action); i++)
        count += differs(&action);
    return count;
}

/* What follows "apply would", where the name of the action is no such verb. */
static const char *verb_of(enum lf_action_kind kind)
{
    static const char *const verbs[LF_ACTION_KINDS] = {
            [LF_ACTION_MKDIR] = "make",
            [LF_ACTION_BACKUP] = "replace",
            [LF_ACTION_CONFLICT] = "be stopped by",
            [LF_ACTION_DRIFT] = "leave",
    };
    return verbs[kind] ? verbs[kind] : lf_action_kind_name(kind);
}

static bool tell_differences(struct lf_session *session)
{
    bool done = true;
    struct lf_look look = lf_session_look(session);
    struct lf_buf line = {0};
    struct lf_action action;
    for (size_t i = 0; lf_plan_action(session->plan, i, &action); i++) {
        if (!differs(&action))
            continue;
        lf_buf_clear(&line);
        lf_buf_add(&line, lf_str(verb_of(action.kind)));
        lf_buf_add_char(&line, ' ');
        lf_word_place(&line, &look, action.dir, action.name, action.is_dir);
        size_t end = line.len;
        lf_buf_add(&line, LF_STR(": "));
        lf_word_note(&line, &look, &action);
        if (!lf_buf_failed(&line) && line.len == end + 2)
            lf_buf_truncate(&line, end);
        if (lf_buf_failed(&line))
            done = false;
        else
            lf_cli_warn(session->cli, "apply would %s", line.data);
    }
    lf_flow_findings(session->cli, session->plan);
    lf_buf_finish(&line);
    return done;
}

/* ---- output ---- */

static void write_json(struct lf_import *import, size_t differences)
{
    struct lf_session *session = import->session;
    struct lf_json object = lf_json_new("import");
    struct lf_json list = lf_json_array();
    struct lf_json findings = lf_json_array();
    struct lf_action action;
    for (size_t i = 0; lf_plan_action(session->plan, i, &action); i++) {
        if (differs(&action))
            lf_json_push(&list, lf_json_action(session->plan, &action));
    }
    for (size_t i = 0; i < lf_plan_findings(session->plan); i++)
        lf_json_push(&findings,
                     lf_json_finding(lf_plan_finding(session->plan, i)));
    lf_json_text(&object, "farm", lf_plan_farm(session->plan));
    lf_json_text(&object, "text", lf_buf_str(&import->text));
    lf_json_bool(&object, "ok", differences + import->untold == 0);
    lf_json_number(&object, "left_out", import->untold);
    lf_json_put(&object, "differences", list);
    lf_json_put(&object, "findings", findings);
    lf_json_write(&session->cli->out, object);
}

/* Stow's packages are asked what stands there besides what they make. */
static bool check(struct lf_import *import, struct lf_error *err)
{
    struct lf_session *session = import->session;
    if (!lf_import_check(import, err))
        return false;
    if (import->n_packages == 0 || !session->plan)
        return true;
    if (!lf_import_folded(import, err))
        return false;
    if (session->plan && !lf_import_dangling(import, err))
        return false;
    if (!session->plan)
        return true;
    if (!lf_import_target(import, err))
        return false;
    size_t end = import->text.len;
    return lf_import_rest(import, err) &&
           (import->text.len == end || lf_import_check(import, err));
}

/* It belongs to the note above. */
static void tell_help(struct lf_import *import)
{
    struct lf_cli *cli = import->session->cli;
    struct lf_buf text = {0};
    if (cli->options.quiet || import->help.len == 0)
        return;
    lf_cure_help_add(&text, cli->err.color, &cli->options, import->help);
    lf_cli_say(cli, &text);
}

static int finish(struct lf_import *import)
{
    struct lf_error err;
    struct lf_session *session = import->session;
    struct lf_cli *cli = session->cli;
    bool text = cli->options.form != LF_FORM_JSON;
    int status = lf_session_begin(session, false);
    if (status == 0)
        status = check(import, &err) ? lf_cli_diags(cli, session->diags, 0)
                                     : lf_session_fail(session, &err);
    if (status != 0)
        return status;
    if (text)
        lf_stream_write(&cli->out, lf_buf_str(&import->text));
    size_t differences = count_differences(session->plan);
    if (!tell_differences(session)) {
        lf_error_oom(&err);
        return lf_cli_fail(cli, &err);
    }
    if (!text)
        write_json(import, differences);
    if (differences + import->untold == 0)
        return LF_EXIT_DONE;
    lf_cli_note(cli, "this manifest does not say all of what stands there");
    tell_help(import);
    return LF_EXIT_PENDING;
}

/* ---- the command ---- */

static bool unknown_source(const char *word, struct lf_error *err)
{
    lf_error_set(err, LF_CODE_OPERANDS, 0, "'import' does not know '%s'", word);
    lf_error_help(err, "usage: linkfarm import stow DIR...\n"
                       "       linkfarm import dotbot FILE\n"
                       "       linkfarm import links DIR");
    return false;
}

/* Said here, because the manifest is not there to look at. */
static bool name_fits(const struct lf_options *options, struct lf_error *err)
{
    if (!options->name || lf_farm_name_valid(lf_str(options->name)))
        return true;
    lf_error_set(err, LF_CODE_FARM_NAME, 0, "a farm cannot be called '%s'",
                 options->name);
    lf_error_help(err, "%s", lf_farm_name_cure);
    return false;
}

/* What links and dotbot do not take, but stow does. */
static bool is_one(const struct lf_options *options, struct lf_error *err)
{
    if (options->operands.count > 2)
        return unknown_source(options->operands.items[2], err);
    if (!options->into)
        return true;
    lf_error_set(err, LF_CODE_OPTION_CONFLICT, 0,
                 "'import %s' has no option --into",
                 options->operands.items[0]);
    lf_error_help(err, "leave it out: what is read says where the links are");
    return false;
}

static bool gather(struct lf_import *import, int *ret_status,
                   struct lf_error *err)
{
    const struct lf_options *options = &import->session->cli->options;
    const struct lf_texts *operands = &options->operands;
    const char *word = operands->items[0];
    *ret_status = 0;
    if (!name_fits(options, err))
        return false;
    if (strcmp(word, "stow") == 0)
        return lf_import_stow(import, operands->items + 1, operands->count - 1,
                              err);
    if (strcmp(word, "links") == 0)
        return is_one(options, err) &&
               lf_import_links(import, operands->items[1], err);
    if (strcmp(word, "dotbot") == 0)
        return is_one(options, err) &&
               lf_import_dotbot(import, operands->items[1], ret_status, err);
    return unknown_source(word, err);
}

static int run(struct lf_import *import)
{
    struct lf_error err;
    struct lf_session *session = import->session;
    int status = 0;
    if (!lf_session_home(session, &err))
        return lf_session_fail(session, &err);
    import->home = lf_str(session->home);
    if (!lf_disk_open(session->root, &import->disk, &err) ||
        !gather(import, &status, &err) ||
        (lf_buf_failed(&import->text) && !lf_error_oom(&err)))
        return lf_session_fail(session, &err);
    return status ? status : finish(import);
}

int lf_cmd_import(struct lf_cli *cli)
{
    struct lf_session session;
    struct lf_import import = {.session = &session, .disk = {.root_fd = -1}};
    int status = lf_session_open(cli, &session);
    if (status == 0)
        status = run(&import);
    lf_disk_close(&import.disk);
    lf_strmap_finish(&import.package_index);
    lf_arena_finish(&import.arena);
    lf_session_close(&session);
    lf_buf_finish(&import.text);
    return status;
}
