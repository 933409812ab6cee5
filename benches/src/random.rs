//! Deterministic random numbers and bytes.

/// A splitmix64 generator.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Creates a generator from a seed.
    pub fn seeded(seed: u64) -> Random {
        Random(seed)
    }

    /// Returns the next number.
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.word()) * u128::from(bound)) >> 64) as u64
    }

    /// Fills a slice with random bytes, so that rows differ and cannot be compressed.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let word = self.word().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
}

/// An endless iterator over the numbers below a bound in a scattered order. Each number occurs once before any repeats.
#[derive(Clone, Debug)]
pub struct Scattered {
    bound: u64,
    turn: u64,
}

impl Scattered {
    /// A factor that is coprime to powers of ten: it is odd and not a multiple of 5.
    const FACTOR: u64 = 618_033;

    /// Iterates over the numbers below a bound, which must be a power of ten.
    pub fn below(bound: u64) -> Scattered {
        Scattered { bound, turn: 0 }
    }
}

impl Iterator for Scattered {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.turn += 1;
        Some(self.turn * Scattered::FACTOR % self.bound)
    }
}
