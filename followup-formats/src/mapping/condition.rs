//! Conditions of event rules.

use super::cells::{Cells, Slot};
use super::mistakes::Node;
use super::parser::Parser;

/// A condition on a row.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Condition {
    First(bool),
    /// The state of the case changes into one of these from another state.
    Into(Vec<u16>),
    OutOf(Vec<u16>),
    Is(Slot, Vec<String>),
    IsNot(Slot, Vec<String>),
    Present(Slot, bool),
}

/// A row, and how it changes its case.
#[derive(Clone, Copy)]
pub(super) struct Step<'r> {
    pub(super) cells: Cells<'r>,
    /// The number of the row within its case, counted from 1.
    pub(super) nth: u32,
    pub(super) state_before: u16,
    pub(super) state: u16,
}

impl Condition {
    pub(super) fn holds(&self, step: Step<'_>) -> bool {
        match self {
            Condition::First(first) => (step.nth == 1) == *first,
            Condition::Into(states) => states.contains(&step.state) && !states.contains(&step.state_before),
            Condition::OutOf(states) => states.contains(&step.state_before) && !states.contains(&step.state),
            Condition::Is(slot, values) => is_one_of(step, *slot, values),
            Condition::IsNot(slot, values) => !is_one_of(step, *slot, values),
            Condition::Present(slot, present) => step.cells.get(*slot).is_some() == *present,
        }
    }

    /// Parses the conditions of a `when` or an `unless`.
    pub(super) fn read(node: &Node<'_>, parser: &mut Parser) -> Vec<Condition> {
        let mut conditions = Vec::new();
        let Some(table) = parser.mistakes.table(node, &["first", "into", "out_of", "columns"]) else {
            return conditions;
        };
        for (key, node) in table {
            let name = key.get_ref().as_ref();
            parser.mistakes.enter(name);
            match name {
                "first" => conditions.extend(parser.mistakes.flag(node).map(Condition::First)),
                "into" => conditions.extend(parser.states(node).map(Condition::Into)),
                "out_of" => conditions.extend(parser.states(node).map(Condition::OutOf)),
                "columns" => read_columns(node, parser, &mut conditions),
                _ => {}
            }
            parser.mistakes.leave();
        }
        if table.is_empty() {
            parser.mistakes.add(node.span(), "empty condition; expected first, into, out_of or columns");
        }
        conditions
    }
}

fn is_one_of(step: Step<'_>, slot: Slot, values: &[String]) -> bool {
    step.cells.get(slot).is_some_and(|cell| values.iter().any(|value| value == cell))
}

fn read_columns(node: &Node<'_>, parser: &mut Parser, conditions: &mut Vec<Condition>) {
    let Some(table) = parser.mistakes.any_table(node) else { return };
    for (name, node) in table {
        let slot = parser.columns.slot(name.get_ref());
        parser.mistakes.enter(name.get_ref().as_ref());
        let comparison =
            node.get_ref().as_table().and_then(|_| parser.mistakes.table(node, &["not", "present"]));
        if let Some(comparison) = comparison {
            for (key, node) in comparison {
                match key.get_ref().as_ref() {
                    "not" => {
                        let values = parser.named_values(slot, node);
                        conditions.extend(values.map(|values| Condition::IsNot(slot, values)));
                    }
                    "present" => {
                        conditions
                            .extend(parser.mistakes.flag(node).map(|flag| Condition::Present(slot, flag)));
                    }
                    _ => {}
                }
            }
        } else {
            let values = parser.named_values(slot, node);
            conditions.extend(values.map(|values| Condition::Is(slot, values)));
        }
        parser.mistakes.leave();
    }
}
