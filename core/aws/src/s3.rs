//! S3: that buckets and objects are there, and what they are called. What is in an object is never asked for, and neither is
//! `HeadObject`, which takes the right to read the object.

use crate::Live;
use crate::answer::{Told, told, unanswered};
use crate::moment::moment;
use crate::refusal::Refused;
use aws_sdk_s3::Client;
use aws_sdk_s3::types::ServerSideEncryption;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use ecs_why_core::evidence::{Known, Question};
use ecs_why_core::model::stores::{Bucket, StoredObject};
use std::error::Error;

/// How many keys of a listing are kept.
const KEYS: i32 = 200;

/// Answers a question. Buckets of other accounts are refused: their names are everybody's, and nothing else says whose they are.
pub(crate) async fn answer(live: &Live, owner: Option<&str>, question: &Question) -> Told {
    match question {
        Question::Bucket { bucket } => {
            let asked = |s3: Client| {
                s3.get_bucket_location().bucket(bucket).set_expected_bucket_owner(owner.map(str::to_owned)).send()
            };
            let region = in_its_region(live, asked).await.map(|told| {
                let named = told.location_constraint().map_or("", |place| place.as_str());
                Some(Bucket { name: bucket.clone(), region: region_of(named).to_owned() })
            });
            told(region, Known::Bucket)
        }
        Question::BucketPolicy { bucket } => {
            let asked = |s3: Client| {
                s3.get_bucket_policy().bucket(bucket).set_expected_bucket_owner(owner.map(str::to_owned)).send()
            };
            told(in_its_region(live, asked).await.map(|told| told.policy), Known::BucketPolicy)
        }
        Question::BucketKey { bucket } => {
            let asked = |s3: Client| {
                s3.get_bucket_encryption().bucket(bucket).set_expected_bucket_owner(owner.map(str::to_owned)).send()
            };
            let found = in_its_region(live, asked).await.map(|told| {
                let rules = told.server_side_encryption_configuration.map(|all| all.rules).unwrap_or_default();
                let default = rules.into_iter().find_map(|rule| rule.apply_server_side_encryption_by_default);
                let by_kms = |one: &aws_sdk_s3::types::ServerSideEncryptionByDefault| {
                    matches!(one.sse_algorithm, ServerSideEncryption::AwsKms | ServerSideEncryption::AwsKmsDsse)
                };
                default.filter(by_kms).and_then(|one| one.kms_master_key_id)
            });
            told(found, Known::BucketKey)
        }
        Question::Object { bucket, key } => {
            // Of all keys that begin so, the key itself is the first.
            let found = list(live, owner, bucket, key, 1).await.map(|all| {
                let object = all.into_iter().find(|object| object.key() == Some(key))?;
                Some(StoredObject { key: key.clone(), modified: moment(object.last_modified()) })
            });
            told(found, Known::Object)
        }
        Question::Objects { bucket, beginning } => {
            let found = list(live, owner, bucket, beginning, KEYS).await;
            told(found.map(|all| Some(all.into_iter().filter_map(|object| object.key).collect())), Known::Objects)
        }
        _ => Err(unanswered()),
    }
}

async fn list(
    live: &Live,
    owner: Option<&str>,
    bucket: &str,
    beginning: &str,
    most: i32,
) -> Result<Vec<aws_sdk_s3::types::Object>, Refused> {
    let asked = |s3: Client| {
        let owner = owner.map(str::to_owned);
        s3.list_objects_v2().bucket(bucket).prefix(beginning).max_keys(most).set_expected_bucket_owner(owner).send()
    };
    Ok(in_its_region(live, asked).await?.contents.unwrap_or_default())
}

/// Asks here, and where S3 says that the bucket is in another region, there.
async fn in_its_region<T, E, Asking>(live: &Live, ask: impl Fn(Client) -> Asking) -> Result<T, Refused>
where
    Asking: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let refused = match ask(live.here.s3().clone()).await {
        Ok(told) => return Ok(told),
        Err(refused) => refused,
    };
    let named = refused.raw_response().and_then(|raw| raw.headers().get("x-amz-bucket-region")).map(str::to_owned);
    match named.filter(|region| region != live.region()) {
        Some(region) => Ok(ask(live.clients.in_region(&region).s3().clone()).await?),
        None => Err(refused.into()),
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>
fn region_of(location: &str) -> &str {
    match location {
        "" => "us-east-1",
        "EU" => "eu-west-1",
        region => region,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_regions_have_other_names() {
        for (location, region) in [("", "us-east-1"), ("EU", "eu-west-1"), ("ap-south-1", "ap-south-1")] {
            assert_eq!(region_of(location), region);
        }
    }
}
