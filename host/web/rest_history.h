/* Routes that may reach behind the views: klines, finished orders, own trades. */
#ifndef WEB_REST_HISTORY_H
#define WEB_REST_HISTORY_H

#include "web/http_session.h"

/* Answers from the views, or parks the request and asks the database. */
void rest_history(struct web *web, struct http_session *session, struct history_request *request);
/* Answers what the database has found meanwhile. */
void rest_history_turn(struct web *web);

#endif
