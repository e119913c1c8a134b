//! AWS's families of actions and how fast each may be asked, with the page that says so.
//!
//! We stay at four fifths of what is documented: others ask in the same account. Where AWS names nothing, a guess stands, and the
//! slowing down does the rest.

use super::bucket::Rate;

/// The part of AWS's rates that we take.
const OURS: f64 = 0.8;
/// What of a burst background work leaves to persons.
const KEPT: f64 = 0.2;
/// More requests than this are under way in no family: connections cost memory here and there.
const TOGETHER: usize = 100;

/// A bucket of AWS's with its size and what comes in each second.
const fn bucket(burst: f64, sustained: f64) -> Rate {
    Rate { burst: burst * OURS, sustained: sustained * OURS, kept: burst * OURS * KEPT, together: TOGETHER }
}

/// So many a second, and nothing said of bursts. Background work stays below that in every single second; a person may ask two
/// seconds' worth at once, since one diagnosis asks hardly more, and AWS decides.
const fn each_second(rate: f64) -> Rate {
    let background = if rate * (1.0 - OURS) > 1.0 { rate * (1.0 - OURS) } else { 1.0 };
    Rate { burst: 2.0 * rate, sustained: rate * OURS, kept: 2.0 * rate - background, together: TOGETHER }
}

/// AWS documents nothing.
const UNKNOWN: Rate = bucket(100.0, 20.0);

/// The name of the family that an action belongs to, and its rate.
pub(crate) fn family(service: &str, action: &str) -> (String, Rate) {
    let (family, rate) = match service {
        "ECS" => ecs(action),
        "EC2" => ec2(action),
        "IAM" => iam(),
        "CloudTrail" => trail(action),
        "CloudWatch Logs" => logs(action),
        "ECR" => ecr(action),
        "KMS" => kms(action),
        "Secrets Manager" => secrets(action),
        "SSM" => ssm(action),
        // All actions together. <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html#limits-api-requests>
        "Route 53" => ("", each_second(5.0)),
        // 600 a second for all of STS. <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
        "STS" => ("", each_second(600.0)),
        // Thousands a second for each prefix of a bucket; for what is asked of buckets themselves nothing is said.
        // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html>
        _ => (action, UNKNOWN),
    };
    (format!("{service}/{family}"), rate)
}

