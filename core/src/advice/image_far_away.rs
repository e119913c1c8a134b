//! An image of another region or account has more that can break.

use super::prelude::*;

documented! {
/// The image is in another region or account than the task.
///
/// # Why
/// An image of another region comes over the internet or a peering and costs transfer, and no VPC endpoint of the task's
/// region serves it; when that region has trouble, tasks of this one do not start. An image of another account needs two
/// policies that agree, kept by two teams. ECR replicates repositories into other regions and accounts.
/// # When it is said
/// Where the registry in an image's name has another region or account than the task.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html>
pub struct ImageFarAway;
}

impl Advice for ImageFarAway {
    const ID: &'static str = "image-far-away";
    const TITLE: &'static str = "Replicate images into the task's own region and account";
    const READS: &'static [&'static [Source]] = &[];

    fn give(&self, case: &Case<'_>, _: &Facts<'_>) -> Advised {
        let far = |used: &&EcrUse| used.is_foreign(case) || used.registry.region != case.region.region;
        let found: Vec<EcrUse> = ecr_uses(case)?.iter().filter(far).cloned().collect();
        let Some(first) = found.first() else { return Ok(None) };
        let other_account =
            if first.is_foreign(case) { format!(" of account {}", first.registry.account) } else { String::new() };
        let names: Vec<String> = found.iter().map(|used| used.image.text.clone()).collect();
        let why = format!(
            "{} comes from {}{other_account}, and the task runs in {}",
            some_of(&names),
            first.registry.region,
            case.region.region
        );
        Ok(Some(Tip::on(names).because(why)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::trial::tip;
    use crate::causes::fixture::{Fixture, IMAGE};

    fn image(name: String) -> Option<Tip> {
        tip(ImageFarAway::ID, &Fixture::fargate().app(|app| app.image = name))
    }

    #[test]
    fn another_region_or_account_is_told() {
        let region = image(IMAGE.replace("us-east-1", "eu-west-1")).expect("it is far away");
        assert!(region.explanation.ends_with("comes from eu-west-1, and the task runs in us-east-1"));
        let account = image(IMAGE.replace("111111111111", "222222222222")).expect("it is another's");
        assert!(account.explanation.contains("from us-east-1 of account 222222222222"));
    }

    #[test]
    fn the_own_registry_and_public_ones_are_not() {
        assert_eq!(tip(ImageFarAway::ID, &Fixture::fargate()), None);
        assert_eq!(image("nginx:1".to_owned()), None);
    }
}
