-- Deposits and withdrawals with their last state; refused ones too.
create type transfer_kind as enum ('deposit', 'withdrawal');
create type transfer_state as enum ('requested', 'approved', 'done', 'refused');

create table transfers (
    transfer_no  bigint         primary key, -- record_seq of the first record about it
    account      bigint         not null,
    asset        integer        not null,
    kind         transfer_kind  not null,
    state        transfer_state not null,
    amount_atoms numeric(39,0)  not null,
    reference    text,                       -- the outside's name for it
    why          text,                       -- the engine's verdict, when that refused it
    created_ns   bigint         not null,
    updated_ns   bigint         not null,
    seq          bigint         not null
);
create index transfers_of_account on transfers (account, transfer_no);

grant select, insert, update on transfers to xc_writer;
grant select on transfers to xc_reader;
