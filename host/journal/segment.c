#include "journal/segment.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/crc32c.h"

#define PAD_UNITS_MAX 63

static const char *segment_prefix(enum segment_file_kind kind) {
    switch (kind) {
    case SEGMENT_FILE_SEGMENT: return "segment";
    case SEGMENT_FILE_SPARE: return "spare";
    case SEGMENT_FILE_FILLING: return "filling";
    case SEGMENT_FILE_OTHER: break;
    }
    check(kind != SEGMENT_FILE_OTHER);
    return "";
}

struct file_name segment_name(enum segment_file_kind kind, uint64_t number) {
    struct file_name name;

    check(number >= 1);
    check(number <= SEGMENT_NO_MAX);
    snprintf(name.text, sizeof name.text, "%s-%06u.journal", segment_prefix(kind),
             (unsigned)number);
    return name;
}

enum segment_file_kind segment_name_parse(const char *name, uint64_t *number) {
    const char *digits = strchr(name, '-');
    uint64_t value = 0;

    if (digits == NULL)
        return SEGMENT_FILE_OTHER;
    for (digits++; *digits >= '0' && *digits <= '9' && value <= SEGMENT_NO_MAX; digits++)
        value = value * 10 + (uint64_t)(*digits - '0');
    if (value < 1 || value > SEGMENT_NO_MAX)
        return SEGMENT_FILE_OTHER;
    for (int kind = SEGMENT_FILE_SEGMENT; kind <= SEGMENT_FILE_FILLING; kind++) {
        struct file_name wanted = segment_name((enum segment_file_kind)kind, value);
        if (strcmp(wanted.text, name) == 0) {
            *number = value;
            return (enum segment_file_kind)kind;
        }
    }
    return SEGMENT_FILE_OTHER;
}

void segment_header_seal(struct segment_header *header) {
    header->magic = SEGMENT_MAGIC;
    header->version = SEGMENT_VERSION;
    header->header_bytes = SEGMENT_HEADER_BYTES;
    header->crc32c = crc32c(header, offsetof(struct segment_header, crc32c));
}

enum segment_header_result segment_header_check(const struct segment_header *header) {
    uint32_t sector = header->sector_bytes;

    if (header->magic != SEGMENT_MAGIC ||
        header->crc32c != crc32c(header, offsetof(struct segment_header, crc32c)))
        return SEGMENT_HEADER_DAMAGED;
    if (header->version != SEGMENT_VERSION)
        return SEGMENT_HEADER_VERSION;
    if (header->header_bytes != SEGMENT_HEADER_BYTES || header->segment_bytes < SEGMENT_BYTES_MIN ||
        header->segment_bytes > SEGMENT_BYTES_MAX ||
        header->segment_bytes % SEGMENT_HEADER_BYTES != 0)
        return SEGMENT_HEADER_SIZES;
    if (sector < SECTOR_BYTES_USUAL || sector > SECTOR_BYTES_MAX || (sector & (sector - 1)) != 0)
        return SEGMENT_HEADER_SIZES;
    return SEGMENT_HEADER_OK;
}

uint32_t record_crc(const void *record, size_t bytes) {
    const unsigned char *from = record;

    return crc32c(from + sizeof(uint32_t), bytes - sizeof(uint32_t));
}

static bool record_length_fits(const struct record_head *head) {
    if (head->kind == RECORD_GROUP)
        return head->units == GROUP_HEAD_BYTES / RECORD_UNIT_BYTES;
    if (head->kind == RECORD_PAD)
        return head->units >= 1 && head->units <= PAD_UNITS_MAX;
    return head->units > 0 && head->units == record_units(head->kind);
}

size_t record_whole(const void *record, size_t bytes) {
    struct record_head head;

    if (bytes < RECORD_UNIT_BYTES)
        return 0;
    memcpy(&head, record, sizeof head);
    if (!record_length_fits(&head))
        return 0;
    size_t length = head.units * (size_t)RECORD_UNIT_BYTES;
    if (length > bytes || head.crc32c != record_crc(record, length))
        return 0;
    return length;
}

uint64_t group_bytes(uint32_t record_bytes, uint32_t sector_bytes) {
    uint64_t bytes = GROUP_HEAD_BYTES + (uint64_t)record_bytes;

    return (bytes + sector_bytes - 1) / sector_bytes * sector_bytes;
}

bool group_hash(const struct journal_hash *before, const void *records, size_t bytes,
                struct journal_hash *after) {
    struct journal_hash result;
    unsigned int length = 0;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
                EVP_DigestUpdate(context, before->bytes, sizeof before->bytes) == 1 &&
                EVP_DigestUpdate(context, records, bytes) == 1 &&
                EVP_DigestFinal_ex(context, result.bytes, &length) == 1;

    EVP_MD_CTX_free(context);
    if (!done)
        return false;
    check(length == sizeof result.bytes);
    *after = result;
    return true;
}
