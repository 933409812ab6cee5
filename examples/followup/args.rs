//! What the command line says.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

/// Who is next, when, by which channel, with what reason, and why.
#[derive(Parser)]
#[command(name = "followup", version)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(ClapArgs)]
pub(crate) struct Common {
    /// A SQLite file, made on first use, or memory:
    #[arg(long, global = true, env = "FOLLOWUP_DB", value_name = "PATH")]
    pub(crate) db: Option<String>,
    /// The book of business
    #[arg(long, global = true, default_value = "main", value_name = "NAME")]
    pub(crate) book: String,
    /// The present, as RFC 3339; before recorded events it is a view of the past [default: the system's clock]
    #[arg(long, global = true, value_name = "INSTANT")]
    pub(crate) now: Option<String>,
    /// JSON Lines on standard output, one object a line
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Only this owner's; for add, who follows up
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) owner: Option<String>,
    /// The playbook of all who have no other, as a TOML file [default: the built-in one]
    #[arg(long, global = true, env = "FOLLOWUP_PLAYBOOK", value_name = "FILE")]
    pub(crate) playbook_file: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Fill a database from sample data and show the week, the gap, and one why
    Demo,
    /// Take a prospect in
    Add(Add),
    /// Record one event, strictly
    Record(Record),
    /// Import contacts or history
    Import {
        #[command(subcommand)]
        command: Import,
    },
    /// What is next for a prospect
    Plan(Plan),
    /// Who is next, in rank order
    Agenda {
        /// What opens within so many days, or is late
        #[arg(long, default_value_t = 7)]
        days: u32,
        /// At most so many lines
        #[arg(long)]
        limit: Option<usize>,
        /// Plan at most so many lines a day for each owner; what does not fit moves to the next open day
        #[arg(long)]
        per_day: Option<usize>,
    },
    /// Everything that happened to a prospect, in order
    History {
        /// The prospect's id
        prospect: String,
    },
    /// Where history breaks the rules, a finding a line
    Audit {
        /// The prospect's id [default: everybody]
        prospect: Option<String>,
        /// Only how many findings there are, by rule, finding, owner and month
        #[arg(long, conflicts_with = "prospect")]
        totals: bool,
    },
    /// The gap, what followed on something, playbooks, the load of the coming days
    Report {
        #[command(subcommand)]
        command: Report,
    },
    /// What a playbook would have asked for in the past, against what was done
    Backtest {
        /// The TOML file
        file: Option<PathBuf>,
        /// Instead: a touch every so many hours, by day and by night, like PT48H
        #[arg(long, value_name = "SPAN", conflicts_with = "file")]
        every: Option<String>,
        /// Every follow-up too, a line each
        #[arg(long)]
        all: bool,
    },
    /// What the next weeks will look like, if people answer as they have so far
    Simulate(Simulate),
    /// Playbooks: check, show, publish, diff, preview, schema
    Playbook {
        #[command(subcommand)]
        command: Playbook,
    },
    /// Record what time alone has changed up to now
    Wake,
    /// Copy the database, as it is at one moment, to a new file
    Backup {
        /// The new file
        path: PathBuf,
    },
    /// Look at every row of every book, whether it is what was written
    Integrity,
    /// Remove a person, and keep the statistics
    Erase {
        /// The prospect's id
        prospect: String,
    },
}

#[derive(ClapArgs)]
pub(crate) struct Add {
    /// Their name
    pub(crate) name: String,
    /// Their id [default: a new UUID]
    #[arg(long)]
    pub(crate) id: Option<String>,
    /// prospect, client, referral_source or stakeholder
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// Their email address
    #[arg(long)]
    pub(crate) email: Option<String>,
    /// Their telephone number
    #[arg(long)]
    pub(crate) phone: Option<String>,
    /// Their time zone, like Europe/Berlin
    #[arg(long)]
    pub(crate) zone: Option<String>,
    /// What they are worth, like 12000EUR
    #[arg(long)]
    pub(crate) value: Option<String>,
    /// Who referred them
    #[arg(long)]
    pub(crate) referrer: Option<String>,
    /// The name of their playbook
    #[arg(long)]
    pub(crate) playbook: Option<String>,
}

