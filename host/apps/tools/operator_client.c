#include "apps/tools/operator_client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/verdict.h"

#define CLIENT_PATIENCE_S 15 /* above the exchange's own, which answers UNKNOWN */

bool operator_client_open(struct operator_client *client, const char *var_path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval patience = {.tv_sec = CLIENT_PATIENCE_S};
    int length =
        snprintf(address.sun_path, sizeof address.sun_path, "%s/run/operator.sock", var_path);

    client->var_path = var_path;
    client->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (length < 0 || (size_t)length >= sizeof address.sun_path) {
        fprintf(stderr,
                "crosspoint: --var %s: the path is too long for a socket (107 characters)\n",
                var_path);
        return false;
    }
    if (client->fd < 0 ||
        setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0 ||
        connect(client->fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        if (errno == EACCES)
            fprintf(stderr,
                    "crosspoint: %s belongs to another user; run this as the one who started the "
                    "exchange\n",
                    address.sun_path);
        else
            fprintf(
                stderr,
                "crosspoint: no exchange is running on %s (start it with ./up, or give --var)\n",
                var_path);
        return false;
    }
    return true;
}

bool operator_client_ask(struct operator_client *client, enum operator_what what,
                         const union record *record, struct operator_answer *answer) {
    struct operator_request request = {.magic = OPERATOR_MAGIC, .what = what};

    if (record != NULL)
        request.record = *record;
    if (send(client->fd, &request, sizeof request, MSG_NOSIGNAL) != (ssize_t)sizeof request ||
        recv(client->fd, answer, sizeof *answer, 0) != (ssize_t)sizeof *answer ||
        answer->magic != OPERATOR_MAGIC) {
        fprintf(stderr, "crosspoint: the exchange went away before it answered; whether this "
                        "happened, the journal "
                        "says (crosspoint journal)\n");
        return false;
    }
    switch ((enum operator_code)answer->code) {
    case OPERATOR_DONE: return true;
    case OPERATOR_BAD_REQUEST:
        fprintf(stderr,
                "crosspoint: the exchange does not know this request; are both of one build?\n");
        return false;
    case OPERATOR_BUSY:
        fprintf(stderr, "crosspoint: the exchange is busy; try again\n");
        return false;
    case OPERATOR_UNKNOWN: break;
    }
    fprintf(stderr, "crosspoint: no answer in time: it may or may not have happened (crosspoint "
                    "journal tells)\n");
    return false;
}

bool operator_client_submit(struct operator_client *client, union record *record) {
    struct operator_answer answer;

    if (!operator_client_ask(client, OPERATOR_RECORD, record, &answer))
        return false;
    *record = answer.record;
    if (record->request.verdict != VERDICT_TAKEN) {
        fprintf(stderr, "crosspoint: refused: %s: %s\n", verdict_name(record->request.verdict),
                verdict_sentence(record->request.verdict));
        return false;
    }
    return true;
}

void operator_client_close(struct operator_client *client) {
    if (client->fd >= 0)
        close(client->fd);
    client->fd = -1;
}
