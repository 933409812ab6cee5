//! The playbook commands: check, show, publish, diff, preview, schema.

use std::io::Write;
use std::path::Path;

use anyhow::Context as _;
use followup::Playbook;
use followup::block_on;
use followup::playbook::{PlaybookError, SHIPPED};
use followup::publish::Moving;
use followup_insight::{Insight, preview};

use crate::args::{self, Common};
use crate::office::{self, Database, Ended, Office, wrong};
use crate::tables;

pub(crate) fn run(common: Common, command: args::Playbook) -> anyhow::Result<Ended> {
    match command {
        args::Playbook::Publish { file, moving } => return publish(common, &file, &moving),
        args::Playbook::Diff { file, limit } => return diff(common, &file, limit),
        _ => {}
    }
    let mut out = std::io::stdout().lock();
    match command {
        args::Playbook::Check { file } => {
            let text =
                std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let (problems, fine) = match Playbook::parse_with_warnings(&text) {
                Ok((_, warnings)) => (warnings, true),
                Err(error) => (PlaybookError::problems(&error).to_vec(), false),
            };
            for problem in &problems {
                match common.json {
                    true => writeln!(out, "{}", serde_json::to_string(problem)?)?,
                    false => writeln!(out, "{}:{problem}", file.display())?,
                }
            }
            anyhow::ensure!(fine, "{} cannot be used; the mistakes are listed above", file.display());
            if !common.json {
                writeln!(out, "{}: valid playbook", file.display())?;
            }
        }
        args::Playbook::Show { name } => {
            let json = common.json;
            let playbook = shown(common, name.as_deref())?;
            // A shipped playbook is shown with its comments, unless another one is published under its name.
            let ships = SHIPPED.iter().find(|(name, _)| Playbook::shipped(name).as_ref() == Some(&playbook));
            match (json, ships) {
                (true, _) => writeln!(out, "{}", playbook.to_json())?,
                (false, Some((_, text))) => write!(out, "{text}")?,
                (false, None) => write!(out, "{}", playbook.to_toml())?,
            }
        }
        args::Playbook::Preview { file, start } => {
            let playbook = office::read(&file)?;
            let start = office::now(start.as_deref().or(common.now.as_deref()), &playbook)?;
            for preview in preview(&(&playbook).into(), start) {
                match common.json {
                    true => writeln!(out, "{}", serde_json::to_string(&preview)?)?,
                    false => writeln!(out, "{}", tables::preview(&preview, playbook.zone()))?,
                }
            }
        }
        args::Playbook::Publish { .. } | args::Playbook::Diff { .. } => unreachable!("handled above"),
        args::Playbook::Schema => match common.json {
            true => writeln!(out, "{}", Playbook::schema())?,
            false => writeln!(out, "{:#}", Playbook::schema())?,
        },
    }
    Ok(Ended::Done)
}

/// Returns the playbook with this name: the one in use, a published one, or a shipped one.
fn shown(common: Common, name: Option<&str>) -> anyhow::Result<Playbook> {
    let given = office::given(&common)?;
    let in_use = given.clone().unwrap_or_default();
    // Showing a playbook must not create a database.
    let is_there = matches!(office::database(&common)?, Database::File(path) if Path::new(path).is_file());
    let desk = is_there.then(|| Office::open(common)).transpose()?.map(|office| office.desk);
    let Some(name) = name else { return Ok(desk.map_or(in_use, |desk| desk.policy().playbook().clone())) };
    let (bare, version) =
        match name.rsplit_once('/').and_then(|(bare, version)| Some((bare, version.parse().ok()?))) {
            Some((bare, version)) => (bare, Some(version)),
            None => (name, None),
        };
    let published = desk
        .as_ref()
        .and_then(|desk| desk.policy_named(bare, version))
        .map(|policy| policy.playbook().clone());
    let is_meant = |playbook: &Playbook| {
        playbook.name() == bare && version.is_none_or(|version| version == playbook.settings().version)
    };
    let others = || [Some(in_use.clone()), Playbook::shipped(bare)].into_iter().flatten().find(is_meant);
    published.or_else(others).ok_or_else(|| {
        wrong(format!(
            "unknown playbook \"{name}\"; expected a published one, a shipped one, or {}",
            in_use.name()
        ))
    })
}

fn publish(common: Common, file: &Path, moving: &str) -> anyhow::Result<Ended> {
    let moving: Moving = moving.parse().map_err(wrong)?;
    let playbook = office::read(file)?;
    let office = Office::open(common)?;
    let published = block_on(office.desk.clone().publish(playbook, moving, office.now))?;
    match office.json {
        true => office.line(&published)?,
        false => {
            let again = if published.repeated { " already; the remaining moves are done" } else { "" };
            office.say(format!("{} {} is published{again}", published.name, published.version))?;
            office.say(format!("{} prospects move to it, {} stay", published.moved, published.stayed))?;
        }
    }
    office.end(Ended::Done)
}

fn diff(common: Common, file: &Path, limit: usize) -> anyhow::Result<Ended> {
    let playbook = office::read(file)?;
    let office = Office::open(common)?;
    let diff = block_on(Insight::new(&office.desk).diff(playbook, office.now, limit))?;
    match office.json {
        true => office.line(&diff)?,
        false => office.say(tables::diff(&diff))?,
    }
    office.end(Ended::Done)
}
