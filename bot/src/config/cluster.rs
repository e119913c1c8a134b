//! Which clusters: by name, or by pattern.

use serde::Deserialize;

/// Names of clusters, each exact or with `*` for any letters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Clusters(Vec<String>);

impl Clusters {
    /// Whether it is one of them.
    pub fn have(&self, cluster: &str) -> bool {
        self.0.iter().any(|pattern| matches(pattern.as_bytes(), cluster.as_bytes()))
    }

    /// Names none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As they are written.
    pub fn all(&self) -> &[String] {
        &self.0
    }

    /// Those that are exact names.
    pub fn exact(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str).filter(|pattern| !pattern.contains('*'))
    }

    /// One that can be neither a name nor a pattern.
    pub fn wrong(&self) -> Option<&str> {
        let good = |c: char| c.is_ascii_alphanumeric() || "-_*".contains(c);
        let is_wrong = |pattern: &&str| pattern.is_empty() || pattern.len() > 255 || !pattern.chars().all(good);
        self.0.iter().map(String::as_str).find(is_wrong)
    }
}

/// Greedy, and back to the last star where that was too much: as long as the product of both at worst.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n, mut star) = (0, 0, None);
    while let Some(letter) = name.get(n) {
        match (pattern.get(p), star) {
            (Some(b'*'), _) => {
                star = Some((p, n));
                p += 1;
            }
            (Some(one), _) if one == letter => (p, n) = (p + 1, n + 1),
            (_, Some((at, from))) => {
                (p, n) = (at + 1, from + 1);
                star = Some((at, from + 1));
            }
            (_, None) => return false,
        }
    }
    pattern.iter().skip(p).all(|one| *one == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_what_it_says_and_no_more() {
        let clusters = |patterns: &[&str]| Clusters(patterns.iter().map(|one| (*one).to_owned()).collect());
        for (pattern, name, has) in [
            ("prod", "prod", true),
            ("prod", "prod-eu", false),
            ("prod", "preprod", false),
            ("prod-*", "prod-eu", true),
            ("prod-*", "prod", false),
            ("prod-*", "preprod-eu", false),
            ("*", "anything", true),
            ("*-eu-*", "a-eu-eu-b", true),
            ("a*b*c", "abbc", true),
            ("a*b*c", "abcb", false),
            ("prod", "PROD", false),
            ("", "", true),
        ] {
            assert_eq!(clusters(&[pattern]).have(name), has, "{pattern} {name}");
        }
        assert!(clusters(&["a", "b-*"]).have("b-1") && !clusters(&[]).have("a"));
        assert_eq!(clusters(&["a", "b c"]).wrong(), Some("b c"));
    }
}
