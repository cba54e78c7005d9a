/* The layout on disk, byte by byte, and what one record must be to count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "scene.h"

static void names_are_numbered_and_read_back(void **state) {
    static const char *const others[] = {"segment-000000.journal",
                                         "segment-1.journal",
                                         "segment-0000001.journal",
                                         "segment-000001.journa",
                                         "segment-000001.journalx",
                                         "pegment-000001.journal",
                                         "segment-99999999999999999999.journal",
                                         "spare",
                                         "",
                                         "segment-"};
    uint64_t number = 0;

    (void)state;
    assert_string_equal(segment_name(SEGMENT_FILE_SEGMENT, 1).text, "segment-000001.journal");
    assert_string_equal(segment_name(SEGMENT_FILE_SPARE, 999999).text, "spare-999999.journal");
    assert_string_equal(segment_name(SEGMENT_FILE_FILLING, 12).text, "filling-000012.journal");
    assert_int_equal(segment_name_parse("segment-000042.journal", &number), SEGMENT_FILE_SEGMENT);
    assert_int_equal(number, 42);
    assert_int_equal(segment_name_parse("filling-000007.journal", &number), SEGMENT_FILE_FILLING);
    assert_int_equal(number, 7);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(segment_name_parse(others[i], &number), SEGMENT_FILE_OTHER);
}

static void the_header_stands_as_documented(void **state) {
    struct segment_header header = {
        .cluster_id = 0x1122334455667788,
        .segment_no = 3,
        .segment_bytes = SEGMENT_BYTES_MIN,
        .first_record_seq = 1000,
        .first_group = 50,
        .epoch = 9,
        .sector_bytes = 512,
        .previous_hash = {.bytes = {0xAB, 0xCD}},
        .build = "build",
    };
    unsigned char bytes[SEGMENT_HEADER_BYTES];

    (void)state;
    segment_header_seal(&header);
    memcpy(bytes, &header, sizeof bytes);
    assert_memory_equal(bytes, "xptseg01", 8);
    assert_int_equal(bytes_load_le32(bytes + 8), 1);
    assert_int_equal(bytes_load_le32(bytes + 12), 4096);
    assert_true(bytes_load_le64(bytes + 16) == 0x1122334455667788);
    assert_int_equal(bytes_load_le64(bytes + 24), 3);
    assert_int_equal(bytes_load_le64(bytes + 32), 16384);
    assert_int_equal(bytes_load_le64(bytes + 40), 1000);
    assert_int_equal(bytes_load_le64(bytes + 48), 50);
    assert_int_equal(bytes_load_le32(bytes + 56), 9);
    assert_int_equal(bytes_load_le32(bytes + 60), 512);
    assert_int_equal(bytes[64], 0xAB);
    assert_string_equal(bytes + 96, "build");
    assert_int_equal(bytes_load_le32(bytes + 4092), crc32c(bytes, 4092));
    assert_int_equal(segment_header_check(&header), SEGMENT_HEADER_OK);
}

static void a_header_with_one_byte_changed_is_damaged(void **state) {
    struct segment_header header = {
        .cluster_id = 1, .segment_no = 1, .segment_bytes = SEGMENT_BYTES_MIN, .sector_bytes = 512};
    unsigned char *bytes = (unsigned char *)&header;

    (void)state;
    segment_header_seal(&header);
    for (size_t i = 0; i < sizeof header; i++) {
        bytes[i] ^= 0x10;
        assert_int_equal(segment_header_check(&header), SEGMENT_HEADER_DAMAGED);
        bytes[i] ^= 0x10;
    }
}

static void a_sound_header_of_another_version_or_size_is_refused_by_name(void **state) {
    struct segment_header header = {
        .cluster_id = 1, .segment_no = 1, .segment_bytes = SEGMENT_BYTES_MIN, .sector_bytes = 512};

    (void)state;
    segment_header_seal(&header);
    header.version = 2;
    header.crc32c = crc32c(&header, offsetof(struct segment_header, crc32c));
    assert_int_equal(segment_header_check(&header), SEGMENT_HEADER_VERSION);
    header.sector_bytes = 768;
    segment_header_seal(&header);
    assert_int_equal(segment_header_check(&header), SEGMENT_HEADER_SIZES);
    header.sector_bytes = 512;
    header.segment_bytes = SEGMENT_BYTES_MAX + 4096;
    segment_header_seal(&header);
    assert_int_equal(segment_header_check(&header), SEGMENT_HEADER_SIZES);
}

static void a_record_is_whole_only_with_its_length_kind_and_checksum(void **state) {
    union record record;
    size_t bytes = scene_record(&record, 5, 1234);

    (void)state;
    assert_int_equal(record_whole(&record, bytes), 0);
    record.head.crc32c = record_crc(&record, bytes);
    assert_int_equal(record_whole(&record, bytes), bytes);
    assert_int_equal(record_whole(&record, sizeof record), bytes);
    assert_int_equal(record_whole(&record, bytes - 1), 0);
    assert_int_equal(record_whole(&record, 10), 0);
    for (size_t i = 0; i < bytes; i++) {
        record.bytes[i] ^= 1;
        assert_int_equal(record_whole(&record, bytes), 0);
        record.bytes[i] ^= 1;
    }
    record.head.kind = 200;
    record.head.crc32c = record_crc(&record, bytes);
    assert_int_equal(record_whole(&record, bytes), 0);
}

static void a_group_fills_whole_sectors(void **state) {
    (void)state;
    assert_int_equal(group_bytes(0, 512), 512);
    assert_int_equal(group_bytes(384, 512), 512);
    assert_int_equal(group_bytes(448, 512), 1024);
    assert_int_equal(group_bytes(0, 4096), 4096);
    assert_int_equal(group_bytes(4096, 4096), 8192);
}

/* SHA-256 of 32 zero bytes and "abc", as `(head -c 32 /dev/zero; printf abc) | sha256sum` prints it. */
static void the_running_hash_is_sha_256_over_the_hash_before_and_the_records(void **state) {
    static const unsigned char wanted[JOURNAL_HASH_BYTES] = {
        0x36, 0x5a, 0xa7, 0xd8, 0xf7, 0xf9, 0x40, 0x2c, 0x4b, 0x94, 0x34,
        0x50, 0x2b, 0x4c, 0xc8, 0x9d, 0xdb, 0x09, 0xfe, 0x50, 0xd7, 0xcd,
        0x95, 0xb4, 0x93, 0xb8, 0x34, 0xc6, 0x2d, 0x5a, 0x53, 0x70};
    struct journal_hash hash = {0};

    (void)state;
    assert_true(group_hash(&hash, "abc", 3, &hash));
    assert_memory_equal(hash.bytes, wanted, sizeof wanted);
}

