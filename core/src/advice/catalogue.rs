//! All advice that has a file.

use super::{Advice, Advised};
use crate::case::Case;
use crate::causes::documented::{Documented, page_text};
use crate::evidence::{Facts, Reading, Source};

/// Advice of which only what it says matters.
pub trait DynAdvice: Sync {
    /// Its id.
    fn id(&self) -> &'static str;
    /// What to do, in a line.
    fn title(&self) -> &'static str;
    /// Its page.
    fn page(&self) -> &'static str;
    /// The questions that it reads.
    fn reads(&self) -> Vec<Source>;
    /// What it says of a case, and what it read for that.
    fn give(&self, case: &Case<'_>, facts: &Facts<'_>) -> (Advised, Reading);
}

impl<A: Advice + Documented> DynAdvice for A {
    fn id(&self) -> &'static str {
        A::ID
    }

    fn title(&self) -> &'static str {
        A::TITLE
    }

    fn page(&self) -> &'static str {
        A::PAGE
    }

    fn reads(&self) -> Vec<Source> {
        A::READS.iter().flat_map(|group| group.iter().copied()).collect()
    }

    fn give(&self, case: &Case<'_>, facts: &Facts<'_>) -> (Advised, Reading) {
        let (advised, reading) = facts.within(|| Advice::give(self, case, facts));
        for question in &reading.questions {
            let named = self.reads().contains(&question.source());
            debug_assert!(named, "{} reads {:?}, which its READS does not name", A::ID, question.source());
        }
        (advised, reading)
    }
}

/// All advice, in the order in which it is given: what may break a launch first.
pub fn all() -> &'static [&'static dyn DynAdvice] {
    &[
        &super::image_will_expire::ImageWillExpire,
        &super::image_tag_latest::ImageTagLatest,
        &super::tags_mutable::TagsMutable,
        &super::image_not_pinned::ImageNotPinned,
        &super::image_far_away::ImageFarAway,
        &super::public_image_anonymous::PublicImageAnonymous,
        &super::endpoints_incomplete::EndpointsIncomplete,
        &super::critical_findings::CriticalFindings,
        &super::image_not_scanned::ImageNotScanned,
        &super::role_too_wide::RoleTooWide,
        &super::roles_shared::RolesShared,
        &super::secret_without_full_arn::SecretWithoutFullArn,
        &super::not_managed_as_code::NotManagedAsCode,
    ]
}

/// The advice of an id.
pub fn find(id: &str) -> Option<&'static dyn DynAdvice> {
    all().iter().copied().find(|one| one.id() == id)
}

/// Its page, in Markdown.
pub fn page(id: &str) -> Option<String> {
    find(id).map(|one| page_text(one.page()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::CauseId;
    use std::path::Path;

    const HEADINGS: [&str; 3] = ["# Why", "# When it is said", "# AWS"];

    #[test]
    fn every_piece_of_advice_has_a_file_of_its_name_and_an_id_of_its_own() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/advice");
        for (at, one) in all().iter().enumerate() {
            assert!(folder.join(format!("{}.rs", one.id().replace('-', "_"))).is_file(), "{}", one.id());
            assert!(all()[..at].iter().all(|other| other.id() != one.id()), "{} is listed twice", one.id());
            assert!(one.id().parse::<CauseId>().is_err(), "{} is a cause", one.id());
        }
        let files = std::fs::read_dir(folder).expect("it is there").count();
        assert_eq!(files, all().len() + 3, "a file that is in no catalogue");
    }

    #[test]
    fn every_page_is_a_sentence_and_three_headings_with_something_under_each() {
        for one in all() {
            let (id, lines) = (one.id(), one.page().lines().map(str::trim).collect::<Vec<_>>());
            assert!(lines[0].ends_with('.') && lines[1].is_empty(), "{id}: `{}`", lines[0]);
            let headings: Vec<&str> = lines.iter().copied().filter(|line| line.starts_with('#')).collect();
            assert_eq!(headings, HEADINGS, "{id}");
            let link = lines.iter().skip_while(|line| **line != "# AWS").nth(1).copied().unwrap_or_default();
            assert!(link.starts_with("<https://docs.aws.amazon.com/") && link.ends_with('>'), "{id}: {link}");
            assert!(lines.iter().all(|line| line.chars().count() <= 125), "{id}");
        }
    }
}
