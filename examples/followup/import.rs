//! The import commands: contacts and events.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use anyhow::Context as _;
use followup::ProspectId;
use followup::block_on;
use followup::import::ImportItem;
use followup::store::HeadQuery;
use followup_formats::{
    ContactReader, ContactRow, Mapping, ReadError, Reject, RejectWriter, Row, read_events,
};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::args;
use crate::office::{Ended, Office, wrong};

/// The number of events written to the store in one step.
const BATCH: usize = 3_000;
/// The maximum number of rejected rows listed on standard error. `--rejects` writes all of them.
const LISTED_MAX: u64 = 20;

pub(crate) fn run(office: &Office, command: args::Import) -> anyhow::Result<Ended> {
    match command {
        args::Import::Events { file, map } => events(office, &file, map.as_deref()),
        args::Import::Contacts(file) => contacts(office, &file),
    }
}

fn events(office: &Office, file: &args::File, map: Option<&str>) -> anyhow::Result<Ended> {
    let mapping = map.map(mapping).transpose()?;
    let mut import = Import::begin(office, file)?;
    let (reader, _progress) = open(&file.file)?;
    let zone = office.desk.policy().zone();
    let mut rows = read_events(reader, mapping.as_ref(), zone)
        .with_context(|| format!("cannot read {}", file.file.display()))?;
    for row in &mut rows {
        match row.with_context(|| import.stopped())? {
            Row::Imported { line, prospect, event } => match ImportItem::new(prospect, event) {
                Ok(item) => import.take(line, item)?,
                Err(error) => import.reject(&Reject::new(line, error.to_string()).at("prospect"))?,
            },
            Row::Rejected(reject) => import.reject(&reject)?,
            _ => {}
        }
    }
    import.read_rows = Some(rows.rows());
    let unmapped = rows.unmapped();
    import.end(&unmapped)
}

fn contacts(office: &Office, file: &args::File) -> anyhow::Result<Ended> {
    let mut import = Import::begin(office, file)?;
    let (reader, _progress) = open(&file.file)?;
    let unreadable = || format!("cannot read {}", file.file.display());
    let contacts = open_contacts(reader).with_context(unreadable)?;
    for contact in contacts {
        match contact.with_context(|| import.stopped())? {
            ContactRow::Contact(contact) => {
                let (prospect, event) = contact.to_event(office.now);
                let prospect = ProspectId::new(prospect)?;
                // The key is derived from the content of the row, so an unchanged row is a repeat on any day.
                let query = HeadQuery::new(prospect.clone(), vec![event.key().to_owned()]);
                let head = block_on(office.desk.store().head(vec![query]))?.into_iter().flatten().next();
                match head.is_some_and(|head| head.known[0].is_some()) {
                    true => import.repeat(&prospect),
                    false => import.take(contact.line, ImportItem::new(prospect, event)?)?,
                }
            }
            ContactRow::Rejected(reject) => import.reject(&reject)?,
            _ => {}
        }
    }
    import.end(&BTreeMap::new())
}

fn open_contacts(file: Box<dyn Read>) -> Result<ContactReader<impl io::BufRead>, ReadError> {
    ContactReader::new(followup_formats::open(file)?)
}

/// Returns a shipped mapping by name, or reads one from a file.
fn mapping(map: &str) -> anyhow::Result<Mapping> {
    if let Some(mapping) = Mapping::shipped(map) {
        return Ok(mapping);
    }
    let names = Mapping::shipped_names().collect::<Vec<_>>().join(", ");
    let text = std::fs::read_to_string(map)
        .with_context(|| format!("cannot read the mapping \"{map}\"; expected a file, or one of: {names}"))?;
    Mapping::parse(&text).map_err(|error| anyhow::anyhow!("the mapping {map} has mistakes:\n{error}"))
}

/// Opens the file, with a progress bar over its bytes if standard error is a terminal.
fn open(path: &Path) -> anyhow::Result<(Box<dyn Read>, Option<ProgressBar>)> {
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => wrong(format!("file not found: {}", path.display())),
        _ => anyhow::Error::new(error).context(format!("cannot open {}", path.display())),
    })?;
    let bytes = file.metadata().map_or(0, |metadata| metadata.len());
    if !io::stderr().is_terminal() {
        return Ok((Box::new(file), None));
    }
    let bar = ProgressBar::new(bytes);
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {eta}");
    bar.set_style(style.expect("the template is well-formed"));
    Ok((Box::new(bar.wrap_read(file)), Some(bar)))
}

