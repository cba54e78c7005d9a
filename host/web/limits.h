/* Every bound of the web process, and what happens when it is reached. */
#ifndef WEB_LIMITS_H
#define WEB_LIMITS_H

/* Requests. */
#define BODY_BYTES_MAX           16384     /* more: 413, the rest is read and thrown away */
#define BODY_DISCARD_BYTES_MAX   (8 << 20) /* a body announced as longer: 413 and hung up */
#define PARAMETERS_MAX           32        /* names in a query or a body; more: 400 */
#define PARAMETER_NAME_BYTES_MAX 32        /* longer: 400 */
#define PARAMETER_BYTES_MAX      128       /* one value; longer: 400 */
#define JSON_DEPTH_MAX           4         /* brackets in brackets; more: 400 */
#define PATH_BYTES_MAX           256       /* longer: 404 */
#define HEADER_BYTES_MAX         4096      /* all headers of a request; more: hung up */
#define HEADER_POOL_MAX          2048 /* connections whose headers are read at once; more wait */
#define HEADER_TIMEOUT_S         5    /* headers or body not complete by then: hung up */
#define KEEPALIVE_S              60   /* an idle connection is closed */
#define DESCRIPTORS_MAX          4096 /* open sockets; more wait in the listen queue */

/* Answers. */
#define RESPONSE_BYTES_MAX (2 << 20) /* no answer is longer: check */
#define WRITE_BYTES        65536     /* handed to the socket at once */
#define LIST_LIMIT_MAX     1000      /* items of one answer; a larger `limit` is lowered to it */
#define DEPTH_LEVELS_MAX   1000      /* levels a side in one answer */

/* Orders under way. */
#define PENDING_MAX        1024  /* waiting for the engine; more: 503 OVERLOADED, nothing is sent */
#define PENDING_TIMEOUT_MS 10000 /* then: 504 UNKNOWN */

/* WebSockets. */
#define WS_CONNECTIONS_MAX    1024 /* more are hung up at once */
#define WS_SUBSCRIPTIONS_MAX  64   /* channels per connection; more: an error, nothing is done */
#define WS_MESSAGE_BYTES_MAX  4096 /* from the client; longer: closed 1009 */
#define WS_MESSAGES_PER_S_MAX 20   /* from the client; more: closed 1008 */
#define WS_CONFLATE_BYTES                                                                          \
    65536 /* waiting for the client; then public news is skipped and made good
                                                   by a snapshot */
#define WS_QUEUE_BYTES_MAX                                                                         \
    (4 << 20) /* waiting for the client, private news included; more: closed 1013 */
#define WS_SNAPSHOT_LEVELS 500 /* a side */
#define WS_SNAPSHOT_ORDERS 200 /* open orders of a user */
#define WS_SNAPSHOT_TRADES 50
#define WS_NOTSENT_BYTES   16384 /* of a socket's queue in the kernel: keeps what is sent fresh */
#define GUESTS_MAX         256   /* guest accounts lent; more in the journal are not used */

/* The loop. */
#define RECORDS_PER_TURN   20000 /* journal records taken before sockets are looked at again */
#define JOURNAL_POLL_MS    1     /* how often the journal is looked at */
#define EXCHANGE_RETRY_MS  500   /* how often a lost exchange is looked for */
#define DEPTH_INTERVAL_MS  50
#define CANDLE_INTERVAL_MS 250
#define TICKER_INTERVAL_MS 1000

/* The page. */
#define STATIC_FILES_MAX 64         /* more are not served, and the log says so */
#define STATIC_BYTES_MAX (16 << 20) /* all files together; likewise */

#endif
