//! What the next weeks will look like, under the playbooks that hold or another beside them.

use std::path::Path;

use anyhow::Context as _;
use followup_core::{ResponseModel, Scenario};
use pollster::block_on;
use serde_json::{Value, json};

use crate::args;
use crate::office::{Ended, Office, read, wrong};
use crate::simulated::{difference_json, difference_table, simulation_json, simulation_table};

pub(crate) fn run(office: &Office, args: args::Simulate) -> anyhow::Result<Ended> {
    let then = args.playbook.as_deref().map(|file| read(file).map_err(wrong)).transpose()?;
    let given = args.responses.as_deref().map(responses).transpose()?;
    let (responses, answers) = match given {
        Some(responses) => (responses, json!({ "given": true })),
        None => {
            let fitted = block_on(office.desk.fit_responses(office.now))?;
            let answers = json!({ "given": false, "touches": fitted.touches, "responses": fitted.responses });
            (fitted.model, answers)
        }
    };
    let scenario = Scenario::of_days(args.days).seed(args.seed).responses(responses);
    let scenario = args.capacity.into_iter().fold(scenario, Scenario::per_day);
    let now = block_on(office.desk.simulate(&scenario, office.now))?;
    let Some(then) = then else {
        match office.json {
            true => office.line(with(simulation_json(&now), answers))?,
            false => office.say(simulation_table(&now, &answers))?,
        }
        return office.end(Ended::Done);
    };
    let name = format!("{} {}", then.name(), then.settings().version);
    let then = block_on(office.desk.simulate(&scenario.playbook(then), office.now))?;
    let difference = now.difference(&then);
    match office.json {
        true => office.line(json!({
            "answers": answers,
            "playbook": name,
            "now": simulation_json(&now),
            "then": simulation_json(&then),
            "difference": difference_json(&difference),
        }))?,
        false => office.say(difference_table(&now, &then, &difference, &name, &answers))?,
    }
    office.end(Ended::Done)
}

fn with(mut simulation: Value, answers: Value) -> Value {
    simulation["answers"] = answers;
    simulation
}

/// How people answer: JSON by the file's ending, else TOML.
fn responses(path: &Path) -> anyhow::Result<ResponseModel> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the responses {}", path.display()))?;
    let is_json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
    let read = match is_json {
        true => serde_json::from_str(&text).map_err(|error| error.to_string()),
        false => ResponseModel::parse(&text).map_err(|error| error.to_string()),
    };
    read.map_err(|error| wrong(format!("the responses {} have a mistake: {error}", path.display())))
}
