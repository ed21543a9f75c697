/* SPDX-License-Identifier: MIT */
/*
 * cmd_init.c - linkfarm init: a starter manifest with comments
 */
#include "base/escape.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/output_file.h"
#include "cli/places.h"
#include "cli/words.h"

#include <errno.h>

/* `-n` prints it, so that it can be looked at, or put elsewhere. */
static const char starter[] =
        "# A manifest of linkfarm: which symbolic links should exist.\n"
        "# 'linkfarm plan' shows what it would do, 'linkfarm apply' does it,\n"
        "# 'linkfarm remove' undoes it. linkfarm.yaml(5) explains every key, "
        "and\n"
        "# how 'linkfarm schema' makes an editor complete and check them.\n"
        "version: 1\n"
        "name: my-farm        # what this manifest owns is recorded under it\n"
        "\n"
        "from: .              # where sources start: this directory\n"
        "into: ~/             # where link paths start\n"
        "\n"
        "# When a file that is not ours is in the way: fail (nothing at all "
        "is\n"
        "# done), skip, backup (kept, and put back later) or adopt (it "
        "becomes\n"
        "# the source).\n"
        "defaults:\n"
        "  conflict: fail\n"
        "\n"
        "# One link each, as link path: source.\n"
        "#links:\n"
        "#  ~/.vimrc: vim/vimrc\n"
        "#  ~/.gitconfig: {from: git/config, conflict: backup}\n"
        "\n"
        "# Every file below `from` gets its own link below `into`.\n"
        "#trees:\n"
        "#  - from: config\n"
        "#    into: ~/.config\n"
        "#    ignore: [\"*.swp\"]\n"
        "\n"
        "# Directories to make, with their mode.\n"
        "#dirs:\n"
        "#  ~/.ssh: {mode: \"0700\"}\n";

static bool write_file(const char *file, struct lf_error *err)
{
    /* x: it must not exist, not even as a dangling link */
    FILE *stream = fopen(file, "wxe");
    if (!stream && errno == EEXIST) {
        lf_error_set(err, LF_CODE_FILE_EXISTS, EEXIST, "%s exists already",
                     file);
        lf_error_help(err, "linkfarm never overwrites a file; give another "
                           "name: linkfarm init OTHER.yaml");
        return false;
    }
    bool done = stream && fputs(starter, stream) >= 0;
    if (stream && fclose(stream) == EOF)
        done = false;
    if (done)
        return true;
    int error = errno;
    if (stream)
        remove(file); /* half a manifest is in the way of the next attempt */
    lf_error_set(err, LF_CODE_FILE_UNWRITABLE, error,
                 "%s cannot be written: %s", file, strerror(error));
    lf_output_cure(err, "linkfarm init FILE");
    return false;
}

static void tell_text(struct lf_cli *cli, const char *file, bool written)
{
    struct lf_buf text = {0};
    if (!written) {
        lf_stream_write(&cli->out, lf_str(starter));
        return;
    }
    if (cli->options.quiet)
        return;
    lf_buf_add(&text, LF_STR("Wrote "));
    lf_escape_shown(&text, lf_str(file));
    lf_buf_add(&text, LF_STR(". Edit it, then: linkfarm plan "));
    if (*file == '-')
        lf_buf_add(&text, LF_STR("./"));
    lf_escape_argument(&text, lf_str(file));
    lf_buf_add_char(&text, '\n');
    lf_stream_put(&cli->out, &text);
    lf_buf_finish(&text);
}

static void tell_json(struct lf_cli *cli, const char *file, bool written)
{
    struct lf_json object = lf_json_new("init");
    lf_json_string(&object, "manifest", file);
    lf_json_bool(&object, "written", written);
    lf_json_string(&object, "text", starter);
    lf_json_write(&cli->out, object);
}

int lf_cmd_init(struct lf_cli *cli)
{
    struct lf_error err;
    const struct lf_options *options = &cli->options;
    const char *file = options->operands.count ? options->operands.items[0]
                                               : "linkfarm.yaml";
    bool write = !options->dry_run && strcmp(file, "-") != 0;
    if (!lf_place_given(file, &err) || (write && !write_file(file, &err)))
        return lf_cli_fail(cli, &err);
    if (options->form == LF_FORM_JSON)
        tell_json(cli, file, write);
    else
        tell_text(cli, file, write);
    return LF_EXIT_DONE;
}
