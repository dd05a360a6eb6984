//! Which addresses are the public internet's.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether anybody on the internet could reach the address as well: globally reachable unicast, by the special-purpose
/// registries of IANA (RFC 6890), and nothing that embeds another address.
#[must_use]
pub const fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

const fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127 | 224.., _, _)        // this network, private, loopback, multicast and reserved
            | (100, 64..=127, _)            // shared address space (carrier NAT)
            | (169, 254, _)                 // link-local, with the metadata services of clouds
            | (172, 16..=31, _)             // private
            | (192, 168, _)                 // private
            | (192, 0, 0 | 2)               // protocol assignments, documentation
            | (192, 88, 99)                 // 6to4 relays, deprecated
            | (192, 31, 196) | (192, 52, 193) | (192, 175, 48) // AS112, AMT
            | (198, 18 | 19, _)             // benchmarks
            | (198, 51, 100)                // documentation
            | (203, 0, 113) // documentation
    )
}

const fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, ..] = address.segments();
    // Global unicast is 2000::/3. All else is loopback, local, multicast, mapped (::ffff:0:0/96) or translated (64:ff9b::/96).
    if a & 0xe000 != 0x2000 {
        return false;
    }
    !matches!(
        (a, b, c),
        (0x2001, 0..=0x01ff, _)             // protocol assignments: Teredo, benchmarks, ORCHID
            | (0x2001, 0x0db8, _)           // documentation
            | (0x2002, _, _)                // 6to4: embeds an IPv4 address
            | (0x2620, 0x004f, 0x8000)      // AS112
            | (0x3fff, 0..=0x0fff, _) // documentation
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(text: &str) -> bool {
        is_public(text.parse().expect(text))
    }

    #[test]
    fn public_addresses_are_public() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "9.9.9.9",
            "93.184.215.14",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.1.0.1",
            "192.167.1.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.254",
            "2606:4700::1111",
            "2a00:1450::1",
            "2001:4860:4860::8888",
            "2400:cb00::1",
        ] {
            assert!(public(address), "{address}");
        }
    }

    #[test]
    fn the_edges_of_each_block_are_not() {
        for address in [
            "0.0.0.0",
            "0.255.255.255",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.0.0",
            "169.254.169.254",
            "169.254.255.255",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.0",
            "192.168.255.255",
            "198.18.0.0",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::7f00:1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "4000::1",
        ] {
            assert!(!public(address), "{address}");
        }
    }
}