#[derive(ClapArgs)]
pub(crate) struct Record {
    /// The prospect's id
    pub(crate) prospect: String,
    /// What happened, like replied or touched
    pub(crate) event: String,
    /// Its particulars, like channel=email
    #[arg(value_name = "FIELD=VALUE")]
    pub(crate) fields: Vec<String>,
    /// When it happened [default: now]
    #[arg(long, value_name = "INSTANT")]
    pub(crate) at: Option<String>,
    /// Your key for it: the same key twice is one event
    #[arg(long)]
    pub(crate) key: Option<String>,
    /// Take it as it happened, and report where it breaks a rule
    #[arg(long)]
    pub(crate) happened: bool,
    /// Only try
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Plan {
    /// The prospect's id
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub(crate) prospect: Option<String>,
    /// Everybody
    #[arg(long)]
    pub(crate) all: bool,
    /// How it came about, and what lost
    #[arg(long)]
    pub(crate) why: bool,
    /// What each answer would lead to
    #[arg(long)]
    pub(crate) outcomes: bool,
    /// As stored after the newest event, without what time alone has changed since
    #[arg(long)]
    pub(crate) stored: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Simulate {
    /// Run everybody forward for so many days
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(followup_core::SCENARIO_DAYS_MAX)))]
    pub(crate) days: u32,
    /// What chance begins with: the same seed gives the same future
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Another playbook, as a TOML file: both futures, and what differs
    #[arg(long, value_name = "FILE")]
    pub(crate) playbook: Option<PathBuf>,
    /// How people answer, as a TOML or JSON file [default: as they have so far]
    #[arg(long, value_name = "FILE")]
    pub(crate) responses: Option<PathBuf>,
    /// A day holds so many by hand for each owner; what does not fit is left over for the next
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) capacity: Option<u32>,
}

#[derive(Subcommand)]
pub(crate) enum Import {
    /// CSV of Google, Outlook, LinkedIn, HubSpot or Salesforce
    Contacts(File),
    /// History as CSV or JSON Lines, plain or gzip
    Events {
        #[command(flatten)]
        file: File,
        /// A mapping file, or the name of one that ships
        #[arg(long, value_name = "MAP.toml")]
        map: Option<String>,
    },
}

#[derive(ClapArgs)]
pub(crate) struct File {
    /// The file
    pub(crate) file: PathBuf,
    /// Write rejected rows to this file, as CSV
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum Report {
    /// Who stands where, who has fallen in the gap, and how prompt we were
    Gap {
        /// For each of them too: owner, channel, origin or playbook
        #[arg(long, value_name = "WHAT")]
        by: Option<String>,
        /// Write it as a page, too
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
    },
    /// What followed on an event: how often, how fast and how late we followed up, and what came of it
    Response {
        /// The event, like proposal_sent; the first of a prospect counts
        #[arg(long, value_name = "EVENT")]
        anchor: String,
        /// The longest time that may lie between two contacts, like P3D
        #[arg(long, value_name = "SPAN")]
        max_gap: Option<String>,
    },
    /// Which version of a playbook works better, and whether the difference means anything
    Playbooks,
    /// What is planned for the coming days
    Load {
        /// So many days, today included
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=i64::from(followup_core::LOAD_DAYS_MAX)))]
        days: u32,
    },
}

#[derive(Subcommand)]
pub(crate) enum Playbook {
    /// All mistakes of a playbook, each with line and column
    Check {
        /// The TOML file
        file: PathBuf,
    },
    /// A playbook with all its defaults: the one in use, one that ships, or one that is published
    Show {
        /// Its name [default: the one in use]
        name: Option<String>,
    },
    /// Make a version hold from now on, with a choice for those who are on their way
    Publish {
        /// The TOML file
        file: PathBuf,
        /// stay, move or move_unless_past
        #[arg(long)]
        moving: String,
    },
    /// What a playbook would change if it were published now and everybody moved
    Diff {
        /// The TOML file
        file: PathBuf,
        /// List at most so many of those who would change
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// What a playbook would do with a prospect who is silent, one who answers, and one who buys
    Preview {
        /// The TOML file
        file: PathBuf,
        /// From when on [default: now]
        #[arg(long, value_name = "INSTANT")]
        start: Option<String>,
    },
    /// The JSON Schema of playbooks
    Schema,
}
