use super::*;

fn service(name: &str, region: &str, fips: bool, dual_stack: bool) -> Option<Service> {
    Some(Service { name: name.to_owned(), region: region.to_owned(), fips, dual_stack })
}

#[test]
fn a_host_name_tells_its_service_and_region() {
    let rows = [
        ("api.ecr.us-east-1.amazonaws.com", service("ecr.api", "us-east-1", false, false)),
        ("API.ECR.us-east-1.amazonaws.com.", service("ecr.api", "us-east-1", false, false)),
        ("api.ecr.cn-north-1.amazonaws.com.cn", service("ecr.api", "cn-north-1", false, false)),
        ("ecr-fips.us-gov-west-1.amazonaws.com", service("ecr.api", "us-gov-west-1", true, false)),
        ("ecr.eu-west-1.api.aws", service("ecr.api", "eu-west-1", false, true)),
        ("ecr-fips.us-east-2.api.aws", service("ecr.api", "us-east-2", true, true)),
        ("123456789012.dkr.ecr.us-east-1.amazonaws.com", service("ecr.dkr", "us-east-1", false, false)),
        ("123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", service("ecr.dkr", "us-east-1", true, false)),
        ("123456789012.dkr-ecr.us-east-1.on.aws", service("ecr.dkr", "us-east-1", false, true)),
        ("123456789012.dkr-ecr-fips.us-east-1.on.aws", service("ecr.dkr", "us-east-1", true, true)),
        ("123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", service("ecr.dkr", "eusc-de-east-1", false, false)),
        ("123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov", service("ecr.dkr", "us-isob-east-1", false, false)),
        ("prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com", service("s3", "eu-west-1", false, false)),
        ("s3.dualstack.eu-west-1.amazonaws.com", service("s3", "eu-west-1", false, true)),
        ("my.bucket.s3.amazonaws.com", service("s3", "us-east-1", false, false)),
        ("s3-fips.us-west-2.amazonaws.com", service("s3", "us-west-2", false, false)),
        ("secretsmanager.ap-southeast-2.amazonaws.com", service("secretsmanager", "ap-southeast-2", false, false)),
        ("secretsmanager-fips.us-east-1.amazonaws.com", service("secretsmanager", "us-east-1", true, false)),
        ("ecs-a-12.us-east-1.amazonaws.com", service("ecs-agent", "us-east-1", false, false)),
        ("ecs-t-3.us-east-1.amazonaws.com", service("ecs-telemetry", "us-east-1", false, false)),
        ("api.ecr-public.us-east-1.amazonaws.com", None),
        ("public.ecr.aws", None),
        ("registry-1.docker.io", None),
        ("example.org", None),
        ("amazonaws.com", None),
        ("12345.dkr.ecr.us-east-1.amazonaws.com", None),
        ("", None),
    ];
    for (host, expected) in rows {
        assert_eq!(service_of(host), expected, "{host}");
    }
}

#[test]
fn a_host_of_a_service_leads_back_to_it() {
    for name in ["ecr.api", "s3", "logs", "secretsmanager", "ssm", "kms", "ecs"] {
        for region in ["us-east-1", "cn-northwest-1", "us-gov-east-1", "eusc-de-east-1", "us-iso-east-1"] {
            let host = service_host(name, region);
            assert_eq!(service_of(&host), service(name, region, false, false), "{host}");
        }
    }
    assert_eq!(service_of(&layer_host("eu-west-3")), service("s3", "eu-west-3", false, false));
}

#[test]
fn a_registry_is_known_by_its_host() {
    assert_eq!(registry_of("docker.io"), Registry::DockerHub);
    assert_eq!(registry_of("quay.io"), Registry::Quay);
    assert_eq!(registry_of("ghcr.io"), Registry::Ghcr);
    assert_eq!(registry_of("public.ecr.aws"), Registry::EcrPublic);
    assert_eq!(registry_of("registry.example.org:5000"), Registry::Other);
    let Registry::Ecr { account, region, .. } = registry_of("123456789012.dkr.ecr.us-east-1.amazonaws.com") else {
        unreachable!("it is ECR's")
    };
    assert_eq!((account.as_str(), region.as_str()), ("123456789012", "us-east-1"));
}

