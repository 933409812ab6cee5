//! What the tests share: histories as lines of text in, plans as one line of text out.
#![allow(dead_code, reason = "each test file uses its own part")]

pub(crate) mod cases;

use chrono::{DateTime, Utc};
use followup_core::plan::{Action, Decision};
use followup_core::state::Finding;
use followup_core::{Event, Plan, Playbook, Policy, ProspectState, Zone, plan};
use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;
use serde_json::Map;

/// A policy and the zone in which histories are written and plans are shown.
pub(crate) struct House {
    pub(crate) policy: Policy,
    pub(crate) zone: Zone,
}

impl House {
    /// The default playbook, in a zone.
    pub(crate) fn at(zone: &str) -> House {
        House { policy: Policy::default(), zone: zone.parse().expect("a zone of the database") }
    }

    /// The default playbook, in Berlin.
    pub(crate) fn berlin() -> House {
        House::at("Europe/Berlin")
    }

    /// The same house with another playbook.
    pub(crate) fn with(self, toml: &str) -> House {
        House { policy: Playbook::parse(toml).expect("a playbook without mistakes").into(), ..self }
    }

    /// One event, written as `AT EVENT field=value …`; a time without an offset is local.
    pub(crate) fn event(&self, line: &str) -> Event {
        let mut words = line.split_whitespace();
        let (at, name) = (words.next().expect("an instant"), words.next().expect("an event"));
        let mut object = Map::from_iter([("at".to_owned(), at.into()), ("event".to_owned(), name.into())]);
        for word in words {
            let (field, value) = word.split_once('=').expect("a field and a value");
            object.insert(field.to_owned(), value.into());
        }
        Event::from_json(object, self.zone).unwrap_or_else(|error| panic!("{line}: {error}")).1
    }

    /// A history, one event a line; one without a key has the number of its line, from 01.
    pub(crate) fn events(&self, history: &str) -> Vec<Event> {
        let lines = history.lines().map(str::trim).filter(|line| !line.is_empty());
        let numbered = lines.enumerate().map(|(index, line)| match self.event(line) {
            event if event.key().is_empty() => event.with_key(format!("{:02}", index + 1)),
            event => event,
        });
        numbered.collect()
    }

    pub(crate) fn state(&self, history: &str) -> ProspectState {
        ProspectState::replay_at(self.zone, self.events(history)).expect("each key stands for one event")
    }

    pub(crate) fn plan(&self, history: &str) -> Plan {
        plan(&self.state(history), &self.policy)
    }

    /// What is next: `ROW PURPOSE: EARLIEST .. LATEST`, `wait for WHAT until T` or `rest: WHY`.
    pub(crate) fn next(&self, history: &str) -> String {
        self.show(&self.plan(history))
    }

    /// Everything that is owed, what is next first.
    pub(crate) fn all(&self, history: &str) -> Vec<String> {
        self.plan(history).actions().map(|action| self.show_action(action)).collect()
    }

    /// The wake-up: `EVENT T`, or `none`.
    pub(crate) fn wake_up(&self, history: &str) -> String {
        let wake = self.plan(history).wake;
        wake.map_or("none".to_owned(), |wake| format!("{} {}", wake.kind.as_str(), self.clock(wake.at())))
    }

    /// Stage and temperature.
    pub(crate) fn stands(&self, history: &str) -> String {
        let plan = self.plan(history);
        format!("{} {}", plan.stage, plan.temperature)
    }

    /// What is found about one event more, asked at its own instant.
    pub(crate) fn findings(&self, history: &str, line: &str) -> Vec<Finding> {
        let event = self.event(line);
        self.state(history).check(&event, event.at())
    }

    /// What a strict record refuses one event more for, as `RULE breach`.
    pub(crate) fn refusals(&self, history: &str, line: &str) -> Vec<String> {
        let refused = self.findings(history, line).into_iter().filter(Finding::is_refusal);
        refused.map(|found| format!("{} {}", found.rule, found.finding.as_str())).collect()
    }

    pub(crate) fn show(&self, plan: &Plan) -> String {
        match &plan.decision {
            Decision::Act { next, .. } => self.show_action(next),
            Decision::Wait { until, why } => {
                format!("wait for {} until {}", why.as_str(), self.clock(*until))
            }
            Decision::Rest { why } => format!("rest: {why}"),
        }
    }

    fn show_action(&self, action: &Action) -> String {
        let (row, purpose, window) = (action.kind.row(), action.purpose, action.window);
        format!("{row} {purpose}: {} .. {}", self.clock(window.earliest), self.clock(window.latest))
    }

    /// An instant as the clock in the zone shows it, with its offset; by jiff, which is not what is tested.
    pub(crate) fn clock(&self, at: DateTime<Utc>) -> String {
        let rules = TimeZoneDatabase::bundled().get(self.zone.name()).expect("a zone of the database");
        let at = Timestamp::from_microsecond(at.timestamp_micros()).expect("in range").to_zoned(rules);
        let format = match (at.second(), at.subsec_nanosecond()) {
            (0, 0) => "%Y-%m-%d %H:%M%:::z",
            _ => "%Y-%m-%d %H:%M:%S%.f%:::z",
        };
        at.strftime(format).to_string()
    }
}

/// An instant, written as RFC 3339.
pub(crate) fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}
