//! What the decoder does not tell of a JPEG.

const START_OF_IMAGE: [u8; 2] = [0xFF, 0xD8];
const START_OF_SCAN: u8 = 0xDA;
const END_OF_IMAGE: [u8; 2] = [0xFF, 0xD9];

/// Whether the picture comes to its end: the decoder paints what is missing grey and says nothing.
pub(crate) fn is_whole(bytes: &[u8]) -> bool {
    // Inside a scan 0xFF is followed by a zero, so that an end there is the end. Segments before the first scan may
    // hold whole pictures of their own.
    first_scan(bytes).is_some_and(|scan| scan.windows(2).any(|pair| pair == END_OF_IMAGE))
}

/// The bytes from the first scan on.
fn first_scan(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.strip_prefix(&START_OF_IMAGE)?;
    loop {
        // Any number of fill bytes may come before a marker.
        while let [0xFF, 0xFF, ..] = rest {
            rest = rest.get(1..)?;
        }
        let (&[0xFF, marker], segment) = rest.split_first_chunk()? else { return None };
        if marker == START_OF_SCAN {
            return Some(segment);
        }
        let length = u16::from_be_bytes(*segment.first_chunk()?);
        rest = segment.get(usize::from(length)..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_counts_only_after_the_first_scan() {
        let whole = [0xFF, 0xD8, 0xFF, 0xE1, 0, 4, 0xFF, 0xD9, 0xFF, 0xFF, 0xDA, 0, 2, 7, 0xFF, 0, 0xFF, 0xD9, 1, 2];
        assert!(is_whole(&whole));
        assert!(is_whole(&whole[..18]));
        for length in 0..18 {
            assert!(!is_whole(&whole[..length]), "{length}");
        }
        assert!(!is_whole(&[0xFF, 0xD8, 0xFF, 0xD9]));
    }
}
