//! Operations as choices. Their values depend on the state of the book when they run, so that a list of operations
//! remains sensible when some of them are left out.

use followup_core::store::{DocumentKind, DueOrder};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::tools::ORDERS;

/// Number of different prospects.
pub(super) const PROSPECTS: u8 = 6;

/// A prospect, one of few.
pub(super) type Who = u8;

/// An instant, one of few, in microseconds.
pub(super) type When = i8;

/// A call of a store.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    /// Whether the call goes to the other book.
    pub(super) elsewhere: bool,
    pub(super) act: Act,
}

/// The method that is called, and its arguments.
#[derive(Clone, Debug)]
pub(super) enum Act {
    Append(Vec<Change>),
    Erase(Change, Vec<Key>),
    Claim { now: When, lasting: i8, limit: u8 },
    Renew { who: Who, claim: Number, until: When },
    Save { kind: DocumentKind, name: u8, version: u8, body: u8 },
    Head(Vec<(Who, Vec<Key>)>),
    History(Who),
    Due(Query),
    Suppressed(Vec<u8>),
    Scan { after: Option<Who>, limit: u8 },
    Changes { after: u8, limit: u8 },
    Documents { kind: DocumentKind, name: Option<u8> },
    Reopen,
}

/// A change to a prospect.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) who: Who,
    /// The difference from the right revision; mostly 0.
    pub(super) revision_off: i8,
    pub(super) records: Vec<(Key, When, i8)>,
    pub(super) profile: Option<u8>,
    pub(super) due: Option<Entry>,
    pub(super) claim: Option<(Number, bool)>,
    pub(super) suppressions: Vec<(u8, Option<When>)>,
}

/// A key of a record.
#[derive(Clone, Copy, Debug)]
pub(super) enum Key {
    /// A key that has never been used.
    Fresh,
    /// A key of the journal, if it has any.
    Known(u8),
}

/// The number of a claim.
#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    /// The number of the newest claim, if there is one.
    Newest,
    /// The number of a claim before the newest, if there is one.
    Older(u8),
    /// A number that has never been given.
    Unknown,
}

/// A due entry.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Whether the entry is of another prospect than the change, which is refused; rarely true.
    pub(super) foreign: bool,
    pub(super) owner: u8,
    pub(super) automatic: bool,
    pub(super) earliest: Option<When>,
    pub(super) latest: Option<When>,
    pub(super) rank_at: Option<When>,
    pub(super) wake_at: Option<When>,
    pub(super) appointment_at: Option<When>,
}

/// A query for due entries.
#[derive(Clone, Debug)]
pub(super) struct Query {
    pub(super) order: DueOrder,
    pub(super) owner: u8,
    pub(super) before: Option<When>,
    pub(super) opens_before: Option<When>,
    pub(super) after: Option<(When, Who)>,
    pub(super) limit: u8,
}

fn who() -> impl Strategy<Value = Who> {
    0..PROSPECTS
}

fn when() -> impl Strategy<Value = When> {
    -4..5_i8
}

fn key() -> impl Strategy<Value = Key> {
    prop_oneof![12 => Just(Key::Fresh), 1 => (0..20_u8).prop_map(Key::Known)]
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        6 => Just(Number::Newest),
        2 => (0..4_u8).prop_map(Number::Older),
        1 => Just(Number::Unknown),
    ]
}

fn rarely(one_in: u32) -> impl Strategy<Value = bool> {
    prop_oneof![one_in => Just(false), 1 => Just(true)]
}

fn entry() -> impl Strategy<Value = Entry> {
    let instants = (option::of(when()), option::of(when()), option::of(when()), option::of(when()));
    let opens = prop_oneof![3 => when().prop_map(Some), 1 => Just(None)];
    (rarely(60), 0..3_u8, prop_oneof![1 => Just(false), 3 => Just(true)], opens, instants).prop_map(
        |(foreign, owner, automatic, earliest, (latest, rank_at, wake_at, appointment_at))| Entry {
            foreign,
            owner,
            automatic,
            earliest,
            latest,
            rank_at,
            wake_at,
            appointment_at,
        },
    )
}

fn change() -> impl Strategy<Value = Change> {
    let revision_off = prop_oneof![15 => Just(0_i8), 1 => -2..3_i8];
    let records = prop_oneof![
        30 => vec((key(), when(), -1..2_i8), 1..3),
        1 => Just(Vec::new()),
    ];
    let due = prop_oneof![1 => Just(None), 3 => entry().prop_map(Some)];
    let claim = prop_oneof![3 => Just(None), 1 => (number(), any::<bool>()).prop_map(Some)];
    let suppressions = prop_oneof![
        3 => Just(Vec::new()),
        1 => vec((0..4_u8, option::of(when())), 1..3),
    ];
    (who(), revision_off, records, option::of(0..3_u8), due, claim, suppressions).prop_map(
        |(who, revision_off, records, profile, due, claim, suppressions)| Change {
            who,
            revision_off,
            records,
            profile,
            due,
            claim,
            suppressions,
        },
    )
}

fn kind() -> impl Strategy<Value = DocumentKind> {
    prop_oneof![Just(DocumentKind::Playbook), Just(DocumentKind::OwnerAway)]
}

fn query() -> impl Strategy<Value = Query> {
    let order = (0..ORDERS.len()).prop_map(|order| ORDERS[order]);
    let bounds = (option::weighted(0.3, when()), option::weighted(0.3, when()));
    let limit = prop_oneof![3 => Just(99_u8), 2 => 0..4_u8];
    (order, 0..4_u8, bounds, option::weighted(0.3, (when(), who())), limit).prop_map(
        |(order, owner, (before, opens_before), after, limit)| Query {
            order,
            owner,
            before,
            opens_before,
            after,
            limit,
        },
    )
}

fn act() -> impl Strategy<Value = Act> {
    let limit = || prop_oneof![1 => Just(99_u8), 2 => 0..4_u8];
    prop_oneof![
        30 => prop_oneof![4 => vec(change(), 1..2), 1 => vec(change(), 0..4)].prop_map(Act::Append),
        3 => (change(), vec(key(), 0..3)).prop_map(|(change, keys)| Act::Erase(change, keys)),
        12 => (when(), 0..6_i8, limit()).prop_map(|(now, lasting, limit)| Act::Claim { now, lasting, limit }),
        6 => (who(), number(), when()).prop_map(|(who, claim, until)| Act::Renew { who, claim, until }),
        4 => (kind(), 0..3_u8, 0..3_u8, 0..2_u8)
            .prop_map(|(kind, name, version, body)| Act::Save { kind, name, version, body }),
        6 => vec((who(), vec(key(), 0..3)), 0..4).prop_map(Act::Head),
        5 => who().prop_map(Act::History),
        14 => query().prop_map(Act::Due),
        4 => vec(0..5_u8, 0..5).prop_map(Act::Suppressed),
        4 => (option::of(who()), limit()).prop_map(|(after, limit)| Act::Scan { after, limit }),
        6 => (0..8_u8, limit()).prop_map(|(after, limit)| Act::Changes { after, limit }),
        3 => (kind(), option::of(0..3_u8)).prop_map(|(kind, name)| Act::Documents { kind, name }),
        1 => Just(Act::Reopen),
    ]
}

/// Returns the strategy for any operation.
pub(super) fn operation() -> impl Strategy<Value = Operation> {
    (rarely(6), act()).prop_map(|(elsewhere, act)| Operation { elsewhere, act })
}
