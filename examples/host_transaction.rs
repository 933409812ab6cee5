//! How does a host commit its own rows and an event together? `cargo run --example host_transaction`

use chrono::{DateTime, TimeDelta, Utc};
use followup::block_on;
use followup::desk::Receipt;
use followup::sqlite::{File, SqliteStore};
use followup::store::StoreErrorKind;
use followup::{Channel, Desk, DeskError, Event, Playbook, Prospect, ProspectId};
use rusqlite::{Connection, TransactionBehavior};

/// A call centre, with its own table of calls and followup in the same file.
struct Host {
    calls: Connection,
    store: SqliteStore,
    desk: Desk,
}

/// A call, as stored by the host. Its number forms the key of the event.
struct Call {
    number: i64,
    minutes: i64,
    event: Event,
}

impl Host {
    fn open(path: &str) -> anyhow::Result<Host> {
        let store = SqliteStore::options().file(File::Shared).open(path)?;
        let calls = Connection::open(path)?;
        calls.busy_timeout(std::time::Duration::from_secs(5))?;
        calls
            .execute_batch("CREATE TABLE IF NOT EXISTS call(number INTEGER PRIMARY KEY, minutes INTEGER)")?;
        let desk = Desk::new(store.clone(), Playbook::default());
        Ok(Host { calls, store, desk })
    }

    /// Writes a call and its event, both or neither. Idempotent. `between` runs between preparing and writing.
    /// Returns the receipt, and the number of the attempt that succeeded.
    fn write(
        &mut self,
        prospect: &ProspectId,
        call: &Call,
        mut between: impl FnMut(&Desk, usize) -> Result<(), DeskError>,
    ) -> anyhow::Result<(Receipt, usize)> {
        let event = call.event.clone().with_key(format!("call-{}", call.number));
        for attempt in 1.. {
            // Prepare the change outside the transaction, so that other writers do not wait for it.
            let prepared = block_on(self.desk.prepare(prospect, event.clone(), event.at()))?;
            between(&self.desk, attempt)?;
            let transaction = self.calls.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute("INSERT OR IGNORE INTO call VALUES (?1, ?2)", [call.number, call.minutes])?;
            match self.store.append_in(&transaction, prepared.changes()) {
                Ok(()) => {
                    transaction.commit()?;
                    return Ok((prepared.receipt().clone(), attempt));
                }
                // Another writer has changed the prospect since, so the prepared change may be outdated. Dropping the
                // transaction rolls back the host's row; the change is prepared again.
                Err(error) if error.kind() == StoreErrorKind::Conflict => {}
                Err(error) => return Err(error.into()),
            }
        }
        unreachable!("attempts do not run out")
    }

    fn number(&self, sql: &str) -> anyhow::Result<i64> {
        Ok(self.calls.query_row(sql, [], |row| row.get(0))?)
    }
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => show(),
        ["--worker", path] => work(path),
        _ => anyhow::bail!("expected no arguments, or --worker and a file to write calls to until killed"),
    }
}

fn show() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut host = Host::open(&folder.path().join("calls.db").to_string_lossy())?;
    let now: DateTime<Utc> = "2026-03-06T14:00:00Z".parse()?;
    let ada: ProspectId = "ada".parse()?;
    block_on(host.desk.add(Prospect::new("ada")?.name("Ada"), now))?;
    let call = |number, event| Call { number, minutes: 12, event };
    let at = |minute| now + TimeDelta::minutes(minute);

    let asked = call(1, Event::asked_information(at(1), Channel::PHONE));
    let (receipt, attempt) = host.write(&ada, &asked, |_, _| Ok(()))?;
    println!("call 1, attempt {attempt}: {}", receipt.plan);

    // While the second call is being written, a colleague sends the information.
    let replied = call(2, Event::replied(at(3), Channel::PHONE));
    let (receipt, attempt) = host.write(&ada, &replied, |desk, attempt| {
        let sent = Event::information_sent(at(2), Channel::EMAIL);
        if attempt == 1 { block_on(desk.record("ada", sent)).map(drop) } else { Ok(()) }
    })?;
    println!("call 2, attempt {attempt}: {}", receipt.plan);

    let (receipt, _) = host.write(&ada, &replied, |_, _| Ok(()))?;
    println!("call 2 again: {}", if receipt.repeated { "already written" } else { "written" });

    let skipped = call(3, Event::proposal_sent(at(4), None, None));
    let refused = host.write(&ada, &skipped, |_, _| Ok(())).expect_err("it skips a stage");
    println!("call 3: {refused}");

    let calls = host.number("SELECT count(*) FROM call")?;
    let journal = block_on(host.desk.history(&ada))?;
    println!("{calls} calls; {} events: {}", journal.len(), names(journal.iter().map(|entry| &entry.event)));
    Ok(())
}

fn names<'a>(events: impl Iterator<Item = &'a Event>) -> String {
    events.map(Event::name).collect::<Vec<_>>().join(", ")
}

/// Writes calls until it is killed, and prints its progress: `n` in the middle of call n, `n.` after it.
fn work(path: &str) -> anyhow::Result<()> {
    let mut host = Host::open(path)?;
    let start: DateTime<Utc> = "2026-03-06T14:00:00Z".parse()?;
    let people = ["ada", "ben", "eve"];
    for person in people {
        block_on(host.desk.add(Prospect::new(person)?, start))?;
    }
    for number in host.number("SELECT coalesce(max(number), 0) + 1 FROM call")?.. {
        let person = people[number as usize % people.len()].parse()?;
        let event = Event::replied(start + TimeDelta::minutes(number), Channel::PHONE);
        host.write(&person, &Call { number, minutes: number % 60, event }, |_, _| {
            println!("{number}");
            Ok(())
        })?;
        println!("{number}.");
    }
    unreachable!("numbers do not run out")
}
