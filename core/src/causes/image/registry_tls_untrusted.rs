//! The registry's certificate is not trusted, or the registry speaks no TLS.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The registry's certificate is not trusted, or the registry speaks no TLS.
///
/// # Why a task stops here
/// A registry with a certificate of its own authority is trusted only by hosts that know it; Fargate knows the public
/// ones and cannot be told others. A firewall that looks into TLS shows its own certificate.
/// # How it is told
/// By the words of the TLS library.
/// # Prevention
/// A certificate of a public authority, or a copy of the image in ECR.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html>
pub struct RegistryTlsUntrusted;
}

impl Cause for RegistryTlsUntrusted {
    type Subject = Whole;
    const ID: CauseId = CauseId::RegistryTlsUntrusted;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let host = symptom.fact("endpoint").or(symptom.fact("registry")).unwrap_or("the registry");
            format!("the certificate of {host} is not trusted where the image is pulled, or it speaks no TLS")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            RegistryTlsUntrusted::ID,
            "TaskFailedToStart",
            &[
                "CannotPullContainerError: failed to resolve ref registry.example.org/base/reporting:1.8: failed to \
                 do request: Head \"https://registry.example.org/v2/base/reporting/manifests/1.8\": x509: \
                 certificate signed by unknown authority",
                "Error response from daemon: Get \"https://registry.example.org:5000/v2/\": http: server gave HTTP \
                 response to HTTPS client",
            ],
            &["CannotPullContainerError: failed to resolve ref registry.example.org/base/reporting:1.8: failed to \
                 do request: Head \"https://registry.example.org/v2/base/reporting/manifests/1.8\": net/http: TLS \
                 handshake timeout"],
        );
    }
}
