#include "base/hash_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "base/random.h"

#include <cmocka.h>

static _Alignas(64) unsigned char memory[1 << 20];

static struct hash_map map_of(uint32_t max, uint32_t key_bytes) {
    struct arena arena;
    struct hash_map map;

    arena_init(&arena, memory, hash_map_bytes(max, key_bytes));
    hash_map_init(&map, &arena, max, key_bytes);
    return map;
}

static void a_key_is_found_until_it_is_removed(void **state) {
    (void)state;
    struct hash_map map = map_of(4, 8);
    uint64_t key = 77;

    assert_int_equal(hash_map_find(&map, &key), HASH_MAP_NONE);
    assert_true(hash_map_put(&map, &key, 0));
    assert_int_equal(hash_map_find(&map, &key), 0);
    hash_map_remove(&map, &key);
    assert_int_equal(hash_map_find(&map, &key), HASH_MAP_NONE);
}

static void a_full_map_refuses_and_keeps_what_it_has(void **state) {
    (void)state;
    struct hash_map map = map_of(3, 8);

    for (uint64_t key = 0; key < 3; key++)
        assert_true(hash_map_put(&map, &key, (uint32_t)key));
    uint64_t fourth = 3;
    assert_false(hash_map_put(&map, &fourth, 3));
    assert_int_equal(hash_map_find(&map, &fourth), HASH_MAP_NONE);
    for (uint64_t key = 0; key < 3; key++)
        assert_int_equal(hash_map_find(&map, &key), key);
}

static void long_keys_differ_in_any_byte(void **state) {
    (void)state;
    struct hash_map map = map_of(64, 40);
    char key[40];

    memset(key, 'x', sizeof key);
    for (uint32_t i = 0; i < 40; i++) {
        key[i] = 'y';
        assert_true(hash_map_put(&map, key, i));
        key[i] = 'x';
    }
    assert_int_equal(hash_map_find(&map, key), HASH_MAP_NONE);
    for (uint32_t i = 0; i < 40; i++) {
        key[i] = 'y';
        assert_int_equal(hash_map_find(&map, key), i);
        key[i] = 'x';
    }
}

/* 512 possible keys in a map of 256: long runs form, and removals must not break them. */
static void random_puts_and_removes_agree_with_an_array(void **state) {
    (void)state;
    struct random random = random_seeded(3);
    struct hash_map map = map_of(256, 16);
    uint32_t model[512];

    memset(model, 0xFF, sizeof model);
    for (int step = 0; step < 200000; step++) {
        uint32_t pick = random_below(&random, 512);
        uint64_t key[2] = {pick * 0x100000000u, pick / 3};
        uint32_t found = hash_map_find(&map, key);

        assert_int_equal(found, model[pick]);
        if (found != HASH_MAP_NONE) {
            hash_map_remove(&map, key);
            model[pick] = HASH_MAP_NONE;
        } else if (hash_map_put(&map, key, (uint32_t)step)) {
            model[pick] = (uint32_t)step;
        } else {
            assert_int_equal(map.count, 256);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_found_until_it_is_removed),
        cmocka_unit_test(a_full_map_refuses_and_keeps_what_it_has),
        cmocka_unit_test(long_keys_differ_in_any_byte),
        cmocka_unit_test(random_puts_and_removes_agree_with_an_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