#[test]
fn a_pull_calls_the_api_then_the_registry_then_the_layers() {
    assert_eq!(
        pull_hosts("123456789012.dkr.ecr.us-east-1.amazonaws.com"),
        [
            "api.ecr.us-east-1.amazonaws.com",
            "123456789012.dkr.ecr.us-east-1.amazonaws.com",
            "prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com"
        ]
    );
    assert_eq!(pull_hosts("docker.io")[0], "registry-1.docker.io");
}

#[test]
fn endpoints_are_matched_in_every_partition_and_not_across_regions_or_fips() {
    let api = service_of("api.ecr.us-east-1.amazonaws.com").expect("ECR");
    assert!(api.is_served_by("com.amazonaws.us-east-1.ecr.api"));
    assert!(!api.is_served_by("com.amazonaws.us-east-2.ecr.api"));
    assert!(!api.is_served_by("com.amazonaws.us-east-1.ecr.api-fips"));
    assert!(!api.is_served_by("com.amazonaws.vpce.us-east-1.vpce-svc-1"));
    let china = service_of("api.ecr.cn-north-1.amazonaws.com.cn").expect("ECR");
    assert_eq!(china.endpoint_service(), "cn.com.amazonaws.cn-north-1.ecr.api");
    assert!(china.is_served_by("cn.com.amazonaws.cn-north-1.ecr.api"));
    assert!(china.is_served_by("com.amazonaws.cn-north-1.ecr.api"));
    let s3 = service_of("s3.us-east-1.amazonaws.com").expect("S3");
    assert!(!s3.is_served_by("com.amazonaws.s3-global.accesspoint"));
    assert!(!s3.is_served_by("com.amazonaws.us-east-1.s3express"));
}

#[test]
fn public_registries_are_on_the_internet_and_a_companys_own_may_be_anywhere() {
    assert!(is_public("registry-1.docker.io") && is_public("d1.cloudfront.net") && is_public("public.ecr.aws"));
    assert!(!is_public("registry.example.org") && !is_public("evildocker.io"));
}

#[test]
fn an_endpoint_service_is_named_by_partition_and_in_china_by_service() {
    for (host, name) in [
        ("api.ecr.us-east-1.amazonaws.com", "com.amazonaws.us-east-1.ecr.api"),
        ("ecr-fips.us-east-1.amazonaws.com", "com.amazonaws.us-east-1.ecr.api-fips"),
        ("s3.us-east-1.amazonaws.com", "com.amazonaws.us-east-1.s3"),
        ("api.ecr.eusc-de-east-1.amazonaws.eu", "eu.amazonaws.eusc-de-east-1.ecr.api"),
        ("kms.cn-north-1.amazonaws.com.cn", "cn.com.amazonaws.cn-north-1.kms"),
        ("s3.cn-north-1.amazonaws.com.cn", "com.amazonaws.cn-north-1.s3"),
        ("logs.cn-north-1.amazonaws.com.cn", "com.amazonaws.cn-north-1.logs"),
        ("ssm.cn-north-1.amazonaws.com.cn", "com.amazonaws.cn-north-1.ssm"),
        ("ssmmessages.cn-north-1.amazonaws.com.cn", "com.amazonaws.cn-north-1.ssmmessages"),
        ("secretsmanager.cn-north-1.amazonaws.com.cn", "com.amazonaws.cn-north-1.secretsmanager"),
    ] {
        let service = service_of(host).expect("a service of AWS");
        assert_eq!(service.endpoint_service(), name, "{host}");
        assert!(service.is_served_by(name), "{host}");
    }
    let fips = service_of("ecr-fips.us-east-1.amazonaws.com").expect("ECR");
    assert!(!fips.is_served_by("com.amazonaws.us-east-1.ecr.api"), "FIPS names lead to FIPS endpoints");
    let logs = service_of("logs.us-east-1.amazonaws.com").expect("CloudWatch Logs");
    for head in ["cn.com.amazonaws", "eu.amazonaws", "gov.ic.c2s", "gov.sgov.sc2s"] {
        assert!(logs.is_served_by(&format!("{head}.us-east-1.logs")), "{head}");
    }
    assert!(!logs.is_served_by("com.example.us-east-1.logs"));
}

