/* journal_append DIRECTORY [SOCKET]: appends records that somebody else made to a journal, through the real ring and
 * writer. With SOCKET other processes may attach to the ring there, as to the exchange.
 *
 * Standard input: records as in core/record.h, one after another; group, epoch and CRC are filled in here. After
 * each synced group the number of its last record is printed on a line. For tests of readers: they need a
 * journal whose every record is known, and the engine decides too much by itself. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "journal/journal_ring.h"
#include "journal/recover.h"
#include "journal/writer.h"
#include "os/attach.h"
#include "os/clock.h"
#include "os/posix_file.h"
#include "os/shared_memory.h"

#define RING_UNITS (1u << 16)
#define CLUSTER_ID 0x5354u /* any */

static int fail(const char *what) {
    fprintf(stderr, "journal_append: %s\n", what);
    return 1;
}

/* False at the end of input; a record cut short is an error. */
static bool record_read(union record *record) {
    size_t got = fread(record->bytes, 1, RECORD_UNIT_BYTES, stdin);
    if (got == 0)
        return false;
    check(got == RECORD_UNIT_BYTES);
    check(record->head.units >= 1 && record->head.units <= 3);
    size_t rest = (record->head.units - 1u) * RECORD_UNIT_BYTES;
    check(fread(record->bytes + RECORD_UNIT_BYTES, 1, rest, stdin) == rest);
    return true;
}

/* True at the end of input too. */
static bool input_waits(int timeout_ms) {
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&input, 1, timeout_ms) != 0;
}

static int listen_at(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    check(strlen(path) < sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path));
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
    check(fd >= 0);
    check(bind(fd, (const struct sockaddr *)&address, sizeof address) == 0);
    check(listen(fd, 8) == 0);
    return fd;
}

struct scene {
    struct journal_ring ring;
    struct shared_memory memory;
    struct journal_writer *writer;
    int listen_fd;
};

/* Whoever waits; the connection stays open until we end. */
static void scene_welcome(const struct scene *scene) {
    struct attach_request request;
    struct attach_answer answer = {.magic = ATTACH_MAGIC,
                                   .version = ATTACH_VERSION,
                                   .journal_ring_bytes = scene->memory.size_bytes};
    int fd = scene->listen_fd < 0 ? -1 : accept(scene->listen_fd, NULL, NULL);
    if (fd >= 0 && recv(fd, &request, sizeof request, 0) == (ssize_t)sizeof request)
        (void)attach_answer(fd, &answer, &scene->memory.fd, 1);
}

static int scene_append(struct scene *scene) {
    union record record;
    bool has_more = true;
    while (has_more) {
        scene_welcome(scene);
        while (journal_ring_space_units(&scene->ring) >= JOURNAL_RING_RESERVE_UNITS &&
               input_waits(0) && (has_more = record_read(&record)))
            journal_ring_append(&scene->ring, &record,
                                record.head.units * (size_t)RECORD_UNIT_BYTES);
        enum writer_result result = journal_writer_poll(scene->writer, clock_monotonic_ns());
        if (result == WRITER_STOPPED)
            return fail(journal_writer_reason(scene->writer));
        if (result == WRITER_WROTE) {
            printf("%llu\n", (unsigned long long)journal_ring_durable_seq(&scene->ring));
            fflush(stdout);
        } else if (has_more) {
            (void)input_waits(10);
        }
    }
    return 0;
}

int main(int argc, char **argv) {
    static struct scene scene = {.listen_fd = -1};
    static struct recovered recovered;
    enum file_result opened;
    if (argc != 2 && argc != 3)
        return fail("which directory?");
    setvbuf(stdin, NULL, _IONBF, 0); /* so that poll tells all there is */
    struct posix_files *files = posix_files_open(argv[1], POSIX_FILES_WRITE, &opened);
    if (files == NULL)
        return fail(file_result_text(opened));
    struct file_port *port = posix_files_port(files);
    enum recover_result result = journal_recover(port, CLUSTER_ID, &recovered);
    if (result != RECOVER_OK && result != RECOVER_CUT)
        return fail(recovered.place);
    check(shared_memory_create(&scene.memory, "journal_append", journal_ring_bytes(RING_UNITS),
                               SHARED_MEMORY_OTHERS_READ));
    if (argc == 3)
        scene.listen_fd = listen_at(argv[2]);
    struct journal_ring_start start = {.cluster_id = CLUSTER_ID,
                                       .last_record_seq = recovered.last_record_seq,
                                       .epoch = recovered.epoch + 1};
    journal_ring_format(&scene.ring, scene.memory.bytes, RING_UNITS, &start);
    struct journal_options options = journal_options_usual();
    options.segment_bytes = 4u << 20; /* so that a test crosses several */
    options.group_bytes_max = 64u << 10;
    options.spares = 0;
    scene.writer = journal_writer_open(&options, port, &scene.ring, &recovered);
    check(scene.writer != NULL);
    int code = scene_append(&scene);
    /* Drains what is left in the ring. */
    if (code == 0 && journal_writer_finish(scene.writer) == WRITER_STOPPED)
        code = fail(journal_writer_reason(scene.writer));
    journal_writer_close(scene.writer);
    posix_files_close(files);
    shared_memory_close(&scene.memory);
    return code;
}
