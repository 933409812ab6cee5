//! What a person's word means for their addresses, and what addresses mean for whoever has them (S6).
//!
//! The book keeps, by keyed hashes, which channels whoever has an address is out of, and since when. It is told by
//! whoever opts out or says stop, and looked at whenever somebody with that address is read: by another id, added
//! again, imported before or after.
//!
//! A mail address is a person's own: what they said under it holds for all channels. A number may be a household's
//! or a company's: what was said under it holds for calls and texts to it, and for all channels only if it is all
//! that is known of somebody.

use std::borrow::Cow;
use std::collections::HashMap;
use std::iter;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Book;
use super::journal::Journal;
use crate::error::DeskError;
use crate::profile::Profile;
use followup_core::channel::Channel;
use followup_core::event::{Event, EventKind};
use followup_core::state::ProspectState;
use followup_core::store::{AddressHash, Head, Suppression};

/// The kinds of addresses that a profile keeps.
const ADDRESSES: [Channel; 2] = [Channel::EMAIL, Channel::PHONE];

/// What the book knows of some addresses: by address and channel, since when whoever has it is out.
#[derive(Clone, Default)]
pub(crate) struct Suppressed {
    since: HashMap<AddressHash, DateTime<Utc>>,
}

/// An opting in, which may lift what stands from before it.
pub(crate) struct OptedIn {
    at: DateTime<Utc>,
    /// None: all.
    channels: Vec<Channel>,
}

impl OptedIn {
    pub(crate) fn of(event: &Event) -> Option<OptedIn> {
        let EventKind::OptedIn { channels } = &event.kind else { return None };
        Some(OptedIn { at: event.at, channels: channels.clone() })
    }

    fn lifts(&self, channel: Channel, since: DateTime<Utc>) -> bool {
        self.at >= since && (self.channels.is_empty() || self.channels.contains(&channel))
    }
}

impl Suppressed {
    /// What is known after a change.
    pub(crate) fn after(&self, changes: &[Suppression]) -> Suppressed {
        let mut after = self.clone();
        for change in changes {
            match change.since {
                Some(since) => {
                    after
                        .since
                        .entry(change.address)
                        .and_modify(|known| *known = since.min(*known))
                        .or_insert(since);
                }
                None => drop(after.since.remove(&change.address)),
            }
        }
        after
    }
}

