#include "web/routes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static enum route find(enum listener listener, enum http_method method, const char *path) {
    return route_find(listener, method, path, strlen(path)).route;
}

static void a_slash_at_the_end_does_not_matter(void **state) {
    (void)state;
    assert_int_equal(find(LISTENER_V1, METHOD_POST, "/api/v1/order"), ROUTE_ORDER_NEW);
    assert_int_equal(find(LISTENER_V1, METHOD_POST, "/api/v1/order/"), ROUTE_ORDER_NEW);
    assert_int_equal(find(LISTENER_V1, METHOD_POST, "/api/v1/order//"), ROUTE_UNKNOWN);
}

static void each_listener_has_its_own_paths(void **state) {
    (void)state;
    assert_int_equal(find(LISTENER_V1, METHOD_POST, "/order"), ROUTE_UNKNOWN);
    assert_int_equal(find(LISTENER_WS, METHOD_GET, "/depth"), ROUTE_UNKNOWN);
    assert_int_equal(find(LISTENER_PLAIN, METHOD_GET, "/api/v1/depth"), ROUTE_PAGE);
}

static void another_method_is_told_which_are_allowed(void **state) {
    (void)state;
    struct route_match match = route_find(LISTENER_PLAIN, METHOD_GET, "/order", 6);

    assert_int_equal(match.route, ROUTE_METHOD);
    assert_string_equal(match.allow, "POST, DELETE");
    assert_int_equal(find(LISTENER_PLAIN, METHOD_OTHER, "/depth"), ROUTE_METHOD);
}

static void only_a_get_asks_for_the_page(void **state) {
    (void)state;
    assert_int_equal(find(LISTENER_PLAIN, METHOD_GET, "/"), ROUTE_PAGE);
    assert_int_equal(find(LISTENER_PLAIN, METHOD_POST, "/"), ROUTE_UNKNOWN);
    assert_int_equal(find(LISTENER_V1, METHOD_GET, "/"), ROUTE_UNKNOWN);
}

static void what_speaks_for_a_user_is_private(void **state) {
    (void)state;
    assert_true(route_is_private(ROUTE_ORDER_NEW));
    assert_true(route_is_private(ROUTE_BALANCE));
    assert_true(route_is_private(ROUTE_ACCOUNTS));
    assert_false(route_is_private(ROUTE_DEPTH));
    assert_false(route_is_private(ROUTE_PAGE));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slash_at_the_end_does_not_matter),
        cmocka_unit_test(each_listener_has_its_own_paths),
        cmocka_unit_test(another_method_is_told_which_are_allowed),
        cmocka_unit_test(only_a_get_asks_for_the_page),
        cmocka_unit_test(what_speaks_for_a_user_is_private),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
