//! Sets of addresses: what a name may lead to, and what a rule covers.

use ipnet::{IpNet, Ipv4Net};
use std::net::{IpAddr, Ipv4Addr};

/// A set of addresses of both families, kept as ranges that neither touch nor overlap.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressSet {
    v4: Vec<Span>,
    v6: Vec<Span>,
}

/// First and last address, as numbers.
type Span = (u128, u128);

/// IPv4 that the internet does not route: private, shared (100.64/10), loopback, link-local, multicast and reserved.
/// <https://www.iana.org/assignments/iana-ipv4-special-registry/iana-ipv4-special-registry.xhtml>
const NOT_PUBLIC: [(Ipv4Addr, u8); 9] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(224, 0, 0, 0), 3),
];

impl AddressSet {
    /// One address.
    pub fn one(address: IpAddr) -> AddressSet {
        AddressSet::of(IpNet::from(address))
    }

    /// A range.
    pub fn of(net: IpNet) -> AddressSet {
        let span = vec![span(net)];
        match net {
            IpNet::V4(_) => AddressSet { v4: span, v6: vec![] },
            IpNet::V6(_) => AddressSet { v4: vec![], v6: span },
        }
    }

    /// All of IPv4.
    pub fn all_v4() -> AddressSet {
        AddressSet { v4: vec![(0, u128::from(u32::MAX))], v6: vec![] }
    }

    /// The IPv4 addresses of the internet.
    ///
    /// A public name may lead to any of them: instead of a representative address the whole of it is followed, so that
    /// what holds for the set holds for the address, and what differs within the set is not known.
    pub fn public_v4() -> AddressSet {
        let taken = NOT_PUBLIC.iter().filter_map(|&(net, length)| Ipv4Net::new(net, length).ok());
        taken.fold(AddressSet::all_v4(), |left, net| left.without(&AddressSet::of(IpNet::V4(net))))
    }

    /// The ranges that can be read; `None` if one of the texts is no range.
    pub fn parse<'a>(ranges: impl IntoIterator<Item = &'a String>) -> Option<AddressSet> {
        ranges
            .into_iter()
            .try_fold(AddressSet::default(), |set, text| Some(set.with(&AddressSet::of(text.parse().ok()?))))
    }

    /// Both together.
    #[must_use]
    pub fn with(&self, other: &AddressSet) -> AddressSet {
        AddressSet { v4: union(&self.v4, &other.v4), v6: union(&self.v6, &other.v6) }
    }

    /// What is in both.
    #[must_use]
    pub fn within(&self, other: &AddressSet) -> AddressSet {
        AddressSet { v4: common(&self.v4, &other.v4), v6: common(&self.v6, &other.v6) }
    }

    /// What is not in the other.
    #[must_use]
    pub fn without(&self, other: &AddressSet) -> AddressSet {
        AddressSet { v4: difference(&self.v4, &other.v4), v6: difference(&self.v6, &other.v6) }
    }

    /// No address is in it.
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Every address of the other is in it.
    pub fn covers(&self, other: &AddressSet) -> bool {
        other.without(self).is_empty()
    }

    /// An address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.covers(&AddressSet::one(address))
    }

    /// Some address is in both.
    pub fn meets(&self, other: &AddressSet) -> bool {
        !self.within(other).is_empty()
    }
}

fn span(net: IpNet) -> Span {
    let number = |address: IpAddr| match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    };
    (number(net.network()), number(net.broadcast()))
}

fn union(one: &[Span], other: &[Span]) -> Vec<Span> {
    let mut all: Vec<Span> = one.iter().chain(other).copied().collect();
    all.sort_unstable();
    let mut merged: Vec<Span> = vec![];
    for (first, last) in all {
        match merged.last_mut() {
            Some(previous) if first <= previous.1.saturating_add(1) => previous.1 = previous.1.max(last),
            _ => merged.push((first, last)),
        }
    }
    merged
}

fn common(one: &[Span], other: &[Span]) -> Vec<Span> {
    let pairs = one.iter().flat_map(|a| other.iter().map(move |b| (a.0.max(b.0), a.1.min(b.1))));
    let met: Vec<Span> = pairs.filter(|(first, last)| first <= last).collect();
    union(&met, &[])
}

fn difference(one: &[Span], other: &[Span]) -> Vec<Span> {
    let mut left = one.to_vec();
    for &(first, last) in other {
        left = left
            .into_iter()
            .flat_map(|(start, end)| {
                let before = (first > start).then(|| (start, end.min(first - 1)));
                let after = (last < end).then(|| (start.max(last + 1), end));
                [before, after]
            })
            .flatten()
            .collect();
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(ranges: &[&str]) -> AddressSet {
        let owned: Vec<String> = ranges.iter().map(|&range| range.to_owned()).collect();
        AddressSet::parse(&owned).expect("ranges")
    }

    #[test]
    fn the_internet_has_no_private_addresses() {
        let public = AddressSet::public_v4();
        for address in
            ["10.1.2.3", "172.31.0.1", "192.168.1.1", "100.64.0.1", "169.254.170.2", "127.0.0.1", "240.0.0.1"]
        {
            assert!(!public.contains(address.parse().expect("address")), "{address}");
        }
        for address in ["52.94.1.1", "3.5.0.1", "172.32.0.1", "100.128.0.1", "223.255.255.255"] {
            assert!(public.contains(address.parse().expect("address")), "{address}");
        }
    }

    #[test]
    fn families_do_not_cover_each_other() {
        assert!(!set(&["0.0.0.0/0"]).covers(&set(&["::1/128"])));
        assert!(!set(&["::/0"]).covers(&set(&["10.0.0.0/8"])));
        assert!(set(&["::/0"]).without(&set(&["::/0"])).is_empty());
    }

    #[test]
    fn neighbours_make_one_range() {
        assert_eq!(set(&["10.0.0.0/9", "10.128.0.0/9"]), set(&["10.0.0.0/8"]));
    }

    #[test]
    fn what_is_no_range_is_not_read() {
        assert_eq!(AddressSet::parse(&["pl-1".to_owned()]), None);
    }

    fn nets() -> impl Strategy<Value = AddressSet> {
        prop::collection::vec((0u32..64, 26u8..=32), 0..5).prop_map(|nets| {
            nets.into_iter().fold(AddressSet::default(), |set, (low, length)| {
                let net = Ipv4Net::new(Ipv4Addr::from(0x0A00_0000 | low), length).expect("a length").trunc();
                set.with(&AddressSet::of(IpNet::V4(net)))
            })
        })
    }

    proptest! {
        #[test]
        fn sets_agree_with_their_members(one in nets(), other in nets()) {
            for low in 0..70u32 {
                let address = IpAddr::V4(Ipv4Addr::from(0x0A00_0000 | low));
                let (a, b) = (one.contains(address), other.contains(address));
                prop_assert_eq!(one.with(&other).contains(address), a || b);
                prop_assert_eq!(one.within(&other).contains(address), a && b);
                prop_assert_eq!(one.without(&other).contains(address), a && !b);
            }
        }
    }
}