impl Book {
    /// What the book knows of the addresses of profiles, and of those that events bring. Two calls at most, and none
    /// if there is no address.
    pub(crate) async fn suppressed<'a>(
        &self,
        profiles: impl Iterator<Item = &'a Profile>,
        events: impl Iterator<Item = &'a Event>,
    ) -> Result<Suppressed, DeskError> {
        let of_events = events.filter_map(|event| match &event.kind {
            EventKind::Added { email, phone, .. } => Some([email.as_deref(), phone.as_deref()]),
            _ => None,
        });
        let of_profiles = profiles.map(|profile| ADDRESSES.map(|kind| profile.address(kind)));
        let kinds = |addresses: [Option<&'a str>; 2]| ADDRESSES.into_iter().zip(addresses);
        let known = of_profiles.chain(of_events).flat_map(kinds);
        let addresses: Vec<_> = known.filter_map(|(kind, address)| Some((kind, address?))).collect();
        if addresses.is_empty() {
            return Ok(Suppressed::default());
        }
        let marks = addresses.iter().map(|(kind, address)| self.hasher.address(*kind, address)).collect();
        let marked = self.store.suppressed(marks).await?;
        let marked = addresses.into_iter().zip(marked).filter(|(_, since)| since.is_some());
        let hashes: Vec<_> = marked
            .flat_map(|((kind, address), _)| {
                self.consented().map(move |channel| self.hasher.address_and(kind, address, channel))
            })
            .collect();
        if hashes.is_empty() {
            return Ok(Suppressed::default());
        }
        let since = self.store.suppressed(hashes.clone()).await?;
        let known = hashes.into_iter().zip(since).filter_map(|(hash, since)| Some((hash, since?)));
        Ok(Suppressed { since: known.collect() })
    }

    /// A prospect's journal with what the book knows of their addresses.
    pub(crate) async fn with_suppressed(&self, mut journal: Journal) -> Result<Journal, DeskError> {
        journal.suppressed = Arc::new(self.suppressed(iter::once(&journal.profile), iter::empty()).await?);
        Ok(journal)
    }

    /// The journals of a page of heads, with what the book knows of all their addresses.
    pub(crate) async fn journals(&self, heads: &[Head]) -> Result<Vec<Journal>, DeskError> {
        let mut journals = Vec::with_capacity(heads.len());
        for head in heads {
            journals.push(self.journal(head).await?);
        }
        let suppressed =
            Arc::new(self.suppressed(journals.iter().map(|journal| &journal.profile), iter::empty()).await?);
        journals.iter_mut().for_each(|journal| journal.suppressed = Arc::clone(&suppressed));
        Ok(journals)
    }

    /// The channels that suppressions are kept of.
    fn consented(&self) -> impl Iterator<Item = Channel> {
        let own = self.policy().settings().channels.iter().copied();
        let own = own.filter(|channel| !Channel::BUILT_IN.contains(channel));
        Channel::BUILT_IN.iter().copied().chain(own.collect::<Vec<_>>())
    }

    /// Which channels whoever has the addresses of a profile was out of at an instant, and since when.
    pub(crate) fn out_of(
        &self,
        suppressed: &Suppressed,
        profile: &Profile,
        at: DateTime<Utc>,
    ) -> Vec<(Channel, DateTime<Utc>)> {
        if suppressed.since.is_empty() {
            return Vec::new();
        }
        let since = |channel: Channel| {
            let known = ADDRESSES.into_iter().filter_map(|kind| {
                let address = profile.address(kind)?;
                let holds = kind == Channel::EMAIL
                    || matches!(channel, Channel::PHONE | Channel::TEXT)
                    || profile.email.is_none();
                let hash = self.hasher.address_and(kind, address, channel);
                suppressed.since.get(&hash).copied().filter(|since| holds && *since <= at)
            });
            known.min().map(|since| (channel, since))
        };
        self.consented().filter_map(since).collect()
    }

    /// A state as it is seen by all who look at or act on it: what their addresses are suppressed for counts as opted
    /// out.
    pub(crate) fn effective<'s>(
        &self,
        journal: &Journal,
        state: &'s ProspectState,
        at: DateTime<Utc>,
    ) -> Cow<'s, ProspectState> {
        state.suppressed(&self.out_of(&journal.suppressed, &journal.profile, at))
    }

    /// What a change does to the book's suppressions: an address is suppressed when its owner is out of a channel by
    /// their own word, whichever of the two became known last. It is lifted when they opt in, or come back from a stop
    /// that it stood for.
    pub(crate) fn suppressions(
        &self,
        journal: &Journal,
        profile: &Profile,
        state: &ProspectState,
        opted_in: &[OptedIn],
    ) -> Vec<Suppression> {
        let mut changes = Vec::new();
        let came_back = journal.state.stopped().is_some() && state.stopped().is_none();
        for kind in ADDRESSES {
            let Some(address) = profile.address(kind) else { continue };
            let known = journal.profile.address(kind) == Some(address);
            for channel in self.consented() {
                let before = journal.state.out_since(channel).filter(|_| known);
                let hash = || self.hasher.address_and(kind, address, channel);
                match state.out_since(channel) {
                    after if after.is_some() && after == before => {}
                    Some(since) => {
                        changes.push(Suppression::of(self.hasher.address(kind, address), since));
                        changes.push(Suppression::of(hash(), since));
                    }
                    None if journal.suppressed.since.is_empty() => {}
                    None => {
                        let Some(since) = journal.suppressed.since.get(&hash()).copied() else { continue };
                        let own = came_back && before == Some(since);
                        if own || opted_in.iter().any(|opted_in| opted_in.lifts(channel, since)) {
                            changes.push(Suppression::lifted(hash()));
                        }
                    }
                }
            }
        }
        changes
    }
}
