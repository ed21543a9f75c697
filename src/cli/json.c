/* SPDX-License-Identifier: MIT */
/*
 * json.c - writing JSON objects, one a line
 */
#include "cli/json.h"

#include "base/escape.h"
#include "base/pair.h"
#include "base/util.h"

#include <errno.h>
#include <inttypes.h>

/* ---- base64 (RFC 4648) ---- */

static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void add_base64(struct lf_buf *buf, struct lf_str text)
{
    for (size_t i = 0; i < text.len; i += 3) {
        size_t left = text.len - i;
        uint32_t group = (uint32_t)(unsigned char)text.data[i] << 16;
        if (left > 1)
            group |= (uint32_t)(unsigned char)text.data[i + 1] << 8;
        if (left > 2)
            group |= (unsigned char)text.data[i + 2];
        lf_buf_add_char(buf, digits[group >> 18]);
        lf_buf_add_char(buf, digits[group >> 12 & 63]);
        lf_buf_add_char(buf, left > 1 ? digits[group >> 6 & 63] : '=');
        lf_buf_add_char(buf, left > 2 ? digits[group & 63] : '=');
    }
}

/* The value of four digits, of which `*ret_bytes` bytes count. */
static bool take_group(const char *at, uint32_t *ret_group, size_t *ret_bytes)
{
    *ret_group = 0;
    *ret_bytes = at[3] != '=' ? 3 : at[2] != '=' ? 2 : 1;
    for (size_t i = 0; i < 4; i++) {
        const char *digit =
                i <= *ret_bytes && at[i] ? strchr(digits, at[i]) : NULL;
        if (i <= *ret_bytes ? !digit : at[i] != '=')
            return false;
        *ret_group = *ret_group << 6 | (uint32_t)(digit ? digit - digits : 0);
    }
    return true;
}

bool lf_base64_decode(struct lf_buf *buf, struct lf_str text)
{
    size_t start = buf->len;
    bool good = text.len % 4 == 0;
    for (size_t i = 0; good && i < text.len; i += 4) {
        uint32_t group;
        size_t bytes;
        good = take_group(text.data + i, &group, &bytes) &&
               (bytes == 3 || i + 4 == text.len);
        for (size_t j = 0; good && j < bytes; j++)
            lf_buf_add_char(buf, (char)(group >> (16 - 8 * j) & 0xff));
    }
    if (!good)
        lf_buf_truncate(buf, start);
    return good;
}

/* ---- objects ---- */

struct lf_json lf_json_part(void)
{
    json_t *value = json_object();
    return (struct lf_json){value, !value};
}

struct lf_json lf_json_array(void)
{
    json_t *value = json_array();
    return (struct lf_json){value, !value};
}

static void set(struct lf_json *object, const char *key, json_t *value)
{
    if (json_object_set_new(object->value, key, value) < 0)
        object->failed = true;
}

struct lf_json lf_json_new(const char *type)
{
    struct lf_json object = lf_json_part();
    set(&object, "format", json_integer(1));
    if (type)
        set(&object, "type", json_string(type));
    return object;
}

/* Each byte that is not part of UTF-8 becomes U+FFFD. */
static void add_lossy(struct lf_buf *buf, struct lf_str text)
{
    while (text.len > 0) {
        size_t len = lf_utf8_next(text, NULL);
        if (len > 0)
            lf_buf_add(buf, lf_str_of(text.data, len));
        else
            lf_buf_add(buf, LF_STR("\xef\xbf\xbd"));
        len += len == 0;
        text = lf_str_of(text.data + len, text.len - len);
    }
}

static json_t *lossy(struct lf_str text)
{
    struct lf_buf buf = {0};
    add_lossy(&buf, text);
    json_t *value =
            lf_buf_failed(&buf) ? NULL : json_stringn(buf.data, buf.len);
    lf_buf_finish(&buf);
    return value;
}

