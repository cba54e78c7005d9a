/* Torn tail or corruption, and everything that is refused by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/crc32c.h"
#include "scene.h"

#define FIRST  "segment-000001.journal"
#define SECOND "segment-000002.journal"

/* Copies of all segments of a journal, to damage and to put back. */
struct copy {
    unsigned char *bytes[32];
    uint64_t size_bytes;
    uint64_t count;
};

static void write_journal(struct scene *scene, int groups, uint32_t records, struct copy *copy) {
    scene_open(scene, 1);
    scene->options.spares = 0;
    scene->options.segment_bytes = SEGMENT_BYTES_MIN;
    assert_int_equal(scene_start(scene), RECOVER_OK);
    for (int i = 0; i < groups; i++)
        scene_write_group(scene, records);
    scene_end(scene);
    assert_int_equal(journal_verify(scene->port, SCENE_CLUSTER, &scene->recovered), RECOVER_OK);
    copy->count = scene->recovered.segment_no;
    assert_in_range(copy->count, 1, 32);
    for (uint64_t no = 1; no <= copy->count; no++) {
        const unsigned char *from = simulated_disk_platter(
            scene->disk, segment_name(SEGMENT_FILE_SEGMENT, no).text, &copy->size_bytes);
        copy->bytes[no - 1] = malloc(copy->size_bytes);
        assert_non_null(copy->bytes[no - 1]);
        memcpy(copy->bytes[no - 1], from, copy->size_bytes);
    }
}

static void put_back(struct scene *scene, const struct copy *copy, uint64_t no) {
    struct file_name name = segment_name(SEGMENT_FILE_SEGMENT, no);
    uint64_t size_bytes = 0;

    memcpy(simulated_disk_platter(scene->disk, name.text, &size_bytes), copy->bytes[no - 1],
           copy->size_bytes);
    simulated_disk_reload(scene->disk, name.text);
}

static void forget_copy(struct copy *copy) {
    for (uint64_t i = 0; i < copy->count; i++)
        free(copy->bytes[i]);
}

static enum recover_result damage(struct scene *scene, uint64_t no, uint64_t offset_bytes,
                                  unsigned char bits) {
    struct file_name name = segment_name(SEGMENT_FILE_SEGMENT, no);
    uint64_t size_bytes = 0;

    simulated_disk_platter(scene->disk, name.text, &size_bytes)[offset_bytes] ^= bits;
    simulated_disk_reload(scene->disk, name.text);
    return journal_verify(scene->port, SCENE_CLUSTER, &scene->recovered);
}

/* The whole rule, one byte at a time: a flipped byte in a synced group that has a successor is corruption; in the
 * last group it looks like a torn tail, and only that group goes; behind it, it is a tail of nothing. */
static void every_flipped_byte_is_found_or_harmless(void **state) {
    struct scene scene;
    struct copy copy;
    uint32_t corrupt = 0;
    uint32_t torn = 0;

    (void)state;
    write_journal(&scene, 26, 7, &copy);
    assert_int_equal(copy.count, 3);
    const uint64_t last_seq = scene.recovered.last_record_seq;
    const uint64_t end_bytes = scene.recovered.end_bytes;
    for (uint64_t no = 1; no <= copy.count; no++) {
        for (uint64_t offset = 0; offset < copy.size_bytes; offset++) {
            enum recover_result result = damage(&scene, no, offset, 0x40);
            bool behind_the_end = no == copy.count && offset >= end_bytes;
            if (result == RECOVER_CORRUPT) {
                assert_false(behind_the_end);
                assert_non_null(
                    strstr(scene.recovered.place, segment_name(SEGMENT_FILE_SEGMENT, no).text));
                corrupt++;
            } else {
                assert_int_equal(result, RECOVER_CUT);
                assert_int_equal(no, copy.count);
                assert_true(scene.recovered.last_record_seq >= last_seq - 7);
                assert_true(!behind_the_end || scene.recovered.last_record_seq == last_seq);
                torn++;
            }
            put_back(&scene, &copy, no);
        }
    }
    printf("%u flipped bytes: %u corruption, %u in the last group or behind it\n", corrupt + torn,
           corrupt, torn);
    assert_int_equal(corrupt + torn, copy.count * copy.size_bytes);
    forget_copy(&copy);
    scene_close(&scene);
}

