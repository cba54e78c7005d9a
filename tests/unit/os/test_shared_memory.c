/* Memory between processes: sealed, and read-only where it was promised. */
#include "os/shared_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define BYTES 8192u

static void what_one_writes_the_other_reads(void **state) {
    struct shared_memory owner;
    struct shared_memory other;

    (void)state;
    assert_true(shared_memory_create(&owner, "test", BYTES, SHARED_MEMORY_OTHERS_WRITE));
    assert_int_equal(((const char *)owner.bytes)[BYTES - 1], 0);
    assert_true(shared_memory_map_write(&other, dup(owner.fd), BYTES));
    strcpy(owner.bytes, "from the owner");
    assert_string_equal(other.bytes, "from the owner");
    strcpy(other.bytes, "from the other");
    assert_string_equal(owner.bytes, "from the other");
    shared_memory_close(&other);
    shared_memory_close(&owner);
    shared_memory_close(&owner); /* harmless */
}

static void others_cannot_write_what_is_for_reading(void **state) {
    struct shared_memory owner;
    struct shared_memory other;

    (void)state;
    assert_true(shared_memory_create(&owner, "test", BYTES, SHARED_MEMORY_OTHERS_READ));
    strcpy(owner.bytes, "still writable here");
    assert_false(shared_memory_map_write(&other, dup(owner.fd), BYTES));
    assert_true(shared_memory_map_read(&other, dup(owner.fd), BYTES));
    assert_string_equal(other.bytes, "still writable here");
    assert_int_not_equal(mprotect(other.bytes, BYTES, PROT_READ | PROT_WRITE), 0);
    assert_int_equal(write(owner.fd, "x", 1), -1);
    shared_memory_close(&other);
    shared_memory_close(&owner);
}

static void nobody_can_change_the_size(void **state) {
    struct shared_memory owner;
    struct shared_memory other;

    (void)state;
    assert_true(shared_memory_create(&owner, "test", BYTES, SHARED_MEMORY_OTHERS_WRITE));
    assert_int_not_equal(ftruncate(owner.fd, 0), 0);
    assert_int_not_equal(ftruncate(owner.fd, 2 * BYTES), 0);
    assert_false(shared_memory_map_read(&other, dup(owner.fd), BYTES / 2));
    assert_false(shared_memory_map_read(&other, dup(owner.fd), BYTES * 2));
    shared_memory_close(&owner);
}

static void memory_that_can_shrink_is_refused(void **state) {
    struct shared_memory other;
    int fd = memfd_create("loose", MFD_CLOEXEC);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, BYTES), 0);
    assert_false(shared_memory_map_read(&other, fd, BYTES));
    assert_int_equal(other.fd, -1);
    assert_int_not_equal(close(fd), 0); /* taken over, and closed */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_one_writes_the_other_reads),
        cmocka_unit_test(others_cannot_write_what_is_for_reading),
        cmocka_unit_test(nobody_can_change_the_size),
        cmocka_unit_test(memory_that_can_shrink_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
