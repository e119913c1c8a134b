//! What a lifecycle policy would do to the images of a repository: the policy, tried on paper.
//!
//! <https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules>: rules go by priority; an
//! image is acted on by one rule at most; one that fits the tags of a rule is never acted on by a later rule, and is still
//! counted by it. Older images go first.

use crate::model::Moment;
use crate::model::stores::EcrImage;
use serde::Deserialize;

/// What becomes of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doom {
    /// The rule's priority, by which people know it.
    pub rule: i64,
    /// When it is due; ECR acts within a day of it.
    pub due: Moment,
    /// It is archived, and not deleted; an archived image cannot be pulled.
    pub archived: bool,
}

/// A policy that is none of the form that ECR takes, or one that counts what cannot be read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotReadable;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Policy {
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    rule_priority: i64,
    selection: Selection,
    action: Action,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Action {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Selection {
    tag_status: String,
    #[serde(default)]
    tag_prefix_list: Vec<String>,
    #[serde(default)]
    tag_pattern_list: Vec<String>,
    #[serde(default)]
    storage_class: Option<String>,
    count_type: String,
    #[serde(default)]
    count_unit: Option<String>,
    count_number: i64,
}

const DAY: i64 = 24 * 60 * 60;

/// What a policy does to each of a repository's images, in their order; `now` is when it is tried.
///
/// # Errors
/// When the policy cannot be read, or counts by what the images' description does not tell (the last pull).
pub fn fates(policy: &str, images: &[EcrImage], now: Moment) -> Result<Vec<Option<Doom>>, NotReadable> {
    let mut policy: Policy = serde_json::from_str(policy).map_err(|_| NotReadable)?;
    policy.rules.sort_by_key(|rule| rule.rule_priority);
    // The youngest first; an image without a time is the oldest.
    let mut order: Vec<usize> = (0..images.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(images[*at].pushed));
    let mut fates: Vec<Option<Doom>> = vec![None; images.len()];
    let mut spoken_for = vec![false; images.len()];
    for rule in &policy.rules {
        let fits: Vec<usize> = order.iter().copied().filter(|at| rule.selection.fits(&images[*at])).collect();
        for (place, at) in fits.iter().enumerate() {
            if spoken_for[*at] {
                continue;
            }
            if let Some(due) = rule.selection.due(place, &images[*at], now)? {
                let archived = rule.action.kind == "transition";
                fates[*at] = Some(Doom { rule: rule.rule_priority, due, archived });
            }
        }
        fits.into_iter().for_each(|at| spoken_for[at] = true);
    }
    Ok(fates)
}

impl Selection {
    /// All of the prefixes, or all of the patterns, must be among the image's tags.
    fn fits(&self, image: &EcrImage) -> bool {
        let archived = image.status.as_deref() == Some("ARCHIVED");
        let class = self.storage_class.as_deref().unwrap_or("standard") == "archive";
        let any = |fits: &dyn Fn(&str) -> bool| image.tags.iter().any(|tag| fits(tag));
        let tags = match self.tag_status.as_str() {
            "any" => true,
            "untagged" => image.tags.is_empty(),
            _ => {
                !image.tags.is_empty()
                    && self.tag_prefix_list.iter().all(|prefix| any(&|tag| tag.starts_with(prefix.as_str())))
                    && self.tag_pattern_list.iter().all(|pattern| any(&|tag| matches(pattern, tag)))
            }
        };
        tags && archived == class
    }

    /// When the image at a place among the youngest is due; none if it is not.
    fn due(&self, place: usize, image: &EcrImage, now: Moment) -> Result<Option<Moment>, NotReadable> {
        let keep = usize::try_from(self.count_number).map_err(|_| NotReadable)?;
        match (self.count_type.as_str(), self.count_unit.as_deref()) {
            ("imageCountMoreThan", _) => Ok((place >= keep).then_some(now)),
            ("sinceImagePushed", Some("days")) => {
                let pushed = image.pushed.ok_or(NotReadable)?;
                let due = Moment::from_second(pushed.as_second().saturating_add(self.count_number.saturating_mul(DAY)));
                Ok(Some(due.map_err(|_| NotReadable)?))
            }
            _ => Err(NotReadable),
        }
    }
}

/// ECR's patterns know `*` alone.
fn matches(pattern: &str, tag: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = tag.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::stores::Scan;

    const NOW: &str = "2026-03-31T00:00:00Z";

    /// Tags separated by blanks, and how many days ago it was pushed.
    fn image(tags: &str, days: i64) -> EcrImage {
        let now: Moment = NOW.parse().expect("a time");
        EcrImage {
            digest: format!("sha256:{tags}{days}"),
            tags: tags.split_whitespace().map(str::to_owned).collect(),
            pushed: Moment::from_second(now.as_second() - days * DAY).ok(),
            status: Some("ACTIVE".to_owned()),
            media_type: None,
            bytes: None,
            artifact_type: None,
            archived: None,
            activated: None,
            scan: Scan::Untold,
        }
    }

    fn rule(priority: i64, selection: &str) -> String {
        format!(
            "{{\"rulePriority\": {priority}, \"selection\": {{{selection}}}, \"action\": {{\"type\": \"expire\"}}}}"
        )
    }

    /// Which images are due now, by rule.
    fn gone(rules: &[String], images: &[EcrImage]) -> Vec<Option<i64>> {
        let now: Moment = NOW.parse().expect("a time");
        let fates = fates(&format!("{{\"rules\": [{}]}}", rules.join(",")), images, now).expect("it can be read");
        fates.into_iter().map(|fate| fate.filter(|doom| doom.due <= now).map(|doom| doom.rule)).collect()
    }

    const KEEP_TWO: &str = "\"tagStatus\": \"any\", \"countType\": \"imageCountMoreThan\", \"countNumber\": 2";
    const OLD: &str =
        "\"tagStatus\": \"any\", \"countType\": \"sinceImagePushed\", \"countUnit\": \"days\", \"countNumber\": 14";

    #[test]
    fn by_number_the_oldest_go_whatever_their_order_in_the_answer() {
        let images = [image("a", 3), image("b", 1), image("c", 9), image("d", 2)];
        assert_eq!(gone(&[rule(1, KEEP_TWO)], &images), [Some(1), None, Some(1), None]);
    }

    #[test]
    fn by_age_they_go_on_the_day() {
        let images = [image("a", 13), image("b", 14), image("", 15)];
        assert_eq!(gone(&[rule(1, OLD)], &images), [None, Some(1), Some(1)]);
    }

    #[test]
    fn an_image_that_fits_a_rule_is_spared_by_later_ones_and_still_counted() {
        let production = "\"tagStatus\": \"tagged\", \"tagPrefixList\": [\"prod\"], \"countType\": \"imageCountMoreThan\", \"countNumber\": 9";
        let images = [image("prod-1", 1), image("dev-1", 2), image("dev-2", 3), image("prod-2", 400)];
        // The second rule counts prod-1 among its two, and spares prod-2, which the first one keeps.
        assert_eq!(gone(&[rule(2, KEEP_TWO), rule(1, production)], &images), [None, None, Some(2), None]);
    }

    #[test]
    fn all_prefixes_and_patterns_must_be_among_the_tags() {
        let both = "\"tagStatus\": \"tagged\", \"tagPrefixList\": [\"alpha\", \"beta\"], \"countType\": \"imageCountMoreThan\", \"countNumber\": 0";
        let images = [image("alpha1 beta1", 1), image("alpha2", 1), image("", 1)];
        assert_eq!(gone(&[rule(1, both)], &images), [Some(1), None, None]);
        let pattern = both.replace("tagPrefixList", "tagPatternList").replace("\"alpha\", \"beta\"", "\"*a*1\"");
        assert_eq!(gone(&[rule(1, &pattern)], &images), [Some(1), None, None]);
        let untagged = KEEP_TWO.replace("any", "untagged").replace('2', "0");
        assert_eq!(gone(&[rule(1, &untagged)], &images), [None, None, Some(1)]);
    }

    #[test]
    fn a_pattern_fits_as_a_whole() {
        for (pattern, tag, fits) in [
            ("*", "v1", true),
            ("v*", "v1", true),
            ("*1", "v1", true),
            ("v1", "v1", true),
            ("v1", "v10", false),
            ("v*0*x", "v10-x", true),
            ("*aa", "a", false),
            ("a*a", "a", false),
        ] {
            assert_eq!(matches(pattern, tag), fits, "{pattern} {tag}");
        }
    }

    #[test]
    fn what_counts_by_pulls_or_is_no_policy_is_not_readable() {
        let now: Moment = NOW.parse().expect("a time");
        let pulled = OLD.replace("sinceImagePushed", "sinceImagePulled");
        for policy in [format!("{{\"rules\": [{}]}}", rule(1, &pulled)), "{}".to_owned(), "no JSON".to_owned()] {
            assert_eq!(fates(&policy, &[image("a", 1)], now), Err(NotReadable), "{policy}");
        }
    }
}
