//! The subnet or security group that the service names does not exist any more.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The subnet or security group that the service names does not exist any more.
///
/// # Why a task stops here
/// A service keeps the ids that it was given, and the next task cannot be made once one of them is gone.
/// # How it is told
/// By the code of EC2, which names the id.
/// # Prevention
/// Delete subnets and groups only together with what uses them.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html>
pub struct NetworkResourceMissing;
}

impl Cause for NetworkResourceMissing {
    type Subject = Whole;
    const ID: CauseId = CauseId::NetworkResourceMissing;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let gone =
                symptom.fact("security_group").or(symptom.fact("subnet")).unwrap_or("a subnet or security group");
            format!("{gone}, which the service names, does not exist any more")
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        Ok(told::look_at_service(case, "Name a subnet and groups that there are", "networkConfiguration"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            NetworkResourceMissing::ID,
            "TaskFailedToStart",
            &[
                "InvalidParameterException: Error retrieving security group information for [sg-01607c94e2d82ca08]: \
                 The security group 'sg-01607c94e2d82ca08' does not exist",
                "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment \
                 disabled in subnet 'subnet-0123456789abcdef0': InvalidSubnetID.NotFound",
                "InvalidParameterException: The subnet ID 'subnet-0123456789abcdef0' does not exist",
            ],
            &["Error retrieving subnet information for [subnet-0123456789abcdef0]: Rate exceeded (ErrorCode: \
                 Throttling)"],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            NetworkResourceMissing::ID,
            "TaskFailedToStart",
            "InvalidParameterException: Error retrieving security \
             group information for [sg-01607c94e2d82ca08]: The \
             security group 'sg-01607c94e2d82ca08' does not exist",
        );
        assert!(command.contains("networkConfiguration"), "{command}");
    }
}
