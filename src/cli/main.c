/* SPDX-License-Identifier: MIT */
/*
 * main.c - where the program begins; all else is in cli.c, which tests can link
 */
#include "cli/cli.h"
#include "platform/program.h"

int main(int argc, char **argv)
{
    lf_program_return_memory();
    lf_program_keep_owner_rights();
    return lf_cli_main(argc, argv);
}