void lf_json_text(struct lf_json *object, const char *key, struct lf_str text)
{
    if (!text.data)
        text = LF_STR("");
    /* jansson refuses, with NULL, what is not UTF-8, and so says which it is */
    json_t *value = json_stringn(text.data, text.len);
    if (value) {
        set(object, key, value);
        return;
    }
    struct lf_buf exact_key = {0}, exact = {0};
    lf_buf_add(&exact_key, lf_str(key));
    lf_buf_add(&exact_key, LF_STR("_b64"));
    add_base64(&exact, text);
    set(object, key, lossy(text));
    if (lf_buf_failed(&exact_key) || lf_buf_failed(&exact))
        object->failed = true;
    else
        set(object, exact_key.data, json_stringn(exact.data, exact.len));
    lf_buf_finish(&exact_key);
    lf_buf_finish(&exact);
}

void lf_json_text_if(struct lf_json *object, const char *key,
                     struct lf_str text)
{
    if (text.len > 0)
        lf_json_text(object, key, text);
}

void lf_json_pair_if(struct lf_json *object, const char *key,
                     struct lf_pair text)
{
    struct lf_pair_room room;
    lf_json_text_if(object, key, lf_pair_join(text, &room));
}

void lf_json_place(struct lf_json *object, const char *key, struct lf_str dir,
                   struct lf_str name)
{
    struct lf_buf path = {0};
    lf_path_add(&path, dir, name);
    object->failed |= lf_buf_failed(&path);
    lf_json_text(object, key, lf_buf_str(&path));
    lf_buf_finish(&path);
}

void lf_json_string(struct lf_json *object, const char *key, const char *text)
{
    lf_json_text(object, key, lf_str(text));
}

/* An inode of overlayfs may have the bit that jansson takes for the sign. */
void lf_json_number(struct lf_json *object, const char *key, uint64_t number)
{
    char text[24];
    if (number <= INT64_MAX) {
        set(object, key, json_integer((json_int_t)number));
        return;
    }
    snprintf(text, sizeof(text), "%" PRIu64, number);
    lf_json_string(object, key, text);
}

void lf_json_time(struct lf_json *object, const char *key, int64_t seconds)
{
    set(object, key, json_integer((json_int_t)seconds));
}

void lf_json_bool(struct lf_json *object, const char *key, bool value)
{
    set(object, key, json_boolean(value));
}

void lf_json_null(struct lf_json *object, const char *key)
{
    set(object, key, json_null());
}

void lf_json_mode(struct lf_json *object, const char *key, uint32_t mode)
{
    char octal[16];
    snprintf(octal, sizeof(octal), "%04" PRIo32, mode);
    lf_json_string(object, key, octal);
}

void lf_json_put(struct lf_json *object, const char *key, struct lf_json part)
{
    set(object, key, part.value);
    object->failed |= part.failed;
}

void lf_json_push(struct lf_json *array, struct lf_json part)
{
    array->failed |= part.failed;
    if (json_array_append_new(array->value, part.value) < 0)
        array->failed = true;
}

void lf_json_extend(struct lf_json *array, struct lf_json other)
{
    array->failed |= other.failed;
    if (json_array_extend(array->value, other.value) < 0)
        array->failed = true;
}

void lf_json_push_text(struct lf_json *array, struct lf_str text)
{
    if (json_array_append_new(array->value, lossy(text)) < 0)
        array->failed = true;
}

void lf_json_add_line(struct lf_buf *buf, struct lf_json object)
{
    char *line = object.failed ? NULL : json_dumps(object.value, JSON_COMPACT);
    if (line) {
        lf_buf_add(buf, lf_str(line));
        lf_buf_add_char(buf, '\n');
    } else {
        buf->failed = true;
    }
    free(line);
    json_decref(object.value);
}

void lf_json_write(struct lf_stream *out, struct lf_json object)
{
    struct lf_buf line = {0};
    lf_json_add_line(&line, object);
    lf_stream_put(out, &line);
    lf_buf_finish(&line);
}
