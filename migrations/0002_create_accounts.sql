-- Who owns orders and balances. Two accounts are there before any record: the outside (the mirror of all
-- deposits, the only one below zero) and the house (receives the fees). Credentials never come here.
create table accounts (
    account        bigint primary key,
    name           text   not null,
    maker_fee_ppm  bigint,               -- null: the instrument's
    taker_fee_ppm  bigint,
    open_order_max bigint,               -- null: the venue's default
    suspended      boolean not null,
    seq            bigint  not null
);
insert into accounts values (0, 'outside', null, null, null, false, 0), (4294967295, 'house', null, null, null, false, 0);

grant select, insert, update on accounts to xc_writer;
grant select on accounts to xc_reader;
