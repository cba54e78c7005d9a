/* Every bound of the core, in one place, and what happens when it is reached. A running exchange takes the
 * ENGINE_ ones from its configuration (struct engine_limits); these are the defaults and the hard tops. */
#ifndef CORE_LIMITS_H
#define CORE_LIMITS_H

#define ASSET_MAX          256        /* listing one more is refused: ASSET_LIMIT */
#define ASSET_DECIMALS_MAX 18         /* more is refused: BAD_FIELD */
#define INSTRUMENT_MAX     256        /* listing one more is refused: INSTRUMENT_LIMIT */
#define INSTRUMENT_NONE    0xFFFFu    /* "all instruments", or none */
#define ACCOUNT_MAX        (1u << 16) /* creating one more is refused: ACCOUNT_LIMIT */

/* (account, asset) pairs; one more is refused: BALANCE_LIMIT */
#define BALANCE_MAX (1u << 18)
/* orders alive at once, waiting stops included; one more is refused: ORDER_LIMIT */
#define ORDER_MAX (1u << 18)
/* per account unless its record says otherwise; one more is refused: OPEN_ORDER_LIMIT */
#define OPEN_ORDERS_DEFAULT 10000
/* accounts with open orders at once (16 bits on the card); one more is refused: OWNER_LIMIT */
#define OWNER_MAX 0xFFFFu

#define QTY_BITS      32     /* lots per order; more is refused: QTY */
#define BAND_BITS_MAX 18     /* k of an instrument that a card may serve; else: BAD_FIELD */
#define BAND_BITS_MIN 4      /* less is refused: BAD_FIELD */
#define FEE_PPM_MAX   100000 /* 10 %; more is refused: BAD_FIELD */

#define COLLAR_PPM_MAX     1000000 /* 100 %; more is refused: BAD_FIELD */
#define COLLAR_PPM_DEFAULT 50000   /* of an instrument that names none */
#define TICK_LOT_BITS_MAX  48      /* quote atoms of one tick times one lot; more: BAD_FIELD */
#define AMOUNT_BITS_MAX    112     /* atoms that the outside may owe; a deposit beyond: BAD_FIELD */

/* transfers requested and not yet ended; one more is refused: TRANSFER_LIMIT */
#define TRANSFER_MAX (1u << 16)
/* commands sent and without DONE; at this many engine_ready is false */
#define IN_FLIGHT_MAX (1u << 14)

/* Texts, NUL padded; what is longer is refused at the door. */
#define SYMBOL_BYTES          16 /* symbols and asset names */
#define CLIENT_ORDER_ID_BYTES 36
#define ACCOUNT_NAME_BYTES    16
#define USERNAME_BYTES        8 /* SoupBinTCP carries 6 */

/* Account numbers that always exist: the world, mirror of all deposits and the only balance below zero;
 * and the house, which receives fees, is no index, and is kept beside the clients by the ledger. */
#define ACCOUNT_OUTSIDE      0u
#define ACCOUNT_HOUSE        0xFFFFFFFFu
#define ACCOUNT_FIRST_CLIENT 1u /* so that the founding documents' user_id "1" is a client */

#endif
