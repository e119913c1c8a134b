//! Image references as registries understand them.

use crate::model::stores::ImageId;
use regex::Regex;
use std::sync::LazyLock;

/// A private registry of ECR: `{account}.dkr.ecr.{region}.amazonaws.com` and its variants.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EcrRegistry {
    /// Twelve digits.
    pub account: String,
    /// As in `us-east-1`.
    pub region: String,
    /// The host as written.
    pub host: String,
}

/// An image's name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageReference {
    /// As written.
    pub text: String,
    /// The registry's host; `registry-1.docker.io` where none is written.
    pub host: String,
    /// The repository with its namespaces; `library/` is added for Docker's own.
    pub repository: String,
    /// The tag; `latest` where neither tag nor digest is written.
    pub tag: Option<String>,
    /// The digest.
    pub digest: Option<String>,
}

/// A text that is no image reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no image reference: {why}")]
pub struct MalformedReference {
    /// As written.
    pub text: String,
    /// What is wrong.
    pub why: &'static str,
}

// <https://github.com/distribution/reference/blob/main/regexp.go>, for what ECS accepts.
static REPOSITORY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$")
        .expect("the pattern is tested")
});
static TAG: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$").expect("the pattern is tested"));
static DIGEST: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})$").expect("the pattern is tested"));
static HOST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?$").expect("the pattern is tested")
});
// The grammar of the kubelet's credential provider, which follows ECR's endpoints:
// <https://github.com/kubernetes/cloud-provider-aws/blob/master/cmd/ecr-credential-provider/main.go>
static ECR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^(\d{12})\.dkr[.\-]ecr(?:-fips)?\.([a-z0-9][a-z0-9-]*)\.(?:amazonaws\.(?:com(?:\.cn)?|eu)|on\.(?:aws|amazonwebservices\.com\.cn)|sc2s\.sgov\.gov|c2s\.ic\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$",
    )
    .expect("the pattern is tested")
});

impl ImageReference {
    /// Takes a name apart.
    ///
    /// # Errors
    /// When a registry could not understand it either.
    pub fn parse(text: &str) -> Result<ImageReference, MalformedReference> {
        let wrong = |why| MalformedReference { text: text.to_owned(), why };
        if text.contains("://") {
            return Err(wrong("it begins with a protocol, which no image's name does"));
        }
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) if DIGEST.is_match(digest) => (name, Some(digest.to_owned())),
            Some(_) => return Err(wrong("what follows `@` is no digest")),
            None => (text, None),
        };
        // The first part is a host only if it could be no name.
        let (host, path) = match name.split_once('/') {
            Some((host, path)) if host.contains('.') || host.contains(':') || host == "localhost" => (Some(host), path),
            _ => (None, name),
        };
        if host.is_some_and(|host| !HOST.is_match(host)) {
            return Err(wrong("the registry's host name is malformed"));
        }
        let (repository, tag) = match path.rsplit_once(':') {
            Some((repository, tag)) if TAG.is_match(tag) => (repository, Some(tag.to_owned())),
            Some(_) => return Err(wrong("the tag holds characters that a tag cannot have")),
            None => (path, None),
        };
        if repository.is_empty() {
            return Err(wrong("it names no repository"));
        }
        if repository.chars().any(|c| c.is_ascii_uppercase()) {
            return Err(wrong("a repository's name is in lower case"));
        }
        if !REPOSITORY.is_match(repository) {
            return Err(wrong("the repository's name holds characters that it cannot have"));
        }
        let docker = matches!(host, None | Some("docker.io" | "index.docker.io" | "registry-1.docker.io"));
        let repository = match docker && !repository.contains('/') {
            true => format!("library/{repository}"),
            false => repository.to_owned(),
        };
        let tag = tag.or_else(|| digest.is_none().then(|| "latest".to_owned()));
        let host = if docker { "registry-1.docker.io" } else { host.unwrap_or_default() };
        Ok(ImageReference { text: text.to_owned(), host: host.to_owned(), repository, tag, digest })
    }

    /// The private registry of ECR that it is in, if it is in one.
    pub fn ecr(&self) -> Option<EcrRegistry> {
        let found = ECR.captures(&self.host)?;
        Some(EcrRegistry { account: found[1].to_owned(), region: found[2].to_owned(), host: self.host.clone() })
    }

    /// How the registry looks it up: a digest wins over a tag.
    pub fn id(&self) -> ImageId {
        match (&self.digest, &self.tag) {
            (Some(digest), _) => ImageId::Digest(digest.clone()),
            (None, Some(tag)) => ImageId::Tag(tag.clone()),
            (None, None) => ImageId::Tag("latest".to_owned()),
        }
    }

    /// The same repository with another tag.
    pub fn with_tag(&self, tag: &str) -> String {
        let name = self.text.split('@').next().unwrap_or_default();
        let slash = name.rfind('/').map_or(0, |at| at + 1);
        let end = name[slash..].find(':').map_or(name.len(), |at| slash + at);
        format!("{}:{tag}", &name[..end])
    }
}

