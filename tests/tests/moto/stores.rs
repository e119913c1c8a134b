//! Where a launch's files, keys and tags are: buckets and objects, grants of keys, who keeps what.

use super::*;
use ecs_why_core::model::Keeper;
use serde_json::json;

const BUCKET: &str = "config-of-web";

fn known(url: &str, question: Question) -> Known {
    match ask(url, question.clone()) {
        Ok(Answer::Known(known)) => known,
        other => panic!("{question:?}: {other:?}"),
    }
}

fn is_absent(url: &str, question: Question) {
    let answer = ask(url, question.clone());
    assert_eq!(answer, Ok(Answer::Absent), "{question:?}");
}

fn object(key: &str) -> Question {
    Question::Object { bucket: here(BUCKET), key: here(key) }
}

fn policy() -> String {
    let statement = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
        "Resource": format!("arn:aws:s3:::{BUCKET}/*"), "Condition": {"Bool": {"aws:SecureTransport": "false"}}});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

#[test]
fn a_bucket_is_told_by_its_region_policy_and_key() {
    alone("stores::a_bucket_is_told_by_its_region_policy_and_key", || {
        let moto = Moto::start();
        let url = moto.url();
        let of = |kind: fn(String) -> Question| kind(here(BUCKET));
        let (place, rules) = (|bucket| Question::Bucket { bucket }, |bucket| Question::BucketPolicy { bucket });
        let key = |bucket| Question::BucketKey { bucket };
        is_absent(&url, of(place));
        is_absent(&url, of(rules));
        moto.s3("PUT", &format!("/{BUCKET}"), "");
        let Known::Bucket(found) = known(&url, of(place)) else { panic!("another answer") };
        assert_eq!((found.name.as_str(), found.region.as_str()), (BUCKET, "us-east-1"));
        is_absent(&url, of(rules));
        is_absent(&url, of(key));
        moto.s3("PUT", &format!("/{BUCKET}?policy"), &policy());
        let Known::BucketPolicy(text) = known(&url, of(rules)) else { panic!("another answer") };
        let read: serde_json::Value = serde_json::from_str(&text).expect("it is a policy");
        assert_eq!(read["Statement"][0]["Action"], "s3:GetObject");
        let arn = format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012");
        let rule = format!(
            "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>\
             <KMSMasterKeyID>{arn}</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>"
        );
        moto.s3("PUT", &format!("/{BUCKET}?encryption"), &rule);
        assert_eq!(known(&url, of(key)), Known::BucketKey(arn));
    });
}

#[test]
fn objects_are_listed_and_never_read() {
    alone("stores::objects_are_listed_and_never_read", || {
        let moto = Moto::start();
        moto.s3("PUT", &format!("/{BUCKET}"), "");
        for key in ["web/prod.env", "web/prod.env.bak", "web/stage.env", "api/prod.env"] {
            moto.s3("PUT", &format!("/{BUCKET}/{key}"), HIDDEN);
        }
        let stub = Stub::start(Some(moto.port), |_| None);
        let Known::Object(found) = known(&stub.url(), object("web/prod.env")) else { panic!("another answer") };
        assert!(found.key == "web/prod.env" && found.modified.is_some());
        is_absent(&stub.url(), object("web/prod"));
        is_absent(&stub.url(), object("web/prod.env.old"));
        let below = Question::Objects { bucket: here(BUCKET), beginning: here("web/") };
        let Known::Objects(keys) = known(&stub.url(), below) else { panic!("another answer") };
        assert_eq!(keys, ["web/prod.env", "web/prod.env.bak", "web/stage.env"]);
        let lists = |request: &Request| request.service != "s3" || request.action.contains("list-type=2");
        assert!(stub.seen().iter().all(lists), "only lists are asked for: {:?}", stub.seen());
        let nowhere = Question::Object { bucket: here("nowhere-to-be-found"), key: here("web/prod.env") };
        is_absent(&moto.url(), nowhere);
    });
}

#[test]
fn grants_of_a_key_are_told_with_what_they_hold_for() {
    alone("stores::grants_of_a_key_are_told_with_what_they_hold_for", || {
        let moto = Moto::start();
        let made =
            || moto.kms("CreateKey", &json!({}))["KeyMetadata"]["KeyId"].as_str().expect("it has one").to_owned();
        let (granted, bare) = (made(), made());
        let role = format!("arn:aws:iam::{ACCOUNT}:role/web-execution");
        for number in 0..3 {
            let grantee = format!("{role}-{number}");
            moto.kms(
                "CreateGrant",
                &json!({"KeyId": granted, "GranteePrincipal": grantee, "Operations": ["Decrypt"],
                "Constraints": {"EncryptionContextSubset": {"aws:ecr:arn": "arn:aws:ecr:us-east-1:1:repository/web"}}}),
            );
        }
        let grants = |key: &str| Question::KeyGrants { region: here("us-east-1"), key: here(key) };
        let Known::KeyGrants(found) = known(&moto.url(), grants(&granted)) else { panic!("another answer") };
        let mut grantees: Vec<&str> = found.iter().map(|grant| grant.grantee.as_str()).collect();
        grantees.sort_unstable();
        assert_eq!(grantees, [0, 1, 2].map(|number| format!("{role}-{number}")));
        assert!(found.iter().all(|grant| grant.operations == ["Decrypt"] && grant.context.contains_key("aws:ecr:arn")));
        assert_eq!(known(&moto.url(), grants(&bare)), Known::KeyGrants(vec![]));
    });
}

#[test]
fn tags_tell_who_keeps_a_repository_and_what_a_policy_may_ask_of_a_parameter() {
    alone("stores::tags_tell_who_keeps_a_repository_and_what_a_policy_may_ask_of_a_parameter", || {
        let moto = Moto::start();
        let repository = |name: &str, tags: serde_json::Value| {
            moto.ecr("CreateRepository", &json!({"repositoryName": name, "tags": tags}));
            let arn = format!("arn:aws:ecr:us-east-1:{ACCOUNT}:repository/{name}");
            Question::RepositoryKeeper { region: here("us-east-1"), arn }
        };
        let kept = repository("web", json!([{"Key": "ManagedBy", "Value": "terraform"}]));
        let Known::RepositoryKeeper(keeper) = known(&moto.url(), kept) else { panic!("another answer") };
        assert!(matches!(keeper, Keeper::Terraform { .. }), "{keeper:?}");
        let loose = repository("api", json!([]));
        assert_eq!(known(&moto.url(), loose), Known::RepositoryKeeper(Keeper::Nobody));
        let arn = format!("arn:aws:ecr:us-east-1:{ACCOUNT}:repository/nothing");
        is_absent(&moto.url(), Question::RepositoryKeeper { region: here("us-east-1"), arn });

        moto.ssm(
            "PutParameter",
            &json!({"Name": "/prod/token", "Value": HIDDEN, "Type": "SecureString",
            "Tags": [{"Key": "team", "Value": "web"}]}),
        );
        let tags = |parameter: &str| Question::ParameterTags { region: here("us-east-1"), parameter: here(parameter) };
        let Known::ParameterTags(found) = known(&moto.url(), tags("/prod/token")) else { panic!("another answer") };
        assert_eq!(found.get("team").map(String::as_str), Some("web"));
        is_absent(&moto.url(), tags("/prod/nothing"));
    });
}
