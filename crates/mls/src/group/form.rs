//! The form every chat's group has.

use doorpost_model::{
    TimeMs,
    admission::{ChatPolicy, POLICY_EXTENSION_TYPE, TICKET_EXTENSION_TYPE, Ticket, Versioned},
    chat::Ciphersuite,
};
use doorpost_policy::membership::Refusal;
use openmls::prelude::{
    Capabilities, Ciphersuite as MlsCiphersuite, CredentialType, Extension, ExtensionType, Extensions, GroupContext,
    LeafNode, Lifetime, ProtocolVersion, RequiredCapabilitiesExtension, UnknownExtension,
};

/// The ciphersuites of chats. All of them sign with Ed25519 and hash with SHA-256.
const CIPHERSUITES: [(Ciphersuite, MlsCiphersuite); 2] = [
    (Ciphersuite::X25519, MlsCiphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519),
    (Ciphersuite::XWing, MlsCiphersuite::MLS_128_MLKEM768X25519_AES128GCM_SHA256_Ed25519),
];
/// Bytes of a hash in every ciphersuite.
pub const HASH_BYTES: usize = 32;
/// How long a leaf of a key package lives, together with [`LEAF_BACKDATE_MS`] (90 days): longer than a log is
/// kept, for the library looks at it by the local clock when an old commit is read.
pub const LEAF_LIFETIME_MS: i64 = 83 * 24 * 3_600_000;
/// How far a leaf's life reaches back, for devices whose clock is behind (7 days).
pub const LEAF_BACKDATE_MS: i64 = 7 * 24 * 3_600_000;

const EXTENSION_TYPES: [ExtensionType; 2] =
    [ExtensionType::Unknown(POLICY_EXTENSION_TYPE), ExtensionType::Unknown(TICKET_EXTENSION_TYPE)];

/// The ciphersuite as the library names it.
pub fn to_mls(ciphersuite: Ciphersuite) -> MlsCiphersuite {
    match ciphersuite {
        Ciphersuite::X25519 => CIPHERSUITES[0].1,
        Ciphersuite::XWing => CIPHERSUITES[1].1,
    }
}

/// The other way round; none for one that no chat has.
pub fn from_mls(ciphersuite: MlsCiphersuite) -> Option<Ciphersuite> {
    CIPHERSUITES.iter().find(|(_, known)| *known == ciphersuite).map(|(name, _)| *name)
}

/// What leaves know beside: a key package's mark that it is a last resort must be among it.
const KNOWN_EXTENSION_TYPES: [ExtensionType; 3] = [EXTENSION_TYPES[0], EXTENSION_TYPES[1], ExtensionType::LastResort];

/// What every leaf says it can do.
pub fn capabilities() -> Capabilities {
    Capabilities::new(
        Some(&[ProtocolVersion::Mls10]),
        Some(&CIPHERSUITES.map(|(_, ciphersuite)| ciphersuite)),
        Some(&KNOWN_EXTENSION_TYPES),
        None,
        Some(&[CredentialType::Basic]),
    )
}

fn required_capabilities() -> RequiredCapabilitiesExtension {
    RequiredCapabilitiesExtension::new(&EXTENSION_TYPES, &[], &[CredentialType::Basic])
}

/// The lifetime of a leaf made at `at`.
pub fn lifetime(at: TimeMs) -> Lifetime {
    let seconds = |at: TimeMs| u64::try_from(at.0 / 1_000).unwrap_or(0);
    Lifetime::init(seconds(at.plus(-LEAF_BACKDATE_MS)), seconds(at.plus(LEAF_LIFETIME_MS)))
}

/// The extensions of a chat's GroupContext.
pub fn context_extensions(policy: &ChatPolicy) -> Result<Extensions<GroupContext>, Refusal> {
    Extensions::from_vec(vec![
        Extension::RequiredCapabilities(required_capabilities()),
        Extension::Unknown(POLICY_EXTENSION_TYPE, UnknownExtension(policy.to_bytes())),
    ])
    .map_err(|_| Refusal::ExtensionsInvalid)
}

/// The extensions of a device's leaf.
pub fn leaf_extensions(ticket: Option<&Ticket>) -> Result<Extensions<LeafNode>, Refusal> {
    let extensions = ticket
        .map(|ticket| Extension::Unknown(TICKET_EXTENSION_TYPE, UnknownExtension(ticket.to_bytes())))
        .into_iter()
        .collect();
    Extensions::from_vec(extensions).map_err(|_| Refusal::ExtensionsInvalid)
}

/// The policy in a GroupContext's extensions.
pub fn policy_of(extensions: &Extensions<GroupContext>) -> Result<ChatPolicy, Refusal> {
    check_extensions(extensions)?;
    let bytes = extensions.iter().find_map(|extension| match extension {
        Extension::Unknown(POLICY_EXTENSION_TYPE, bytes) => Some(&bytes.0),
        _ => None,
    });
    ChatPolicy::from_bytes(bytes.ok_or(Refusal::ExtensionsInvalid)?).map_err(|_| Refusal::PolicyInvalid)
}

/// Whether these are a chat's extensions: exactly the required capabilities and a policy.
pub fn check_extensions(extensions: &Extensions<GroupContext>) -> Result<(), Refusal> {
    let required = required_capabilities();
    let known = |extension: &Extension| match extension {
        Extension::RequiredCapabilities(found) => *found == required,
        Extension::Unknown(POLICY_EXTENSION_TYPE, _) => true,
        _ => false,
    };
    if extensions.iter().count() == 2 && extensions.iter().all(known) {
        Ok(())
    } else {
        Err(Refusal::ExtensionsInvalid)
    }
}