/// An import in progress.
struct Import<'a> {
    office: &'a Office,
    file: String,
    batch: Vec<ImportItem>,
    lines: Vec<u64>,
    rejects: Option<RejectWriter<File>>,
    /// Hashes of the prospects seen; a collision only makes the count too small by one.
    prospects: HashSet<u64>,
    taken: u64,
    new: u64,
    repeated: u64,
    rejected: u64,
    /// The number of rows read, if a row may yield several events.
    read_rows: Option<u64>,
}

impl<'a> Import<'a> {
    fn begin(office: &'a Office, file: &args::File) -> anyhow::Result<Import<'a>> {
        let rejects = match &file.rejects {
            Some(path) => {
                let out = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
                Some(RejectWriter::new(out)?)
            }
            None => None,
        };
        Ok(Import {
            office,
            file: file.file.display().to_string(),
            batch: Vec::with_capacity(BATCH),
            lines: Vec::with_capacity(BATCH),
            rejects,
            prospects: HashSet::new(),
            taken: 0,
            new: 0,
            repeated: 0,
            rejected: 0,
            read_rows: None,
        })
    }

    fn meet(&mut self, prospect: &ProspectId) {
        let mut hasher = DefaultHasher::new();
        prospect.hash(&mut hasher);
        self.prospects.insert(hasher.finish());
    }

    fn take(&mut self, line: u64, item: ImportItem) -> anyhow::Result<()> {
        self.meet(&item.prospect);
        self.taken += 1;
        self.batch.push(item);
        self.lines.push(line);
        if self.batch.len() == BATCH { self.write() } else { Ok(()) }
    }

    fn repeat(&mut self, prospect: &ProspectId) {
        self.meet(prospect);
        self.taken += 1;
        self.repeated += 1;
    }

    fn write(&mut self) -> anyhow::Result<()> {
        let imported = block_on(self.office.desk.import(&self.batch, self.office.now))
            .with_context(|| format!("{}: {}", self.file, self.stopped()))?;
        self.new += imported.new;
        self.repeated += imported.repeated;
        for rejected in imported.rejected {
            self.reject(&Reject::new(self.lines[rejected.index], rejected.reason))?;
        }
        self.batch.clear();
        self.lines.clear();
        Ok(())
    }

    fn reject(&mut self, reject: &Reject) -> anyhow::Result<()> {
        self.rejected += 1;
        if self.rejected <= LISTED_MAX {
            eprintln!("{}: {reject}", self.file);
        }
        if let Some(rejects) = &mut self.rejects {
            rejects.write(&self.file, reject)?;
        }
        Ok(())
    }

    fn stopped(&self) -> String {
        format!("the import stopped after {} new events; import again to complete it", self.new)
    }

    fn end(mut self, unmapped: &BTreeMap<(String, String), u64>) -> anyhow::Result<Ended> {
        if !self.batch.is_empty() {
            self.write()?;
        }
        if let Some(rejects) = self.rejects.take() {
            rejects.finish()?;
        }
        if self.rejected > LISTED_MAX {
            eprintln!("{}: {} more rows were rejected", self.file, self.rejected - LISTED_MAX);
        }
        for ((column, value), times) in unmapped {
            eprintln!("{}: unmapped value \"{value}\" of {column} in {times} rows", self.file);
        }
        let read = self.read_rows.unwrap_or(self.taken + self.rejected);
        let (new, repeated, rejected) = (self.new, self.repeated, self.rejected);
        let prospects = self.prospects.len();
        match self.office.json {
            true => self.office.line(&json!({
                "read": read, "new": new, "repeated": repeated, "rejected": rejected, "prospects": prospects,
            }))?,
            false => self.office.say(format!(
                "{read} rows read: {new} events new, {repeated} repeated, {rejected} rejected; \
                 {prospects} prospects"
            ))?,
        }
        self.office.end(if rejected > 0 { Ended::SomeRejected } else { Ended::Done })
    }
}
