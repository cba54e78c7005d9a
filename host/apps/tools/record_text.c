#include "apps/tools/record_text.h"

#include <time.h>

#include "base/decimal.h"
#include "core/matcher.h"
#include "core/verdict.h"

static const char *const side_names[] = {"buy", "sell"};
static const char *const type_names[] = {"limit", "market"};
static const char *const tif_names[] = {"gtc", "ioc", "fok"};
static const char *const door_names[] = {"engine", "order_entry", "web", "operator"};
static const char *const op_names[] = {"?",       "NEW",         "CANCEL",   "REDUCE",
                                       "REPLACE", "MASS_CANCEL", "SET_BAND", "SET_STATE",
                                       "TRIGGER", "CANCEL_ALL"};
static const char *const why_names[] = {"?",    "user", "ioc",    "self_trade",
                                        "band", "mass", "replace"};
static const char *const reject_names[] = {"?",   "unknown_order", "handle",      "state",
                                           "qty", "price_band",    "would_cross", "fok"};

#define NAME(names, value)                                                                         \
    ((size_t)(value) < sizeof(names) / sizeof((names)[0]) ? (names)[value] : "?")
#define U(value) ((unsigned long long)(value))

static void print_atoms(FILE *out, const char *name, amount_t atoms) {
    char text[DECIMAL_TEXT_BYTES];

    if (atoms == 0)
        return;
    decimal_print(text, atoms, 0);
    fprintf(out, " %s=%s", name, text);
}

static void print_command(FILE *out, const struct command_record *command) {
    fprintf(out, "%s order=%llu", NAME(op_names, command->op), U(command->order_no));
    if (command->seq != 0)
        fprintf(out, " seq=%llu", U(command->seq));
    if (command->op == COMMAND_NEW || command->op == COMMAND_TRIGGER ||
        command->op == COMMAND_REPLACE)
        fprintf(out, " %s %s %s", NAME(side_names, command->side), NAME(type_names, command->type),
                NAME(tif_names, command->tif));
    if (command->qty_lots != 0)
        fprintf(out, " qty=%llu", U(command->qty_lots));
    if (command->price_ticks != 0)
        fprintf(out, " px=%u", command->price_ticks);
    if (command->limit_ticks != 0)
        fprintf(out, " limit=%u", command->limit_ticks);
    if (command->trigger != TRIGGER_NONE)
        fprintf(out, " trigger=%s%u",
                command->trigger == TRIGGER_ABOVE ? ">=" : "<=", command->trigger_ticks);
    if (command->user_ref != 0)
        fprintf(out, " ref=%u", command->user_ref);
    print_atoms(out, "hold", command->hold_atoms);
    if (command->client_order_id_length != 0 &&
        command->client_order_id_length <= CLIENT_ORDER_ID_BYTES)
        fprintf(out, " id=%.*s", command->client_order_id_length, command->client_order_id);
}

static void print_input(FILE *out, const union record *record) {
    switch (record->head.kind) {
    case RECORD_START:
        fprintf(out, "START epoch=%u build=%.40s", record->start.epoch, record->start.build);
        break;
    case RECORD_COMMAND: print_command(out, &record->command); break;
    case RECORD_ASSET:
        fprintf(out, "ASSET %u %.16s decimals=%u", record->asset.asset, record->asset.name,
                record->asset.decimals);
        break;
    case RECORD_INSTRUMENT:
        fprintf(
            out,
            "INSTRUMENT %.16s tick_e8=%llu lot_atoms=%llu base=%u k=%u maker_ppm=%u taker_ppm=%u",
            record->instrument.symbol, U(record->instrument.tick_e8),
            U(record->instrument.lot_atoms), record->instrument.base_ticks, record->instrument.k,
            record->instrument.maker_fee_ppm, record->instrument.taker_fee_ppm);
        break;
    case RECORD_ACCOUNT:
        fprintf(out, "ACCOUNT %.16s flags=%u", record->account.name, record->account.account_flags);
        break;
    case RECORD_CREDENTIAL:
        fprintf(out, "CREDENTIAL %.8s%s", record->credential.username,
                record->credential.revoked ? " revoked" : "");
        break;
    case RECORD_TRANSFER:
        fprintf(out, "TRANSFER %s state=%u asset=%u",
                record->transfer.transfer_kind == TRANSFER_DEPOSIT ? "deposit" : "withdrawal",
                record->transfer.transfer_state, record->transfer.asset);
        print_atoms(out, "amount", record->transfer.amount_atoms);
        break;
    case RECORD_SESSION: fprintf(out, "SESSION dropped"); break;
    case RECORD_DAY: fprintf(out, "DAY %u", record->day.day); break;
    default: break;
    }
    fprintf(out, " account=%u door=%s", record->request.account,
            NAME(door_names, record->request.door));
    if (record->request.verdict != VERDICT_TAKEN)
        fprintf(out, " REFUSED %s", verdict_name(record->request.verdict));
}

