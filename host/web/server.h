/* The listeners, and what libwebsockets tells us about them. The only file that decides what a connection may
 * become: HTTP, one of our WebSockets, or nothing. */
#ifndef WEB_SERVER_H
#define WEB_SERVER_H

#include "web/web.h"

/* Opens all listeners on web->loop and writes their ports to <var>/run/web.ports as JSON. False: it is on the
 * log. */
NODISCARD bool server_open(struct web *web);

#endif
