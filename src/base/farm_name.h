/* SPDX-License-Identifier: MIT */
/*
 * farm_name.h - what a farm may be called
 */
#ifndef LF_BASE_FARM_NAME_H
#define LF_BASE_FARM_NAME_H

#include <linkfarm/str.h>

enum { LF_FARM_NAME_LIMIT = 64 };

/**
 * Whether `name` may be a farm's: 1 to 64 of the characters A-Z a-z 0-9 . _ -
 * and neither `.` nor `..`. So it is also the name of a file in the state
 * directory, and needs no quotes in a shell.
 */
bool lf_farm_name_valid(struct lf_str name);

/** The same, for who has called one otherwise. */
extern const char lf_farm_name_cure[];

#endif
