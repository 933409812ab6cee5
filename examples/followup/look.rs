//! Looking: plan, agenda, history.

use followup_core::{StoreExt, View};
use pollster::block_on;
use serde_json::Value;

use crate::args;
use crate::json;
use crate::office::{Ended, Office};
use crate::tables;

pub(crate) fn plan(office: &Office, plan: args::Plan) -> anyhow::Result<Ended> {
    match &plan.prospect {
        Some(prospect) => {
            let id = office.id(prospect)?;
            let view = match plan.stored {
                true => block_on(office.desk.stored_plan(&id))?,
                false => block_on(office.desk.plan(&id, office.now))?,
            };
            show_plan(office, &plan, &view)?;
        }
        None => all_plans(office, &plan)?,
    }
    office.end(Ended::Done)
}

fn all_plans(office: &Office, plan: &args::Plan) -> anyhow::Result<()> {
    let mut pages = office.desk.store().pages();
    while let Some(page) = block_on(pages.next())? {
        let views = match plan.stored {
            true => {
                let stored = page.iter().map(|head| block_on(office.desk.stored_view(head)).map(Some));
                stored.collect::<Result<_, _>>()?
            }
            false => block_on(office.desk.views(&page, office.now))?,
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

fn show_plan(office: &Office, plan: &args::Plan, view: &View) -> anyhow::Result<()> {
    let playbook = office.desk.playbook_of(&view.state);
    if !office.json {
        office.say(tables::plan(view))?;
        if plan.why {
            office.say(tables::why(view))?;
        }
        if plan.outcomes {
            office.say(tables::outcomes(&view.outcomes(playbook), view.state.zone()))?;
        }
        return Ok(());
    }
    let mut line = json::view_json(view, office.now);
    if plan.why {
        line.insert("because".to_owned(), view.plan.because.iter().map(json::because_json).collect());
        line.insert("lost".to_owned(), view.plan.lost.iter().map(json::lost_json).collect());
    }
    if plan.outcomes {
        line.insert("outcomes".to_owned(), json::outcomes_json(&view.outcomes(playbook)));
    }
    office.line(Value::Object(line))
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
            office.line(json::agenda_json(item))?;
        }
    } else {
        office.say(tables::agenda(&items))?;
    }
    office.end(Ended::Done)
}

pub(crate) fn history(office: &Office, prospect: &str) -> anyhow::Result<Ended> {
    let id = office.id(prospect)?;
    let entries = block_on(office.desk.history(&id))?;
    let entries = entries.into_iter().filter(|entry| entry.event.at <= office.now);
    if office.json {
        for entry in entries {
            office.line(json::history_json(prospect, &entry))?;
        }
    } else {
        office.say(tables::history(entries))?;
    }
    office.end(Ended::Done)
}
