//! The command line arguments.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

/// Plan follow-ups: who is next, when, by which channel, for what reason, and why.
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
    /// SQLite file, created on first use, or memory:
    #[arg(long, global = true, env = "FOLLOWUP_DB", value_name = "PATH")]
    pub(crate) db: Option<String>,
    /// Book of business
    #[arg(long, global = true, default_value = "main", value_name = "NAME")]
    pub(crate) book: String,
    /// Current time, in RFC 3339; a time before recorded events is a view of the past [default: the system clock]
    #[arg(long, global = true, value_name = "INSTANT")]
    pub(crate) now: Option<String>,
    /// Print JSON Lines to standard output, one object per line
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Only prospects of this owner; for add, the owner to set
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) owner: Option<String>,
    /// Playbook for prospects without their own, as a TOML file [default: the built-in one]
    #[arg(long, global = true, env = "FOLLOWUP_PLAYBOOK", value_name = "FILE")]
    pub(crate) playbook_file: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Fill a database with sample data, and show the agenda of a week, the gap report and one explained plan
    Demo,
    /// Add a prospect
    Add(Add),
    /// Record an event, unless it breaks a rule
    Record(Record),
    /// Import contacts or history
    Import {
        #[command(subcommand)]
        command: Import,
    },
    /// Show the plan of a prospect
    Plan(Plan),
    /// List who is next, in rank order
    Agenda {
        /// Include actions that open within this many days, and late ones
        #[arg(long, default_value_t = 7)]
        days: u32,
        /// Maximum number of lines
        #[arg(long)]
        limit: Option<usize>,
        /// Maximum number of lines per day and owner; the rest moves to the next open day
        #[arg(long)]
        per_day: Option<usize>,
    },
    /// List all events of a prospect, in order
    History {
        /// The prospect's id
        prospect: String,
    },
    /// List where the history breaks the rules, one finding per line
    Audit {
        /// The prospect's id [default: all prospects]
        prospect: Option<String>,
        /// Only count the findings, by rule, finding, owner and month
        #[arg(long, conflicts_with = "prospect")]
        totals: bool,
    },
    /// Report the gap, the response to an event, playbooks, or the load of the coming days
    Report {
        #[command(subcommand)]
        command: Report,
    },
    /// Compare what a playbook would have asked for in the past with what was done
    Backtest {
        /// The playbook, as a TOML file
        file: Option<PathBuf>,
        /// Instead of a playbook: a touch at this interval, day and night, e.g. PT48H
        #[arg(long, value_name = "SPAN", conflicts_with = "file")]
        every: Option<String>,
        /// Also list every follow-up, one per line
        #[arg(long)]
        all: bool,
    },
    /// Simulate the coming days, if people answer as they have so far
    Simulate(Simulate),
    /// Check, show, publish, diff or preview playbooks, or print their schema
    Playbook {
        #[command(subcommand)]
        command: Playbook,
    },
    /// Record the wake-ups that have become due by now
    Wake,
    /// Copy a consistent snapshot of the database to a new file
    Backup {
        /// The new file
        path: PathBuf,
    },
    /// Verify that every row of every book is as it was written
    Integrity,
    /// Erase a person, and keep the statistics
    Erase {
        /// The prospect's id
        prospect: String,
    },
}

#[derive(ClapArgs)]
pub(crate) struct Add {
    /// Name
    pub(crate) name: String,
    /// Id [default: a new UUID]
    #[arg(long)]
    pub(crate) id: Option<String>,
    /// Kind: prospect, client, referral_source or stakeholder
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// Email address
    #[arg(long)]
    pub(crate) email: Option<String>,
    /// Phone number
    #[arg(long)]
    pub(crate) phone: Option<String>,
    /// Time zone, e.g. Europe/Berlin
    #[arg(long)]
    pub(crate) zone: Option<String>,
    /// Value, e.g. 12000EUR
    #[arg(long)]
    pub(crate) value: Option<String>,
    /// Name of the referrer
    #[arg(long)]
    pub(crate) referrer: Option<String>,
    /// Name of the playbook
    #[arg(long)]
    pub(crate) playbook: Option<String>,
}

