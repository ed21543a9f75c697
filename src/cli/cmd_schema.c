/* SPDX-License-Identifier: MIT */
/*
 * cmd_schema.c - linkfarm schema: the JSON Schema of a manifest
 *
 * docs/linkfarm-1.schema.json is the one source. It is installed as it is, and
 * built into the program, so that the two cannot be of different versions.
 */
#include "cli/commands.h"

static const char schema[] = {
#include "cli/linkfarm-1.schema.inc"
};

int lf_cmd_schema(struct lf_cli *cli)
{
    lf_stream_write(&cli->out, lf_str_of(schema, sizeof(schema)));
    return LF_EXIT_DONE;
}
