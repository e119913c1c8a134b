//! The image is in another region than its name says.

use crate::causes::prelude::*;
use crate::change::command;
use crate::launch::elsewhere::{self, Elsewhere, elsewhere};
use crate::model::registry::ReplicationRule;
use serde_json::json;

documented! {
/// The image's name has another region than the one that holds the image.
///
/// # Why a task stops here
/// A repository lives in one region. Its name in another region's registry is not found, though the image is at hand: most
/// often a definition was copied to a new region, or a template has a fixed one.
/// # How it is told
/// The registry that is named is asked for the image, and has none; the one of the same account in the task's own region,
/// or in a region that another container of the task names, has the same repository with the same tag or digest, and had it
/// at the stop. Whether a replication rule copies it, and to where, is said. An image that is in neither region is another
/// cause's.
/// # Prevention
/// Take the region from where the stack is deployed, and set up replication before the second region. Only what is pushed
/// after the rule was made is copied.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html>
pub struct ImageWrongRegion;
}

/// Where the image is, if only the region of its name is wrong.
fn place(pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Result<Option<Elsewhere>, crate::model::Unknown> {
    let found = elsewhere(&pull.ecr, case, facts)?;
    Ok(found.filter(|found| found.account == pull.ecr.registry.account))
}

/// The rules of the registry that has the image, where they are this account's to read.
fn rules<'e>(found: &Elsewhere, case: &Case<'_>, facts: &Facts<'e>) -> Option<&'e [ReplicationRule]> {
    if found.account != case.region.account {
        return None;
    }
    match facts.replication(&found.region, &found.account) {
        Ok(rules) => Some(rules.map_or(&[], Vec::as_slice)),
        Err(_) => None,
    }
}

impl Cause for ImageWrongRegion {
    type Subject = Pull;
    const ID: CauseId = CauseId::ImageWrongRegion;
    const READS: &'static [&'static [Source]] = &[elsewhere::READS, &[Source::Replication]];
    const REFINES: &'static [CauseId] =
        &[CauseId::RepositoryNotFound, CauseId::ImageTagNotFound, CauseId::ImageDigestNotFound];

    fn judge(&self, pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let Some(found) = place(pull, case, facts)? else { return Ok(Verdict::Sound) };
        let (name, named) = (&pull.ecr.image.repository, &pull.ecr.registry.region);
        let copied =
            rules(&found, case, facts).map(|rules| rules.iter().any(|rule| rule.copies(name, named, &found.account)));
        let copied = match copied {
            Some(true) => ", though a replication rule copies there what is pushed after it was made",
            Some(false) => ", and no replication rule copies it there",
            None => "",
        };
        let (id, there) = (pull.ecr.image.id(), &found.region);
        let why = format!("image {name}:{} is in {there} and not in {named}, which its name says{copied}", id.as_str());
        let resources = [pull.ecr.image.text.clone(), name.clone(), pull.ecr.repository_arn(case)];
        Ok(Finding::on(resources).in_container(&pull.container).because(why).into())
    }

    fn fixes(&self, pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(found) = place(pull, case, facts)? else { return Ok(vec![]) };
        let change = Change::UseImage {
            container: pull.container.clone(),
            old: pull.ecr.image.text.clone(),
            new: found.text.clone(),
        };
        let rename = Fix::new(format!("Name the registry of {} in a new revision", found.region), Risk::Medium)
            .making(change)
            .noting(
                "layers that come from another region cost transfer, and need a way there: replicate for the long run",
            );
        let mut fixes = vec![rename];
        if let Some(rules) = rules(&found, case, facts) {
            fixes.push(replicate(pull, &found, rules));
        }
        Ok(fixes)
    }
}

