/* SPDX-License-Identifier: MIT */
/*
 * main.c - where the program begins; all else is in cli.c, which tests can link
 */
#include "cli/cli.h"

int main(int argc, char **argv)
{
    return lf_cli_main(argc, argv);
}
