//! Randomness of a run, from a seed: two runs do the same.

use std::cell::RefCell;

use doorpost_mls::Entropy;
use rand::{RngCore, SeedableRng, rngs::StdRng};

pub struct Random(RefCell<StdRng>);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(RefCell::new(StdRng::seed_from_u64(seed)))
    }

    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.borrow_mut().fill_bytes(&mut bytes);
        bytes
    }
}

impl Entropy for Random {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.borrow_mut().fill_bytes(bytes);
    }
}
