/* The real side of file_port.h, in a temporary directory. */
#include "os/posix_file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
    char directory[64];
    struct posix_files *files;
    struct file_port *port;
};

static int place_open(void **state) {
    static struct place place;
    enum file_result result = FILE_OK;

    strcpy(place.directory, "/tmp/posix-file-XXXXXX");
    if (mkdtemp(place.directory) == NULL)
        return 1;
    place.files = posix_files_open(place.directory, POSIX_FILES_WRITE, &result);
    if (place.files == NULL)
        return 1;
    place.port = posix_files_port(place.files);
    *state = &place;
    return 0;
}

static int place_close(void **state) {
    struct place *place = *state;
    char command[128];

    posix_files_close(place->files);
    snprintf(command, sizeof command, "rm -rf %s", place->directory);
    return system(command);
}

static int create(struct place *place, const char *name) {
    int handle = FILE_HANDLE_NONE;

    assert_int_equal(place->port->ops->open(place->port->self, name, FILE_CREATE, &handle),
                     FILE_OK);
    return handle;
}

static void bytes_written_are_read_back(void **state) {
    struct place *place = *state;
    const struct file_port_ops *ops = place->port->ops;
    int handle = create(place, "a");
    char bytes[16] = {0};
    size_t got = 0;
    uint64_t size_bytes = 0;

    assert_int_equal(ops->write(place->port->self, (struct file_at){handle, 3}, "hello", 5),
                     FILE_OK);
    assert_int_equal(ops->sync(place->port->self, handle), FILE_OK);
    assert_int_equal(ops->forget(place->port->self, handle), FILE_OK);
    assert_int_equal(ops->size(place->port->self, handle, &size_bytes), FILE_OK);
    assert_int_equal(size_bytes, 8);
    assert_int_equal(
        ops->read(place->port->self, (struct file_at){handle, 3}, bytes, sizeof bytes, &got),
        FILE_OK);
    assert_int_equal(got, 5);
    assert_string_equal(bytes, "hello");
    assert_int_equal(
        ops->read(place->port->self, (struct file_at){handle, 100}, bytes, sizeof bytes, &got),
        FILE_OK);
    assert_int_equal(got, 0);
}

static void zeros_are_written_and_not_merely_promised(void **state) {
    struct place *place = *state;
    int handle = create(place, "z");
    char path[128];
    struct stat status;

    assert_int_equal(
        place->port->ops->zero_fill(place->port->self, (struct file_at){handle, 0}, 300000),
        FILE_OK);
    assert_int_equal(place->port->ops->sync(place->port->self, handle), FILE_OK);
    snprintf(path, sizeof path, "%s/z", place->directory);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_size, 300000);
    assert_true(status.st_blocks * 512 >= 300000);
}

static void names_are_refused_as_documented(void **state) {
    struct place *place = *state;
    const struct file_port_ops *ops = place->port->ops;
    char longest[FILE_NAME_BYTES + 1];
    int handle = create(place, "a");

    memset(longest, 'x', sizeof longest);
    longest[FILE_NAME_BYTES] = 0;
    ops->close(place->port->self, handle);
    assert_int_equal(ops->open(place->port->self, "a", FILE_CREATE, &handle), FILE_EXISTS);
    assert_int_equal(handle, FILE_HANDLE_NONE);
    assert_int_equal(ops->open(place->port->self, "b", FILE_READ, &handle), FILE_NOT_FOUND);
    assert_int_equal(ops->open(place->port->self, "../b", FILE_CREATE, &handle), FILE_BAD_NAME);
    assert_int_equal(ops->open(place->port->self, "", FILE_READ, &handle), FILE_BAD_NAME);
    assert_int_equal(ops->open(place->port->self, longest, FILE_CREATE, &handle), FILE_BAD_NAME);
    assert_int_equal(ops->remove(place->port->self, "b"), FILE_NOT_FOUND);
}