#[test]
fn every_name_of_a_registry_is_known_and_case_does_not_count() {
    for (host, registry) in [
        ("docker.io", Registry::DockerHub),
        ("index.docker.io", Registry::DockerHub),
        ("registry-1.docker.io", Registry::DockerHub),
        ("registry.hub.docker.com", Registry::DockerHub),
        ("Quay.IO.", Registry::Quay),
        ("GHCR.io", Registry::Ghcr),
        ("public.ecr.aws", Registry::EcrPublic),
        ("ecr-public.aws.com", Registry::EcrPublic),
        ("mydocker.io", Registry::Other),
    ] {
        assert_eq!(registry_of(host), registry, "{host}");
    }
}

#[test]
fn a_host_of_ecr_has_an_account_of_twelve_digits_and_a_suffix_of_its_kind() {
    let ecr = |region: &str, fips, dual_stack| Registry::Ecr {
        account: "123456789012".to_owned(),
        region: region.to_owned(),
        fips,
        dual_stack,
    };
    for (host, registry) in [
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com", ecr("eu-west-1", false, false)),
        ("123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", ecr("us-east-1", true, false)),
        ("123456789012.dkr-ecr.eu-west-1.on.aws", ecr("eu-west-1", false, true)),
        ("123456789012.dkr-ecr-fips.us-east-1.on.aws", ecr("us-east-1", true, true)),
        ("123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn", ecr("cn-north-1", false, true)),
        ("123456789012.dkr.ecr.eu-west-1.on.aws", Registry::Other),
        ("123456789012.dkr-ecr.eu-west-1.amazonaws.com", Registry::Other),
        ("123456789012.dkr.ecr.eu-west-1.example.com", Registry::Other),
        ("12345678901.dkr.ecr.eu-west-1.amazonaws.com", Registry::Other),
        ("1234567890123.dkr.ecr.eu-west-1.amazonaws.com", Registry::Other),
        ("12345678901a.dkr.ecr.eu-west-1.amazonaws.com", Registry::Other),
        ("123456789012.dkr.ecrx.eu-west-1.amazonaws.com", Registry::Other),
    ] {
        assert_eq!(registry_of(host), registry, "{host}");
    }
}

#[test]
fn names_end_by_the_partition_of_the_region() {
    for (region, suffix) in [
        ("us-east-1", "amazonaws.com"),
        ("us-gov-west-1", "amazonaws.com"),
        ("cn-north-1", "amazonaws.com.cn"),
        ("eusc-de-east-1", "amazonaws.eu"),
        ("us-iso-east-1", "c2s.ic.gov"),
        ("us-isob-east-1", "sc2s.sgov.gov"),
        ("us-isof-south-1", "csp.hci.ic.gov"),
        ("eu-isoe-west-1", "cloud.adc-e.uk"),
    ] {
        assert_eq!(service_host("logs", region), format!("logs.{region}.{suffix}"));
        assert_eq!(service_host("ecr.api", region), format!("api.ecr.{region}.{suffix}"));
        assert_eq!(ecr_host("123456789012", region), format!("123456789012.dkr.ecr.{region}.{suffix}"));
        assert_eq!(layer_host(region), format!("prod-{region}-starport-layer-bucket.s3.{region}.{suffix}"));
        assert!(is_public(&service_host("logs", region)), "{region}");
    }
}

