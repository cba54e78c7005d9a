#include "journal/spare_stock.h"

#include <stdlib.h>
#include <string.h>

static enum file_result spare_adopt(struct spare_stock *stock, const char *name, uint64_t number) {
    const struct file_port_ops *ops = stock->files->ops;
    uint64_t size_bytes = 0;
    int handle = FILE_HANDLE_NONE;
    enum file_result result = ops->open(stock->files->self, name, FILE_READ, &handle);

    if (result != FILE_OK)
        return result;
    result = ops->size(stock->files->self, handle, &size_bytes);
    ops->close(stock->files->self, handle);
    if (result != FILE_OK)
        return result;
    if (size_bytes != stock->segment_bytes || stock->ready_count == SPARE_STOCK_MAX)
        return ops->remove(stock->files->self, name);
    stock->ready[stock->ready_count++] = number;
    return FILE_OK;
}

enum file_result spare_stock_open(struct spare_stock *stock) {
    struct file_name *names = calloc(SEGMENT_FILES_MAX, sizeof *names);
    size_t count = 0;

    if (names == NULL)
        return FILE_LIMIT;
    stock->filling = FILE_HANDLE_NONE;
    enum file_result result =
        stock->files->ops->list(stock->files->self, names, SEGMENT_FILES_MAX, &count);
    for (size_t i = 0; result == FILE_OK && i < count && i < SEGMENT_FILES_MAX; i++) {
        uint64_t number = 0;
        enum segment_file_kind kind = segment_name_parse(names[i].text, &number);
        if (kind != SEGMENT_FILE_OTHER && number > stock->highest_no)
            stock->highest_no = number;
        if (kind == SEGMENT_FILE_SPARE)
            result = spare_adopt(stock, names[i].text, number);
        if (kind == SEGMENT_FILE_FILLING)
            result = stock->files->ops->remove(stock->files->self, names[i].text);
    }
    free(names);
    return result;
}

bool spare_stock_full(const struct spare_stock *stock) {
    return stock->ready_count >= stock->wanted;
}

static void spare_drop(struct spare_stock *stock) {
    if (stock->filling == FILE_HANDLE_NONE)
        return; /* it could not even be created */
    struct file_name name = segment_name(SEGMENT_FILE_FILLING, stock->filling_no);
    stock->files->ops->close(stock->files->self, stock->filling);
    stock->filling = FILE_HANDLE_NONE;
    stock
        ->highest_no--; /* tried again with the same number, or a full disk would use them all up */
    /* If it stays, the next start removes it. */
    enum file_result ignored = stock->files->ops->remove(stock->files->self, name.text);
    (void)ignored;
}

static enum file_result spare_finish(struct spare_stock *stock) {
    const struct file_port_ops *ops = stock->files->ops;
    struct file_name from = segment_name(SEGMENT_FILE_FILLING, stock->filling_no);
    struct file_name to = segment_name(SEGMENT_FILE_SPARE, stock->filling_no);

    ops->close(stock->files->self, stock->filling);
    stock->filling = FILE_HANDLE_NONE;
    enum file_result result = ops->rename(stock->files->self, from.text, to.text);
    if (result == FILE_OK && stock->sync)
        result = ops->sync_directory(stock->files->self);
    if (result == FILE_OK)
        stock->ready[stock->ready_count++] = stock->filling_no;
    return result;
}

static enum file_result spare_begin(struct spare_stock *stock) {
    if (stock->highest_no >= SEGMENT_NO_MAX)
        return FILE_NO_SPACE;
    struct file_name name = segment_name(SEGMENT_FILE_FILLING, stock->highest_no + 1);
    enum file_result result =
        stock->files->ops->open(stock->files->self, name.text, FILE_CREATE, &stock->filling);
    if (result != FILE_OK)
        return result;
    stock->filling_no = ++stock->highest_no;
    stock->filled_bytes = 0;
    return FILE_OK;
}

enum spare_result spare_stock_fill(struct spare_stock *stock, uint32_t step_bytes,
                                   enum file_result *result) {
    const struct file_port_ops *ops = stock->files->ops;

    *result = FILE_OK;
    check(stock->ready_count < SPARE_STOCK_MAX);
    if (stock->filling == FILE_HANDLE_NONE)
        *result = spare_begin(stock);
    uint64_t left = stock->segment_bytes - stock->filled_bytes;
    uint64_t count = left < step_bytes ? left : step_bytes;
    if (*result == FILE_OK) {
        struct file_at at = {.handle = stock->filling, .offset_bytes = stock->filled_bytes};
        *result = ops->zero_fill(stock->files->self, at, count);
    }
    if (*result == FILE_OK && stock->sync)
        *result = ops->sync(stock->files->self, stock->filling);
    if (*result == FILE_NO_SPACE) {
        spare_drop(stock);
        return SPARE_NO_SPACE;
    }
    if (*result != FILE_OK)
        return SPARE_FAILED;
    stock->filled_bytes += count;
    if (stock->filled_bytes < stock->segment_bytes)
        return SPARE_STEP;
    *result = spare_finish(stock);
    if (*result != FILE_OK)
        return SPARE_FAILED;
    return SPARE_READY;
}

enum file_result spare_stock_take(struct spare_stock *stock, struct file_name *name, int *handle) {
    check(stock->ready_count > 0);
    *name = segment_name(SEGMENT_FILE_SPARE, stock->ready[0]);
    stock->ready_count--;
    memmove(stock->ready, stock->ready + 1, stock->ready_count * sizeof stock->ready[0]);
    return stock->files->ops->open(stock->files->self, name->text, FILE_WRITE, handle);
}

void spare_stock_close(struct spare_stock *stock) {
    if (stock->filling != FILE_HANDLE_NONE)
        stock->files->ops->close(stock->files->self, stock->filling);
    stock->filling = FILE_HANDLE_NONE;
}