#[derive(ClapArgs)]
pub(crate) struct Record {
    /// The prospect's id
    pub(crate) prospect: String,
    /// The event, e.g. replied or touched
    pub(crate) event: String,
    /// Fields of the event, e.g. channel=email
    #[arg(value_name = "FIELD=VALUE")]
    pub(crate) fields: Vec<String>,
    /// Time of the event [default: now]
    #[arg(long, value_name = "INSTANT")]
    pub(crate) at: Option<String>,
    /// Key of the event; events with the same key are recorded once
    #[arg(long)]
    pub(crate) key: Option<String>,
    /// Record the event even if it breaks a rule, and report the findings
    #[arg(long)]
    pub(crate) happened: bool,
    /// Only check whether the event can be recorded
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Plan {
    /// The prospect's id
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub(crate) prospect: Option<String>,
    /// All prospects
    #[arg(long)]
    pub(crate) all: bool,
    /// Explain the plan, and list the alternatives that lost
    #[arg(long)]
    pub(crate) why: bool,
    /// Show the plan after each possible answer
    #[arg(long)]
    pub(crate) outcomes: bool,
    /// The plan as last stored, ignoring wake-ups that have become due since
    #[arg(long)]
    pub(crate) stored: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Simulate {
    /// Number of days to simulate
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(followup_insight::simulate::SCENARIO_DAYS_MAX)))]
    pub(crate) days: u32,
    /// Seed of the random numbers; the same seed gives the same result
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Another playbook, as a TOML file; shows both results and the difference
    #[arg(long, value_name = "FILE")]
    pub(crate) playbook: Option<PathBuf>,
    /// Response model, as a TOML or JSON file [default: as people have answered so far]
    #[arg(long, value_name = "FILE")]
    pub(crate) responses: Option<PathBuf>,
    /// Maximum number of actions by hand per day and owner; the rest is left over for the next day
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) capacity: Option<u32>,
}

#[derive(Subcommand)]
pub(crate) enum Import {
    /// Import contacts from a CSV file of Google, Outlook, LinkedIn, HubSpot or Salesforce
    Contacts(File),
    /// Import history as CSV or JSON Lines, plain or gzip
    Events {
        #[command(flatten)]
        file: File,
        /// A mapping file, or the name of a shipped mapping
        #[arg(long, value_name = "MAP.toml")]
        map: Option<String>,
    },
}

#[derive(ClapArgs)]
pub(crate) struct File {
    /// The file to import
    pub(crate) file: PathBuf,
    /// Write rejected rows to this file, as CSV
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum Report {
    /// Report where prospects are, who has fallen into the gap, and how prompt we were
    Gap {
        /// Also split the report by owner, channel, origin or playbook
        #[arg(long, value_name = "WHAT")]
        by: Option<String>,
        /// Also write the report as an HTML page
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
    },
    /// Report what followed an event: how often, how fast and how late we followed up, and the outcome
    Response {
        /// The event, e.g. proposal_sent; only the first one of a prospect counts
        #[arg(long, value_name = "EVENT")]
        anchor: String,
        /// Maximum time between two contacts, e.g. P3D
        #[arg(long, value_name = "SPAN")]
        max_gap: Option<String>,
    },
    /// Compare the versions of playbooks, and whether the difference is significant
    Playbooks,
    /// Report what is planned for the coming days
    Load {
        /// Number of days, including today
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=i64::from(followup_insight::report::LOAD_DAYS_MAX)))]
        days: u32,
    },
}

#[derive(Subcommand)]
pub(crate) enum Playbook {
    /// List all mistakes in a playbook, each with line and column
    Check {
        /// The playbook, as a TOML file
        file: PathBuf,
    },
    /// Show a playbook with all its defaults: the one in use, a shipped one, or a published one
    Show {
        /// Name of the playbook [default: the one in use]
        name: Option<String>,
    },
    /// Publish a version, with a choice for prospects on an earlier version
    Publish {
        /// The playbook, as a TOML file
        file: PathBuf,
        /// What prospects on an earlier version do: stay, move or move_unless_past
        #[arg(long)]
        moving: String,
    },
    /// Show what a playbook would change if it were published now and all prospects moved
    Diff {
        /// The playbook, as a TOML file
        file: PathBuf,
        /// Maximum number of changed prospects to list
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// Show what a playbook would do with a silent, an answering and a buying prospect
    Preview {
        /// The playbook, as a TOML file
        file: PathBuf,
        /// Start of the preview [default: now]
        #[arg(long, value_name = "INSTANT")]
        start: Option<String>,
    },
    /// Print the JSON Schema of playbooks
    Schema,
}
