//! A random number generator whose numbers depend only on a seed and a name.

/// The generator splitmix64 (Steele, Lea and Flood, 2014).
#[derive(Clone, Copy, Debug)]
pub(super) struct Rng(u64);

/// The increment of splitmix64.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl Rng {
    /// Creates a generator from a seed and a name. A prospect's numbers do not depend on the other prospects or their
    /// order.
    pub(super) fn new(seed: u64, name: &str) -> Rng {
        let start = mix(seed.wrapping_add(STEP)) ^ name.len() as u64;
        let folded = name.as_bytes().chunks(8).fold(start, |folded, chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            mix(folded.wrapping_add(STEP) ^ u64::from_le_bytes(word))
        });
        Rng(folded)
    }

    /// Returns the generator of the nth draw, which does not depend on the draws before it.
    pub(super) fn nth(self, n: u64) -> Rng {
        Rng(mix(self.0 ^ mix(n.wrapping_add(1).wrapping_mul(STEP))))
    }

    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// Returns a number of 53 bits from 0 (inclusive) to 1 (exclusive), the same on any machine.
    pub(super) fn fraction(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_spread_evenly_over_names_and_turns() {
        let mut tenths = [0_u32; 10];
        for name in 0..1_000 {
            for turn in 0..10 {
                let share = Rng::new(7, &format!("p-{name}")).nth(turn).fraction();
                tenths[(share * 10.0) as usize] += 1;
            }
        }
        assert!(tenths.iter().all(|count| (900..1_100).contains(count)), "{tenths:?}");
    }

    #[test]
    fn seed_name_and_turn_each_give_another_number() {
        let share = |seed, name, turn| Rng::new(seed, name).nth(turn).fraction();
        assert_eq!(share(1, "p-1", 0).to_bits(), share(1, "p-1", 0).to_bits());
        for other in [share(2, "p-1", 0), share(1, "p-2", 0), share(1, "p-1", 1), share(1, "p-1\0", 0)] {
            assert_ne!(share(1, "p-1", 0).to_bits(), other.to_bits());
        }
    }
}
