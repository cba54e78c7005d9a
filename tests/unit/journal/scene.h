/* What the journal's tests share: a journal on a simulated disk, and records that can be told apart. */
#ifndef TESTS_JOURNAL_SCENE_H
#define TESTS_JOURNAL_SCENE_H

#include <stdbool.h>
#include <stdint.h>

#include "journal/reader.h"
#include "journal/recover.h"
#include "journal/writer.h"
#include "sim/world/simulated_disk.h"

#define SCENE_CLUSTER    77u
#define SCENE_RING_UNITS 1024u

/* One life of a journal: from recovery to the end of the process. */
struct scene {
    struct simulated_disk *disk;
    struct file_port *port;
    struct journal_options options;
    struct recovered recovered;
    void *memory;
    struct journal_ring ring;
    struct journal_writer *writer;
    uint64_t now_ns;
};

/* A record of a kind, a length and a content that follow from `nonce` alone; unstamped. Returns its bytes. */
size_t scene_record(union record *record, uint64_t record_seq, uint64_t nonce);
/* Is it the record that scene_record makes, stamps aside? */
bool scene_is_record(const union record *record, uint64_t record_seq, uint64_t nonce);
/* Tests that do not care: the nonce follows from the number. */
uint64_t scene_nonce(uint64_t record_seq);

/* Small segments and groups, so that a test sees many of both. */
struct journal_options scene_options(void);
void scene_open(struct scene *scene, uint64_t seed);
/* Recovers and opens a writer; the result of the recovery. The writer is NULL when that failed. */
enum recover_result scene_start(struct scene *scene);
/* Appends `count` records to the ring, with scene_nonce. */
void scene_append(struct scene *scene, uint32_t count);
/* Appends and polls once: one group. */
void scene_write_group(struct scene *scene, uint32_t count);
/* Ends this life: the writer goes, the disk stays as it is. */
void scene_end(struct scene *scene);
void scene_close(struct scene *scene);

/* Reads the files alone from the start: how many records came, all as scene_nonce says; stops the test when one is
 * another. *last says how it ended. */
uint64_t scene_read_all(struct scene *scene, enum read_result *last);

#endif
