-- The store of the head-end. Times named `at` are event time (in production: UTC); those named
-- `..._wall` are the wall clock's. Columns of `reading` and `event` follow terms/core_report.FIELDS.

create table registry (
    meter_no integer primary key,
    meter_id text not null unique,
    place text not null,
    region text not null,
    lat double precision not null,
    lon double precision not null,
    backup smallint not null,
    medical boolean not null,
    note text not null,
    enrolled_wall timestamptz not null default now()
);

-- Every certificate ever issued. A meter has one public key for life; a second key is refused.
create table enrol (
    enrol_no bigint generated always as identity primary key,
    meter_no integer not null references registry,
    public_key bytea not null,
    serial text not null unique,
    certificate_pem text not null,
    issued_wall timestamptz not null default now(),
    not_after_wall timestamptz not null,
    revoked_wall timestamptz
);
create index enrol_of_meter on enrol (meter_no);

-- How far each meter's sequence is stored, and what its last message said of the meter itself.
-- Changes only in the transaction that stores the messages.
create table link (
    meter_no integer primary key references registry,
    stored_seq bigint not null,
    heard_s bigint,
    boots bigint not null,
    command_seq bigint not null,
    -- Since when the meter has reported that nothing feeds the premise.
    dark_since_s bigint
) with (fillfactor = 50);

-- Every message as it came. Deliberately without a unique index: a duplicate must show, not be hidden.
create table message (
    meter_no integer not null,
    seq bigint not null,
    at timestamptz not null,
    stored_wall timestamptz not null,
    bytes bytea not null
);
create index message_of_meter on message (meter_no, seq);

create table reading (
    meter_no integer not null,
    seq bigint not null,
    at timestamptz not null,
    tick bigint not null,
    mode integer not null,
    flags integer not null,
    fed_by integer not null,
    u_feedback integer not null,
    b_feedback integer not null,
    utility_l1_v double precision not null,
    utility_l2_v double precision not null,
    bus_l1_v double precision not null,
    bus_l2_v double precision not null,
    inlet_l1_v double precision not null,
    inlet_l2_v double precision not null,
    l1_a double precision not null,
    l2_a double precision not null,
    premise_w double precision not null,
    utility_hz double precision not null,
    inlet_hz double precision not null,
    utility_in_mwticks bigint not null,
    utility_out_mwticks bigint not null,
    backup_in_mwticks bigint not null,
    backup_out_mwticks bigint not null,
    unassigned_mwticks bigint not null,
    hold_left_ticks bigint not null,
    transfers integer not null
) partition by range (at);
create index reading_of_meter on reading (meter_no, at);

-- Rows whose time is too far from the event to deserve a partition of their own: a meter with a wrong clock.
create table reading_elsewhen partition of reading default;

-- Events form one hash chain: a row changed, removed or inserted later is found by `chain.verify`.
create table event (
    event_no bigint primary key,
    meter_no integer not null,
    seq bigint not null,
    at timestamptz not null,
    tick bigint not null,
    code integer not null,
    cause integer not null,
    mode_before integer not null,
    mode integer not null,
    flags integer not null,
    fed_by integer not null,
    u_feedback integer not null,
    b_feedback integer not null,
    utility_l1_v double precision not null,
    utility_l2_v double precision not null,
    bus_l1_v double precision not null,
    bus_l2_v double precision not null,
    inlet_l1_v double precision not null,
    inlet_l2_v double precision not null,
    l1_a double precision not null,
    l2_a double precision not null,
    premise_w double precision not null,
    utility_hz double precision not null,
    inlet_hz double precision not null,
    utility_in_mwticks bigint not null,
    utility_out_mwticks bigint not null,
    backup_in_mwticks bigint not null,
    backup_out_mwticks bigint not null,
    unassigned_mwticks bigint not null,
    hold_left_ticks bigint not null,
    transfers integer not null,
    prev_hash bytea not null,
    hash bytea not null
);
create index event_of_meter on event (meter_no, at, event_no);

create table chain_head (
    single boolean primary key default true check (single),
    event_no bigint not null,
    hash bytea not null
);
insert into chain_head (event_no, hash) values (0, decode(repeat('00', 32), 'hex'));

-- The last report of each meter.
create table latest (
    meter_no integer primary key,
    kind integer not null,
    tick bigint not null,
    code integer not null,
    cause integer not null,
    mode_before integer not null,
    mode integer not null,
    flags integer not null,
    fed_by integer not null,
    u_feedback integer not null,
    b_feedback integer not null,
    utility_l1_v double precision not null,
    utility_l2_v double precision not null,
    bus_l1_v double precision not null,
    bus_l2_v double precision not null,
    inlet_l1_v double precision not null,
    inlet_l2_v double precision not null,
    l1_a double precision not null,
    l2_a double precision not null,
    premise_w double precision not null,
    utility_hz double precision not null,
    inlet_hz double precision not null,
    utility_in_mwticks bigint not null,
    utility_out_mwticks bigint not null,
    backup_in_mwticks bigint not null,
    backup_out_mwticks bigint not null,
    unassigned_mwticks bigint not null,
    hold_left_ticks bigint not null,
    transfers integer not null
) with (fillfactor = 50);

-- Fleet counts and energy by hour of event time, kept as rows arrive: trends never scan `reading`.
create table hourly (
    hour timestamptz primary key,
    messages bigint not null,
    readings bigint not null,
    readings_on_utility bigint not null,
    readings_on_backup bigint not null,
    readings_dark bigint not null,
    events bigint not null,
    transfers bigint not null,
    utility_in_mwticks numeric not null,
    utility_out_mwticks numeric not null,
    backup_in_mwticks numeric not null,
    backup_out_mwticks numeric not null,
    unassigned_mwticks numeric not null
);

create table command (
    command_id text primary key,
    meter_no integer not null references registry,
    seq bigint not null,
    action smallint not null,
    hold_s bigint not null,
    issued_s bigint not null,
    expires_s bigint not null,
    nonce bytea not null,
    sealed bytea,
    issued_by text not null,
    state text not null,
    accepted_s bigint,
    ended_s bigint,
    reason text not null,
    -- Ended as unknown, and nothing since has told what became of it: its alarm stands.
    in_doubt boolean not null,
    unique (meter_no, seq)
);

create table command_history (
    history_no bigint generated always as identity primary key,
    command_id text not null references command,
    at_s bigint not null,
    state text not null,
    reason text not null
);
create index command_history_of on command_history (command_id, history_no);

-- Lines of the command script that have been issued: a restart issues none twice.
create table script_line (
    line_no integer primary key,
    issued_s bigint not null
);

create table alarm (
    alarm_no bigint generated always as identity primary key,
    meter_no integer not null references registry,
    code text not null,
    severity text not null,
    text text not null,
    raised_s bigint not null,
    cleared_s bigint
);
create index alarm_standing on alarm (meter_no, code) where cleared_s is null;
create index alarm_newest on alarm (raised_s desc, alarm_no desc);

-- What no decoder understood. Kept for the engineer who has to find out why; bounded a meter by the ingest.
create table quarantine (
    quarantine_no bigint generated always as identity primary key,
    subject text not null,
    received_wall timestamptz not null default now(),
    reason text not null,
    bytes bytea not null
);
