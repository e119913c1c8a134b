//! What a registry of ECR says beside its repositories: manifests, pull through cache rules, replication.

use super::Moment;
use serde::{Deserialize, Serialize};

/// A manifest: an image's own, or an index of several.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageManifest {
    /// `application/vnd.oci.image.index.v1+json` ...
    pub media_type: Option<String>,
    /// It is an index, and lists images.
    pub is_index: bool,
    /// The images of an index, in its order.
    pub images: Vec<PlatformImage>,
    /// The media types of an image's layers, each once.
    pub layer_types: Vec<String>,
    /// Compressed bytes of an image's layers.
    pub bytes: Option<i64>,
}

/// An image of an index.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformImage {
    /// `sha256:...`
    pub digest: String,
    /// `linux`, `windows`; `unknown` is what build attestations have.
    pub os: String,
    /// `amd64`, `arm64` ...
    pub architecture: String,
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "mediaType")]
    media_type: Option<String>,
    manifests: Option<Vec<Entry>>,
    #[serde(default)]
    layers: Vec<Layer>,
}

#[derive(Deserialize)]
struct Entry {
    digest: String,
    platform: Option<EntryPlatform>,
}

#[derive(Deserialize)]
struct EntryPlatform {
    os: String,
    architecture: String,
}

#[derive(Deserialize)]
struct Layer {
    #[serde(rename = "mediaType")]
    media_type: Option<String>,
    size: Option<i64>,
}

impl ImageManifest {
    /// Reads a manifest's JSON; none if it is no manifest.
    /// <https://github.com/opencontainers/image-spec/blob/main/image-index.md>
    pub fn parse(text: &str) -> Option<ImageManifest> {
        let document: Document = serde_json::from_str(text).ok()?;
        let is_index = document.manifests.is_some();
        let image = |entry: Entry| {
            let platform = entry.platform?;
            Some(PlatformImage { digest: entry.digest, os: platform.os, architecture: platform.architecture })
        };
        let mut layer_types: Vec<String> = vec![];
        for kind in document.layers.iter().filter_map(|layer| layer.media_type.as_ref()) {
            if !layer_types.contains(kind) {
                layer_types.push(kind.clone());
            }
        }
        let sizes: Option<Vec<i64>> = document.layers.iter().map(|layer| layer.size).collect();
        Some(ImageManifest {
            media_type: document.media_type,
            is_index,
            images: document.manifests.into_iter().flatten().filter_map(image).collect(),
            layer_types,
            bytes: sizes.filter(|sizes| !sizes.is_empty()).map(|sizes| sizes.iter().sum()),
        })
    }
}

/// A rule by which a registry brings images from another one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "SavedRule")]
pub struct PullThroughRule {
    /// What the names of its repositories begin with; `ROOT` is all of them.
    pub prefix: String,
    /// `docker-hub`, `ecr-public` ...
    pub upstream: Option<String>,
    /// The upstream registry's host.
    pub url: Option<String>,
    /// The ARN of the secret with the upstream's credentials.
    pub credential: Option<String>,
    /// When it last changed.
    pub updated: Option<Moment>,
}

/// Evidence files of before had nothing but the prefix.
#[derive(Deserialize)]
#[serde(untagged)]
enum SavedRule {
    Prefix(String),
    Rule {
        prefix: String,
        #[serde(default)]
        upstream: Option<String>,
        #[serde(default)]
        url: Option<String>,
        #[serde(default)]
        credential: Option<String>,
        #[serde(default)]
        updated: Option<Moment>,
    },
}

impl From<SavedRule> for PullThroughRule {
    fn from(saved: SavedRule) -> Self {
        match saved {
            SavedRule::Prefix(prefix) => PullThroughRule { prefix, ..PullThroughRule::default() },
            SavedRule::Rule { prefix, upstream, url, credential, updated } => {
                PullThroughRule { prefix, upstream, url, credential, updated }
            }
        }
    }
}

impl PullThroughRule {
    /// Whether a repository's images come by this rule.
    pub fn is_for(&self, repository: &str) -> bool {
        self.prefix == "ROOT" || repository.strip_prefix(self.prefix.as_str()).is_some_and(|rest| rest.starts_with('/'))
    }
}

/// A rule by which a registry copies what is pushed to other registries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicationRule {
    /// Where to: region and account.
    pub destinations: Vec<(String, String)>,
    /// What the names of repositories begin with; none: all of them.
    pub prefixes: Vec<String>,
}

impl ReplicationRule {
    /// Whether what is pushed to a repository is copied there.
    pub fn copies(&self, repository: &str, region: &str, account: &str) -> bool {
        self.destinations.iter().any(|(to, of)| to == region && of == account)
            && (self.prefixes.is_empty() || self.prefixes.iter().any(|prefix| repository.starts_with(prefix.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_tells_its_platforms_and_an_image_its_layers() {
        let index = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
            {"digest":"sha256:a","size":1,"platform":{"architecture":"arm64","os":"linux","variant":"v8"}},
            {"digest":"sha256:b","size":1,"platform":{"architecture":"unknown","os":"unknown"}},{"digest":"sha256:c"}]}"#;
        let read = ImageManifest::parse(index).expect("it is an index");
        let platforms: Vec<_> = read.images.iter().map(|one| (one.os.as_str(), one.architecture.as_str())).collect();
        assert!(read.is_index && read.bytes.is_none());
        assert_eq!(platforms, [("linux", "arm64"), ("unknown", "unknown")], "one without a platform runs nowhere");
        let image =
            r#"{"schemaVersion":2,"config":{},"layers":[{"mediaType":"a","size":2},{"mediaType":"a","size":3}]}"#;
        let read = ImageManifest::parse(image).expect("it is an image");
        assert_eq!((read.is_index, read.bytes, read.layer_types), (false, Some(5), vec!["a".to_owned()]));
        assert_eq!(ImageManifest::parse("<html>"), None);
    }

    #[test]
    fn a_rule_of_an_older_evidence_file_is_its_prefix() {
        let rules: Vec<PullThroughRule> =
            serde_json::from_str(r#"["quay", {"prefix": "docker-hub", "url": "registry-1.docker.io"}]"#).expect("both");
        let prefixes: Vec<&str> = rules.iter().map(|rule| rule.prefix.as_str()).collect();
        assert_eq!(prefixes, ["quay", "docker-hub"]);
        let saved = serde_json::to_string(&rules).expect("it is data");
        assert_eq!(serde_json::from_str::<Vec<PullThroughRule>>(&saved).expect("as written"), rules);
        assert!(rules[0].is_for("quay/app") && !rules[0].is_for("quayside/app") && !rules[0].is_for("quay"));
    }

    #[test]
    fn replication_copies_what_its_prefixes_name() {
        let rule = |prefixes: &[&str]| ReplicationRule {
            destinations: vec![("us-west-2".to_owned(), "1".to_owned())],
            prefixes: prefixes.iter().map(|one| (*one).to_owned()).collect(),
        };
        assert!(rule(&[]).copies("team/web", "us-west-2", "1") && rule(&["team"]).copies("team/web", "us-west-2", "1"));
        assert!(!rule(&["other"]).copies("team/web", "us-west-2", "1") && !rule(&[]).copies("a", "us-east-1", "1"));
    }
}