/* The empty group at a clean stop is there for this: then the last group holds nothing that could be lost. */
static void after_a_clean_stop_no_flipped_byte_hides_a_record(void **state) {
    struct scene scene;
    struct copy copy = {.count = 1};

    (void)state;
    scene_open(&scene, 1);
    scene.options.segment_bytes = SEGMENT_BYTES_MIN;
    assert_int_equal(scene_start(&scene), RECOVER_OK);
    scene_write_group(&scene, 20);
    assert_int_equal(journal_writer_finish(scene.writer), WRITER_IDLE);
    scene_end(&scene);
    const unsigned char *from = simulated_disk_platter(scene.disk, FIRST, &copy.size_bytes);
    copy.bytes[0] = malloc(copy.size_bytes);
    assert_non_null(copy.bytes[0]);
    memcpy(copy.bytes[0], from, copy.size_bytes);
    for (uint64_t offset = 0; offset < copy.size_bytes; offset++) {
        enum recover_result result = damage(&scene, 1, offset, 1);
        assert_true(result == RECOVER_CORRUPT || scene.recovered.last_record_seq == 20);
        put_back(&scene, &copy, 1);
    }
    forget_copy(&copy);
    scene_close(&scene);
}

static void a_torn_tail_is_cut_and_the_same_bytes_with_a_later_group_are_corruption(void **state) {
    struct scene scene;
    struct copy copy;
    uint64_t size_bytes = 0;

    (void)state;
    write_journal(&scene, 4, 7, &copy);
    assert_int_equal(copy.count, 1);
    uint64_t end_bytes = scene.recovered.end_bytes;
    /* a hole of a sector in the last group: its whole records behind the hole say nothing */
    memset(simulated_disk_platter(scene.disk, FIRST, &size_bytes) + end_bytes - 1024, 0, 512);
    simulated_disk_reload(scene.disk, FIRST);
    assert_int_equal(journal_verify(scene.port, SCENE_CLUSTER, &scene.recovered), RECOVER_CUT);
    assert_non_null(strstr(scene.recovered.place, "torn tail"));
    assert_int_equal(scene.recovered.last_record_seq, 21);
    put_back(&scene, &copy, 1);
    /* the same hole one group earlier */
    memset(simulated_disk_platter(scene.disk, FIRST, &size_bytes) + 4096 + 512, 0, 512);
    simulated_disk_reload(scene.disk, FIRST);
    assert_int_equal(journal_recover(scene.port, SCENE_CLUSTER, &scene.recovered), RECOVER_CORRUPT);
    assert_non_null(strstr(scene.recovered.place, "segment-000001.journal, byte 4"));
    assert_non_null(strstr(scene.recovered.place, "restore"));
    forget_copy(&copy);
    scene_close(&scene);
}

static void what_is_cut_is_zeroed_and_the_journal_goes_on(void **state) {
    struct scene scene;
    struct copy copy;
    uint64_t size_bytes = 0;
    enum read_result last;

    (void)state;
    write_journal(&scene, 4, 7, &copy);
    uint64_t end_bytes = scene.recovered.end_bytes;
    simulated_disk_platter(scene.disk, FIRST, &size_bytes)[end_bytes - 600] ^= 1;
    simulated_disk_reload(scene.disk, FIRST);
    assert_int_equal(scene_start(&scene), RECOVER_CUT);
    const unsigned char *file = simulated_disk_platter(scene.disk, FIRST, &size_bytes);
    for (uint64_t i = scene.recovered.end_bytes; i < size_bytes; i++)
        assert_int_equal(file[i], 0);
    scene_write_group(&scene, 2);
    scene_end(&scene);
    assert_int_equal(scene_read_all(&scene, &last), 23);
    assert_int_equal(journal_verify(scene.port, SCENE_CLUSTER, &scene.recovered), RECOVER_OK);
    assert_int_equal(scene.recovered.epoch, 2);
    forget_copy(&copy);
    scene_close(&scene);
}

