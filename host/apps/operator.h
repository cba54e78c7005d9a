/* The operator's socket: how `crosspoint` asks a running exchange. var/run/operator.sock, mode 0600,
 * SOCK_SEQPACKET: one struct operator_request per message, answered by one struct operator_answer.
 *
 * A record asked for here goes through the operator's ring like any other input; it is answered when its
 * record is durable, with the record as the journal holds it: the verdict stands inside. One request per
 * connection is under way at a time. */
#ifndef APPS_OPERATOR_H
#define APPS_OPERATOR_H

#include "core/record.h"

#define OPERATOR_MAGIC       0x31505458u /* "XTP1" */
#define OPERATOR_CLIENTS_MAX 8           /* more connections wait in the socket's queue */
/* then the answer is OPERATOR_UNKNOWN: ask the journal */
#define OPERATOR_PATIENCE_NS 10000000000ull

enum operator_what {
    OPERATOR_RECORD = 1, /* submit `record` (head.kind, head.instrument and body filled) */
    OPERATOR_STATUS = 2,
    OPERATOR_DIGEST = 3, /* appends a DIGEST record, answered with it */
};

struct operator_request {
    uint32_t magic;
    uint32_t what;
    uint64_t zero;
    union record record;
};

enum operator_code {
    OPERATOR_DONE = 0,
    OPERATOR_BAD_REQUEST = 1, /* not of this protocol, or a kind that is no input */
    OPERATOR_BUSY = 2,        /* the ring is full */
    OPERATOR_UNKNOWN = 3,     /* no answer in time: it may or may not have happened */
};

struct operator_status {
    uint64_t record_seq;  /* appended */
    uint64_t durable_seq; /* safe */
    uint64_t started_ns;  /* since 1970 */
    uint32_t epoch;
    uint32_t sessions; /* order entry sessions logged on */
    uint32_t connections;
    uint32_t process_id;
    char durability[16];
    char matcher[16];
    char build[40];
};

struct operator_answer {
    uint32_t magic;
    uint32_t code; /* enum operator_code */
    uint64_t zero;
    union record record;
    struct operator_status status;
};

#endif
