//! What targets share.

use doorpost_model::admission::Versioned;

/// Whatever is understood is written down the same way, and understood again.
///
/// # Panics
/// If it is not: that is what fuzzing looks for.
pub fn comes_back<T: Versioned + PartialEq + std::fmt::Debug>(bytes: &[u8]) {
    if let Ok(value) = T::from_bytes(bytes) {
        assert_eq!(T::from_bytes(&value.to_bytes()).as_ref(), Ok(&value));
    }
}
