//! The SDK's times as ours.

use aws_smithy_types::DateTime;
use ecs_why_core::model::Moment;

/// A moment as the SDK gives it; none if it is beyond what a timestamp can hold.
///
/// To the microsecond: JSON carries times as floating point numbers, of which the SDK makes 57.484999895 for AWS's
/// 57.485. No AWS API is finer than that.
pub(crate) fn moment(time: Option<&DateTime>) -> Option<Moment> {
    let micros = (time?.as_nanos() + 500).div_euclid(1000);
    Moment::from_microsecond(micros.try_into().ok()?).ok()
}

/// A moment in milliseconds since 1970, as CloudWatch Logs counts.
pub(crate) fn millis(time: Option<i64>) -> Option<Moment> {
    time.and_then(|time| Moment::from_millisecond(time).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_keeps_its_fraction() {
        let time = DateTime::from_secs_and_nanos(1_700_000_000, 123_456_000);
        let kept = moment(Some(&time)).expect("it is a moment");
        assert_eq!(kept.to_string(), "2023-11-14T22:13:20.123456Z");
    }

    #[test]
    fn a_time_out_of_a_floating_point_number_is_what_aws_wrote() {
        let kept = moment(Some(&DateTime::from_secs_f64(1_763_749_257.485))).expect("it is a moment");
        assert_eq!(kept.to_string(), "2025-11-21T18:20:57.485Z");
    }

    #[test]
    fn a_time_before_1970_keeps_its_fraction_too() {
        let time = DateTime::from_secs_and_nanos(-2, 500_000_000);
        assert_eq!(moment(Some(&time)).map(|at| at.as_microsecond()), Some(-1_500_000));
    }

    #[test]
    fn what_no_timestamp_holds_is_none() {
        assert_eq!(moment(Some(&DateTime::from_secs(i64::MAX))), None);
        assert_eq!(millis(Some(i64::MAX)), None);
        assert_eq!(moment(None), None);
    }

    #[test]
    fn logs_count_in_milliseconds() {
        assert_eq!(millis(Some(1_700_000_000_250)).map(|at| at.as_millisecond()), Some(1_700_000_000_250));
    }
}
