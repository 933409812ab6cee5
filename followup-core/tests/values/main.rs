//! What the values of the engine read, print and refuse: events, playbooks, words, times.

mod events;
mod plans;
mod playbook_settings;
mod words;
