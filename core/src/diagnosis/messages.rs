//! Every wording that is known, over accounts in which nothing is wrong: what a message cannot prove is not confirmed.

use super::explains::Explains;
use super::rank::{Ranked, rank};
use super::walk::walk;
use crate::causes::fixture::Fixture;
use crate::evidence::Facts;
use crate::model::CauseId;
use crate::report::Status;
use crate::symptom::tests::examples;
use crate::symptom::{self, Stop};

/// The causes of a stop, ranked, without those that the evidence clears.
fn causes(fixture: Fixture, stop: &Stop) -> Vec<Ranked> {
    let fixture = fixture.with_stop(stop);
    let case = fixture.case();
    let facts = Facts::new(&fixture.evidence).at(case.moment());
    let ranked = rank(&case, &walk(&case, &facts), &Explains::of(&case, &facts));
    ranked.into_iter().filter(|one| one.status != Status::RuledOut).collect()
}

#[test]
fn over_a_sound_account_a_message_confirms_what_it_settles_and_nothing_else() {
    let mut wrong = vec![];
    for (row, stop) in examples() {
        let symptom = symptom::read(&stop);
        for (account, fixture) in
            [("NAT", Fixture::fargate()), ("endpoints", Fixture::endpoints()), ("EC2", Fixture::ec2())]
        {
            let found = causes(fixture, &stop);
            let confirmed: Vec<CauseId> =
                found.iter().filter(|one| one.status == Status::Confirmed).map(|one| one.id).collect();
            if confirmed.iter().any(|id| Some(*id) != symptom.settled()) {
                wrong.push(format!("{row}, {account}: confirms {confirmed:?}"));
            }
            // The likeliest comes out, or another that the text allows as well; or that nobody knows.
            let first = found.first().map_or(CauseId::Unknown, |one| one.id);
            let told = symptom.claims.iter().any(|claim| claim.cause == first);
            if !told && first != CauseId::Unknown {
                wrong.push(format!("{row}, {account}: {first} comes first"));
            }
            if symptom.settled().is_some_and(|settled| settled != first) {
                wrong.push(format!("{row}, {account}: {first} comes before what the text settles"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