/* One group of one record, looked at without the code that wrote it. */
static void the_first_group_stands_as_documented(void **state) {
    struct scene scene;
    union record record;
    uint64_t size_bytes = 0;

    (void)state;
    scene_open(&scene, 1);
    assert_int_equal(scene_start(&scene), RECOVER_OK);
    scene_write_group(&scene, 1);
    scene_end(&scene);
    const unsigned char *file =
        simulated_disk_platter(scene.disk, "segment-000001.journal", &size_bytes);
    assert_non_null(file);
    assert_int_equal(size_bytes, 32 << 10);
    const unsigned char *group = file + 4096;
    size_t bytes = scene_record(&record, 1, scene_nonce(1));
    assert_int_equal(bytes_load_le32(group), crc32c(group + 4, 124));
    assert_int_equal(bytes_load_le32(group + 4), 1);
    assert_int_equal(bytes_load_le64(group + 8), 1);
    assert_int_equal(bytes_load_le64(group + 16), 1000);
    assert_int_equal(bytes_load_le32(group + 24), 1);
    assert_int_equal(group[28], RECORD_GROUP);
    assert_int_equal(group[29], 2);
    assert_int_equal(bytes_load_le64(group + 32), 1);
    assert_int_equal(bytes_load_le64(group + 40), 1);
    assert_int_equal(bytes_load_le32(group + 48), 1);
    assert_int_equal(bytes_load_le32(group + 52), bytes);
    assert_int_equal(bytes_load_le32(group + 56), 1);
    assert_int_equal(bytes_load_le32(group + 60), DURABILITY_LOCAL_DISK);
    assert_int_equal(bytes_load_le64(group + 64), 4096);
    assert_memory_equal(group + 128 + 32, record.bytes + 32, bytes - 32);
    const unsigned char *pad = group + 128 + bytes;
    assert_int_equal(pad[28], RECORD_PAD);
    assert_int_equal(pad[29], (512 - 128 - bytes) / 64);
    assert_int_equal(bytes_load_le32(pad), crc32c(pad + 4, pad[29] * 64u - 4));
    for (size_t i = 4096 + 512; i < size_bytes; i++)
        assert_int_equal(file[i], 0);
    scene_close(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_numbered_and_read_back),
        cmocka_unit_test(the_header_stands_as_documented),
        cmocka_unit_test(a_header_with_one_byte_changed_is_damaged),
        cmocka_unit_test(a_sound_header_of_another_version_or_size_is_refused_by_name),
        cmocka_unit_test(a_record_is_whole_only_with_its_length_kind_and_checksum),
        cmocka_unit_test(a_group_fills_whole_sectors),
        cmocka_unit_test(the_running_hash_is_sha_256_over_the_hash_before_and_the_records),
        cmocka_unit_test(the_first_group_stands_as_documented),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
