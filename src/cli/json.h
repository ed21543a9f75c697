/* SPDX-License-Identifier: MIT */
/*
 * json.h - writing JSON objects, one a line
 *
 * An object remembers that memory ran out and is asked once, when it is
 * written. Bytes that are not UTF-8 appear twice: lossy under their key, with
 * U+FFFD for each bad byte, and exact under KEY_b64.
 */
#ifndef LF_CLI_JSON_H
#define LF_CLI_JSON_H

#include "cli/output.h"

#include <jansson.h>

struct lf_json {
    json_t *value;
    bool failed;
};

/** {"format":1,"type":TYPE}; without `type` only the format. */
struct lf_json lf_json_new(const char *type);
/** An object without those two, to be put into another. */
struct lf_json lf_json_part(void);
struct lf_json lf_json_array(void);

void lf_json_text(struct lf_json *object, const char *key, struct lf_str text);
/** The path of `name` in `dir`. */
void lf_json_place(struct lf_json *object, const char *key, struct lf_str dir,
                   struct lf_str name);
/** As lf_json_text(), but nothing for an empty text. */
void lf_json_text_if(struct lf_json *object, const char *key,
                     struct lf_str text);
/** The same of a link text. */
void lf_json_pair_if(struct lf_json *object, const char *key,
                     struct lf_pair text);
void lf_json_string(struct lf_json *object, const char *key, const char *text);
/** A text of its digits from 2^63 on. */
void lf_json_number(struct lf_json *object, const char *key, uint64_t number);
/** Seconds since 1970, before which they are negative. */
void lf_json_time(struct lf_json *object, const char *key, int64_t seconds);
void lf_json_bool(struct lf_json *object, const char *key, bool value);
void lf_json_null(struct lf_json *object, const char *key);
/** "0700" under `key`. */
void lf_json_mode(struct lf_json *object, const char *key, uint32_t mode);
/** Put `part`, which is used up, under `key`. */
void lf_json_put(struct lf_json *object, const char *key, struct lf_json part);
/** Append to an array. */
void lf_json_push(struct lf_json *array, struct lf_json part);
/** Append all that `other` has; that one stays as it is. */
void lf_json_extend(struct lf_json *array, struct lf_json other);
/** Append a text; what is not UTF-8 is lossy. */
void lf_json_push_text(struct lf_json *array, struct lf_str text);

/** Append the object and a line feed to `buf`; the object is used up. A
 *  failure becomes the buffer's. */
void lf_json_add_line(struct lf_buf *buf, struct lf_json object);
/** The same, to a stream. */
void lf_json_write(struct lf_stream *out, struct lf_json object);

/** Append the bytes that `text` encodes; false if it is no base64. */
bool lf_base64_decode(struct lf_buf *buf, struct lf_str text);

#endif
