//! Numbers in place of names of models, applications and teams, and of networks.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Names that have a number; of further ones nothing is learned, which is counted.
const NAMES_MAX: usize = 8_192;
/// The longest name.
const NAME_BYTES_MAX: usize = 256;
/// What stands in front of a network of version 4: no network of version 6 that is in use begins so.
const FOUR: u8 = 1;

/// Names, each with its number from 1 on.
#[derive(Debug, Default)]
pub(super) struct Names {
    texts: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32>,
    /// How often there was no room.
    pub(super) refused: u64,
}

impl Names {
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// The number of a name, which is new if it has none.
    pub(super) fn number(&mut self, name: &str) -> Option<u32> {
        if let Some(number) = self.find(name) {
            return Some(number);
        }
        if self.texts.len() >= NAMES_MAX || name.len() > NAME_BYTES_MAX || name.is_empty() {
            self.refused += 1;
            return None;
        }
        self.texts.push(Box::from(name));
        let number = u32::try_from(self.texts.len()).ok()?;
        self.numbers.insert(Box::from(name), number);
        Some(number)
    }

    /// The number of a name, if there is one; a new name gets one only where somebody may make it known.
    pub(super) fn of(&mut self, name: Option<&str>, may_be_new: bool) -> Option<u32> {
        let name = name?;
        if may_be_new { self.number(name) } else { self.find(name) }
    }

    pub(super) fn text(&self, number: u32) -> Option<&str> {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        self.texts.get(place).map(|text| &**text)
    }

    pub(super) fn texts(&self) -> impl ExactSizeIterator<Item = &str> {
        self.texts.iter().map(|text| &**text)
    }
}

/// The network of an address: 24 bits of version 4, 32 of version 6.
pub(super) fn network(address: &str) -> Option<u32> {
    let address: IpAddr = address.parse().ok()?;
    Some(match address.to_canonical() {
        IpAddr::V4(address) => {
            let [one, two, three, _] = address.octets();
            u32::from_be_bytes([FOUR, one, two, three])
        }
        IpAddr::V6(address) => {
            let [one, two, three, four, ..] = address.octets();
            u32::from_be_bytes([one, two, three, four]).max(2)
        }
    })
}

/// A network as it is written.
pub(super) fn written(network: u32) -> String {
    let [first, one, two, three] = network.to_be_bytes();
    if first == FOUR {
        return format!("{}/24", Ipv4Addr::new(one, two, three, 0));
    }
    let half = |high: u8, low: u8| u16::from_be_bytes([high, low]);
    format!("{}/32", Ipv6Addr::new(half(first, one), half(two, three), 0, 0, 0, 0, 0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_written_as_they_are_and_names_keep_their_numbers() {
        let cases = [
            ("203.0.113.7", "203.0.113.0/24"),
            ("::ffff:10.1.2.3", "10.1.2.0/24"),
            ("2001:db8:1::5", "2001:db8::/32"),
            ("fd12:3456:789a::1", "fd12:3456::/32"),
        ];
        for (address, expected) in cases {
            assert_eq!(network(address).map(written).as_deref(), Some(expected));
        }
        assert_eq!(network("nowhere"), None);
        let mut names = Names::default();
        assert_eq!((names.number("a"), names.number("b"), names.number("a")), (Some(1), Some(2), Some(1)));
        assert_eq!((names.text(2), names.text(3), names.text(0)), (Some("b"), None, None));
        for number in 0..NAMES_MAX {
            names.number(&format!("model {number}"));
        }
        assert_eq!((names.number("one more"), names.refused, names.find("b")), (None, 3, Some(2)));
    }
}
