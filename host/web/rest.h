/* Answers of the REST faces, v1 and plain: both are the same routes under two names (routes.c). */
#ifndef WEB_REST_H
#define WEB_REST_H

#include "web/http_session.h"

/* The request is whole: answers it, or parks it until the engine has decided. */
void rest_handle(struct web *web, struct http_session *session);
/* What became of a request that was parked. */
void rest_outcome(struct web *web, const struct outcome *outcome);

/* Parts: orders and what changes something; accounts; the market. Each answers and returns no error, or returns
 * the error to answer with. */
struct api_error rest_order(struct web *web, struct http_session *session);
struct api_error rest_account(struct web *web, struct http_session *session);
struct api_error rest_market(struct web *web, struct http_session *session);
/* `limit`, at most LIST_LIMIT_MAX; `otherwise` when it was not sent. */
struct api_error rest_limit(const struct http_session *session, uint32_t otherwise,
                            uint32_t *limit);

#endif