static void a_link_is_not_followed(void **state) {
    struct place *place = *state;
    char path[128];
    int handle = FILE_HANDLE_NONE;

    snprintf(path, sizeof path, "%s/link", place->directory);
    assert_int_equal(symlink("/etc/hostname", path), 0);
    assert_int_not_equal(place->port->ops->open(place->port->self, "link", FILE_READ, &handle),
                         FILE_OK);
}

static void renaming_replaces_nothing_and_lists_agree(void **state) {
    struct place *place = *state;
    const struct file_port_ops *ops = place->port->ops;
    struct file_name names[2];
    size_t count = 0;

    ops->close(place->port->self, create(place, "a"));
    ops->close(place->port->self, create(place, "b"));
    assert_int_equal(ops->rename(place->port->self, "a", "b"), FILE_EXISTS);
    assert_int_equal(ops->rename(place->port->self, "a", "c"), FILE_OK);
    assert_int_equal(ops->rename(place->port->self, "a", "d"), FILE_NOT_FOUND);
    assert_int_equal(ops->sync_directory(place->port->self), FILE_OK);
    assert_int_equal(ops->list(place->port->self, names, 2, &count), FILE_OK);
    assert_int_equal(count, 2);
    assert_int_equal(ops->list(place->port->self, names, 1, &count), FILE_OK);
    assert_int_equal(count, 2); /* how many there are, not how many fitted */
    assert_int_equal(ops->remove(place->port->self, "c"), FILE_OK);
    assert_int_equal(ops->list(place->port->self, names, 2, &count), FILE_OK);
    assert_int_equal(count, 1);
    assert_string_equal(names[0].text, "b");
}

static void one_handle_too_many_is_refused(void **state) {
    struct place *place = *state;
    int handle = FILE_HANDLE_NONE;

    for (int i = 0; i < FILE_HANDLE_MAX; i++) {
        char name[8];
        snprintf(name, sizeof name, "f%d", i);
        (void)create(place, name);
    }
    assert_int_equal(place->port->ops->open(place->port->self, "f0", FILE_READ, &handle),
                     FILE_LIMIT);
}

static void a_second_writer_is_refused_and_a_reader_is_not(void **state) {
    struct place *place = *state;
    enum file_result result = FILE_OK;

    assert_null(posix_files_open(place->directory, POSIX_FILES_WRITE, &result));
    assert_int_equal(result, FILE_BUSY);
    struct posix_files *reader = posix_files_open(place->directory, POSIX_FILES_READ, &result);
    assert_non_null(reader);
    posix_files_close(reader);
    assert_null(posix_files_open("/tmp/no-such-directory/at-all", POSIX_FILES_WRITE, &result));
    assert_int_equal(result, FILE_NOT_FOUND);
}

/* /dev/full: each write is ENOSPC. */
static void a_full_device_is_no_space(void **state) {
    enum file_result result = FILE_OK;
    int handle = FILE_HANDLE_NONE;

    (void)state;
    struct posix_files *files = posix_files_open("/dev", POSIX_FILES_READ, &result);
    assert_non_null(files);
    struct file_port *port = posix_files_port(files);
    assert_int_equal(port->ops->open(port->self, "full", FILE_WRITE, &handle), FILE_OK);
    assert_int_equal(port->ops->write(port->self, (struct file_at){handle, 0}, "x", 1),
                     FILE_NO_SPACE);
    assert_int_equal(port->ops->zero_fill(port->self, (struct file_at){handle, 0}, 100000),
                     FILE_NO_SPACE);
    posix_files_close(files);
}

#define PLACE_TEST(name) cmocka_unit_test_setup_teardown(name, place_open, place_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        PLACE_TEST(bytes_written_are_read_back),
        PLACE_TEST(zeros_are_written_and_not_merely_promised),
        PLACE_TEST(names_are_refused_as_documented),
        PLACE_TEST(a_link_is_not_followed),
        PLACE_TEST(renaming_replaces_nothing_and_lists_agree),
        PLACE_TEST(one_handle_too_many_is_refused),
        PLACE_TEST(a_second_writer_is_refused_and_a_reader_is_not),
        cmocka_unit_test(a_full_device_is_no_space),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
