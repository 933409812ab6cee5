//! The least that a follow-up tool could keep in memory: an ordered set of what is due and a map of histories.

use std::collections::{BTreeSet, HashMap};

use crate::random::Random;

const MONTH: u64 = 30 * 86_400;

/// Somebody, in memory.
struct Person {
    due_at: i64,
    /// When, and what: 120 bytes.
    history: Vec<(i64, Box<[u8]>)>,
}

/// Ordered maps, by numbers.
pub struct RawMemory {
    due: BTreeSet<(i64, u64)>,
    people: HashMap<u64, Person>,
    random: Random,
}

impl RawMemory {
    /// With so many people, each with one event.
    pub fn filled(people: u64) -> RawMemory {
        let mut raw = RawMemory { due: BTreeSet::new(), people: HashMap::new(), random: Random::seeded(1) };
        for number in 0..people {
            let due_at = raw.random.below(MONTH) as i64;
            raw.due.insert((due_at, number));
            let history = vec![(0, raw.event())];
            raw.people.insert(number, Person { due_at, history });
        }
        raw
    }

    /// Takes whoever is due first, appends an event and schedules the next, so many times.
    pub fn complete(&mut self, times: usize) {
        for _ in 0..times {
            let (due_at, number) = self.due.pop_first().expect("there is somebody");
            let event = self.event();
            let next_at = due_at + 86_400 + self.random.below(MONTH) as i64;
            let person = self.people.get_mut(&number).expect("whoever is due is there");
            person.history.push((due_at, event));
            person.due_at = next_at;
            self.due.insert((person.due_at, number));
        }
    }

    fn event(&mut self) -> Box<[u8]> {
        let mut event = vec![0; 120].into_boxed_slice();
        self.random.fill(&mut event);
        event
    }
}