static void print_event(FILE *out, const union record *record) {
    switch (record->head.kind) {
    case RECORD_ACCEPTED:
        fprintf(out, "  accepted seq=%llu order=%llu", U(record->accepted.seq),
                U(record->accepted.order_no));
        break;
    case RECORD_TRADE:
        fprintf(
            out, "  trade seq=%llu match=%llu maker=%llu taker=%llu px=%u qty=%llu left=%llu/%llu",
            U(record->trade.seq), U(record->trade.match), U(record->trade.maker_order_no),
            U(record->trade.taker_order_no), record->trade.price_ticks, U(record->trade.qty_lots),
            U(record->trade.maker_left_lots), U(record->trade.taker_left_lots));
        print_atoms(out, "maker_fee", record->trade.maker_fee_atoms);
        print_atoms(out, "taker_fee", record->trade.taker_fee_atoms);
        print_atoms(out, "release", record->trade.taker_release_atoms);
        break;
    case RECORD_RESTED:
        fprintf(out, "  rested seq=%llu order=%llu px=%u qty=%llu", U(record->rested.seq),
                U(record->rested.order_no), record->rested.price_ticks, U(record->rested.qty_lots));
        break;
    case RECORD_CANCELLED:
    case RECORD_REDUCED:
        fprintf(out, "  %s seq=%llu order=%llu qty=%llu why=%s",
                record->head.kind == RECORD_CANCELLED ? "cancelled" : "reduced",
                U(record->cancelled.seq), U(record->cancelled.order_no),
                U(record->cancelled.qty_lots), NAME(why_names, record->cancelled.why));
        print_atoms(out, "release", record->cancelled.release_atoms);
        break;
    case RECORD_REJECTED:
        fprintf(out, "  rejected seq=%llu order=%llu why=%s", U(record->rejected.seq),
                U(record->rejected.order_no), NAME(reject_names, record->rejected.why));
        print_atoms(out, "release", record->rejected.release_atoms);
        break;
    case RECORD_DONE:
        fprintf(out, "  done seq=%llu bid=%ux%llu ask=%ux%llu", U(record->done.seq),
                record->done.bid_ticks, U(record->done.bid_qty_lots), record->done.ask_ticks,
                U(record->done.ask_qty_lots));
        break;
    case RECORD_DIGEST:
        fprintf(out, "DIGEST seq=%llu matcher=%016llx ledger=%016llx", U(record->digest.seq),
                U(record->digest.matcher_digest), U(record->digest.ledger_digest));
        break;
    default: fprintf(out, "kind %u", record->head.kind); break;
    }
}

void record_text_print(FILE *out, const union record *record) {
    time_t seconds = (time_t)(record->head.time_ns / 1000000000u);
    struct tm utc;
    char clock[16];

    gmtime_r(&seconds, &utc);
    strftime(clock, sizeof clock, "%H:%M:%S", &utc);
    fprintf(out, "%10llu %s.%06llu ", U(record->head.record_seq), clock,
            U(record->head.time_ns / 1000 % 1000000));
    if (record->head.instrument != INSTRUMENT_NONE)
        fprintf(out, "i=%u ", record->head.instrument);
    if (RECORD_IS_INPUT(record->head.kind))
        print_input(out, record);
    else
        print_event(out, record);
    fputc('\n', out);
}