/* Somebody who knows the format changes a record and makes every checksum fit: the hash tells. */
static void an_altered_record_with_fitting_checksums_is_corruption(void **state) {
    struct scene scene;
    struct copy copy;
    uint64_t size_bytes = 0;

    (void)state;
    write_journal(&scene, 4, 7, &copy);
    unsigned char *record = simulated_disk_platter(scene.disk, FIRST, &size_bytes) + 4096 + 128;
    record[40] ^= 1;
    uint32_t crc = record_crc(record, record[29] * 64u);
    memcpy(record, &crc, sizeof crc);
    simulated_disk_reload(scene.disk, FIRST);
    assert_int_equal(journal_verify(scene.port, SCENE_CLUSTER, &scene.recovered), RECOVER_CORRUPT);
    assert_non_null(strstr(scene.recovered.place, "altered"));
    forget_copy(&copy);
    scene_close(&scene);
}

static void a_missing_segment_is_named(void **state) {
    struct scene scene;
    struct copy copy;

    (void)state;
    write_journal(&scene, 40, 7, &copy);
    assert_true(copy.count >= 4);
    assert_int_equal(scene.port->ops->remove(scene.port->self, SECOND), FILE_OK);
    assert_int_equal(journal_recover(scene.port, SCENE_CLUSTER, &scene.recovered),
                     RECOVER_MISSING_SEGMENT);
    assert_non_null(strstr(scene.recovered.place, SECOND));
    assert_int_equal(scene.port->ops->remove(scene.port->self, FIRST), FILE_OK);
    assert_int_equal(journal_recover(scene.port, SCENE_CLUSTER, &scene.recovered),
                     RECOVER_MISSING_SEGMENT);
    assert_non_null(strstr(scene.recovered.place, FIRST));
    forget_copy(&copy);
    scene_close(&scene);
}

static void swapped_segments_are_named(void **state) {
    struct scene scene;
    struct copy copy;
    uint64_t size_bytes = 0;

    (void)state;
    write_journal(&scene, 40, 7, &copy);
    memcpy(simulated_disk_platter(scene.disk, FIRST, &size_bytes), copy.bytes[1], copy.size_bytes);
    memcpy(simulated_disk_platter(scene.disk, SECOND, &size_bytes), copy.bytes[0], copy.size_bytes);
    simulated_disk_reload(scene.disk, FIRST);
    simulated_disk_reload(scene.disk, SECOND);
    assert_int_equal(journal_recover(scene.port, SCENE_CLUSTER, &scene.recovered),
                     RECOVER_WRONG_ORDER);
    assert_non_null(strstr(scene.recovered.place, FIRST));
    forget_copy(&copy);
    scene_close(&scene);
}

static void another_clusters_journal_is_refused(void **state) {
    struct scene scene;
    struct copy copy;

    (void)state;
    write_journal(&scene, 2, 7, &copy);
    assert_int_equal(journal_recover(scene.port, SCENE_CLUSTER + 1, &scene.recovered),
                     RECOVER_WRONG_CLUSTER);
    assert_non_null(strstr(scene.recovered.place, "cluster 77, not to 78"));
    assert_int_equal(journal_verify(scene.port, 0, &scene.recovered), RECOVER_OK);
    assert_int_equal(scene.recovered.cluster_id, SCENE_CLUSTER);
    forget_copy(&copy);
    scene_close(&scene);
}

