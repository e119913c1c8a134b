//! STS: whom the credentials belong to.

use crate::refusal::{Asked, Class, Refused};
use aws_sdk_sts::Client;
use ecs_why_core::model::ecs::Identity;

pub(crate) async fn identity(sts: &Client) -> Asked<Identity> {
    let told = sts.get_caller_identity().send().await?;
    let (Some(account), Some(arn)) = (told.account(), told.arn()) else {
        return Err(Refused::new(Class::NoAnswer, "STS gave an answer without an account"));
    };
    Ok(Some(Identity { account: account.to_owned(), arn: arn.to_owned() }))
}
