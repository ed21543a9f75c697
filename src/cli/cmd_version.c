/* SPDX-License-Identifier: MIT */
/*
 * cmd_version.c - linkfarm version
 */
#include "cli/commands.h"
#include "cli/json.h"
#include <linkfarm/linkfarm.h>

int lf_cmd_version(struct lf_cli *cli)
{
    if (cli->options.form == LF_FORM_JSON) {
        struct lf_json object = lf_json_new("version");
        lf_json_string(&object, "version", lf_version());
        lf_json_write(&cli->out, object);
    } else {
        lf_stream_print(&cli->out, "linkfarm %s\n", lf_version());
    }
    return LF_EXIT_DONE;
}
