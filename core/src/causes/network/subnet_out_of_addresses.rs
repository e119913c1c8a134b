//! The subnet has no free address for the task's network interface.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The subnet has no free address for the task's network interface.
///
/// # Why a task stops here
/// Each task in `awsvpc` mode, and each on Fargate, takes an address of its subnet. A deployment needs those of the new
/// tasks beside the old ones.
/// # How it is told
/// By the code of EC2 in the stop reason.
/// # Prevention
/// Subnets of a /22 or larger, and an alarm on their free addresses.
/// # AWS
/// <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html>
pub struct SubnetOutOfAddresses;
}

impl Cause for SubnetOutOfAddresses {
    type Subject = Whole;
    const ID: CauseId = CauseId::SubnetOutOfAddresses;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let subnet = symptom.fact("subnet").unwrap_or("the task's subnet");
            format!("{subnet} has no free address for the task's network interface")
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let named = case.symptom.as_ref().and_then(|symptom| symptom.fact("subnet"));
        let Some(subnet) = named.or(case.task.and_then(|task| task.interface.as_ref()?.subnet.as_deref())) else {
            return Ok(vec![]);
        };
        let query = "Subnets[].[CidrBlock,AvailableIpAddressCount]";
        let words = ["aws", "ec2", "describe-subnets", "--subnet-ids", subnet, "--query", query];
        Ok(vec![told::look("Add a subnet to the service, or free addresses", words)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            SubnetOutOfAddresses::ID,
            "TaskFailedToStart",
            &[
                "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment \
                 disabled in subnet 'subnet-0123456789abcdef0': InsufficientFreeAddressesInSubnet",
                "InsufficientFreeAddressesInSubnet: The specified subnet does not have enough free addresses to \
                 satisfy the request.",
            ],
            &["Unexpected EC2 error while attempting to Create Network Interface with public IP assignment \
                 disabled in subnet 'subnet-0123456789abcdef0': NetworkInterfaceLimitExceeded"],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            SubnetOutOfAddresses::ID,
            "TaskFailedToStart",
            "Unexpected EC2 error while attempting to Create \
             Network Interface with public IP assignment disabled \
             in subnet 'subnet-0123456789abcdef0': \
             InsufficientFreeAddressesInSubnet",
        );
        assert!(command.contains("describe-subnets --subnet-ids subnet-0123456789abcdef0"), "{command}");
    }
}
