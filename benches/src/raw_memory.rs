//! The smallest in-memory model of a follow-up tool: an ordered set of due entries and a map of histories.

use std::collections::{BTreeSet, HashMap};

use crate::random::Random;

const MONTH: u64 = 30 * 86_400;

/// A person, in memory.
struct Person {
    due_at: i64,
    /// The instant and the 120 bytes of each event.
    history: Vec<(i64, Box<[u8]>)>,
}

/// An ordered set of due entries and a map of people, both keyed by integers.
pub struct RawMemory {
    due: BTreeSet<(i64, u64)>,
    people: HashMap<u64, Person>,
    random: Random,
}

impl RawMemory {
    /// Creates a model with the given number of people, each with one event.
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

    /// Takes the first due person, appends an event and schedules the next one. Repeats this `times` times.
    pub fn complete(&mut self, times: usize) {
        for _ in 0..times {
            let (due_at, number) = self.due.pop_first().expect("the set is not empty");
            let event = self.event();
            let next_at = due_at + 86_400 + self.random.below(MONTH) as i64;
            let person = self.people.get_mut(&number).expect("each due person is in the map");
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
