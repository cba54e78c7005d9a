#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "core/price_trie.h"

#define LEVELS  256u
#define LADDERS 4u

struct fixture {
    struct price_trie trie;
    struct trie_root roots[LADDERS];
    void *bytes;
};

static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    size_t bytes = price_trie_bytes(LEVELS, LADDERS);
    struct arena arena;

    assert_non_null(fixture);
    fixture->bytes = calloc(1, bytes);
    assert_non_null(fixture->bytes);
    arena_init(&arena, fixture->bytes, bytes);
    price_trie_init(&fixture->trie, &arena, LEVELS, LADDERS);
    for (uint32_t i = 0; i < LADDERS; i++)
        fixture->roots[i].ladder = i;
    *state = fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;

    free(fixture->bytes);
    free(fixture);
    return 0;
}

static void an_empty_trie_has_no_neighbours(void **state) {
    struct fixture *fixture = *state;

    assert_int_equal(price_trie_below(&fixture->trie, &fixture->roots[0], INT64_C(1) << 32), -1);
    assert_int_equal(price_trie_above(&fixture->trie, &fixture->roots[0], -1), -1);
    assert_int_equal(price_trie_below(&fixture->trie, &fixture->roots[0], 0), -1);
    assert_int_equal(price_trie_above(&fixture->trie, &fixture->roots[0], UINT32_MAX), -1);
}

static void neighbours_are_found_across_every_depth(void **state) {
    struct fixture *fixture = *state;
    struct trie_root *root = &fixture->roots[1];
    /* Each pair differs first in another digit, from the root's two bits to the last six. */
    static const uint32_t keys[] = {0,           1,           63,         64,         4095,
                                    4096,        262143,      262144,     16777215,   16777216,
                                    1073741823,  1073741824,  2147483648, 3221225471, 3221225472u,
                                    4294967231u, 4294967294u, 4294967295u};
    const size_t count = sizeof keys / sizeof *keys;

    for (size_t i = 0; i < count; i++)
        (void)price_trie_reach(&fixture->trie, root, keys[i]);
    assert_int_equal(price_trie_below(&fixture->trie, root, INT64_C(1) << 32), UINT32_MAX);
    assert_int_equal(price_trie_above(&fixture->trie, root, -1), 0);
    for (size_t i = 0; i + 1 < count; i++) {
        assert_int_equal(price_trie_above(&fixture->trie, root, keys[i]), keys[i + 1]);
        assert_int_equal(price_trie_below(&fixture->trie, root, keys[i + 1]), keys[i]);
    }
}

static void ladders_that_share_a_trie_do_not_see_each_other(void **state) {
    struct fixture *fixture = *state;

    price_trie_reach(&fixture->trie, &fixture->roots[0], 77)->total_lots = 5;
    price_trie_reach(&fixture->trie, &fixture->roots[1], 77)->total_lots = 6;
    assert_int_equal(price_trie_level(&fixture->trie, &fixture->roots[0], 77)->total_lots, 5);
    assert_int_equal(price_trie_level(&fixture->trie, &fixture->roots[1], 77)->total_lots, 6);
    price_trie_remove(&fixture->trie, &fixture->roots[0], 77);
    assert_int_equal(price_trie_above(&fixture->trie, &fixture->roots[0], -1), -1);
    assert_int_equal(price_trie_above(&fixture->trie, &fixture->roots[1], -1), 77);
}

/* Against an array: keys crowd around a few places, so that nodes fill, empty and collide. */
static void random_keys_come_and_go_as_in_a_sorted_array(void **state) {
    struct fixture *fixture = *state;
    struct trie_root *root = &fixture->roots[2];
    uint32_t keys[LEVELS];
    uint32_t count = 0;
    uint64_t seed = 20260101;

    print_message("seed %llu\n", (unsigned long long)seed);
    for (int turn = 0; turn < 200000; turn++) {
        seed = seed * UINT64_C(6364136223846793005) + 1;
        uint32_t wide = (uint32_t)(seed >> 32);
        uint32_t key = turn % 3 == 0 ? wide : (wide & 0xC0000000u) + (wide & 0x1FFu);
        uint32_t place = 0;

        while (place < count && keys[place] < key)
            place++;
        bool is_there = place < count && keys[place] == key;
        int64_t below = place > 0 ? (int64_t)keys[place - 1] : -1;
        int64_t above = place + is_there < count ? (int64_t)keys[place + is_there] : -1;

        assert_int_equal(price_trie_below(&fixture->trie, root, key), below);
        assert_int_equal(price_trie_above(&fixture->trie, root, key), above);
        if (is_there) {
            assert_int_equal(price_trie_level(&fixture->trie, root, key)->total_lots, key ^ 1u);
            price_trie_remove(&fixture->trie, root, key);
            memmove(&keys[place], &keys[place + 1], (count - place - 1) * sizeof *keys);
            count--;
        } else if (count < LEVELS) {
            price_trie_reach(&fixture->trie, root, key)->total_lots = key ^ 1u;
            memmove(&keys[place + 1], &keys[place], (count - place) * sizeof *keys);
            keys[place] = key;
            count++;
        } else {
            price_trie_remove(&fixture->trie, root, keys[key % LEVELS]);
            memmove(&keys[key % LEVELS], &keys[key % LEVELS + 1],
                    (LEVELS - key % LEVELS - 1) * sizeof *keys);
            count--;
        }
    }
    while (count > 0)
        price_trie_remove(&fixture->trie, root, keys[--count]);
    assert_int_equal(fixture->trie.used_count, 0);
    assert_int_equal(root->word, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_empty_trie_has_no_neighbours, set_up, tear_down),
        cmocka_unit_test_setup_teardown(neighbours_are_found_across_every_depth, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ladders_that_share_a_trie_do_not_see_each_other, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(random_keys_come_and_go_as_in_a_sorted_array, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
