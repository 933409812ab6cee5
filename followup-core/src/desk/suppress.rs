//! What opting out means for the addresses of a person, beyond the person.

use super::Desk;
use super::log::Log;
use crate::channel::Channel;
use crate::prospect::Profile;
use crate::state::ProspectState;
use crate::store::Suppression;
use crate::time::to_instant;

/// The channels whose addresses the profile keeps. A text goes to the number of the phone, but is refused apart.
const ADDRESSED: [Channel; 2] = [Channel::EMAIL, Channel::PHONE];

impl Desk {
    /// What a change does to the book's suppressions (S6): an address is suppressed when its owner is out of its
    /// channel, whichever of the two became known last, and lifted when they opt in again.
    pub(super) fn suppressions(
        &self,
        log: &Log,
        profile: &Profile,
        state: &ProspectState,
    ) -> Vec<Suppression> {
        let (before, after) = (&log.state.consent, &state.consent);
        if before == after && (*profile == log.profile || after.out.is_none()) {
            return Vec::new();
        }
        let change = |channel: Channel| {
            let address = self.hasher.address(channel, profile.address(channel)?);
            match (before.allows(channel), after.allows(channel)) {
                (_, false) => {
                    let since = after.out.as_ref().map(|out| to_instant(out.at))?;
                    Some(Suppression::of(address, since))
                }
                (false, true) => Some(Suppression::lifted(address)),
                (true, true) => None,
            }
        };
        ADDRESSED.into_iter().filter_map(change).collect()
    }
}