static void a_version_from_the_future_is_refused(void **state) {
    struct scene scene;
    struct copy copy;
    struct segment_header header;
    uint64_t size_bytes = 0;

    (void)state;
    write_journal(&scene, 2, 7, &copy);
    unsigned char *file = simulated_disk_platter(scene.disk, FIRST, &size_bytes);
    memcpy(&header, file, sizeof header);
    header.version = 9;
    header.crc32c = crc32c(&header, offsetof(struct segment_header, crc32c));
    memcpy(file, &header, sizeof header);
    simulated_disk_reload(scene.disk, FIRST);
    assert_int_equal(journal_recover(scene.port, SCENE_CLUSTER, &scene.recovered),
                     RECOVER_WRONG_VERSION);
    assert_non_null(strstr(scene.recovered.place, "version 9"));
    forget_copy(&copy);
    scene_close(&scene);
}

static void an_empty_directory_is_an_empty_journal(void **state) {
    struct scene scene;

    (void)state;
    scene_open(&scene, 1);
    assert_int_equal(journal_recover(scene.port, SCENE_CLUSTER, &scene.recovered), RECOVER_OK);
    assert_int_equal(scene.recovered.last_record_seq, 0);
    assert_int_equal(scene.recovered.epoch, 0);
    assert_int_equal(scene.recovered.segment_no, 0);
    scene_close(&scene);
}

static void a_half_filled_spare_is_removed_and_strangers_stay(void **state) {
    struct scene scene;
    uint64_t size_bytes = 0;

    (void)state;
    scene_open(&scene, 1);
    assert_true(simulated_disk_put(scene.disk, "filling-000009.journal", "x", 1));
    assert_true(simulated_disk_put(scene.disk, "notes.txt", "x", 1));
    assert_int_equal(journal_recover(scene.port, SCENE_CLUSTER, &scene.recovered), RECOVER_OK);
    assert_null(simulated_disk_platter(scene.disk, "filling-000009.journal", &size_bytes));
    assert_non_null(simulated_disk_platter(scene.disk, "notes.txt", &size_bytes));
    scene_close(&scene);
}

static void verify_changes_nothing(void **state) {
    struct scene scene;
    struct copy copy;
    uint64_t size_bytes = 0;

    (void)state;
    write_journal(&scene, 4, 7, &copy);
    uint64_t end_bytes = scene.recovered.end_bytes;
    uint64_t changes = simulated_disk_change_count(scene.disk);
    assert_int_equal(damage(&scene, 1, end_bytes - 600, 1), RECOVER_CUT);
    assert_int_equal(simulated_disk_change_count(scene.disk), changes);
    simulated_disk_platter(scene.disk, FIRST, &size_bytes)[end_bytes - 600] ^= 1;
    assert_memory_equal(simulated_disk_platter(scene.disk, FIRST, &size_bytes), copy.bytes[0],
                        copy.size_bytes);
    forget_copy(&copy);
    scene_close(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_flipped_byte_is_found_or_harmless),
        cmocka_unit_test(after_a_clean_stop_no_flipped_byte_hides_a_record),
        cmocka_unit_test(a_torn_tail_is_cut_and_the_same_bytes_with_a_later_group_are_corruption),
        cmocka_unit_test(what_is_cut_is_zeroed_and_the_journal_goes_on),
        cmocka_unit_test(an_altered_record_with_fitting_checksums_is_corruption),
        cmocka_unit_test(a_missing_segment_is_named),
        cmocka_unit_test(swapped_segments_are_named),
        cmocka_unit_test(another_clusters_journal_is_refused),
        cmocka_unit_test(a_version_from_the_future_is_refused),
        cmocka_unit_test(an_empty_directory_is_an_empty_journal),
        cmocka_unit_test(a_half_filled_spare_is_removed_and_strangers_stay),
        cmocka_unit_test(verify_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
