use super::*;

impl Document {
    /// The same document without one statement.
    pub(in crate::iam) fn without(&self, index: usize) -> Document {
        let mut rest = self.clone();
        rest.statements.remove(index);
        rest
    }

    /// The same document, its statements in reverse.
    pub(in crate::iam) fn reversed(&self) -> Document {
        let mut other = self.clone();
        other.statements.reverse();
        other
    }
}

/// A statement that is sound but for what is added.
fn with(element: &str) -> Result<Document, Malformed> {
    Document::parse(&format!(r#"{{"Statement":{{"Effect":"Allow","Action":"s3:GetObject",{element}}}}}"#))
}

#[test]
fn one_is_read_as_a_list_of_one() {
    let one = Document::parse(
        r#"{"Version":"2012-10-17","Id":"x","Statement":{"Sid":"a","Effect":"Deny","Action":"s3:*","Resource":"*",
            "Principal":{"AWS":"111122223333"},"Condition":{"Bool":{"aws:SecureTransport":false}}}}"#,
    );
    let list = Document::parse(
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Deny","Action":["s3:*"],"Resource":["*"],
            "Principal":{"AWS":["111122223333"]},"Condition":{"Bool":{"aws:SecureTransport":["false"]}}}]}"#,
    );
    assert_eq!(one, list);
    assert_eq!(one.expect("it is sound").statements().len(), 1);
}

#[test]
fn a_document_may_be_percent_encoded() {
    let plain = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b+c","Resource":"*"}]}"#;
    let encoded = percent_encoding::utf8_percent_encode(plain, percent_encoding::NON_ALPHANUMERIC).to_string();
    assert_eq!(Document::parse(&encoded), Document::parse(plain));
    // RFC 3986: a plus that is left is a plus, and no space.
    assert_eq!(Document::parse(&encoded.replace("%2B", "+")), Document::parse(plain));
}

#[test]
fn a_percent_sign_in_plain_json_is_left_alone() {
    let document = with(r#""Resource":"arn:aws:s3:::b/%41""#).expect("it is sound");
    let resource = document.statements()[0].resource.as_ref().expect("it has one");
    assert_eq!(resource.entries(), ["arn:aws:s3:::b/%41"]);
}

#[test]
fn a_version_that_is_absent_is_the_old_one() {
    let version = |text: &str| Document::parse(text).map(|document| document.has_variables());
    assert_eq!(version(r#"{"Statement":[]}"#), Ok(false));
    assert_eq!(version(r#"{"Version":"2008-10-17","Statement":[]}"#), Ok(false));
    assert_eq!(version(r#"{"Version":"2012-10-17","Statement":[]}"#), Ok(true));
    assert!(version(r#"{"Version":"2012-10-18","Statement":[]}"#).is_err());
}

#[test]
fn everyone_can_be_written_in_two_ways() {
    assert_eq!(with(r#""Principal":"*""#), with(r#""Principal":{"AWS":"*"}"#));
}

#[test]
fn what_the_grammar_does_not_know_is_an_error_and_not_a_denial() {
    for element in [
        r#""effect":"Deny""#,
        r#""Conditions":{}"#,
        r#""Resource":1"#,
        r#""Resource":"*","NotResource":"*""#,
        r#""NotAction":"s3:*""#,
        r#""Principal":"111122223333""#,
        r#""Principal":{"aws":"*"}"#,
        r#""Condition":[]"#,
        r#""Condition":{"Bool":"x"}"#,
        r#""Condition":{"Bool":{"x":null}}"#,
        r#""Sid":1"#,
    ] {
        assert!(with(element).is_err(), "{element}");
    }
    for text in [
        "",
        "{}",
        "null",
        "[]",
        r#"{"Statement":"x"}"#,
        r#"{"Statement":[{"Action":"*","Resource":"*"}]}"#,
        r#"{"Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Resource":"*"}]}"#,
        "%7B%FF",
    ] {
        assert!(Document::parse(text).is_err(), "{text}");
    }
}

#[test]
fn no_document_is_too_long_or_too_deep_to_be_refused() {
    assert!(Document::parse(&" ".repeat(LONGEST + 1)).is_err());
    assert!(Document::parse(&format!("{{\"Statement\":{}", "[".repeat(100_000))).is_err());
}

#[test]
fn the_error_says_what_is_wrong() {
    let error = with(r#""Resources":"*""#).expect_err("there is no such element");
    assert_eq!(error.to_string(), "not a policy document: `Resources` is no element of a policy");
}

#[test]
fn a_document_may_be_as_long_as_any_of_awss_and_no_longer() {
    let document = r#"{"Statement":[]}"#;
    let padded = |length: usize| document.to_owned() + &" ".repeat(length - document.len());
    assert!(Document::parse(&padded(262_144)).is_ok());
    assert!(Document::parse(&padded(262_145)).is_err());
}
