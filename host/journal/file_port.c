#include "journal/file_port.h"

const char *file_result_text(enum file_result result) {
    switch (result) {
    case FILE_OK: return "done";
    case FILE_NOT_FOUND: return "not found";
    case FILE_EXISTS: return "already there";
    case FILE_NO_SPACE: return "no space left";
    case FILE_SHORT: return "written only in part";
    case FILE_IO: return "input/output error";
    case FILE_DENIED: return "permission denied";
    case FILE_BUSY: return "held by another process";
    case FILE_LIMIT: return "too many open files";
    case FILE_BAD_NAME: return "impossible file name";
    }
    return "unknown";
}
