/* SPDX-License-Identifier: MIT */
/* version.c - the version, which only meson.build knows */
#include <linkfarm/linkfarm.h>

#include "base/linkfarm_version.h"

const char *lf_version(void)
{
    return LF_VERSION;
}
