//! The simulate command: the coming days under the current playbooks, or compared with another one.

use std::path::Path;

use anyhow::Context as _;
use followup::block_on;
use followup_insight::Insight;
use followup_insight::simulate::{ResponseModel, Scenario, Simulation};
use serde::Serialize;
use serde_json::{Value, json};

use crate::args;
use crate::office::{Ended, Office, read, wrong};
use crate::simulated::{difference_table, simulation_table};

pub(crate) fn run(office: &Office, args: args::Simulate) -> anyhow::Result<Ended> {
    let insight = Insight::new(&office.desk);
    let then = args.playbook.as_deref().map(|file| read(file).map_err(wrong)).transpose()?;
    let given = args.responses.as_deref().map(responses).transpose()?;
    let (responses, answers) = match given {
        Some(responses) => (responses, json!({ "given": true })),
        None => {
            let fitted = block_on(insight.fit_responses(office.now))?;
            let answers = json!({ "given": false, "touches": fitted.touches, "responses": fitted.responses });
            (fitted.model, answers)
        }
    };
    let scenario = Scenario::of_days(args.days).seed(args.seed).responses(responses);
    let scenario = args.capacity.into_iter().fold(scenario, Scenario::per_day);
    let now = block_on(insight.simulate(&scenario, office.now))?;
    let Some(then) = then else {
        match office.json {
            true => office.line(&Simulated { simulation: &now, answers: &answers })?,
            false => office.say(simulation_table(&now, &answers))?,
        }
        return office.end(Ended::Done);
    };
    let name = format!("{} {}", then.name(), then.settings().version);
    let then = block_on(insight.simulate(&scenario.playbook(then), office.now))?;
    let difference = now.difference(&then);
    match office.json {
        true => office.line(&json!({
            "answers": answers,
            "playbook": name,
            "now": now,
            "then": then,
            "difference": difference,
        }))?,
        false => office.say(difference_table(&now, &then, &difference, &name, &answers))?,
    }
    office.end(Ended::Done)
}

/// A simulation with how people answer in it.
#[derive(Serialize)]
struct Simulated<'a> {
    #[serde(flatten)]
    simulation: &'a Simulation,
    answers: &'a Value,
}

/// Reads a response model: JSON if the file extension is `.json`, otherwise TOML.
fn responses(path: &Path) -> anyhow::Result<ResponseModel> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the responses {}", path.display()))?;
    let is_json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
    let read = match is_json {
        true => serde_json::from_str(&text).map_err(|error| error.to_string()),
        false => ResponseModel::parse(&text).map_err(|error| error.to_string()),
    };
    read.map_err(|error| wrong(format!("invalid responses {}: {error}", path.display())))
}