/// What is wrong with a host that is meant for a private registry of ECR, and is none.
pub fn is_almost_ecr(host: &str) -> Option<String> {
    const ENDS: [&str; 4] = [".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".on.aws"];
    let (account, _) = host
        .split_once(".dkr.ecr")
        .or_else(|| host.split_once(".dkr-ecr"))
        .or_else(|| host.strip_prefix("dkr.ecr").map(|rest| ("", rest)))?;
    if ECR.is_match(host) || !ENDS.iter().any(|end| host.ends_with(end)) {
        return None;
    }
    Some(match account {
        "" => "the account is missing in front of its host".to_owned(),
        _ if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) => {
            "its host is no registry's, which is `{account}.dkr.ecr.{region}.amazonaws.com`".to_owned()
        }
        _ => format!("`{account}` is no account, which has twelve digits"),
    })
}

/// Names that are like a name, the nearest first: what somebody may have meant.
pub fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>, most: usize) -> Vec<&'n str> {
    // Separators are what people get wrong first: `myapp` for `my-app`.
    let plain = |text: &str| text.to_ascii_lowercase().replace(['-', '_', '.', '/'], "");
    let wanted = plain(name);
    let mut scored: Vec<(f64, &str)> = names
        .into_iter()
        .filter(|other| *other != name)
        .map(|other| {
            let last = other.rsplit('/').next().unwrap_or(other);
            let score = strsim::jaro_winkler(&wanted, &plain(other)).max(strsim::jaro_winkler(&wanted, &plain(last)));
            (score, other)
        })
        .filter(|(score, _)| *score >= 0.82)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.into_iter().take(most).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, String, Option<String>, bool) {
        let image = ImageReference::parse(text).expect(text);
        (image.host, image.repository, image.tag, image.digest.is_some())
    }

    #[test]
    fn a_reference_is_taken_apart() {
        let digest = format!("sha256:{}", "0".repeat(64));
        for (text, host, repository, tag, has_digest) in [
            ("nginx", "registry-1.docker.io", "library/nginx", Some("latest"), false),
            ("docker.io/library/nginx:1.27", "registry-1.docker.io", "library/nginx", Some("1.27"), false),
            ("grafana/grafana:9", "registry-1.docker.io", "grafana/grafana", Some("9"), false),
            ("localhost/app", "localhost", "app", Some("latest"), false),
            ("registry:5000/team/app:v1", "registry:5000", "team/app", Some("v1"), false),
            ("ghcr.io/o/app", "ghcr.io", "o/app", Some("latest"), false),
            (&format!("a.b/c/d@{digest}"), "a.b", "c/d", None, true),
            (&format!("a.b/c/d:v1@{digest}"), "a.b", "c/d", Some("v1"), true),
        ] {
            let wanted = (host.to_owned(), repository.to_owned(), tag.map(str::to_owned), has_digest);
            assert_eq!(parts(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_malformed_reference_says_what_is_wrong() {
        for text in [
            "",
            "App",
            "a.b/",
            "a.b/C",
            "a.b/c:",
            "a.b/c:${TAG}",
            "a.b/c@sha256:1",
            "a b",
            "https://a.b/c",
            "a.b/c:v1:v2",
        ] {
            assert!(ImageReference::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn hosts_of_ecr_name_account_and_region() {
        for (host, region) in [
            ("123456789012.dkr.ecr.us-east-1.amazonaws.com", "us-east-1"),
            ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            ("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
            ("123456789012.dkr-ecr.eu-west-1.on.aws", "eu-west-1"),
        ] {
            let ecr = ImageReference::parse(&format!("{host}/a/b:c")).expect(host).ecr().expect(host);
            assert_eq!((ecr.account.as_str(), ecr.region.as_str()), ("123456789012", region));
        }
        for text in ["public.ecr.aws/a/b", "123.dkr.ecr.us-east-1.amazonaws.com/a", "ghcr.io/a/b"] {
            assert_eq!(ImageReference::parse(text).expect(text).ecr(), None, "{text}");
        }
    }

    #[test]
    fn a_host_that_is_almost_one_of_ecr_says_what_is_wrong() {
        for (host, part) in [
            ("1234.dkr.ecr.us-east-1.amazonaws.com", "`1234` is no account"),
            ("dkr.ecr.us-east-1.amazonaws.com", "the account is missing"),
            ("123456789012.dkr.ecr.amazonaws.com", "its host is no registry's"),
        ] {
            assert!(is_almost_ecr(host).is_some_and(|why| why.starts_with(part)), "{host}");
        }
        for host in
            ["123456789012.dkr.ecr.eu-west-1.amazonaws.com", "x.dkr.ecr.example.org", "ghcr.io", "public.ecr.aws"]
        {
            assert_eq!(is_almost_ecr(host), None, "{host}");
        }
    }

    #[test]
    fn another_tag_leaves_the_rest_alone() {
        let image = ImageReference::parse("registry:5000/team/app:v1").expect("it is one");
        assert_eq!(image.with_tag("v2"), "registry:5000/team/app:v2");
        assert_eq!(ImageReference::parse("a.b/c").expect("it is one").with_tag("v2"), "a.b/c:v2");
    }

    #[test]
    fn names_that_are_like_a_name_are_found() {
        let names = ["my-app", "platform/my-app", "payments", "other"];
        assert_eq!(nearest("myapp", names, 2), ["my-app", "platform/my-app"]);
        assert_eq!(nearest("zzz", names, 2), Vec::<&str>::new());
    }
}
