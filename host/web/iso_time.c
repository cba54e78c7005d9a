#include "web/iso_time.h"

#include <stddef.h>
#include <string.h>

#define DIGITS_MAX 15

/* Reads exactly `count` digits and moves on. */
static bool digits_read(const char **at, size_t count, uint64_t *value) {
    *value = 0;
    for (size_t i = 0; i < count; i++) {
        if ((*at)[i] < '0' || (*at)[i] > '9')
            return false;
        *value = *value * 10 + (uint64_t)((*at)[i] - '0');
    }
    *at += count;
    return true;
}

static bool is_leap(uint64_t year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool days_read(const char **at, uint64_t *days) {
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint64_t year, month, day;

    if (!digits_read(at, 4, &year) || *(*at)++ != '-' || !digits_read(at, 2, &month) ||
        *(*at)++ != '-' || !digits_read(at, 2, &day))
        return false;
    if (year < 1970 || month < 1 || month > 12 || day < 1)
        return false;
    uint64_t length = lengths[month - 1] + (month == 2 && is_leap(year) ? 1u : 0u);
    if (day > length)
        return false;
    *days = day - 1;
    for (uint64_t y = 1970; y < year; y++)
        *days += is_leap(y) ? 366 : 365;
    for (uint64_t m = 1; m < month; m++)
        *days += lengths[m - 1] + (m == 2 && is_leap(year) ? 1u : 0u);
    return true;
}

static bool clock_read(const char **at, uint64_t *time_ms) {
    uint64_t hour, minute, second = 0, fraction_ms = 0;

    if (!digits_read(at, 2, &hour) || *(*at)++ != ':' || !digits_read(at, 2, &minute))
        return false;
    if (**at == ':') {
        ++*at;
        if (!digits_read(at, 2, &second))
            return false;
    }
    if (**at == '.') {
        uint64_t unit_ms = 100;
        ++*at;
        if (**at < '0' || **at > '9')
            return false;
        for (; **at >= '0' && **at <= '9'; ++*at, unit_ms /= 10)
            fraction_ms += (uint64_t)(**at - '0') * unit_ms;
    }
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *time_ms = ((hour * 60 + minute) * 60 + second) * 1000 + fraction_ms;
    return true;
}

static bool zone_read(const char **at, int64_t *zone_ms) {
    uint64_t hour, minute;
    char sign = **at;

    *zone_ms = 0;
    if (sign == 'Z' || sign == 'z') {
        ++*at;
        return true;
    }
    if (sign != '+' && sign != '-' && sign != ' ')
        return true;
    ++*at;
    if (!digits_read(at, 2, &hour))
        return false;
    if (**at == ':')
        ++*at;
    if (!digits_read(at, 2, &minute) || hour > 14 || minute > 59)
        return false;
    *zone_ms = (int64_t)(hour * 60 + minute) * 60000;
    if (sign == '-')
        *zone_ms = -*zone_ms;
    return true;
}

bool iso_time_read(const char *text, uint64_t *time_ms) {
    size_t length = strlen(text);
    const char *at = text;
    uint64_t days;
    uint64_t clock_ms = 0;
    int64_t zone_ms = 0;

    if (length >= 1 && strspn(text, "0123456789") == length)
        return length <= DIGITS_MAX && digits_read(&at, length, time_ms);
    if (length < 10 || !days_read(&at, &days))
        return false;
    if (*at == 'T' || *at == 't' || *at == ' ') {
        at++;
        if (!clock_read(&at, &clock_ms) || !zone_read(&at, &zone_ms))
            return false;
    }
    if (*at != '\0')
        return false;
    int64_t total_ms = (int64_t)(days * 86400000 + clock_ms) - zone_ms;
    if (total_ms < 0)
        return false;
    *time_ms = (uint64_t)total_ms;
    return true;
}
