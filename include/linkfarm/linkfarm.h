/* SPDX-License-Identifier: MIT */
/*
 * linkfarm.h - all of liblinkfarm
 *
 * The library never prints, never exits, never changes the process (current
 * directory, umask, locale, signal handlers) and has no global variables, so
 * several threads may use it at once, each with objects of its own.
 */
#ifndef LINKFARM_H
#define LINKFARM_H

#include <linkfarm/error.h>
#include <linkfarm/farm.h>
#include <linkfarm/garbage.h>
#include <linkfarm/manifest.h>
#include <linkfarm/node.h>
#include <linkfarm/plan.h>
#include <linkfarm/resolve.h>
#include <linkfarm/resolve_windows.h>
#include <linkfarm/str.h>
#include <linkfarm/transaction.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The version of the library in use, as "0.1.0". Static. */
LF_PUBLIC const char *lf_version(void);

#ifdef __cplusplus
}
#endif

#endif
