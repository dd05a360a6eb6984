//! Lists of ids that need few statements.

use crate::CHUNKS;

/// The ids with the last one repeated until they fill whole chunks: in `IN (…)` a value twice is a
/// value once, and a page of 30 is one statement instead of the six that its rests would be.
pub(crate) fn padded<Id: Copy>(ids: &[Id]) -> Vec<Id> {
    let mut padded = ids.to_vec();
    if let Some(&last) = ids.last() {
        let largest = CHUNKS[0];
        let smallest_that_holds = CHUNKS.iter().rev().copied().find(|&size| size >= ids.len());
        let wanted = smallest_that_holds.unwrap_or_else(|| ids.len().next_multiple_of(largest));
        padded.resize(wanted, last);
    }
    padded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_chunks_with_the_same_ids() {
        for (count, expected) in [(0, 0), (1, 1), (2, 4), (4, 4), (5, 16), (17, 64), (64, 64), (65, 128), (101, 128)] {
            let ids: Vec<usize> = (0..count).collect();
            let padded = padded(&ids);
            assert_eq!(padded.len(), expected);
            assert_eq!(padded[..count], ids);
            assert!(padded[count..].iter().all(|id| Some(id) == ids.last()));
        }
    }
}
