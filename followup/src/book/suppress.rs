//! Suppressions: opt-outs and stops hold for every prospect with the same address (S6).
//!
//! The book stores, under keyed hashes, which channels are suppressed for an address, and since when. An opt-out or
//! stop adds a suppression. Reading a prospect applies the suppressions of their addresses, also under another id,
//! after adding them again, and for prospects imported before or after.
//!
//! An email address belongs to one person, so a suppression of it holds for all channels of the prospect. A phone
//! number may belong to a household or a company, so a suppression of it holds for calls and texts, and for all
//! channels only if the prospect has no email address.

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

/// The suppressions of some addresses: the time of each, by the hash of address and channel.
#[derive(Clone, Default)]
pub(crate) struct Suppressed {
    since: HashMap<AddressHash, DateTime<Utc>>,
}

/// An opt-in, which may lift earlier suppressions.
pub(crate) struct OptedIn {
    at: DateTime<Utc>,
    /// Empty for all channels.
    channels: Vec<Channel>,
}

impl OptedIn {
    pub(crate) fn of(event: &Event) -> Option<OptedIn> {
        let EventKind::OptedIn { channels } = event.kind() else { return None };
        Some(OptedIn { at: event.at(), channels: channels.clone() })
    }

    fn lifts(&self, channel: Channel, since: DateTime<Utc>) -> bool {
        self.at >= since && (self.channels.is_empty() || self.channels.contains(&channel))
    }
}

impl Suppressed {
    /// Returns the suppressions after a change.
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
    /// Returns the suppressions of the addresses in profiles and events. Makes at most two store calls, none without
    /// addresses.
    pub(crate) async fn suppressed<'a>(
        &self,
        profiles: impl Iterator<Item = &'a Profile>,
        events: impl Iterator<Item = &'a Event>,
    ) -> Result<Suppressed, DeskError> {
        let of_events = events.filter_map(|event| match event.kind() {
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
                self.consent_channels()
                    .map(move |channel| self.hasher.address_and_channel(kind, address, channel))
            })
            .collect();
        if hashes.is_empty() {
            return Ok(Suppressed::default());
        }
        let since = self.store.suppressed(hashes.clone()).await?;
        let known = hashes.into_iter().zip(since).filter_map(|(hash, since)| Some((hash, since?)));
        Ok(Suppressed { since: known.collect() })
    }

    /// Loads the suppressions of a journal.
    pub(crate) async fn with_suppressed(&self, mut journal: Journal) -> Result<Journal, DeskError> {
        journal.suppressed = Arc::new(self.suppressed(iter::once(&journal.profile), iter::empty()).await?);
        Ok(journal)
    }

    /// Returns the journals of a page of heads, with their suppressions.
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

    /// Returns the channels that suppressions are stored for.
    fn consent_channels(&self) -> impl Iterator<Item = Channel> {
        let own = self.policy().settings().channels.iter().copied();
        let own = own.filter(|channel| !Channel::BUILT_IN.contains(channel));
        Channel::BUILT_IN.iter().copied().chain(own.collect::<Vec<_>>())
    }

    /// Returns the channels that are suppressed at an instant for the addresses of a profile, with the time of each.
    pub(crate) fn suppressed_channels(
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
                let hash = self.hasher.address_and_channel(kind, address, channel);
                suppressed.since.get(&hash).copied().filter(|since| holds && *since <= at)
            });
            known.min().map(|since| (channel, since))
        };
        self.consent_channels().filter_map(since).collect()
    }

    /// Returns the state that planning and views use: suppressed channels count as opted out.
    pub(crate) fn effective<'s>(
        &self,
        journal: &Journal,
        state: &'s ProspectState,
        at: DateTime<Utc>,
    ) -> Cow<'s, ProspectState> {
        state.suppressed(&self.suppressed_channels(&journal.suppressed, &journal.profile, at))
    }

    /// Returns the changes to the book's suppressions. An address is suppressed when its prospect has opted out of a
    /// channel or said stop, whether the address or the opt-out became known last. A suppression is lifted when the
    /// prospect opts in, or comes back from the stop that caused it.
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
            for channel in self.consent_channels() {
                let before = journal.state.out_since(channel).filter(|_| known);
                let hash = || self.hasher.address_and_channel(kind, address, channel);
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