/// The rules that are there, and one more; what is in the repository already has to be pushed once again.
fn replicate(pull: &Pull, found: &Elsewhere, rules: &[ReplicationRule]) -> Fix {
    let (name, to) = (&pull.ecr.image.repository, &pull.ecr.registry);
    let rule = |destinations: &[(String, String)], prefixes: &[String]| {
        let to = destinations.iter().map(|(region, account)| json!({"region": region, "registryId": account}));
        let of = prefixes.iter().map(|prefix| json!({"filter": prefix, "filterType": "PREFIX_MATCH"}));
        let (to, of): (Vec<_>, Vec<_>) = (to.collect(), of.collect());
        if of.is_empty() { json!({"destinations": to}) } else { json!({"destinations": to, "repositoryFilters": of}) }
    };
    let mut all: Vec<_> = rules.iter().map(|one| rule(&one.destinations, &one.prefixes)).collect();
    let ours = [(to.region.clone(), to.account.clone())];
    all.push(rule(&ours, std::slice::from_ref(name)));
    let configuration = json!({"rules": all}).to_string();
    let put = command([
        "aws",
        "ecr",
        "put-replication-configuration",
        "--region",
        &found.region,
        "--replication-configuration",
        &configuration,
    ]);
    Fix::new(format!("Or replicate {name} from {} to {}, and push the image again", found.region, to.region), Risk::Low)
        .making(Change::ByHand { commands: vec![put] })
        .documented_at("https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html")
        .noting("only what is pushed after the rule was made is copied")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, IMAGE, Said, cache_rule, ecr_image, image, repository};
    use crate::evidence::{Known, Question};
    use crate::model::stores::{ImageId, Repository};

    const ID: CauseId = CauseId::ImageWrongRegion;
    const NAMED: &str = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/team/web:v42";

    fn question<Q>(make: impl FnOnce(String, String, String) -> Q) -> Q {
        make("eu-west-1".to_owned(), "111111111111".to_owned(), "team/web".to_owned())
    }

    fn there() -> Question {
        question(|region, registry, repository| Question::Repository { region, registry, repository })
    }

    fn image_there() -> Question {
        let image = ImageId::Tag("v42".to_owned());
        question(|region, registry, repository| Question::Image { region, registry, repository, image })
    }

    fn rules_there() -> Question {
        question(|region, registry, _| Question::PullThroughPrefixes { region, registry })
    }

    fn replication() -> Question {
        Question::Replication { region: "us-east-1".into(), registry: "111111111111".into() }
    }

    /// The name says eu-west-1; the image is in the task's own region.
    fn renamed() -> Fixture {
        Fixture::fargate()
            .app(|app| app.image = NAMED.to_owned())
            .absent(there())
            .absent(image_there())
            .with(rules_there(), Known::PullThroughPrefixes(vec![]))
            .with(replication(), Known::Replication(vec![]))
    }

    #[test]
    fn an_image_that_is_in_the_tasks_own_region_shows_that_the_name_is_wrong() {
        let found = renamed().finding(ID);
        assert_eq!(found.resources[..2], [NAMED, "team/web"]);
        assert_eq!(
            found.explanation,
            "image team/web:v42 is in us-east-1 and not in eu-west-1, which its name says, and no replication rule copies it there"
        );
        let rule =
            ReplicationRule { destinations: vec![("eu-west-1".into(), "111111111111".into())], prefixes: vec![] };
        let copied = renamed().with(replication(), Known::Replication(vec![rule])).finding(ID);
        assert!(copied.explanation.contains("though a replication rule copies there"), "{}", copied.explanation);
        assert_eq!(renamed().gap(replication()).says(ID), Said::Fault, "the rules only explain");
    }

    #[test]
    fn what_is_nowhere_else_or_was_not_at_the_stop_is_another_causes() {
        assert_eq!(Fixture::fargate().says(ID), Said::Sound);
        assert_eq!(renamed().absent(image("v42")).says(ID), Said::Sound);
        assert_eq!(renamed().absent(image("v42")).says(CauseId::ImageWrongAccount), Said::Sound);
        let late = renamed().with(image("v42"), Known::Image(ecr_image("v42", "10:30")));
        assert_eq!([late.says(ID), late.check().says(ID)], [Said::Sound, Said::Fault], "pushed after the stop");
        let cached = renamed().with(rules_there(), Known::PullThroughPrefixes(vec![cache_rule("team")]));
        assert_eq!(cached.says(ID), Said::Sound, "it may come from upstream");
        let tagged = Repository {
            name: "team/web".to_owned(),
            arn: String::new(),
            immutable: false,
            kms_key: None,
            created: None,
        };
        let empty = renamed().with(there(), Known::Repository(tagged));
        assert_eq!(empty.says(ID), Said::Fault, "a repository without the image is as good as none");
        assert_eq!(empty.absent(repository("team/web")).says(ID), Said::Fault, "the image is what counts");
    }

    #[test]
    fn it_hangs_on_both_places() {
        for question in [there(), rules_there(), image("v42")] {
            renamed().hangs_on(ID, &question);
        }
        renamed().never_turns(ID);
    }

    #[test]
    fn the_right_region_mends_it_and_replication_for_the_long_run() {
        let fixes = renamed().mended(ID);
        assert!(matches!(&fixes[0].changes[..], [Change::UseImage { new, .. }] if new == IMAGE), "{fixes:?}");
        assert_eq!(renamed().after(&fixes[0]).says(ID), Said::Sound);
        let [Change::ByHand { commands }] = &fixes[1].changes[..] else { unreachable!() };
        assert!(commands[0].starts_with("aws ecr put-replication-configuration --region us-east-1 "), "{commands:?}");
        assert!(commands[0].contains(r#""filter":"team/web""#) && commands[0].contains("eu-west-1"), "{commands:?}");
    }
}