#[test]
fn each_registry_has_its_hosts_for_a_pull() {
    for (registry, hosts) in [
        ("public.ecr.aws", &["public.ecr.aws"][..]),
        ("docker.io", &["registry-1.docker.io", "auth.docker.io", "production.cloudflare.docker.com"]),
        ("quay.io", &["quay.io", "cdn01.quay.io"]),
        ("ghcr.io", &["ghcr.io", "pkg-containers.githubusercontent.com"]),
        ("Registry.example.org", &["registry.example.org"]),
    ] {
        assert_eq!(pull_hosts(registry), hosts, "{registry}");
    }
    for (registry, api) in [
        ("123456789012.dkr.ecr.us-east-1.amazonaws.com", "api.ecr.us-east-1.amazonaws.com"),
        ("123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", "ecr-fips.us-east-1.amazonaws.com"),
        ("123456789012.dkr-ecr.us-east-1.on.aws", "ecr.us-east-1.api.aws"),
        ("123456789012.dkr-ecr-fips.us-east-1.on.aws", "ecr-fips.us-east-1.api.aws"),
        ("123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn", "ecr.cn-north-1.api.amazonwebservices.com.cn"),
    ] {
        let hosts = pull_hosts(registry);
        assert_eq!(hosts[..2], [api, registry], "the API, then the registry itself");
        assert_eq!(service_of(api).map(|service| service.name), Some("ecr.api".to_owned()), "{api}");
    }
}

#[test]
fn services_whose_endpoints_are_known_are_known_and_no_others() {
    for name in [
        "logs",
        "secretsmanager",
        "ssm",
        "kms",
        "sts",
        "ssmmessages",
        "ecs",
        "ecs-agent",
        "ecs-telemetry",
        "elasticfilesystem",
        "monitoring",
        "xray",
        "sqs",
        "sns",
    ] {
        assert_eq!(service_of(&format!("{name}.eu-west-1.amazonaws.com")), service(name, "eu-west-1", false, false));
    }
    for host in [
        "lambda.eu-west-1.amazonaws.com",
        "ecr-public.us-east-1.amazonaws.com",
        "eu-west-1.amazonaws.com",
        "logs.nowhere.amazonaws.com",
        "logs.eu-west-1.example.com",
        "logs.eu-west-1.evilamazonaws.com",
    ] {
        assert_eq!(service_of(host), None, "{host}");
    }
}

#[test]
fn s3_goes_by_names_of_its_own() {
    for (host, expected) in [
        ("s3.amazonaws.com", service("s3", "us-east-1", false, false)),
        ("bucket.s3.amazonaws.com", service("s3", "us-east-1", false, false)),
        ("bucket.s3.eu-west-1.amazonaws.com", service("s3", "eu-west-1", false, false)),
        ("bucket.s3.dualstack.eu-west-1.amazonaws.com", service("s3", "eu-west-1", false, true)),
        ("bucket.s3-fips.us-west-2.amazonaws.com", service("s3", "us-west-2", false, false)),
        ("bucket.s3-fips.dualstack.us-west-2.amazonaws.com", service("s3", "us-west-2", false, true)),
        ("bucket.xs3.eu-west-1.amazonaws.com", None),
        ("bucket.amazonaws.com", None),
        ("dualstack.eu-west-1.amazonaws.com", None),
    ] {
        assert_eq!(service_of(host), expected, "{host}");
    }
}

#[test]
fn a_region_has_three_or_four_parts_and_ends_in_a_number() {
    for region in ["us-east-1", "us-gov-west-1", "us-isob-east-1", "eusc-de-east-1", "ap-southeast-10"] {
        assert!(is_region(region), "{region}");
    }
    for label in ["us-1", "us-east", "us-east-", "us-east-x", "us-east-1a", "us-gov-far-west-1", "s3-x-1", "US-east-1"]
    {
        assert!(!is_region(label), "{label}");
    }
}

#[test]
fn hosts_below_a_public_name_are_public_and_neighbours_are_not() {
    for host in
        ["docker.com", "x.docker.com", "quay.io", "a.b.gcr.io", "registry.k8s.io", "logs.eu-west-1.amazonaws.com"]
    {
        assert!(is_public(host), "{host}");
    }
    for host in ["notquay.io", "amazonaws.com", "evilamazonaws.com", "quay.io.example.org", "k8s.io"] {
        assert!(!is_public(host), "{host}");
    }
}
