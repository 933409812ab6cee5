//! The viewing commands: plan, agenda, history.

use std::collections::BTreeMap;

use followup::block_on;
use followup::plan::{Alternative, Because, Plan, Supposed, what_if};
use followup::read::View;
use serde::Serialize;

use crate::args;
use crate::office::{Ended, Office};
use crate::tables;

pub(crate) fn plan(office: &Office, plan: args::Plan) -> anyhow::Result<Ended> {
    match &plan.prospect {
        Some(prospect) => {
            let id = office.id(prospect)?;
            let view = match plan.stored {
                true => block_on(office.desk.read().stored_plan(&id, office.now))?,
                false => block_on(office.desk.plan(&id, office.now))?,
            };
            show_plan(office, &plan, &view)?;
        }
        None => all_plans(office, &plan)?,
    }
    office.end(Ended::Done)
}

fn all_plans(office: &Office, plan: &args::Plan) -> anyhow::Result<()> {
    let mut pages = office.desk.read().pages();
    while let Some(page) = block_on(pages.next())? {
        let views = match plan.stored {
            true => {
                let stored = page
                    .iter()
                    .map(|head| block_on(office.desk.read().stored_view(head, office.now)).map(Some));
                stored.collect::<Result<_, _>>()?
            }
            false => block_on(office.desk.read().views(&page, office.now))?,
        };
        for view in views {
            let ours = |view: &View| office.owner.is_none() || view.state.owner() == office.owner.as_deref();
            if let Some(view) = view.filter(ours) {
                show_plan(office, plan, &view)?;
            }
        }
    }
    Ok(())
}

/// A plan as JSON, with what was asked for beside it.
#[derive(Serialize)]
pub(crate) struct Line<'a> {
    #[serde(flatten)]
    view: &'a View,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<&'a [Because]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lost: Option<&'a [Alternative]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcomes: Option<BTreeMap<&'static str, &'a Plan>>,
}

impl<'a> Line<'a> {
    pub(crate) fn new(view: &'a View) -> Line<'a> {
        Line { view, because: None, lost: None, outcomes: None }
    }

    /// With what each rule changed.
    pub(crate) fn because(self) -> Line<'a> {
        Line { because: Some(&self.view.plan.because), ..self }
    }
}

fn show_plan(office: &Office, plan: &args::Plan, view: &View) -> anyhow::Result<()> {
    let supposed: Option<Vec<Supposed>> =
        plan.outcomes.then(|| what_if(&view.state, office.desk.policy_of(&view.state)));
    if !office.json {
        office.say(tables::plan(view))?;
        if plan.why {
            office.say(tables::why(view))?;
        }
        if let Some(supposed) = &supposed {
            office.say(tables::outcomes(supposed, view.state.zone()))?;
        }
        return Ok(());
    }
    let mut line = Line::new(view);
    if plan.why {
        line = line.because();
        line.lost = Some(&view.plan.alternatives);
    }
    line.outcomes =
        supposed.as_ref().map(|supposed| supposed.iter().map(|answer| (answer.name, &answer.plan)).collect());
    office.line(&line)
}

pub(crate) fn agenda(
    office: &Office,
    days: u32,
    limit: Option<usize>,
    per_day: Option<usize>,
) -> anyhow::Result<Ended> {
    let mut agenda = office.desk.agenda(office.now).within_days(days);
    if let Some(owner) = &office.owner {
        agenda = agenda.owner(owner);
    }
    if let Some(limit) = limit {
        agenda = agenda.limit(limit);
    }
    if let Some(per_day) = per_day {
        agenda = agenda.per_day(per_day);
    }
    let items = block_on(async { agenda.await })?;
    if office.json {
        for item in &items {
            office.line(item)?;
        }
    } else {
        office.say(tables::agenda(&items))?;
    }
    office.end(Ended::Done)
}

pub(crate) fn history(office: &Office, prospect: &str) -> anyhow::Result<Ended> {
    let id = office.id(prospect)?;
    let entries = block_on(office.desk.history(&id))?;
    let entries = entries.into_iter().filter(|entry| entry.event.at() <= office.now);
    if office.json {
        for entry in entries {
            office.line(&entry)?;
        }
    } else {
        office.say(tables::history(entries))?;
    }
    office.end(Ended::Done)
}
