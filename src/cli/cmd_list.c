/* SPDX-License-Identifier: MIT */
/*
 * cmd_list.c - linkfarm list: the farms, and with -v what they own
 */
#include "base/escape.h"
#include "cli/commands.h"
#include "cli/render_json.h"
#include "cli/render_text.h"

/* ---- text ---- */

static bool write_items(struct lf_session *session, struct lf_farms *farms,
                        struct lf_str name, struct lf_error *err)
{
    struct lf_generation *generation;
    struct lf_look look = lf_session_look(session);
    struct lf_buf line = {0};
    bool done = true;
    if (!lf_generation_open(farms, name, 0, &generation, err))
        return false;
    for (size_t i = 0; done && i < lf_generation_count(generation); i++) {
        struct lf_farm_item item;
        done = lf_generation_item(generation, i, &item, err);
        if (!done)
            break;
        lf_buf_clear(&line);
        lf_buf_add(&line, LF_STR("  "));
        lf_word_path(&line, &look, item.path, item.kind == LF_RECORD_DIR);
        if (item.text.len > 0) {
            lf_buf_add(&line, LF_STR(" -> "));
            lf_escape_shown(&line, item.text);
        }
        lf_buf_add_char(&line, '\n');
        lf_stream_put(&session->cli->out, &line);
    }
    lf_buf_finish(&line);
    lf_generation_free(generation);
    return done;
}

static void write_farm(struct lf_session *session,
                       const struct lf_farm_info *info)
{
    struct lf_look look = lf_session_look(session);
    struct lf_buf line = {0};
    lf_escape_shown(&line, info->name);
    lf_buf_add_format(&line, "  generation %llu, ",
                      (unsigned long long)info->generation);
    lf_word_count(&line, info->links, "link", "links");
    if (info->displaced > 0)
        lf_buf_add_format(&line, ", %zu moved aside", info->displaced);
    lf_buf_add(&line, LF_STR("  from "));
    lf_word_path(&line, &look, info->manifest, false);
    lf_buf_add_char(&line, '\n');
    lf_stream_put(&session->cli->out, &line);
    lf_buf_finish(&line);
}

static bool write_text(struct lf_session *session, struct lf_farms *farms,
                       struct lf_error *err)
{
    const struct lf_options *options = &session->cli->options;
    for (size_t i = 0; i < lf_farms_count(farms); i++) {
        const struct lf_farm_info *info = lf_farms_info(farms, i);
        write_farm(session, info);
        if (options->verbose > 0 &&
            !write_items(session, farms, info->name, err))
            return false;
    }
    if (lf_farms_count(farms) == 0 && !options->quiet)
        lf_cli_note(session->cli, "no farms yet; the state is in %s",
                    session->state_dir);
    return true;
}

/* ---- JSON ---- */

static bool put_items(struct lf_json *object, struct lf_farms *farms,
                      struct lf_str name, struct lf_error *err)
{
    struct lf_generation *generation;
    if (!lf_generation_open(farms, name, 0, &generation, err))
        return false;
    struct lf_json items = lf_json_array();
    bool done = true;
    for (size_t i = 0; done && i < lf_generation_count(generation); i++) {
        struct lf_farm_item item;
        done = lf_generation_item(generation, i, &item, err);
        if (done)
            lf_json_push(&items, lf_json_item(&item));
    }
    lf_json_put(object, "items", items);
    lf_generation_free(generation);
    return done;
}

static struct lf_json farm_of(const struct lf_farm_info *info)
{
    struct lf_json object = lf_json_part();
    lf_json_text(&object, "name", info->name);
    lf_json_number(&object, "generation", info->generation);
    lf_json_time(&object, "time", info->time);
    lf_json_text(&object, "manifest", info->manifest);
    lf_json_number(&object, "links", info->links);
    lf_json_number(&object, "directories", info->dirs);
    lf_json_number(&object, "displaced", info->displaced);
    return object;
}

static bool write_json(struct lf_session *session, struct lf_farms *farms,
                       struct lf_error *err)
{
    struct lf_json object = lf_json_new("list");
    struct lf_json list = lf_json_array();
    bool done = true;
    for (size_t i = 0; done && i < lf_farms_count(farms); i++) {
        const struct lf_farm_info *info = lf_farms_info(farms, i);
        struct lf_json farm = farm_of(info);
        if (session->cli->options.verbose > 0)
            done = put_items(&farm, farms, info->name, err);
        lf_json_push(&list, farm);
    }
    lf_json_string(&object, "state_dir", session->state_dir);
    lf_json_bool(&object, "interrupted", lf_farms_interrupted(farms));
    lf_json_put(&object, "farms", list);
    if (done)
        lf_json_write(&session->cli->out, object);
    else
        json_decref(object.value);
    return done;
}

static int show(struct lf_session *session)
{
    struct lf_error err;
    struct lf_farms *farms;
    if (!lf_session_show_farms(session, &farms, &err))
        return lf_cli_fail(session->cli, &err);
    bool done = session->cli->options.form == LF_FORM_JSON
                        ? write_json(session, farms, &err)
                        : write_text(session, farms, &err);
    return done ? LF_EXIT_DONE : lf_cli_fail(session->cli, &err);
}

int lf_cmd_list(struct lf_cli *cli)
{
    struct lf_session session;
    int status = lf_session_open(cli, &session);
    if (status == 0)
        status = show(&session);
    lf_session_close(&session);
    return status;
}