/// Services with one endpoint for all regions of a partition.
pub(crate) fn is_global(service: &str) -> bool {
    matches!(service, "IAM" | "Route 53")
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html>
fn ecs(action: &str) -> (&str, Rate) {
    match action {
        "DescribeTasks" | "ListTasks" | "DescribeContainerInstances" | "ListContainerInstances" | "ListAttributes" => {
            ("cluster resource read", bucket(100.0, 20.0))
        }
        "DescribeClusters" | "ListClusters" => ("cluster read", bucket(50.0, 20.0)),
        "DescribeServices" | "ListServices" | "ListServicesByNamespace" | "DescribeTaskSets" => {
            ("service read", bucket(100.0, 20.0))
        }
        "DescribeTaskDefinition" | "ListTaskDefinitions" | "ListTaskDefinitionFamilies" => {
            ("task definition read", bucket(50.0, 20.0))
        }
        "ListServiceDeployments" | "DescribeServiceDeployments" | "DescribeServiceRevisions" => {
            ("service deployment read", bucket(50.0, 20.0))
        }
        "DescribeCapacityProviders" => ("capacity provider read", bucket(50.0, 20.0)),
        "GetTaskProtection" => ("task protection", bucket(200.0, 80.0)),
        "ListAccountSettings" => ("settings", bucket(50.0, 20.0)),
        "ListTagsForResource" => ("tags", bucket(50.0, 20.0)),
        _ => (action, bucket(50.0, 20.0)),
    }
}

/// Each action has a bucket of its own; every one of ours filters, or pages, or names what it wants.
/// <https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>
fn ec2(action: &str) -> (&str, Rate) {
    (action, bucket(100.0, 20.0))
}

/// AWS names no rate and throttles early: few requests are under way at once, and that alone limits them.
fn iam() -> (&'static str, Rate) {
    ("", Rate { together: 10, ..each_second(500.0) })
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>
fn trail(action: &str) -> (&str, Rate) {
    match action {
        "LookupEvents" => (action, each_second(2.0)),
        _ => (action, each_second(10.0)),
    }
}

/// Rates differ from region to region: these are the lowest. StartQuery is billed by what it scans, besides.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
fn logs(action: &str) -> (&str, Rate) {
    match action {
        "DescribeLogStreams" => (action, each_second(25.0)),
        "FilterLogEvents" => (action, each_second(5.0)),
        // DescribeLogGroups, GetLogEvents (25 in most regions), StartQuery, GetQueryResults
        _ => (action, each_second(10.0)),
    }
}

/// Pulls have high rates; of what describes, AWS says nothing.
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html>
fn ecr(action: &str) -> (&str, Rate) {
    match action {
        "BatchGetImage" => (action, each_second(2_000.0)),
        _ => (action, UNKNOWN),
    }
}

/// <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>
fn kms(action: &str) -> (&str, Rate) {
    match action {
        "DescribeKey" => (action, each_second(2_000.0)),
        "GetKeyPolicy" => (action, each_second(1_000.0)),
        "ListAliases" => (action, each_second(500.0)),
        _ => (action, each_second(100.0)),
    }
}

/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html>
fn secrets(action: &str) -> (&str, Rate) {
    match action {
        "DescribeSecret" => (action, each_second(40_000.0)),
        "ListSecrets" => (action, each_second(100.0)),
        "GetResourcePolicy" | "PutResourcePolicy" | "DeleteResourcePolicy" | "ValidateResourcePolicy" => {
            ("resource policy", each_second(50.0))
        }
        _ => (action, each_second(50.0)),
    }
}

/// AWS gives rates for reading values, which we never do, and none for DescribeParameters, which is known to be throttled early.
/// <https://docs.aws.amazon.com/general/latest/gr/ssm.html>
fn ssm(action: &str) -> (&str, Rate) {
    match action {
        "DescribeParameters" => (action, Rate { kept: 5.0, ..bucket(12.5, 5.0) }),
        _ => (action, each_second(10.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_of_one_family_share_its_bucket() {
        let name = |service, action| family(service, action).0;
        assert_eq!(name("ECS", "DescribeTasks"), name("ECS", "ListTasks"));
        assert_ne!(name("ECS", "DescribeTasks"), name("ECS", "DescribeServices"));
        assert_ne!(name("EC2", "DescribeSubnets"), name("EC2", "DescribeVpcs"));
        assert_eq!(name("IAM", "GetRole"), name("IAM", "ListRolePolicies"));
        // Two services may have an action of the same name.
        assert_ne!(name("SSM", "ListTagsForResource"), name("ECR", "ListTagsForResource"));
    }

    #[test]
    fn rates_stay_below_the_documented_ones() {
        for (service, action, burst, sustained) in [
            ("ECS", "DescribeTasks", 100.0, 20.0),
            ("ECS", "DescribeClusters", 50.0, 20.0),
            ("ECS", "DescribeServices", 100.0, 20.0),
            ("ECS", "DescribeTaskDefinition", 50.0, 20.0),
            ("ECS", "GetTaskProtection", 200.0, 80.0),
            ("EC2", "DescribeRouteTables", 100.0, 20.0),
        ] {
            let rate = family(service, action).1;
            assert_eq!((rate.burst, rate.sustained), (burst * OURS, sustained * OURS), "{service} {action}");
        }
        for (service, action, sustained) in [
            ("CloudTrail", "LookupEvents", 2.0),
            ("CloudWatch Logs", "DescribeLogGroups", 10.0),
            ("CloudWatch Logs", "StartQuery", 10.0),
            ("CloudWatch Logs", "GetQueryResults", 10.0),
            ("Route 53", "ListHostedZonesByVPC", 5.0),
            ("Secrets Manager", "ListSecretVersionIds", 50.0),
        ] {
            let rate = family(service, action).1;
            assert_eq!(rate.sustained, sustained * OURS, "{service} {action}");
            // What nobody waits for does not exceed what is documented in any second.
            let background = rate.burst - rate.kept;
            assert!((background + rate.sustained).floor() <= sustained, "{service} {action}");
        }
    }

    #[test]
    fn every_family_has_room_for_both_urgencies() {
        for service in
            ["ECS", "EC2", "IAM", "CloudTrail", "CloudWatch Logs", "ECR", "KMS", "Secrets Manager", "SSM", "S3"]
        {
            for action in ["DescribeTasks", "LookupEvents", "DescribeParameters", "DescribeKey", "SomethingNew"] {
                let rate = family(service, action).1;
                assert!(
                    rate.kept >= 1.0 && rate.burst - rate.kept >= 1.0 && rate.sustained > 0.0,
                    "{service} {action}"
                );
            }
        }
    }
}
